"""PyAthena's own cursors: DB API, dictionaries, threads, asyncio."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from decimal import Decimal

import pytest
from pyathena.aio.cursor import AioCursor
from pyathena.async_cursor import AsyncCursor, AsyncDictCursor
from pyathena.cursor import DictCursor
from pyathena.error import DatabaseError, OperationalError

COMPLEX = (
    *(True, 127, 32767, 2147483647, 9223372036854775807, 0.5, 0.25, "a string", "varchar"),
    *(dt.datetime(2017, 1, 1), dt.date(2017, 1, 2), b"123", [1, 2]),
    *({"1": "2", "3": "4"}, {"a": "1", "b": "2"}, Decimal("0.1")),
)


@pytest.fixture
def cursor(connect):
    return connect().cursor()


def test_a_query_tells_all_that_athena_tells(cursor, lake):
    cursor.execute("SELECT * FROM one_row")
    assert cursor.fetchone() == (1,)
    assert cursor.fetchone() is None
    assert (cursor.state, cursor.statement_type, cursor.substatement_type) == ("SUCCEEDED", "DML", "SELECT")
    assert (cursor.database, cursor.work_group, cursor.state_change_reason) == (
        lake.database,
        "primary",
        None,
    )
    assert cursor.data_scanned_in_bytes == 2
    assert cursor.output_location == f"{lake.results}{cursor.query_id}.csv"
    assert cursor.completion_date_time >= cursor.submission_date_time
    assert cursor.engine_execution_time_in_millis > 0
    assert cursor.total_execution_time_in_millis > 0
    assert (cursor.data_manifest_location, cursor.encryption_option, cursor.kms_key) == (None, None, None)
    assert cursor.effective_engine_version == "Athena engine version 3"


def test_every_type_of_hive_becomes_pythons(cursor):
    assert cursor.execute("SELECT * FROM one_row_complex").fetchall() == [COMPLEX]


def test_columns_are_described(cursor):
    cursor.execute("SELECT col_varchar, col_decimal, col_float, col_array FROM one_row_complex")
    assert cursor.description == [
        ("col_varchar", "varchar", None, None, 10, 0, "UNKNOWN"),
        ("col_decimal", "decimal", None, None, 10, 1, "UNKNOWN"),
        ("col_float", "float", None, None, 17, 0, "UNKNOWN"),
        ("col_array", "array", None, None, 0, 0, "UNKNOWN"),
    ]


def test_ten_thousand_rows_come_in_pages(cursor):
    cursor.execute("SELECT a FROM many_rows ORDER BY a")
    assert cursor.fetchmany(10) == [(n,) for n in range(10)]
    assert cursor.fetchall() == [(n,) for n in range(10, 10_000)]


def test_a_cursor_iterates(cursor):
    assert list(cursor.execute("SELECT a FROM many_rows WHERE a < 3 ORDER BY a")) == [(0,), (1,), (2,)]


@pytest.mark.parametrize(
    ("sql", "value", "expected"),
    [
        ("SELECT %(v)s", None, None),
        ("SELECT %(v)s", "it's", "it's"),
        ("SELECT %(v)d", 7, 7),
        ("SELECT %(v)s", Decimal("1.50"), Decimal("1.50")),
        ("SELECT %(v)s", dt.date(2024, 2, 29), dt.date(2024, 2, 29)),
        (
            "SELECT %(v)s",
            dt.datetime(2017, 1, 1, 12, 0, 0, 789012),
            dt.datetime(2017, 1, 1, 12, 0, 0, 789012),
        ),
        ("SELECT CAST(%(v)s AS varbinary)", b"\x00\xff'\\%", b"\x00\xff'\\%"),
        ("SELECT CAST(%(v)s AS varbinary)", bytes(range(256)), bytes(range(256))),
    ],
    ids=["null", "text", "number", "decimal", "date", "timestamp", "bytes", "all bytes"],
)
def test_pyformat_parameters_come_back(cursor, sql, value, expected):
    assert cursor.execute(sql, {"v": value}).fetchone() == (expected,)


def test_lists_of_parameters_stand_in_in(cursor):
    cursor.execute("SELECT a FROM many_rows WHERE a IN %(v)s ORDER BY a", {"v": [3, 1, 2]})
    assert cursor.fetchall() == [(1,), (2,), (3,)]


@pytest.mark.parametrize(
    ("sql", "values", "rows"),
    [
        ("SELECT a FROM many_rows WHERE a < ? ORDER BY a", ["2"], [(0,), (1,)]),
        ("SELECT col_int FROM one_row_complex WHERE col_string = ?", ["'a string'"], [(2147483647,)]),
        ("SELECT a FROM many_rows ORDER BY a LIMIT ?", ["1"], [(0,)]),
    ],
)
def test_question_marks_take_execution_parameters(cursor, sql, values, rows):
    assert cursor.execute(sql, values, paramstyle="qmark").fetchall() == rows


def test_failures_are_operational_errors_in_athenas_words(cursor):
    with pytest.raises(
        OperationalError, match=r"TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog\.clients\.nope'"
    ):
        cursor.execute("SELECT * FROM nope")
    assert cursor.description is None


def test_what_does_not_parse_is_refused_at_start(cursor):
    with pytest.raises(DatabaseError, match="mismatched input 'blah_blah'"):
        cursor.execute("blah_blah")


def test_ctas_tells_how_many_rows_it_wrote(cursor, place, name):
    cursor.execute(
        f"CREATE TABLE {name} WITH (format = 'PARQUET', external_location = '{place}') AS "
        "SELECT a FROM many_rows LIMIT 10"
    )
    assert cursor.description == [("rows", "bigint", None, None, 19, 0, "UNKNOWN")]
    assert (cursor.rowcount, cursor.fetchone()) == (10, None)
    assert cursor.execute(f"SELECT count(*) FROM {name}").fetchone() == (10,)


def test_many_rows_are_inserted(cursor, place, name):
    cursor.execute(f"CREATE EXTERNAL TABLE {name} (a int, b string) STORED AS PARQUET LOCATION '{place}'")
    cursor.executemany(
        f"INSERT INTO {name} VALUES (%(a)d, %(b)s)", [{"a": n, "b": f"r{n}"} for n in range(3)]
    )
    assert cursor.execute(f"SELECT * FROM {name} ORDER BY a").fetchall() == [(0, "r0"), (1, "r1"), (2, "r2")]


def test_a_partition_costs_only_itself(cursor):
    cursor.execute("SELECT count(*), sum(amount) FROM sales WHERE year = 2025")
    assert cursor.fetchone() == (2, 4.5)
    assert cursor.data_scanned_in_bytes == len(b"3\tMadrid\t4.5\n4\t\\N\t\\N\n")


def test_show_and_describe_are_rows_of_text(cursor):
    assert ("one_row",) in cursor.execute("SHOW TABLES").fetchall()
    assert cursor.execute("SHOW PARTITIONS sales").fetchall() == [("year=2024",), ("year=2025",)]
    assert cursor.execute("DESCRIBE one_row").fetchall() == [
        ("number_of_rows      \tint                 \tsome comment        ",)
    ]
    first = cursor.execute("SHOW CREATE TABLE one_row").fetchone()
    assert first == ("CREATE EXTERNAL TABLE `one_row`(",)


def test_prepared_statements_are_sql_too(cursor):
    cursor.execute("PREPARE below FROM SELECT a FROM many_rows WHERE a < ? ORDER BY a")
    assert cursor.execute("EXECUTE below USING 2").fetchall() == [(0,), (1,)]
    with pytest.raises(OperationalError, match="already exists"):
        cursor.execute("PREPARE below FROM SELECT 1")
    cursor.execute("DEALLOCATE PREPARE below")
    with pytest.raises(DatabaseError, match="PreparedStatement below was not found in workGroup primary"):
        cursor.execute("EXECUTE below USING 2")


def test_an_equal_query_reuses_its_result(cursor):
    sql = f"SELECT count(*) FROM many_rows -- {uuid.uuid4()}"
    first = cursor.execute(sql, result_reuse_enable=True, result_reuse_minutes=5)
    assert (first.reused_previous_result, first.data_scanned_in_bytes) == (False, 48890)
    again = cursor.execute(sql, result_reuse_enable=True, result_reuse_minutes=5)
    assert (again.reused_previous_result, again.data_scanned_in_bytes) == (True, 0)
    assert (again.result_reuse_enabled, again.result_reuse_minutes) == (True, 5)
    assert again.fetchone() == (10_000,)
    assert not cursor.execute(sql).reused_previous_result


def test_pyathenas_own_cache_finds_the_earlier_execution(cursor):
    sql = f"SELECT * FROM one_row -- {uuid.uuid4()}"
    first = cursor.execute(sql).query_id
    assert cursor.execute(sql).query_id != first
    assert cursor.execute(sql, cache_size=100, cache_expiration_time=3600).query_id != ""


def test_metadata_of_tables_is_listed(cursor, lake):
    assert {table.name for table in cursor.list_table_metadata()} >= {"one_row", "one_row_view", "sales"}
    table = cursor.get_table_metadata("one_row")
    assert (table.comment, table.location) == ("table comment", f"s3://{lake.bucket}/one_row")
    assert [(key.name, key.type) for key in cursor.get_table_metadata("sales").partition_keys] == [
        ("year", "int")
    ]


def test_a_table_that_is_not_there_is_an_entity_not_found(cursor):
    with pytest.raises(OperationalError, match="EntityNotFoundException"):
        cursor.get_table_metadata("nope")


def test_dictionaries(connect):
    rows = connect(cursor_class=DictCursor).cursor().execute("SELECT 1 AS a, 'x' AS b").fetchall()
    assert rows == [{"a": 1, "b": "x"}]


def test_futures_bring_results(connect):
    cursor = connect(cursor_class=AsyncCursor).cursor()
    futures = [cursor.execute(f"SELECT {n}")[1] for n in range(8)]
    assert [future.result().fetchall() for future in futures] == [[(n,)] for n in range(8)]


def test_futures_of_dictionaries(connect):
    _, future = connect(cursor_class=AsyncDictCursor).cursor().execute("SELECT number_of_rows FROM one_row")
    assert future.result().fetchall() == [{"number_of_rows": 1}]


def test_a_running_query_is_cancelled(connect):
    cursor = connect(cursor_class=AsyncCursor, poll_interval=0.1).cursor()
    query_id, future = cursor.execute(
        "SELECT count(*) FROM many_rows a, many_rows b, many_rows c WHERE a.a + b.a < c.a"
    )
    cursor.cancel(query_id).result()
    result = future.result(20)
    assert (result.state, result.state_change_reason) == ("CANCELLED", "Query cancelled by user")


def test_asyncio(connect):
    async def run():
        async with connect(cursor_class=AioCursor).cursor() as cursor:
            await cursor.execute("SELECT a FROM many_rows WHERE a < 2 ORDER BY a")
            return await cursor.fetchall()

    assert asyncio.run(run()) == [(0,), (1,)]
