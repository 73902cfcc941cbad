"""DESCRIBE in its forms, in the layout of Hive's formatter as Athena gives it.

Fields padded to 20 characters and joined by tabs, ``\\t \\t `` for a blank row; layouts, numbers of columns
and failures are measured (athena-local, notes on issue 275, 2026-09-27), the order of fields is
AWS's (describe-table).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from lakebench.catalog import Column, DataFormat, DataType, Partition, Storage, Table
from lakebench.emulator.athena.columns import text_columns
from lakebench.emulator.athena.run.context import RunContext
from lakebench.emulator.athena.run.hive import DDL_TASK, database_missing, existing_table, hive_failed
from lakebench.emulator.athena.run.partitions import one_partition
from lakebench.emulator.athena.run.text_result import TextResult
from lakebench.sql.statement import Describe, TableName
from lakebench.sql.views import trino_columns

_WIDTH = 20
_BLANK = "\t \t "
# Hive pads this first field to 22 characters, as measured.
_HEADING = "# col_name            \tdata_type           \tcomment             "
_THREE = ("col_name", "data_type", "comment")
_STATISTICS = (
    *("col_name", "data_type", "min", "max", "num_nulls", "distinct_count", "avg_col_len"),
    *("max_col_len", "num_trues", "num_falses", "comment"),
)
_FROM_DESERIALIZER = "from deserializer"
_CATALOGUED = {DataFormat.TEXT, DataFormat.PARQUET, DataFormat.ORC, DataFormat.UNKNOWN}
"""SerDes whose columns Hive takes from the catalogue; those of the others come without comments."""
_MEMBERS = {"array": ("$elem$",), "map": ("$key$", "$value$")}
DESC_VIEW = "DESC_VIEW"


def describe(context: RunContext, statement: Describe) -> TextResult:
    """The columns; with EXTENDED and FORMATTED what the catalogue tells besides."""
    plain = not (statement.extended or statement.formatted)
    table = existing_table(context, statement.target) if plain else _detailed_table(context, statement.target)
    if table.is_view and plain:
        return view_columns(table)
    partition = None if statement.partition is None else one_partition(context, table, statement.partition)
    if statement.member:
        return _member(table, statement)
    if statement.formatted:
        lines = [*_formatted_columns(table), *_detailed(table, partition)]
    else:
        lines = list(_columns(table))
        if statement.extended:
            lines += [_BLANK, _thrift_line(table, partition)]
    return TextResult(lines=_split(lines), columns=text_columns(*_THREE))


def _detailed_table(context: RunContext, name: TableName) -> Table:
    """The table of EXTENDED and FORMATTED; what is missing is told by its bare name, as measured."""
    database = context.database_of(name)
    if context.catalog.database(database) is None:
        raise database_missing(database)
    table = context.find_table(name)
    if table is None:
        raise hive_failed(f"SemanticException [Error 10001]: Table not found {name.name}")
    return table


def view_columns(table: Table) -> TextResult:
    """Views are described by Trino's types, not padded, as DESC_VIEW."""
    return TextResult(
        lines=tuple(f"{column.name}\t{column.type.trino}" for column in trino_columns(table)),
        columns=text_columns("column", "type", type_name="varchar"),
        update_count=0,
        substatement_type=DESC_VIEW,
    )


def padded(text: str) -> str:
    """Hive's field: at least 20 characters, never cut."""
    return text.ljust(_WIDTH)


def _split(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple("\n".join(lines).split("\n"))


def _columns(table: Table) -> Iterator[str]:
    yield from (_described(table, column) for column in table.columns)
    yield from (_line(column.name, column.hive, column.comment) for column in table.partition_keys)
    yield from _partition_block(table)


def _formatted_columns(table: Table) -> Iterator[str]:
    yield from (_HEADING, _BLANK)
    yield from (_described(table, column) for column in table.columns)
    yield from _partition_block(table)


def _partition_block(table: Table) -> Iterator[str]:
    if table.partition_keys:
        yield from (_BLANK, "# Partition Information\t \t ", _HEADING, _BLANK)
        yield from (_line(column.name, column.hive, column.comment) for column in table.partition_keys)


def _described(table: Table, column: Column) -> str:
    stored = table.is_view or table.data_format in _CATALOGUED
    return _line(column.name, column.hive, column.comment if stored else _FROM_DESERIALIZER)


def _line(name: str, kind: str, comment: str | None) -> str:
    """Name, Hive type and comment; the comment is cut at a tab, as measured."""
    return f"{padded(name)}\t{padded(kind)}\t{padded(comment or '').split(chr(9), 1)[0]}"


# One column, or a member of it -------------------------------------------------------------------


def _member(table: Table, statement: Describe) -> TextResult:
    columns = {column.name: column.type for column in table.columns}
    found = list(_fields(columns, statement.member))
    if not statement.formatted:
        lines = [_line(name, kind.hive, _FROM_DESERIALIZER) for name, kind in found]
        return TextResult(lines=tuple(lines), columns=text_columns(*_THREE))
    heading = "\t".join(padded(name) for name in _STATISTICS)
    blank = "\t" + "\t".join(" " for _ in _STATISTICS[1:])
    unknown = "\t".join(padded("") for _ in _STATISTICS[3:])
    lines = [
        f"{padded(name)}\t{padded(kind.hive)}\t{unknown}\t{padded(_FROM_DESERIALIZER)}"
        for name, kind in found
    ]
    return TextResult(lines=("# " + heading, blank, *lines), columns=text_columns(*_STATISTICS))


def _fields(columns: Mapping[str, DataType], path: tuple[str, ...]) -> Iterator[tuple[str, DataType]]:
    """What stands at the end of the path: a row's members, or the one thing itself (Hive's own rule)."""
    inside: Mapping[str, DataType] = columns
    kind: DataType | None = None
    for name in path:
        if name not in inside:
            listed = ", ".join(f"{at}:{known}" for at, known in enumerate(inside))
            raise hive_failed(DDL_TASK + f"cannot find field {name} from [{listed}]")
        kind = inside[name]
        inside = _inside(kind)
    if kind is not None and kind.name == "row":
        yield from inside.items()
    elif kind is not None:
        yield path[-1], kind


def _inside(kind: DataType) -> Mapping[str, DataType]:
    names = _MEMBERS.get(kind.name)
    if names is not None:
        return {name: member.type for name, member in zip(names, kind.fields, strict=True)}
    return {(member.name or f"col{at}").lower(): member.type for at, member in enumerate(kind.fields)}


# FORMATTED ---------------------------------------------------------------------------------------


def _detailed(table: Table, partition: Partition | None) -> Iterator[str]:
    yield _BLANK
    if partition is None:
        yield from _table_information(table)
    else:
        yield from _partition_information(table, partition)
    yield _BLANK
    yield from _storage_information(partition.storage if partition is not None else table.storage)
    if table.is_view:
        yield from (_BLANK, "# View Information\t \t ")
        yield _pair("View Original Text:", table.view_text or "null")
        yield _pair("View Expanded Text:", table.view_expanded_text or "null")


def _table_information(table: Table) -> Iterator[str]:
    yield "# Detailed Table Information\t \t "
    yield _pair("Database:", table.database)
    yield _pair("Owner:", table.owner or "null")
    yield _pair("CreateTime:", _date(table.created))
    yield _pair("LastAccessTime:", "UNKNOWN")
    yield _pair("Protect Mode:", "None")
    yield _pair("Retention:", str(table.retention))
    if not table.is_view:
        yield _pair("Location:", str(table.storage.location or ""))
    yield _pair("Table Type:", table.table_type)
    yield from _parameters("Table Parameters:", table.parameters)


def _partition_information(table: Table, partition: Partition) -> Iterator[str]:
    yield "# Detailed Partition Information\t \t "
    yield _pair("Partition Value:", f"[{', '.join(partition.values)}]")
    yield _pair("Database:", table.database)
    yield _pair("Table:", table.name)
    yield _pair("CreateTime:", _date(partition.created))
    yield _pair("LastAccessTime:", "UNKNOWN")
    yield _pair("Protect Mode:", "None")
    yield _pair("Location:", str(partition.storage.location or ""))
    yield from _parameters("Partition Parameters:", partition.parameters)


def _storage_information(storage: Storage) -> Iterator[str]:
    yield "# Storage Information\t \t "
    yield _pair("SerDe Library:", storage.serde.library or "null")
    yield _pair("InputFormat:", storage.input_format or "null")
    yield _pair("OutputFormat:", storage.output_format or "null")
    yield _pair("Compressed:", "Yes" if storage.compressed else "No")
    yield _pair("Num Buckets:", str(storage.number_of_buckets))
    yield _pair("Bucket Columns:", f"[{', '.join(storage.bucket_columns)}]")
    yield _pair("Sort Columns:", "[]")
    if storage.serde.parameters:
        yield from _parameters("Storage Desc Params:", storage.serde.parameters)


def _pair(label: str, value: str) -> str:
    return f"{padded(label)}\t{padded(value)}\t "


def _parameters(heading: str, parameters: Mapping[str, str]) -> Iterator[str]:
    """A heading and the parameters by name, one field to the right, odd characters as Java escapes them."""
    yield f"{heading}\t \t "
    for key in sorted(parameters):
        yield f"\t{padded(key)}\t{padded(_escaped(parameters[key]))}"


def _escaped(text: str) -> str:
    plain = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return "".join(
        plain.get(sign, sign if 0x20 <= ord(sign) <= 0x7F else f"\\u{ord(sign):04X}") for sign in text
    )


def _date(moment: datetime | None) -> str:
    """``Thu Apr 23 02:55:21 UTC 2020``."""
    return "UNKNOWN" if moment is None else f"{moment:%a %b %d %H:%M:%S UTC %Y}"


# EXTENDED: Thrift's own text of the catalogue entry -----------------------------------------------


def _thrift_line(table: Table, partition: Partition | None) -> str:
    if partition is None:
        return f"Detailed Table Information\t{_table_text(table)}\t"
    return f"Detailed Partition Information\t{_partition_text(table, partition)}\t"


def _table_text(table: Table) -> str:
    owner = table.owner or "null"
    columns = (*table.columns, *table.partition_keys)
    return (
        f"Table(tableName:{table.name}, dbName:{table.database}, owner:{owner}, "
        f"createTime:{_seconds(table.created)}, lastAccessTime:0, retention:{table.retention}, "
        f"sd:{_storage_text(table.storage, _schemas(columns))}, "
        f"partitionKeys:[{_schemas(table.partition_keys)}], parameters:{_map_text(table.parameters)}, "
        f"viewOriginalText:{table.view_text or 'null'}, "
        f"viewExpandedText:{table.view_expanded_text or 'null'}, tableType:{table.table_type})"
    )


def _partition_text(table: Table, partition: Partition) -> str:
    columns = [_schema(column, missing="") for column in partition.columns or table.columns]
    columns += [_schema(column) for column in table.partition_keys]
    return (
        f"Partition(values:[{', '.join(partition.values)}], dbName:{table.database}, "
        f"tableName:{table.name}, createTime:{_seconds(partition.created)}, lastAccessTime:0, "
        f"sd:{_storage_text(partition.storage, ', '.join(columns))}, "
        f"parameters:{_map_text(partition.parameters)})"
    )


def _storage_text(storage: Storage, columns: str) -> str:
    return (
        f"StorageDescriptor(cols:[{columns}], location:{storage.location or ''}, "
        f"inputFormat:{storage.input_format or 'null'}, outputFormat:{storage.output_format or 'null'}, "
        f"compressed:{str(storage.compressed).lower()}, numBuckets:{storage.number_of_buckets}, "
        f"serdeInfo:SerDeInfo(name:null, serializationLib:{storage.serde.library or 'null'}, "
        f"parameters:{_map_text(storage.serde.parameters)}), "
        f"bucketCols:[{', '.join(storage.bucket_columns)}], sortCols:[], parameters:{{}}, "
        "skewedInfo:SkewedInfo(skewedColNames:[], skewedColValues:[], skewedColValueLocationMaps:{}), "
        "storedAsSubDirectories:false)"
    )


def _schemas(columns: Iterable[Column]) -> str:
    return ", ".join(_schema(column) for column in columns)


def _schema(column: Column, missing: str = "null") -> str:
    return f"FieldSchema(name:{column.name}, type:{column.hive}, comment:{column.comment or missing})"


def _map_text(values: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{key}={value}" for key, value in values.items()) + "}"


def _seconds(moment: datetime | None) -> int:
    return 0 if moment is None else int(moment.timestamp())
