"""INSERT INTO: rows become further files of a table, new partitions are registered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from lakebench.catalog import Column, DataFormat, DataType, Table
from lakebench.emulator.athena.execution import RunResult
from lakebench.emulator.athena.run.context import RunContext
from lakebench.emulator.athena.run.data_files import Layout
from lakebench.emulator.athena.run.partitions import register_new_partitions
from lakebench.emulator.athena.run.query import as_relation, resolve_query
from lakebench.emulator.athena.run.writing import NOWHERE, Writing, write_files
from lakebench.emulator.engine.protocol import Narrowing, TableSink
from lakebench.errors import QueryFailed
from lakebench.sql.coercion import coerces
from lakebench.sql.hive_types import check_hive_type
from lakebench.sql.resolve import result_types
from lakebench.sql.resolved import ResolvedQuery
from lakebench.sql.statement import InsertInto, Query
from lakebench.sql.types import complete
from lakebench.sql.write_properties import CODECS

_COMPRESSION_KEYS: Mapping[DataFormat, tuple[str, ...]] = {
    DataFormat.PARQUET: ("parquet.compression", "parquet.compress"),
    DataFormat.ORC: ("orc.compress", "orc.compression"),
    DataFormat.AVRO: ("avro.output.codec", "avro.compression"),
}
"""A format's own property of the codec; all have ``write.compression`` too (AWS: compression-formats)."""

_TEXTS = {"varchar", "char"}
_JSON_SERDE = "org.apache.hive.hcatalog.data.JsonSerDe"


def run_insert(context: RunContext, statement: InsertInto) -> RunResult:
    """Run the query into new files of the table; all of them appear, or none.

    A manifest is written only where rows were (measured).
    """
    table = _target(context, statement)
    resolved, narrowed = _conformed(context, table, statement)
    layout = _layout(context, table)
    writing = Writing(
        resolved=resolved,
        sink=TableSink(
            directory=NOWHERE,
            data_format=table.data_format,
            compression=_compression(table),
            compression_level=_compression_level(table),
            partitioned_by=layout.keys,
            serde=table.storage.serde.parameters,
            narrowed=narrowed,
        ),
        layout=layout,
        update_type="INSERT",
        register=lambda written: register_new_partitions(context, table, written.outcome.written, layout),
        always_listed=False,
    )
    return write_files(context, writing)


def _layout(context: RunContext, table: Table) -> Layout:
    """Where the table's files go; partitions that are registered keep their own places."""
    if table.storage.location is None:
        raise QueryFailed("HIVE_METASTORE_ERROR", f"Table {table.database}.{table.name} has no location")
    registered = context.catalog.partitions(table) if table.partition_keys else []
    return Layout(
        location=table.storage.location,
        keys=tuple(column.name for column in table.partition_keys),
        folders={found.values: found.storage.location for found in registered if found.storage.location},
    )


def _target(context: RunContext, statement: InsertInto) -> Table:
    """The table, where Athena can insert into it."""
    table = context.find_table(statement.target)
    name = f"{context.database_of(statement.target)}.{statement.target.name}"
    if table is None:
        raise QueryFailed(
            "TABLE_NOT_FOUND", f"Table 'awsdatacatalog.{name}' does not exist", line=1, column=1
        )
    if table.is_view:
        raise QueryFailed("NOT_SUPPORTED", "Inserting into views is not supported", line=1, column=1)
    _check_writable(table, name)
    return table


def _check_writable(table: Table, name: str) -> None:
    """What Athena can add files to (AWS: insert-into, supported formats and SerDes, bucketed tables)."""
    parameters = {key.lower(): value.strip().lower() for key, value in table.parameters.items()}
    if parameters.get("table_type") == "iceberg":
        raise QueryFailed("NOT_SUPPORTED", f"Inserting into the Iceberg table {name} is not supported yet")
    serde = table.storage.serde.library
    if table.data_format not in CODECS or (table.data_format is DataFormat.JSON and serde != _JSON_SERDE):
        raise QueryFailed(
            "HIVE_UNSUPPORTED_FORMAT",
            f"Output format {table.storage.output_format} with SerDe {serde} is not supported",
        )
    if table.storage.bucket_columns:
        raise QueryFailed("NOT_SUPPORTED", f"Cannot write to bucketed table {name}")
    if "storage.location.template" in parameters and parameters.get("projection.enabled") == "true":
        raise QueryFailed(
            "NOT_SUPPORTED",
            f"Inserting into {name}, whose partitions lie by storage.location.template, is not supported",
        )
    for key in ("skip.header.line.count", "skip.footer.line.count"):
        if parameters.get(key, "0") not in {"", "0"}:
            raise QueryFailed("NOT_SUPPORTED", f"Inserting into Hive table with {key} property not supported")
    for column in table.columns:
        check_hive_type(column.name, column.type, table.data_format)


def _conformed(
    context: RunContext, table: Table, statement: InsertInto
) -> tuple[ResolvedQuery, dict[str, Narrowing]]:
    """The query's columns by position, cast to the target's types; columns not named are NULL.

    Texts that might be too long for their column stay whole, to be looked at when they are written.
    """
    targets = (*table.columns, *table.partition_keys)
    named = _named_columns(targets, statement)
    found = _checked_types(resolve_query(context, statement.query), named, statement.query)
    narrowed = {
        column.name: Narrowing(source=source, target=column.type)
        for source, column in zip(found, named, strict=True)
        if source is not None and _may_be_cut(source, column.type)
    }
    sources = {column.name: f"_c{index}" for index, column in enumerate(named)}
    values = [
        exp.alias_(
            exp.cast(
                exp.column(sources[column.name], table="_rows") if column.name in sources else exp.null(),
                exp.DataType.build(
                    "varchar" if column.name in narrowed else column.type.trino, dialect="trino"
                ),
            ),
            column.name,
            quoted=True,
        )
        for column in targets
    ]
    rows = as_relation(statement.query, "_rows", tuple(sources.values()))
    return resolve_query(context, Query(tree=exp.select(*values).from_(rows))), narrowed


def _may_be_cut(source: DataType, target: DataType) -> bool:
    """Whether a text of ``source`` may have more characters than ``target`` holds."""
    if target.name not in _TEXTS or not target.parameters or source.name not in _TEXTS:
        return False
    return not source.parameters or source.parameters[0] > target.parameters[0]


def _named_columns(targets: tuple[Column, ...], statement: InsertInto) -> tuple[Column, ...]:
    if not statement.columns:
        return targets
    by_name = {column.name: column for column in targets}
    named: dict[str, Column] = {}
    for name in (column.lower() for column in statement.columns):
        if name not in by_name:
            raise QueryFailed(
                "COLUMN_NOT_FOUND",
                f"Insert column name does not exist in target table: {name}",
                line=1,
                column=1,
            )
        if name in named:
            raise QueryFailed(
                "DUPLICATE_COLUMN_NAME",
                f"Insert column name is specified more than once: {name}",
                line=1,
                column=1,
            )
        named[name] = by_name[name]
    return tuple(named.values())


def _checked_types(
    resolved: ResolvedQuery, named: tuple[Column, ...], query: Query
) -> Sequence[DataType | None]:
    """The query's types; Athena's words for a query that does not fit the table."""
    found = result_types(resolved.tree)
    fits = len(found) == len(named) and all(
        source is None or coerces(source, column.type) or _is_decimal_for_real(query, at, source, column)
        for at, (source, column) in enumerate(zip(found, named, strict=True))
    )
    if not fits:
        wanted = ", ".join(complete(column.type).trino for column in named)
        given = ", ".join("unknown" if source is None else source.trino for source in found)
        raise QueryFailed(
            "TYPE_MISMATCH",
            f"Insert query has mismatched column types: Table: [{wanted}], Query: [{given}]",
            line=1,
            column=1,
        )
    return found


def _is_decimal_for_real(query: Query, at: int, source: DataType, column: Column) -> bool:
    """Whether VALUES have only numbers with a point for a ``real`` column, which Athena takes.

    PyAthena's own tests hold it (test_to_sql_parquet); a column of doubles does not fit, as in Trino.
    """
    if source.name != "double" or complete(column.type).name != "real":
        return False
    values = query.tree.args["from_"].this if query.tree.args.get("from_") is not None else None
    if not isinstance(values, exp.Values) or not query.tree.is_star:
        return False
    return all(_is_number(row.expressions[at]) for row in values.expressions if isinstance(row, exp.Tuple))


def _is_number(node: exp.Expr) -> bool:
    literal = node.this if isinstance(node, exp.Neg) else node
    return isinstance(literal, exp.Null) or (isinstance(literal, exp.Literal) and not literal.is_string)


def _compression(table: Table) -> str:
    """The table's own codec, or the format's default; raises QueryFailed for one that is not written."""
    parameters = {key.lower(): value.lower() for key, value in table.parameters.items()}
    keys = (*_COMPRESSION_KEYS.get(table.data_format, ()), "write.compression", "write_compression")
    found = next((parameters[key] for key in keys if key in parameters), CODECS[table.data_format][0])
    codec = "none" if found == "uncompressed" else found
    if codec not in CODECS[table.data_format]:
        raise QueryFailed(
            "NOT_SUPPORTED", f"Compression {found.upper()} is not supported for {table.data_format} tables"
        )
    return codec


def _compression_level(table: Table) -> int | None:
    text = next((v for k, v in table.parameters.items() if k.lower() == "compression_level"), "")
    return int(text) if text.isascii() and text.isdigit() and _compression(table) == "zstd" else None
