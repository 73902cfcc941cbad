"""``lakebench sql``: rows on stdout, the console's words on stderr, errors with the place marked."""

import datetime as dt
import io
import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

LAKEBENCH = Path(sys.executable).parent / "lakebench"
ROWS = "SELECT x, y, x > 1 AS big, decimal '1.5' AS d FROM (VALUES (1, 'a,b'), (2, NULL)) t(x, y)"


@pytest.fixture
def sql(server):
    def run(*arguments, typed=None):
        command = [LAKEBENCH, "sql", "--endpoint", server.endpoint, *arguments]
        return subprocess.run(command, input=typed, capture_output=True, text=True, timeout=60, check=False)

    return run


def test_a_table_aligns_figures_on_the_right_and_shows_null(sql):
    done = sql(ROWS)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "+---+------+-------+-----+",
        "| x | y    | big   |   d |",
        "+---+------+-------+-----+",
        "| 1 | a,b  | false | 1.5 |",
        "| 2 | NULL | true  | 1.5 |",
        "+---+------+-------+-----+",
    ]


def test_the_summary_speaks_as_the_athena_console_and_names_the_bill(sql):
    line = sql("SELECT 1").stderr
    for words in ("Time in queue: ", "Run time: ", "Data scanned: 0 B", "Billed: $0.000048"):
        assert words in line
    assert "Billed: $0.00\n" in sql("SHOW DATABASES").stderr, "DDL is free"


def test_csv_has_a_header_and_empty_fields_for_null(sql):
    assert sql(ROWS, "--format", "csv").stdout == 'x,y,big,d\n1,"a,b",false,1.5\n2,,true,1.5\n'


def test_json_keeps_numbers_booleans_and_null(sql):
    rows = json.loads(sql(ROWS, "--format", "json").stdout)
    assert rows == [
        {"x": 1, "y": "a,b", "big": False, "d": "1.5"},
        {"x": 2, "y": None, "big": True, "d": "1.5"},
    ]
    assert json.loads(sql("SELECT 1 AS x WHERE false", "--format", "json").stdout) == []


def test_parquet_has_the_types_of_the_columns(server):
    query = (
        "SELECT 1 AS i, BIGINT '2' AS b, 'x' AS s, DATE '2024-02-03' AS d, TIMESTAMP '2024-02-03 04:05:06.789' AS t, "
        "DECIMAL '1.50' AS m, true AS o, ARRAY[1, 2] AS a, CAST(NULL AS double) AS n"
    )
    command = [LAKEBENCH, "sql", query, "--endpoint", server.endpoint, "--format", "parquet"]
    done = subprocess.run(command, capture_output=True, timeout=60, check=True)
    table = pq.read_table(io.BytesIO(done.stdout))
    assert [str(field.type) for field in table.schema] == [
        *("int32", "int64", "string", "date32[day]", "timestamp[ms]", "decimal128(38, 2)", "bool", "string"),
        "double",
    ]
    [row] = table.to_pylist()
    assert list(row.values()) == [
        *(1, 2, "x", dt.date(2024, 2, 3), dt.datetime.fromisoformat("2024-02-03T04:05:06.789")),
        *(Decimal("1.50"), True, "[1, 2]", None),
    ]


def test_a_long_table_is_cut_and_says_so_and_csv_is_whole(sql):
    many = "SELECT x FROM UNNEST(sequence(1, 2500)) t(x)"
    cut = sql(many, "--max-rows", "2").stdout
    assert "first 2 rows" in cut
    assert "| 3 |" not in cut
    assert len(sql(many, "--format", "csv").stdout.splitlines()) == 2501


def test_a_statement_comes_from_standard_input_or_a_file(sql, tmp_path):
    (tmp_path / "query.sql").write_text("SELECT 'ñ' AS letter", encoding="utf-8")
    assert sql("-", "--format", "csv", typed="SELECT 7 AS seven").stdout == "seven\n7\n"
    assert sql("--file", str(tmp_path / "query.sql"), "--format", "csv").stdout == "letter\nñ\n"


def test_an_error_is_athenas_text_with_the_place_marked(sql):
    done = sql("SELECT 1\nFROM nope")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "TABLE_NOT_FOUND: line 2:6: Table 'awsdatacatalog.default.nope' does not exist" in done.stderr
    assert done.stderr.endswith("  FROM nope\n       ^\n")


def test_a_missing_server_is_told_with_what_to_do():
    command = [LAKEBENCH, "sql", "SELECT 1", "--endpoint", "http://127.0.0.1:9"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "lakebench serve" in done.stderr


@pytest.mark.parametrize("arguments", [[], ["SELECT 1", "--file", __file__]])
def test_one_statement_is_asked_for(sql, arguments):
    done = sql(*arguments)
    assert done.returncode == 2
    assert "give the statement" in done.stderr


def test_a_live_target_is_refused_without_a_request(sql, monkeypatch):
    monkeypatch.setenv("LAKEBENCH_TARGET", "aws")
    done = sql("SELECT 1")
    assert done.returncode == 1
    assert "error:" in done.stderr
