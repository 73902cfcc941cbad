"""A validation as values: what two sides answered to the same plan. Kept as JSON, compared again at any time.

Names that differ from run to run (bucket, database) stand as ``{lake}`` and ``{database}``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lakebench.bench.typed_json import record_of, to_plain
from lakebench.client.athena import ResultColumn
from lakebench.errors import DataError
from lakebench.parity.counts import Counts
from lakebench.parity.shapes import FileShape

SCHEMA = "lakebench.validation"
SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedQuery:
    """What a side made of a statement.

    ``state`` is SUCCEEDED, FAILED, CANCELLED, or REFUSED by StartQueryExecution; ``error`` is its text.
    ``rows`` are Athena's texts, None for more than a thousand of them, whose ``digest`` is compared.
    ``counts`` are over this side's own objects, None where they cannot be told.
    """

    name: str
    state: str
    error: str | None
    error_type: int | None
    statement_type: str
    columns: tuple[ResultColumn, ...]
    row_count: int
    rows: tuple[tuple[str | None, ...], ...] | None
    digest: str
    scanned_bytes: int
    engine_ms: int
    counts: Counts | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenTable:
    """A table as the catalogue has it, with its objects; ``crawled`` by a crawler, else made by CTAS."""

    name: str
    crawled: bool
    columns: tuple[ResultColumn, ...]
    partition_keys: tuple[ResultColumn, ...]
    input_format: str
    serde: str
    serde_parameters: Mapping[str, str]
    parameters: Mapping[str, str]
    files: tuple[FileShape, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side: ``kind`` is local or aws; ``engine`` the engine version that it names.

    ``given`` is a digest of the objects that were stored. ``settled`` has the letter of each question's
    answer, or ``unclear``.
    """

    kind: str
    region: str
    engine: str
    asked: datetime
    given: str
    queries: tuple[AskedQuery, ...]
    tables: tuple[SeenTable, ...]
    settled: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """A suite on two sides: ``other`` is AWS, or whatever the local server was held against.

    ``versions`` are those of the packages that asked. ``sql`` is by query name.
    """

    validation_id: str
    suite: str
    layouts: tuple[str, ...]
    rows: int
    seed: int
    versions: Mapping[str, str]
    sql: Mapping[str, str]
    local: Side
    other: Side


def validation_to_json(validation: Validation) -> str:
    """Write it as JSON, ending in a line feed."""
    document = {"schema": SCHEMA, "schema_version": SCHEMA_VERSION, **to_plain(validation)}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def read_validation(path: Path) -> Validation:
    """Read a record. Raises DataError naming the file, and the field that is wrong."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: cannot be read: {error}") from error
    if not isinstance(document, dict) or document.pop("schema", None) != SCHEMA:
        raise DataError(f"{path}: not a validation: its schema is not {SCHEMA}")
    version = document.pop("schema_version", None)
    if type(version) is not int or version != SCHEMA_VERSION:
        raise DataError(
            f"{path}: schema_version {version!r} is not read by this version, which reads {SCHEMA_VERSION}",
            hint="read it with the version of lakebench that wrote it, or validate again",
        )
    validation: Validation = record_of(Validation, document, str(path))
    return validation
