"""Views as Athena stores them: a comment with base64 JSON in the catalogue's ViewOriginalText.

Source: Presto's ViewDefinition; what awswrangler and dbt-athena read and write.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, replace

from lakebench.catalog import Column, Table, parse_type
from lakebench.errors import QueryFailed
from lakebench.sql.cursor import CATALOG
from lakebench.sql.types import complete

EXPANDED_VIEW = "/* Presto View */"
"""Glue's ViewExpandedText of every view that Athena makes."""

_HEAD, _TAIL = "/* Presto View: ", " */"


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewDefinition:
    """A view's query, the database its bare names mean, and its columns in Trino's types."""

    sql: str
    database: str
    columns: tuple[Column, ...]


def encode_view(definition: ViewDefinition) -> str:
    """The text for ViewOriginalText."""
    payload = {
        "originalSql": definition.sql,
        "catalog": CATALOG,
        "schema": definition.database,
        "columns": [{"name": c.name, "type": c.type.trino} for c in definition.columns],
    }
    encoded = base64.b64encode(json.dumps(payload, separators=(",", ":")).encode()).decode()
    return f"{_HEAD}{encoded}{_TAIL}"


def trino_columns(table: Table) -> tuple[Column, ...]:
    """The columns as queries see them: a view's own where it can be read, else the catalogue's."""
    if table.is_view:
        try:
            return decode_view(table.view_text or "").columns
        except QueryFailed:
            return table.columns
    keys = (*table.columns, *table.partition_keys)
    return tuple(replace(column, type=complete(column.type)) for column in keys)


def decode_view(text: str) -> ViewDefinition:
    """Read ViewOriginalText; QueryFailed INVALID_VIEW for what is no Presto view (a Hive view, say)."""
    stripped = text.strip()
    if not stripped.startswith(_HEAD.strip()) or not stripped.endswith(_TAIL.strip()):
        raise QueryFailed("INVALID_VIEW", "The view was not made by Athena: its text is no Presto view")
    encoded = stripped.removeprefix(_HEAD.strip()).removesuffix(_TAIL.strip()).strip()
    try:
        payload = json.loads(base64.b64decode(encoded, validate=True))
        columns = tuple(
            Column(name=str(c["name"]).lower(), type=parse_type(str(c["type"]))) for c in payload["columns"]
        )
        return ViewDefinition(
            sql=str(payload["originalSql"]),
            database=str(payload.get("schema") or "").lower(),
            columns=columns,
        )
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        raise QueryFailed("INVALID_VIEW", f"The view's stored text cannot be read: {error}") from error
