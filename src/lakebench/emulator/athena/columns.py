"""ColumnInfo: a result's columns as GetQueryResults and the ``.metadata`` companion tell them.

Which of precision, scale and case sensitivity a column has depends on its type alone (measured on
Athena 2026-09, facts/athena.md 4): a boolean has neither precision nor scale, a date has a scale only,
arrays, maps and rows have nothing. Absent numbers are 0 on the wire and left out of the companion.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lakebench.catalog import DataType
from lakebench.emulator.engine.protocol import ResultColumn
from lakebench.emulator.wire.provider import Wire

UNBOUNDED_VARCHAR = 2_147_483_647
_PRECISIONS = {
    "tinyint": 3,
    "smallint": 5,
    "integer": 10,
    "bigint": 19,
    "real": 17,
    "double": 17,
    "time": 3,
    "time with time zone": 3,
    "timestamp": 3,
    "timestamp with time zone": 3,
    "varbinary": 1_073_741_824,
}
_WIRE_NAMES = {"real": "float"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnInfo:
    """One column of a result; ``type`` is Athena's base name (``varchar``, ``decimal``, ``float``)."""

    name: str
    type: str
    precision: int | None = None
    scale: int | None = None
    case_sensitive: bool | None = None


ROWS_COLUMN = ColumnInfo(name="rows", type="bigint", precision=19, scale=0, case_sensitive=False)
"""The one column that INSERT and CTAS report: how many rows were written."""


def column_infos(columns: Iterable[ResultColumn]) -> tuple[ColumnInfo, ...]:
    """The ColumnInfo of each column of a query's result."""
    return tuple(_column_info(column.name, column.type) for column in columns)


def text_columns(*names: str, type_name: str = "string") -> tuple[ColumnInfo, ...]:
    """The columns of SHOW and DESCRIBE: Hive's ``string``, without numbers."""
    return tuple(ColumnInfo(name=name, type=type_name) for name in names)


def column_to_wire(column: ColumnInfo) -> Wire:
    """ColumnInfo of the service model: catalogue ``hive``, no schema, no table, nullable unknown."""
    return {
        "CatalogName": "hive",
        "SchemaName": "",
        "TableName": "",
        "Name": column.name,
        "Label": column.name,
        "Type": column.type,
        "Precision": column.precision or 0,
        "Scale": column.scale or 0,
        "Nullable": "UNKNOWN",
        "CaseSensitive": bool(column.case_sensitive),
    }


def _column_info(name: str, data_type: DataType) -> ColumnInfo:
    base = data_type.name
    wire_name = _WIRE_NAMES.get(base, base)
    if base in {"varchar", "char"}:
        length = data_type.parameters[0] if data_type.parameters else UNBOUNDED_VARCHAR
        return ColumnInfo(name=name, type=wire_name, precision=length, scale=0, case_sensitive=True)
    if base == "decimal":
        precision, scale = data_type.parameters or (38, 0)
        return ColumnInfo(name=name, type=wire_name, precision=precision, scale=scale, case_sensitive=False)
    if base in _PRECISIONS:
        return ColumnInfo(
            name=name, type=wire_name, precision=_PRECISIONS[base], scale=0, case_sensitive=False
        )
    if base == "date":
        return ColumnInfo(name=name, type=wire_name, scale=0, case_sensitive=False)
    if base == "boolean" or base.startswith("interval"):
        return ColumnInfo(name=name, type=wire_name, case_sensitive=False)
    return ColumnInfo(name=name, type=wire_name)
