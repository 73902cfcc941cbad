"""Things that a run makes in an account: how each is called, and how it is taken away.

On AWS all of them carry the run's id in their name, so whatever is taken away is the run's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from lakebench.catalog.s3 import S3Uri
from lakebench.client import glue, s3
from lakebench.client.session import AwsSession
from lakebench.client.workgroups import delete_workgroup


class ResourceKind(StrEnum):
    """What a run can make."""

    BUCKET = "bucket"
    OBJECTS = "objects"
    DATABASE = "database"
    TABLE = "table"
    CRAWLER = "crawler"
    WORKGROUP = "workgroup"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One thing: a bucket's name, ``s3://bucket/prefix/`` of objects, ``database.table``, or a plain name."""

    kind: ResourceKind
    name: str

    def __str__(self) -> str:
        return (
            f"objects below {self.name}" if self.kind is ResourceKind.OBJECTS else f"{self.kind} {self.name}"
        )

    def remove(self, session: AwsSession) -> None:
        """Take it away; what is gone already is no error. Raises ClientError."""
        _REMOVERS[self.kind](session, self.name)


def _remove_objects(session: AwsSession, name: str) -> None:
    with s3.suppress_code("NoSuchBucket"):
        s3.delete_prefix(session, S3Uri.parse(name))


def _remove_table(session: AwsSession, name: str) -> None:
    database, _, table = name.partition(".")
    glue.delete_table(session, database, table)


_REMOVERS: Mapping[ResourceKind, Callable[[AwsSession, str], object]] = {
    ResourceKind.BUCKET: s3.delete_bucket,
    ResourceKind.OBJECTS: _remove_objects,
    ResourceKind.DATABASE: glue.delete_database,
    ResourceKind.TABLE: _remove_table,
    ResourceKind.CRAWLER: glue.delete_crawler,
    ResourceKind.WORKGROUP: delete_workgroup,
}
