"""Views as Athena stores them: a comment with base64 JSON in the catalogue's ViewOriginalText.

Source: Presto's ViewDefinition; what awswrangler and dbt-athena read and write.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass, replace

from lakebench.catalog import Column, Table, parse_type
from lakebench.errors import QueryFailed
from lakebench.sql.cursor import CATALOG
from lakebench.sql.types import complete

EXPANDED_VIEW = "/* Presto View */"
"""Glue's ViewExpandedText of every view that Athena makes."""

_HEAD, _TAIL = "/* Presto View: ", " */"
_FOREIGN = re.compile(r"[^A-Za-z0-9+/=]")
_SHOWN = 200


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
    """Read ViewOriginalText.

    Raises QueryFailed HIVE_INVALID_VIEW_DATA for what is no Presto view (a Hive view, say), INVALID_VIEW for
    one whose inside cannot be read, in the words of Trino's PrestoViewReader and of Java's decoders.
    """
    stripped = text.strip()
    for missing, is_there in (
        ("prefix", stripped.startswith(_HEAD.strip())),
        ("suffix", stripped.endswith(_TAIL.strip())),
    ):
        if not is_there:
            shown = stripped if len(stripped) <= _SHOWN else f"{stripped[:_SHOWN]}..."
            raise QueryFailed("HIVE_INVALID_VIEW_DATA", f"View data missing {missing}: {shown}")
    encoded = stripped.removeprefix(_HEAD.strip()).removesuffix(_TAIL.strip()).strip()
    if (foreign := _FOREIGN.search(encoded)) is not None:
        raise QueryFailed("INVALID_VIEW", f"Illegal base64 character {ord(foreign[0]):x}")
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
    except binascii.Error as error:
        wrong = "Input byte array has wrong 4-byte ending unit"
        raise QueryFailed("INVALID_VIEW", wrong) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        wrong = "Invalid JSON bytes for [simple type, class io.trino.spi.connector.ConnectorViewDefinition]"
        raise QueryFailed("INVALID_VIEW", wrong) from error
