"""SHOW CREATE TABLE: the statement that would make the table again, as Hive writes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lakebench.catalog import Column, DataFormat, SerDe, Table
from lakebench.emulator.athena.columns import text_columns
from lakebench.emulator.athena.run.context import RunContext
from lakebench.emulator.athena.run.hive import existing_table, hive_failed
from lakebench.emulator.athena.run.text_result import TextResult
from lakebench.errors import QueryFailed
from lakebench.sql.statement import ShowCreateTable, ShowCreateView
from lakebench.sql.views import decode_view

_NOT_SHOWN = {"EXTERNAL", "comment"}
_SPELLED = {"\\": "\\\\", "'": "\\'", '"': '\\"', "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_DELIMITERS = {
    "field.delim": "FIELDS TERMINATED BY",
    "escape.delim": "ESCAPED BY",
    "colelction.delim": "COLLECTION ITEMS TERMINATED BY",
    "mapkey.delim": "MAP KEYS TERMINATED BY",
    "line.delim": "LINES TERMINATED BY",
    "serialization.null.format": "NULL DEFINED AS",
}
"""What ROW FORMAT DELIMITED says, in the order of Hive's grammar."""


def show_create_table(context: RunContext, statement: ShowCreateTable) -> TextResult:
    """One row a line; lines keep the blanks that Hive leaves before line ends."""
    table = existing_table(context, statement.target)
    if table.is_view:
        raise hive_failed(f"SemanticException {table.name} is a view; use SHOW CREATE VIEW")
    name = statement.target
    shown = f"{name.database}.{name.name}" if name.database else name.name
    text = "\n".join(_clauses(table, shown))
    return TextResult(lines=tuple(text.split("\n")), columns=text_columns("createtab_stmt"))


def show_create_view(context: RunContext, statement: ShowCreateView) -> TextResult:
    """The view's own text, one row a line; Trino runs it, so a missing view is TABLE_NOT_FOUND."""
    database = context.database_of(statement.target)
    name = f"{database}.{statement.target.name}"
    view = context.find_table(statement.target)
    if view is None:
        raise QueryFailed("TABLE_NOT_FOUND", f"line 1:1: View 'awsdatacatalog.{name}' does not exist")
    if not view.is_view:
        raise QueryFailed(
            "NOT_SUPPORTED", f"line 1:1: Relation 'awsdatacatalog.{name}' is a table, not a view"
        )
    text = f"CREATE VIEW {name} AS\n{decode_view(view.view_text or '').sql}"
    return TextResult(lines=tuple(text.split("\n")), columns=text_columns("create view", type_name="varchar"))


def _clauses(table: Table, name: str) -> Iterable[str]:
    yield f"CREATE EXTERNAL TABLE `{name}`(\n{_columns(table.columns)})"
    comment = table.parameters.get("comment")
    if comment is not None:
        yield f"COMMENT {_quoted(comment)}"
    if table.partition_keys:
        yield f"PARTITIONED BY ( \n{_columns(table.partition_keys)})"
    storage = table.storage
    if storage.bucket_columns:
        names = ", \n".join(f"  {name}" for name in storage.bucket_columns)
        yield f"CLUSTERED BY ( \n{names}) \nINTO {storage.number_of_buckets} BUCKETS"
    yield from _row_format(storage.serde)
    yield f"STORED AS INPUTFORMAT \n  {_quoted(storage.input_format)} "
    yield f"OUTPUTFORMAT \n  {_quoted(storage.output_format)}"
    yield f"LOCATION\n  {_quoted(str(storage.location or ''))}"
    shown = {key: value for key, value in table.parameters.items() if key not in _NOT_SHOWN}
    if shown:
        yield f"TBLPROPERTIES (\n{_properties(shown)})"


def _row_format(serde: SerDe) -> Iterable[str]:
    """DELIMITED where that says it all, as Athena writes it for text tables; else the SerDe by its class.

    ``serialization.format`` is what CREATE TABLE adds by itself, and is left out.
    """
    parameters = dict(serde.parameters)
    implied = parameters.get("field.delim", "1")
    if parameters.get("serialization.format") == implied:
        del parameters["serialization.format"]
    delimited = serde.data_format is DataFormat.TEXT and "serialization.format" not in parameters
    if delimited and "field.delim" in parameters and parameters.keys() <= _DELIMITERS.keys():
        yield "ROW FORMAT DELIMITED "
        yield from _delimiters(parameters)
        return
    yield f"ROW FORMAT SERDE \n  {_quoted(serde.library)} "
    if parameters:
        yield f"WITH SERDEPROPERTIES ( \n{_properties(parameters)}) "


def _delimiters(parameters: Mapping[str, str]) -> Iterable[str]:
    for key, words in _DELIMITERS.items():
        if key == "escape.delim" or key not in parameters:
            continue
        escaped = parameters.get("escape.delim") if key == "field.delim" else None
        behind = "" if escaped is None else f" ESCAPED BY {_quoted(escaped)}"
        yield f"  {words} {_quoted(parameters[key])}{behind} "


def _columns(columns: Iterable[Column]) -> str:
    return ", \n".join(
        f"  `{column.name}` {column.hive}" + (f" COMMENT {_quoted(column.comment)}" if column.comment else "")
        for column in columns
    )


def _properties(properties: Mapping[str, str]) -> str:
    return ", \n".join(f"  {_quoted(key)}={_quoted(properties[key])}" for key in sorted(properties))


def _quoted(text: str) -> str:
    """A literal of Hive's DDL that reads back as this text."""
    return "'" + "".join(_SPELLED.get(sign, _character(sign)) for sign in text) + "'"


def _character(sign: str) -> str:
    return f"\\u{ord(sign):04x}" if ord(sign) < 0x20 else sign
