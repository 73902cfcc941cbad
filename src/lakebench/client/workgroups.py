"""Athena's workgroups in few verbs: read one, make one with a cutoff, remove it."""

from __future__ import annotations

from dataclasses import dataclass

from lakebench.client.call import CallFailed, aws_call
from lakebench.client.session import AwsSession

MIN_CUTOFF_BYTES = 10_000_000
"""AWS: BytesScannedCutoffPerQuery is 10,000,000 at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkgroupSettings:
    """What a run must know of a workgroup; ``cutoff_bytes`` is None where it has none."""

    name: str
    enabled: bool
    enforced: bool
    cutoff_bytes: int | None


def get_workgroup(session: AwsSession, name: str) -> WorkgroupSettings:
    """Read a workgroup. Raises ClientError."""
    with aws_call("athena:GetWorkGroup", name):
        found = session.athena.get_work_group(WorkGroup=name)["WorkGroup"]
    configuration = found.get("Configuration", {})
    return WorkgroupSettings(
        name=name,
        enabled=found.get("State", "ENABLED") == "ENABLED",
        enforced=bool(configuration.get("EnforceWorkGroupConfiguration")),
        cutoff_bytes=configuration.get("BytesScannedCutoffPerQuery"),
    )


def create_workgroup(session: AwsSession, name: str, *, cutoff_bytes: int, tags: dict[str, str]) -> None:
    """Make a workgroup that cancels queries at ``cutoff_bytes``, no more. Raises ClientError."""
    with aws_call("athena:CreateWorkGroup", name):
        session.athena.create_work_group(
            Name=name,
            Configuration={
                "EnforceWorkGroupConfiguration": False,
                "BytesScannedCutoffPerQuery": max(cutoff_bytes, MIN_CUTOFF_BYTES),
                "PublishCloudWatchMetricsEnabled": False,
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
