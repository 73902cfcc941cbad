"""Athena's workgroups in few verbs: read one, make one with a cutoff, remove it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lakebench.catalog.s3 import S3Uri
from lakebench.client.call import CallFailed, aws_call
from lakebench.client.session import AwsSession

MIN_CUTOFF_BYTES = 10_000_000
"""AWS: BytesScannedCutoffPerQuery is 10,000,000 at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkgroupSettings:
    """What a run must know of a workgroup; ``cutoff_bytes`` and ``output`` are None where it has none.

    ``enforced`` means that it takes no other place for results than its own.
    """

    name: str
    enabled: bool
    enforced: bool
    cutoff_bytes: int | None
    output: S3Uri | None = None


def get_workgroup(session: AwsSession, name: str) -> WorkgroupSettings:
    """Read a workgroup. Raises ClientError."""
    with aws_call("athena:GetWorkGroup", name):
        found = session.athena.get_work_group(WorkGroup=name)["WorkGroup"]
    configuration = found.get("Configuration", {})
    output = configuration.get("ResultConfiguration", {}).get("OutputLocation")
    return WorkgroupSettings(
        name=name,
        enabled=found.get("State", "ENABLED") == "ENABLED",
        enforced=bool(configuration.get("EnforceWorkGroupConfiguration")),
        cutoff_bytes=configuration.get("BytesScannedCutoffPerQuery"),
        output=S3Uri.parse(output) if output else None,
    )


def create_workgroup(
    session: AwsSession,
    name: str,
    *,
    cutoff_bytes: int,
    tags: Mapping[str, str],
    requester_pays: bool = False,
) -> None:
    """Make a workgroup that cancels queries at ``cutoff_bytes``, no more. Raises ClientError.

    ``requester_pays`` lets its queries read buckets whose readers pay (AWS: WorkGroupConfiguration).
    """
    with aws_call("athena:CreateWorkGroup", name):
        session.athena.create_work_group(
            Name=name,
            Configuration={
                "EnforceWorkGroupConfiguration": False,
                "BytesScannedCutoffPerQuery": max(cutoff_bytes, MIN_CUTOFF_BYTES),
                "PublishCloudWatchMetricsEnabled": False,
                "RequesterPaysEnabled": requester_pays,
            },
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
        )


def delete_workgroup(session: AwsSession, name: str) -> None:
    """Delete a workgroup with its history; one that is gone already is no error. Raises ClientError."""
    try:
        with aws_call("athena:DeleteWorkGroup", name):
            session.athena.delete_work_group(WorkGroup=name, RecursiveDeleteOption=True)
    except CallFailed as error:
        if "is not found" not in error.message:
            raise
