"""Types in DuckDB's spelling, there and back."""

from __future__ import annotations

import duckdb
import pytest

from lakebench.catalog import DataType, parse_type
from lakebench.errors import QueryFailed
from lakebench.sql import duckdb_type, from_duckdb_type, macros, raised_failure, result_text

BOTH = [
    ("boolean", "BOOLEAN"),
    ("tinyint", "TINYINT"),
    ("smallint", "SMALLINT"),
    ("integer", "INTEGER"),
    ("bigint", "BIGINT"),
    ("real", "FLOAT"),
    ("double", "DOUBLE"),
    ("decimal(10,2)", "DECIMAL(10,2)"),
    ("varchar", "VARCHAR"),
    ("varbinary", "BLOB"),
    ("date", "DATE"),
    ("timestamp(3)", "TIMESTAMP"),
    ("timestamp(3) with time zone", "STRUCT(t TIMESTAMP WITH TIME ZONE, z VARCHAR)"),
    ("array(varchar)", "VARCHAR[]"),
    ("array(array(decimal(5,1)))", "DECIMAL(5,1)[][]"),
    ("map(varchar, bigint)", "MAP(VARCHAR, BIGINT)"),
    ("row(a integer, b array(varchar))", 'STRUCT("a" INTEGER, "b" VARCHAR[])'),
    (
        "map(varchar, row(a decimal(4,2), b map(integer, double)))",
        'MAP(VARCHAR, STRUCT("a" DECIMAL(4,2), "b" MAP(INTEGER, DOUBLE)))',
    ),
    ("interval day to second", "INTERVAL"),
]


@pytest.mark.parametrize(("trino", "duck"), BOTH)
def test_a_type_goes_to_duckdb_and_back(trino, duck):
    assert duckdb_type(parse_type(trino)) == duck
    assert from_duckdb_type(duck) == parse_type(trino)


@pytest.mark.parametrize(("trino", "duck"), BOTH)
def test_duckdb_itself_describes_the_type_so_that_we_read_it(trino, duck):
    ((_, described, *_),) = duckdb.sql(f"DESCRIBE SELECT CAST(NULL AS {duck}) AS x").fetchall()
    assert from_duckdb_type(described) == parse_type(trino)


@pytest.mark.parametrize(
    ("duck", "trino"),
    [
        ("HUGEINT", "decimal(38,0)"),
        ("UBIGINT", "bigint"),
        ("UTINYINT", "smallint"),
        ("STRUCT(a INTEGER)", "row(a integer)"),
        ('STRUCT("with space" INTEGER, "q""t" VARCHAR)', 'row("with space" integer, "q"t" varchar)'),
        ("TUPLE(INTEGER, VARCHAR)", "row(integer, varchar)"),
        ("ENUM('a', 'b')", "varchar"),
        ('"NULL"', "unknown"),
    ],
)
def test_types_that_only_duckdb_has_become_trinos_nearest(duck, trino):
    assert from_duckdb_type(duck).trino == trino


def test_what_is_no_type_is_refused():
    with pytest.raises(ValueError, match="not a type of Trino: 'GEOMETRY'"):
        from_duckdb_type("GEOMETRY")
    with pytest.raises(QueryFailed, match="interval is not supported"):
        duckdb_type(DataType(name="interval"))


TEXTS = [
    ("10000000::DOUBLE", "double", "1.0E7"),
    ("9999999.5::DOUBLE", "double", "9999999.5"),
    ("0.001::DOUBLE", "double", "0.001"),
    ("0.00099::DOUBLE", "double", "9.9E-4"),
    ("1e-05::DOUBLE", "double", "1.0E-5"),
    ("1.7976931348623157e308::DOUBLE", "double", "1.7976931348623157E308"),
    ("2.2250738585072014e-308::DOUBLE", "double", "2.2250738585072014E-308"),
    ("123456789.125::DOUBLE", "double", "1.23456789125E8"),
    ("-1.5e10::DOUBLE", "double", "-1.5E10"),
    ("1e16::DOUBLE", "double", "1.0E16"),
    ("0::DOUBLE", "double", "0.0"),
    ("-0.0::DOUBLE", "double", "-0.0"),
    ("'NaN'::DOUBLE", "double", "NaN"),
    ("'-Infinity'::DOUBLE", "double", "-Infinity"),
    ("1.1::FLOAT", "real", "1.1"),
    ("16777216::FLOAT", "real", "1.6777216E7"),
    ("3.4028235e38::FLOAT", "real", "3.4028235E38"),
    ("true", "boolean", "true"),
    ("false", "boolean", "false"),
    ("1.50::DECIMAL(10,2)", "decimal(10,2)", "1.50"),
    ("TIMESTAMP '2024-01-01 00:00:00'", "timestamp(3)", "2024-01-01 00:00:00.000"),
    ("TIMESTAMP '1969-12-31 23:59:59.5'", "timestamp(3)", "1969-12-31 23:59:59.500"),
    ("TIMESTAMP '2024-01-01 00:00:00.123456'", "timestamp(6)", "2024-01-01 00:00:00.123456"),
    (
        "{'t': TIMESTAMPTZ '2024-01-01 00:00:00+00', 'z': 'UTC'}",
        "timestamp(3) with time zone",
        "2024-01-01 00:00:00.000 UTC",
    ),
    ("DATE '0001-02-03'", "date", "0001-02-03"),
    ("'\\x01\\x02'::BLOB", "varbinary", "01 02"),
    ("''::BLOB", "varbinary", ""),
    ("[1, NULL]::INTEGER[]", "array(integer)", "[1, null]"),
    ("[]::VARCHAR[]", "array(varchar)", "[]"),
    ("[[1.5], NULL]::DOUBLE[][]", "array(array(double))", "[[1.5], null]"),
    ("map(['a'], [NULL])::MAP(VARCHAR, INTEGER)", "map(varchar, integer)", "{a=null}"),
    ("{'a': 1, 'b': ['x']}", "row(a integer, b array(varchar))", "{a=1, b=[x]}"),
    ("[{'a': 1e7::DOUBLE}]", "array(row(a double))", "[{a=1.0E7}]"),
    ("NULL::DOUBLE", "double", None),
    ("NULL::INTEGER[]", "array(integer)", None),
    ("NULL::MAP(VARCHAR, INTEGER)", "map(varchar, integer)", None),
    ("NULL::STRUCT(a INTEGER)", "row(a integer)", None),
    ("'a'", "char(3)", "a  "),
    ("INTERVAL '-90' MINUTE", "interval day to second", "-0 01:30:00.000"),
]


@pytest.fixture(scope="module")
def connection():
    connection = duckdb.connect()
    connection.execute("SET TimeZone='UTC'")
    for statement in macros():
        connection.execute(statement)
    return connection


@pytest.mark.parametrize(("value", "trino", "text"), TEXTS)
def test_a_value_is_written_as_athena_writes_it(connection, value, trino, text):
    assert connection.execute(
        f"SELECT {result_text('v', parse_type(trino))} FROM (SELECT {value} AS v)"
    ).fetchall() == [(text,)]


def test_the_macros_can_be_made_again_on_a_warm_instance(connection):
    for statement in macros():
        connection.execute(statement)


def test_a_macros_failure_is_read_back_from_the_engines_text(connection):
    with pytest.raises(duckdb.Error) as caught:
        connection.execute("SELECT lb_fail('INVALID_FUNCTION_ARGUMENT', 'it''s: wrong')")
    assert raised_failure(str(caught.value)).reason == "INVALID_FUNCTION_ARGUMENT: it's: wrong"
    assert raised_failure("Out of Range Error: Overflow") is None
