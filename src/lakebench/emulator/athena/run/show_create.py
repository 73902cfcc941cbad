"""SHOW CREATE TABLE: the statement that would make the table again, as Hive writes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lakebench.catalog import Column, Table
from lakebench.emulator.athena.columns import text_columns
from lakebench.emulator.athena.run.context import RunContext
from lakebench.emulator.athena.run.hive import existing_table, hive_failed
from lakebench.emulator.athena.run.text_result import TextResult
from lakebench.errors import QueryFailed
from lakebench.sql.statement import ShowCreateTable, ShowCreateView
from lakebench.sql.views import decode_view

_NOT_SHOWN = {"EXTERNAL", "comment"}


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
    serde = table.storage.serde
    yield f"ROW FORMAT SERDE \n  {_quoted(serde.library)} "
    if serde.parameters:
        yield f"WITH SERDEPROPERTIES ( \n{_properties(serde.parameters)}) "
    yield f"STORED AS INPUTFORMAT \n  {_quoted(table.storage.input_format)} "
    yield f"OUTPUTFORMAT \n  {_quoted(table.storage.output_format)}"
    yield f"LOCATION\n  {_quoted(str(table.storage.location or ''))}"
    shown = {key: value for key, value in table.parameters.items() if key not in _NOT_SHOWN}
    if shown:
        yield f"TBLPROPERTIES (\n{_properties(shown)})"


def _columns(columns: Iterable[Column]) -> str:
    return ", \n".join(
        f"  `{column.name}` {column.type.hive}"
        + (f" COMMENT {_quoted(column.comment)}" if column.comment else "")
        for column in columns
    )


def _properties(properties: Mapping[str, str]) -> str:
    return ", \n".join(f"  {_quoted(key)}={_quoted(properties[key])}" for key in sorted(properties))


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    for sign, spelled in (("\t", "\\t"), ("\n", "\\n"), ("\x01", "\\u0001")):
        escaped = escaped.replace(sign, spelled)
    return f"'{escaped}'"
