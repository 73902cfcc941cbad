"""What a target says once and every call carries: who pays for requests, and the key that encrypts."""

from __future__ import annotations

from typing import Any

import botocore.session


def carry(core: botocore.session.Session, *, requester_pays: bool, kms_key: str | None) -> None:
    """Have a session's calls carry the settings, wherever the service's model has a place for them.

    AWS: ``x-amz-request-payer`` (Requester Pays buckets), ``x-amz-server-side-encryption-aws-kms-key-id``
    (SSE-KMS), and the EncryptionConfiguration of an Athena result.
    """

    def fill_s3(params: dict[str, Any], model: Any, **_: Any) -> None:
        members = model.input_shape.members if model.input_shape is not None else {}
        if requester_pays and "RequestPayer" in members:
            params.setdefault("RequestPayer", "requester")
        if kms_key is not None and "SSEKMSKeyId" in members:
            params.setdefault("ServerSideEncryption", "aws:kms")
            params.setdefault("SSEKMSKeyId", kms_key)

    def fill_athena(params: dict[str, Any], **_: Any) -> None:
        result = params.get("ResultConfiguration")
        if kms_key is not None and result is not None:
            result.setdefault("EncryptionConfiguration", {"EncryptionOption": "SSE_KMS", "KmsKey": kms_key})

    core.register("before-parameter-build.s3", fill_s3)
    core.register("before-parameter-build.athena.StartQueryExecution", fill_athena)
