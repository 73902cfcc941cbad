"""What is put in the place of moto's own names, all in one list: see ``install``.

moto's state is global to a process, so this is done once in the server's process, before its first request.
"""

from __future__ import annotations

import os
from io import BytesIO
from typing import Any

from moto.core.common_models import BaseModel
from moto.glue import models as glue_models
from moto.moto_server import werkzeug_app
from moto.s3 import models, responses
from moto.s3.utils import compute_checksum

from lakebench.emulator.moto.glue_state import GlueState, StoredDatabase, StoredPartition, StoredTable
from lakebench.emulator.moto.keys import PayloadView, StoredKey, StoredMultipart
from lakebench.emulator.moto.s3_state import S3State, StoredBucket
from lakebench.emulator.moto.versions import delete_object
from lakebench.emulator.storage.ledger import Ledger
from lakebench.emulator.wire.checksums import ALGORITHMS, checksum_of_bytes, checksum_of_file

UPLOAD = "lakebench.upload"
"""The key of a received body in the WSGI environment."""


def install(ledger: Ledger) -> tuple[S3State, GlueState]:
    """Make moto keep object bytes in the ledger's payloads and its S3 and Glue in the ledger's rows."""
    # Any name does for a region: nothing here depends on AWS having it.
    os.environ["MOTO_ALLOW_NONEXISTENT_REGION"] = "true"
    # An origin that is no bucket's own rule gets no CORS headers (facts/reliability.md 3).
    werkzeug_app.DISABLE_GLOBAL_CORS = True
    BaseModel.__new__ = _untracked
    models.FakeKey = type("StoredKey", (StoredKey,), {"ledger": ledger})
    models.FakeMultipart = type("StoredMultipart", (StoredMultipart,), {"ledger": ledger})
    s3 = S3State(ledger, models.FakeKey, models.FakeMultipart)
    models.FakeBucket = type("StoredBucket", (StoredBucket,), {"state": s3})
    responses.FakeKey, responses.FakeBucket = models.FakeKey, models.FakeBucket
    glue = GlueState(ledger)
    glue_models.FakeDatabase = StoredDatabase
    glue_models.FakeTable = StoredTable
    glue_models.FakePartition = StoredPartition
    glue_models.GlueBackend.__init__ = _with_noted_databases(glue_models.GlueBackend.__init__, glue)
    models.S3Backend.delete_object = delete_object
    models.BytesIO = _bytes_io
    responses.compute_checksum = _compute_checksum
    responses.S3Response.setup_class = _with_upload(responses.S3Response.setup_class)
    return s3, glue


def _untracked(cls: type, *_: Any, **__: Any) -> Any:
    """Without moto's list of every instance ever made, which would keep them all in memory."""
    return object.__new__(cls)


def _with_noted_databases(init: Any, glue: GlueState) -> Any:
    def noted(self: Any, region_name: str, account_id: str) -> None:
        init(self, region_name, account_id)
        glue.adopt(self)

    return noted


def _with_upload(setup_class: Any) -> Any:
    """moto reads the body in ``setup_class``; ours was received before and takes its place there."""

    def setup(self: Any, request: Any, full_url: str | None = None, headers: Any = None) -> None:
        setup_class(self, request, full_url, headers)
        upload = request.environ.get(UPLOAD)
        if upload is not None:
            self.body, self.raw_body = upload, b""

    return setup


def _compute_checksum(body: Any, algorithm: str, encode_base64: bool = True) -> bytes:
    """A checksum over a stored object reads its file in blocks (CopyObject with another algorithm)."""
    if algorithm not in ALGORITHMS or not encode_base64:
        plain: bytes = compute_checksum(bytes(body), algorithm, encode_base64)
        return plain
    if isinstance(body, PayloadView) and body.whole:
        return checksum_of_file(body.payload.path, algorithm).encode()
    return checksum_of_bytes(bytes(body), algorithm).encode()


def _bytes_io(data: Any) -> BytesIO:
    """S3 Select unpacks objects in memory."""
    return BytesIO(bytes(data))
