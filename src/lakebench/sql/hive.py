"""CREATE EXTERNAL TABLE in Hive's grammar: columns, row format, file format, properties.

Class names are those that Hive's DDL compiler writes into the catalogue (AWS: supported-serdes,
create-table), so that a table made here looks like one made by Athena.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlglot.tokenizer_core import Token, TokenType

from lakebench.catalog import Column, DataType, S3Uri, SerDe, parse_type
from lakebench.errors import StatementRefused
from lakebench.sql.cursor import Cursor, column_of, refuse
from lakebench.sql.ddl_names import NameIn, ddl_table
from lakebench.sql.statement import CreateExternalTable

LAZY_SIMPLE = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
_TEXT_OUTPUT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
_OPENX_JSON = "org.openx.data.jsonserde.JsonSerDe"
_OPENX_OUTPUT = "org.apache.hadoop.hive.ql.io.IgnoreKeyTextOutputFormat"
"""What Athena writes for this SerDe without STORED AS (PyAthena's own tests: test_create_table_json)."""
_TEXT_INPUT = "org.apache.hadoop.mapred.TextInputFormat"

# STORED AS name -> (SerDe, input format, output format)
FILE_FORMATS = {
    "TEXTFILE": (LAZY_SIMPLE, _TEXT_INPUT, _TEXT_OUTPUT),
    "PARQUET": (
        "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    ),
    "ORC": (
        "org.apache.hadoop.hive.ql.io.orc.OrcSerde",
        "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
        "org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat",
    ),
    "AVRO": (
        "org.apache.hadoop.hive.serde2.avro.AvroSerDe",
        "org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat",
        "org.apache.hadoop.hive.ql.io.avro.AvroContainerOutputFormat",
    ),
    "RCFILE": (
        "org.apache.hadoop.hive.serde2.columnar.LazyBinaryColumnarSerDe",
        "org.apache.hadoop.hive.ql.io.RCFileInputFormat",
        "org.apache.hadoop.hive.ql.io.RCFileOutputFormat",
    ),
    "SEQUENCEFILE": (
        LAZY_SIMPLE,
        "org.apache.hadoop.mapred.SequenceFileInputFormat",
        "org.apache.hadoop.hive.ql.io.HiveSequenceFileOutputFormat",
    ),
    "JSONFILE": ("org.apache.hive.hcatalog.data.JsonSerDe", _TEXT_INPUT, _TEXT_OUTPUT),
    "ION": (
        "com.amazon.ionhiveserde.IonHiveSerDe",
        "com.amazon.ionhiveserde.formats.IonInputFormat",
        "com.amazon.ionhiveserde.formats.IonOutputFormat",
    ),
}


@dataclass(slots=True)
class _Clauses:
    """What the clauses after the column list have said so far."""

    partition_keys: tuple[Column, ...] = ()
    comment: str | None = None
    serde: str | None = None
    serde_parameters: dict[str, str] = field(default_factory=dict)
    stored_as: str | None = None
    input_format: str | None = None
    output_format: str | None = None
    location: S3Uri | None = None
    bucketed_by: tuple[str, ...] = ()
    buckets: int = -1
    properties: dict[str, str] = field(default_factory=dict)


def create_external_table(cursor: Cursor) -> CreateExternalTable:
    """Read from the table's name on (``CREATE EXTERNAL TABLE`` is read); refuses a missing LOCATION."""
    if_not_exists = cursor.take("IF", "NOT", "EXISTS")
    target = ddl_table(cursor, NameIn.CREATE_TABLE)
    if cursor.sees("LIKE"):
        raise StatementRefused("FAILED: SemanticException CREATE TABLE LIKE is not supported")
    columns = read_columns(cursor)
    said = _Clauses()
    while not cursor.done:
        _clause(cursor, said)
    if said.location is None:
        raise StatementRefused("FAILED: SemanticException LOCATION is required for CREATE EXTERNAL TABLE")
    for name in said.bucketed_by:
        if all(column.name != name for column in columns):
            raise StatementRefused(
                f"FAILED: SemanticException [Error 10002]: Invalid column reference {name}"
            )
    default = FILE_FORMATS[said.stored_as or "TEXTFILE"]
    serde = said.serde or default[0]
    parameters = dict(said.serde_parameters)
    parameters.setdefault("serialization.format", parameters.get("field.delim", "1"))
    return CreateExternalTable(
        target=target,
        if_not_exists=if_not_exists,
        columns=columns,
        partition_keys=said.partition_keys,
        location=said.location,
        serde=SerDe(library=serde, parameters=parameters),
        input_format=said.input_format or default[1],
        output_format=said.output_format or _output_format(serde, said.stored_as, default[2]),
        bucketed_by=said.bucketed_by,
        buckets=said.buckets,
        comment=said.comment,
        properties={"EXTERNAL": "TRUE", **said.properties},
    )


def _output_format(serde: str, stored_as: str | None, default: str) -> str:
    return _OPENX_OUTPUT if serde == _OPENX_JSON and stored_as is None else default


def _clause(cursor: Cursor, said: _Clauses) -> None:
    if cursor.take("COMMENT"):
        said.comment = cursor.string(squeezed=True)
    elif cursor.take("PARTITIONED", "BY"):
        said.partition_keys = read_columns(cursor)
    elif cursor.take("ROW", "FORMAT"):
        _row_format(cursor, said)
    elif cursor.take("WITH", "SERDEPROPERTIES"):
        said.serde_parameters.update(cursor.properties(squeezed=True))
    elif cursor.take("STORED", "AS"):
        _stored_as(cursor, said)
    elif cursor.take("LOCATION"):
        said.location = cursor.place().as_prefix
    elif cursor.take("TBLPROPERTIES"):
        said.properties.update(cursor.properties(squeezed=True))
    elif cursor.take("CLUSTERED", "BY"):
        _buckets(cursor, said)
    else:
        cursor.fail(
            "'COMMENT'", "'PARTITIONED'", "'ROW'", "'STORED'", "'LOCATION'", "'TBLPROPERTIES'", "<EOF>"
        )


def _buckets(cursor: Cursor, said: _Clauses) -> None:
    """``(column, ...) INTO n BUCKETS`` (AWS: create-table)."""
    cursor.expect("(")
    names = [cursor.hive_name()]
    while cursor.take(","):
        names.append(cursor.hive_name())
    cursor.expect(")")
    cursor.expect("INTO")
    number = cursor.next()
    if number.token_type != TokenType.NUMBER or not number.text.isdigit() or int(number.text) < 1:
        raise refuse(f"mismatched input '{number.text}'. Expecting: a number", number.line, column_of(number))
    cursor.at += 1
    cursor.expect("BUCKETS")
    said.bucketed_by, said.buckets = tuple(names), int(number.text)


def _row_format(cursor: Cursor, said: _Clauses) -> None:
    if cursor.take("SERDE"):
        said.serde = cursor.string()
        return
    cursor.expect("DELIMITED")
    said.serde = LAZY_SIMPLE
    given = said.serde_parameters
    while True:
        if cursor.take("FIELDS", "TERMINATED", "BY"):
            given["field.delim"] = cursor.string()
            if cursor.take("ESCAPED", "BY"):
                given["escape.delim"] = cursor.string()
        elif cursor.take("COLLECTION", "ITEMS", "TERMINATED", "BY"):
            # Hive's own misspelling is the key that its SerDe reads.
            given["colelction.delim"] = cursor.string()
        elif cursor.take("MAP", "KEYS", "TERMINATED", "BY"):
            given["mapkey.delim"] = cursor.string()
        elif cursor.take("LINES", "TERMINATED", "BY"):
            given["line.delim"] = cursor.string()
            if given["line.delim"] not in {"\n", "10"}:
                raise StatementRefused(
                    "FAILED: SemanticException LINES TERMINATED BY only supports newline '\\n' right now"
                )
        elif cursor.take("NULL", "DEFINED", "AS"):
            given["serialization.null.format"] = cursor.string()
        else:
            return


def _stored_as(cursor: Cursor, said: _Clauses) -> None:
    if cursor.take("INPUTFORMAT"):
        said.input_format = cursor.string()
        cursor.expect("OUTPUTFORMAT")
        said.output_format = cursor.string()
        return
    name = cursor.next()
    stored_as = cursor.hive_name().upper()
    if stored_as not in FILE_FORMATS:
        raise refuse(
            f"Unrecognized file format in STORED AS clause: '{stored_as}'", name.line, column_of(name)
        )
    said.stored_as = stored_as


def read_columns(cursor: Cursor) -> tuple[Column, ...]:
    """``(name type [COMMENT 'text'], ...)``; refuses a name that comes twice."""
    cursor.expect("(")
    columns: list[Column] = []
    while True:
        column = read_column(cursor)
        if any(c.name == column.name for c in columns):
            raise StatementRefused(f"FAILED: SemanticException Duplicate column name: {column.name}")
        columns.append(column)
        if not cursor.take(","):
            break
    cursor.expect(")")
    return tuple(columns)


def read_column(cursor: Cursor) -> Column:
    """``name type [COMMENT 'text']``."""
    name = cursor.hive_name()
    data_type = read_type(cursor)
    comment = cursor.string() if cursor.take("COMMENT") else None
    return Column(name=name, type=data_type, comment=comment)


def read_type(cursor: Cursor) -> DataType:
    """A type in Hive's spelling, as far as it goes: ``struct<a:int,b:array<string>>``."""
    start = cursor.peek()
    if start is None or start.token_type in {TokenType.STRING, TokenType.NUMBER}:
        cursor.fail("a type")
    end = _end_of_type(cursor, start)
    text = cursor.text[start.start : end.end + 1]
    try:
        return parse_type(text.lower())
    except ValueError:
        raise refuse(f"mismatched input '{text}'. Expecting: a type", start.line, column_of(start)) from None


def _end_of_type(cursor: Cursor, start: Token) -> Token:
    """Read over the tokens of a type: a word, then what its brackets hold."""
    end = start
    cursor.at += 1
    depth = 0
    while (token := cursor.peek()) is not None:
        opens = token.token_type in {TokenType.LT, TokenType.L_PAREN}
        if not opens and depth == 0:
            break
        width = token.text.count(">") or token.text.count(")")
        depth += 1 if opens else -width
        end = token
        cursor.at += 1
    return end
