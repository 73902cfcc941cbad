"""Where an execution's result lands, by the kind of its statement.

Source: facts/athena.md 4, result files: SELECT ``<id>.csv``, INSERT and UNLOAD ``<id>``,
CTAS ``tables/<id>``, all others ``<id>.txt``.
"""

from __future__ import annotations

from lakebench.catalog import S3Uri
from lakebench.emulator.athena.errors import invalid_request
from lakebench.sql.statement import CreateTableAs, InsertInto, Query, Statement, Unload


def parse_output_location(text: str) -> S3Uri:
    """The prefix that a client or workgroup names; refused as Athena refuses it."""
    try:
        if not text.startswith("s3://"):
            raise ValueError(text)
        return S3Uri.parse(text)
    except ValueError:
        raise invalid_request("outputLocation is not a valid S3 path.") from None


def result_location(prefix: S3Uri, execution_id: str, statement: Statement | None) -> S3Uri:
    """The result object's own place below the prefix; None is a statement that will fail."""
    match statement:
        case Query() | None:
            return prefix.child(f"{execution_id}.csv")
        case InsertInto() | Unload():
            return prefix.child(execution_id)
        case CreateTableAs():
            return prefix.child(f"tables/{execution_id}")
        case _:
            return prefix.child(f"{execution_id}.txt")


def companion(location: S3Uri, suffix: str) -> S3Uri:
    """An object beside the result: its key with a suffix (``.metadata``, ``-manifest.csv``)."""
    return S3Uri(location.bucket, location.key + suffix)
