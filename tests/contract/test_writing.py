"""CTAS, INSERT and UNLOAD over HTTP with plain boto3: tables in Glue, objects, manifests, rows read back.

What a table looks like is Athena's own (SHOW CREATE TABLE of CTAS tables, 2022 to 2026); the words of
refusals are Trino's, which Athena passes on.
"""

from __future__ import annotations

import gzip
import io
import json
import re
from itertools import count
from pathlib import Path

import fastavro
import pyarrow.parquet as pq
import pytest
from pyarrow import orc

from .athena_session import AthenaSession

CASES = json.loads((Path(__file__).parents[1] / "cases/athena/written_tables.json").read_text())
NUMBERS = count()


@pytest.fixture(scope="module")
def lake(server):
    """A database of its own."""
    s3 = server.client("s3")
    s3.create_bucket(Bucket="writing")
    session = AthenaSession(server.client("athena"), s3, "writing")
    session.succeed(f"CREATE DATABASE {session.database}")
    return session


@pytest.fixture
def name():
    """A table's name that was not used yet."""
    return f"t{next(NUMBERS)}"


def filled(sql: str, lake: AthenaSession, name: str) -> str:
    place = f"s3://{lake.bucket}/{name}/"
    at = f"external_location = '{place}'"
    return sql.replace("{t}", name).replace("{at}", at).replace("{place}", place)


def glue_table(glue, lake: AthenaSession, name: str):
    return glue.get_table(DatabaseName=lake.database, Name=name)["Table"]


def columns(found) -> list[str]:
    return [f"{column['Name']} {column['Type']}" for column in found]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["sql"][:90]) for case in CASES["made"]])
def test_a_table_is_registered_as_athena_registers_it(lake, glue, name, case):
    execution = lake.succeed(filled(case["sql"], lake, name))
    table = glue_table(glue, lake, name)
    storage = table["StorageDescriptor"]
    assert columns(storage["Columns"]) == case["columns"]
    assert columns(table["PartitionKeys"]) == case.get("keys", [])
    assert storage["SerdeInfo"]["SerializationLibrary"] == case["serde"]
    assert storage["SerdeInfo"]["Parameters"] == case.get(
        "serde_parameters", storage["SerdeInfo"]["Parameters"]
    )
    assert (storage["InputFormat"], storage["OutputFormat"]) == (case["input"], case["output"])
    parameters = dict(table["Parameters"])
    assert re.fullmatch(r"\d{8}_\d{6}_\d{5}_[a-z0-9]{5}", parameters.pop("trino_query_id"))
    assert parameters == case["parameters"]
    by, buckets = case.get("buckets", [[], -1])
    assert (storage.get("BucketColumns", []), storage["NumberOfBuckets"]) == (by, buckets)
    keys = [key.removeprefix(f"{name}/") for key in lake.keys(f"{name}/")]
    assert bool(keys) == (case["names"] is not None)
    assert all(re.fullmatch(case["names"], key) for key in keys)
    place = execution["Statistics"]["DataManifestLocation"].removeprefix(f"s3://{lake.bucket}/")
    assert sorted(lake.read(place).decode().split()) == [f"s3://{lake.bucket}/{name}/{key}" for key in keys]


@pytest.mark.parametrize(
    ("sql", "reason"), [pytest.param(*case, id=case[0][:90]) for case in CASES["refused"]]
)
def test_a_refused_statement_leaves_nothing(lake, glue, name, sql, reason):
    before = lake.keys("")
    assert lake.reason(filled(sql, lake, name)).startswith(reason)
    assert lake.keys("") == before
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue_table(glue, lake, name)


def test_a_target_that_holds_objects_is_refused(lake, name):
    lake.put(f"{name}/old", b"x")
    reason = lake.reason(filled("CREATE TABLE {t} WITH ({at}) AS SELECT 1 AS a", lake, name))
    assert reason.startswith(
        f"HIVE_PATH_ALREADY_EXISTS: Target directory for table '{lake.database}.{name}' already exists: "
        f"s3://{lake.bucket}/{name}/"
    )
    reason = lake.reason(filled("UNLOAD (SELECT 1 AS a) TO '{place}' WITH (format = 'JSON')", lake, name))
    assert reason.startswith("HIVE_PATH_ALREADY_EXISTS: ")


def test_without_a_location_files_lie_below_the_output_location(lake, glue, name):
    execution = lake.succeed(f"CREATE TABLE {name} AS SELECT 1 AS a")
    place = f"results/tables/{execution['QueryExecutionId']}"
    assert glue_table(glue, lake, name)["StorageDescriptor"]["Location"] == f"s3://{lake.bucket}/{place}/"
    assert len(lake.keys(place + "/")) == 1
    assert lake.keys(place + "-") == [f"{place}-manifest.csv"]


ROWS = (
    "SELECT * FROM (VALUES (1, 'uno', true, DECIMAL '1.50', DATE '2024-02-29', TIMESTAMP '2024-02-29 01:02:03.450'), "
    "(2, 'ñ', NULL, NULL, NULL, NULL), (NULL, '', false, DECIMAL '-0.01', DATE '1969-12-31', "
    "TIMESTAMP '1969-12-31 23:59:59.999')) AS v(n, s, b, d, day, ts)"
)


@pytest.mark.parametrize("data_format", ["PARQUET", "ORC", "AVRO", "JSON", "TEXTFILE"])
def test_rows_come_back_from_a_table_of_each_format(lake, name, data_format):
    lake.succeed(filled(f"CREATE TABLE {{t}} WITH ({{at}}, format = '{data_format}') AS {ROWS}", lake, name))
    found = lake.rows(f"SELECT n, s, b, d, day, ts, typeof(d), typeof(ts) FROM {name} ORDER BY n")
    assert found == [
        ["1", "uno", "true", "1.50", "2024-02-29", "2024-02-29 01:02:03.450", "decimal(3,2)", "timestamp(3)"],
        ["2", "ñ", *[None] * 4, "decimal(3,2)", "timestamp(3)"],
        [None, "", "false", "-0.01", "1969-12-31", "1969-12-31 23:59:59.999", "decimal(3,2)", "timestamp(3)"],
    ]


NESTED = (
    "SELECT ARRAY[1, NULL] AS a, MAP(ARRAY['k', 'l'], ARRAY[ARRAY['x'], NULL]) AS m, "
    "CAST(ROW(1, ROW('y')) AS ROW(p bigint, q ROW(r varchar))) AS o, X'616200' AS bin, CAST('ab' AS char(4)) AS c"
)


@pytest.mark.parametrize("data_format", ["PARQUET", "ORC", "AVRO", "JSON", "TEXTFILE"])
def test_nested_values_come_back_from_a_table_of_each_format(lake, name, data_format):
    lake.succeed(
        filled(f"CREATE TABLE {{t}} WITH ({{at}}, format = '{data_format}') AS {NESTED}", lake, name)
    )
    assert lake.rows(f"SELECT a, m, o, c || '|' FROM {name}") == [
        ["[1, null]", "{k=[x], l=null}", "{p=1, q={r=y}}", "ab  |"]
    ]


EVERY_TYPE = """
    SELECT n, n > 1 AS b, CAST(n AS integer) AS i, n * 8589934592 AS l, CAST(n AS real) / 3 AS f, n / 7E0 AS d,
           CAST(n AS decimal(5,2)) / 3 AS dec, CAST('-12345678901234567890.5' AS decimal(38,2)) AS wide,
           CASE n WHEN 1 THEN '' WHEN 2 THEN 'a,|"\\\\ ñ\U0001f642' END AS s, CAST('é' AS varchar(5)) AS v, CAST('x' AS char(3)) AS c,
           CASE n WHEN 1 THEN X'' WHEN 2 THEN X'616263' END AS bin, date_add('day', -30000 * n, DATE '2024-02-29') AS day,
           date_add('millisecond', -n, TIMESTAMP '1970-01-01 00:00:00.000') AS ts,
           CASE n WHEN 1 THEN ARRAY['x', NULL, 'yz'] WHEN 2 THEN CAST(ARRAY[] AS array(varchar)) END AS a,
           ARRAY[ARRAY[n], NULL] AS aa, MAP(ARRAY['k', 'l'], ARRAY[n, NULL]) AS m,
           MAP(ARRAY['k'], ARRAY[ARRAY[DATE '2024-01-02']]) AS md,
           CAST(ROW(n, NULL, ARRAY[n]) AS ROW(p bigint, q varchar, r array(bigint))) AS o,
           ARRAY[CAST(ROW(n, DECIMAL '1.50') AS ROW(x bigint, y decimal(3,2)))] AS ao
    FROM UNNEST(sequence(1, 3)) AS u(n)
"""


@pytest.mark.parametrize("data_format", ["PARQUET", "ORC", "AVRO", "JSON", "TEXTFILE"])
def test_a_table_gives_the_rows_and_types_of_the_query_that_made_it(lake, name, data_format):
    """NULLs, empty texts and arrays, signs of decimals, times before 1970, texts that hold delimiters.

    JSON objects are read with numbers of at most 17 digits where there is a point (docs/differences.md).
    """
    query = EVERY_TYPE.replace("12345678901234567890.5", "5.5") if data_format == "JSON" else EVERY_TYPE
    lake.succeed(filled(f"CREATE TABLE {{t}} WITH ({{at}}, format = '{data_format}') AS {query}", lake, name))
    wanted, found = lake.succeed(query), lake.succeed(f"SELECT * FROM {name}")
    told = [lake.results(execution)["ResultSet"] for execution in (wanted, found)]
    names = [column["Name"] for column in told[0]["ResultSetMetadata"]["ColumnInfo"]]
    differing = {
        name: (was, is_)
        for was_row, is_row in zip(told[0]["Rows"], told[1]["Rows"], strict=True)
        for name, was, is_ in zip(names, was_row["Data"], is_row["Data"], strict=True)
        if was != is_
    }
    assert differing == {}
    kinds = [[column["Type"] for column in one["ResultSetMetadata"]["ColumnInfo"]] for one in told]
    assert kinds[0] == kinds[1]


def one_object(lake: AthenaSession, prefix: str) -> bytes:
    (key,) = lake.keys(prefix)
    return lake.read(key)


INSERTED = "INSERT INTO {t} (s, n) VALUES ('a,b', 1), (NULL, 2)"
STORED = "CREATE EXTERNAL TABLE {t} (n bigint, s string, x double) %s LOCATION '{place}' %s"
JSON_SERDE = "ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'"


def json_rows(body: bytes) -> list[object]:
    return [json.loads(line) for line in body.decode().splitlines()]


@pytest.mark.parametrize(
    ("form", "properties", "read"),
    [
        ("STORED AS PARQUET", "", lambda body: pq.read_table(io.BytesIO(body)).to_pylist()),
        ("STORED AS ORC", "", lambda body: orc.ORCFile(io.BytesIO(body)).read().to_pylist()),
        ("STORED AS AVRO", "", lambda body: list(fastavro.reader(io.BytesIO(body)))),
        (
            "STORED AS AVRO",
            "TBLPROPERTIES ('write.compression' = 'SNAPPY')",
            lambda body: list(fastavro.reader(io.BytesIO(body))),
        ),
        (JSON_SERDE, "", lambda body: json_rows(gzip.decompress(body))),
        (JSON_SERDE, "TBLPROPERTIES ('write.compression' = 'NONE')", json_rows),
    ],
)
def test_insert_writes_as_the_table_is_stored(lake, name, form, properties, read):
    lake.succeed(filled(STORED % (form, properties), lake, name))
    execution = lake.succeed(filled(INSERTED, lake, name))
    assert execution["Statistics"]["DataScannedInBytes"] == 0
    assert lake.results(execution)["UpdateCount"] == 2
    assert read(one_object(lake, f"{name}/")) == [
        {"n": 1, "s": "a,b", "x": None},
        {"n": 2, "s": None, "x": None},
    ]


def test_insert_into_text_obeys_the_serde(lake, name):
    form = "ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' ESCAPED BY '\\\\' NULL DEFINED AS '-'"
    lake.succeed(filled(STORED % (form, "TBLPROPERTIES ('write.compression' = 'NONE')"), lake, name))
    lake.succeed(filled(INSERTED, lake, name))
    assert one_object(lake, f"{name}/") == b"1,a\\,b,-\n2,-,-\n"
    assert lake.rows(f"SELECT n, s, x FROM {name} ORDER BY n") == [["1", "a,b", None], ["2", None, None]]


def test_insert_adds_partitions_and_fills_those_that_are_there(lake, glue, name):
    lake.succeed(
        filled(
            "CREATE TABLE {t} WITH ({at}, partitioned_by = ARRAY['p']) AS SELECT 1 AS a, 'x' AS p", lake, name
        )
    )
    lake.succeed(
        f"ALTER TABLE {name} ADD PARTITION (p = 'y') LOCATION 's3://{lake.bucket}/elsewhere/{name}/'"
    )
    lake.succeed(f"INSERT INTO {name} VALUES (2, 'x'), (3, 'y'), (4, 'z'), (5, NULL)")
    found = glue.get_partitions(DatabaseName=lake.database, TableName=name)["Partitions"]
    assert sorted(partition["Values"][0] for partition in found) == [
        "__HIVE_DEFAULT_PARTITION__",
        "x",
        "y",
        "z",
    ]
    assert len(lake.keys(f"elsewhere/{name}/")) == 1
    assert len(lake.keys(f"{name}/p=x/")) == 2
    assert lake.rows(f"SELECT a, p FROM {name} ORDER BY a") == [
        *(["1", "x"], ["2", "x"], ["3", "y"], ["4", "z"], ["5", None])
    ]


def test_numbers_with_a_point_fit_a_real_column(lake, name):
    """As the INSERTs of pandas' to_sql have them, which PyAthena's tests run on Athena; doubles do not fit."""
    lake.succeed(
        filled("CREATE EXTERNAL TABLE {t} (a float, b int) STORED AS PARQUET LOCATION '{place}'", lake, name)
    )
    lake.succeed(f"INSERT INTO {name} (b, a) VALUES (1, 0.5), (2, -1.5), (3, NULL)")
    assert lake.rows(f"SELECT a, b FROM {name} ORDER BY b") == [["0.5", "1"], ["-1.5", "2"], [None, "3"]]
    for query in ("VALUES (DOUBLE '0.5', 1)", "SELECT 1E0, 1", "VALUES (0.5 + 0.5, 1)"):
        assert lake.reason(f"INSERT INTO {name} {query}").startswith("TYPE_MISMATCH")


@pytest.mark.parametrize(
    ("columns", "form", "values", "reason"),
    [
        ("a int", "STORED AS PARQUET", "('x')", "TYPE_MISMATCH: line 1:1: Insert query has mismatched column types: Table: [integer], Query: [varchar(1)]"),
        ("a int", "STORED AS PARQUET", "(1, 2)", "TYPE_MISMATCH: line 1:1: Insert query has mismatched column types: Table: [integer], Query: [integer, integer]"),
        ("a int", "STORED AS PARQUET", "(8589934592)", "TYPE_MISMATCH: line 1:1: Insert query has mismatched column types: Table: [integer], Query: [bigint]"),
        ("a decimal(10,2)", "STORED AS PARQUET", "(1)", "TYPE_MISMATCH: line 1:1: Insert query has mismatched column types: Table: [decimal(10,2)], Query: [integer]"),
        ("a timestamp", "STORED AS PARQUET", "(TIMESTAMP '2024-01-01 00:00:00.123456')", "TYPE_MISMATCH: line 1:1: Insert query has mismatched column types: Table: [timestamp(3)], Query: [timestamp(6)]"),
        ("a varchar(3)", "STORED AS PARQUET", "('abcd')", "INVALID_CAST_ARGUMENT: Cannot truncate non-space characters when casting from varchar(4) to varchar(3) on INSERT"),
        ("a char(2)", "STORED AS ORC", "('abc')", "INVALID_CAST_ARGUMENT: Cannot truncate non-space characters when casting from varchar(3) to char(2) on INSERT"),
        ("a tinyint", "STORED AS AVRO", "(TINYINT '1')", "NOT_SUPPORTED: Column 'a' is tinyint, which is not supported by Avro. Use integer instead."),
        ("a int", "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'", "(1)", "HIVE_UNSUPPORTED_FORMAT: Output format"),
        ("a string", "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'", "('x')", "HIVE_UNSUPPORTED_FORMAT: Output format"),
    ],
)  # fmt: skip
def test_rows_that_do_not_fit_or_tables_that_take_none_are_refused(lake, name, columns, form, values, reason):
    lake.succeed(filled(f"CREATE EXTERNAL TABLE {{t}} ({columns}) {form} LOCATION '{{place}}'", lake, name))
    assert lake.reason(f"INSERT INTO {name} VALUES {values}").startswith(reason)
    assert lake.keys(f"{name}/") == []


def test_insert_into_a_bucketed_table_or_a_view_is_refused(lake, name):
    """AWS: insert-into, bucketed tables not supported."""
    lake.succeed(
        filled(
            "CREATE TABLE {t} WITH ({at}, bucketed_by = ARRAY['a'], bucket_count = 2) AS SELECT 1 AS a",
            lake,
            name,
        )
    )
    before = lake.keys(f"{name}/")
    reason = lake.reason(f"INSERT INTO {name} VALUES (2)")
    assert reason.startswith(f"NOT_SUPPORTED: Cannot write to bucketed table {lake.database}.{name}")
    assert lake.keys(f"{name}/") == before
    lake.succeed(f"CREATE VIEW v{name} AS SELECT a FROM {name}")
    reason = lake.reason(f"INSERT INTO v{name} VALUES (2)")
    assert reason.startswith("NOT_SUPPORTED: line 1:1: Inserting into views is not supported")


def test_blanks_may_be_cut_off_on_insert(lake, name):
    lake.succeed(
        filled(
            "CREATE EXTERNAL TABLE {t} (a varchar(3), b char(2)) STORED AS PARQUET LOCATION '{place}'",
            lake,
            name,
        )
    )
    lake.succeed(f"INSERT INTO {name} VALUES ('ab   ', 'c   '), ('é', NULL)")
    assert lake.rows(f"SELECT a || '|', b || '|' FROM {name} ORDER BY a") == [["ab |", "c |"], ["é|", None]]


@pytest.mark.parametrize(
    ("form", "ending", "read"),
    [
        (
            "format = 'PARQUET', compression = 'SNAPPY'",
            "",
            lambda body: pq.read_table(io.BytesIO(body)).to_pylist(),
        ),
        ("format = 'ORC'", "", lambda body: orc.ORCFile(io.BytesIO(body)).read().to_pylist()),
        ("format = 'AVRO'", "", lambda body: list(fastavro.reader(io.BytesIO(body)))),
        ("format = 'JSON'", ".gz", lambda body: json_rows(gzip.decompress(body))),
    ],
)
def test_unload_writes_each_format(lake, name, form, ending, read):
    execution = lake.succeed(
        filled(
            f"UNLOAD (SELECT 1 AS a, 'x' AS b, 7 AS p) TO '{{place}}' WITH ({form}, partitioned_by = ARRAY['p'])",
            lake,
            name,
        )
    )
    (key,) = lake.keys(f"{name}/")
    assert key.startswith(f"{name}/p=7/")
    assert key.endswith(ending)
    assert read(lake.read(key)) == [{"a": 1, "b": "x"}]
    place = execution["Statistics"]["DataManifestLocation"].removeprefix(f"s3://{lake.bucket}/")
    assert lake.read(place).decode() == f"s3://{lake.bucket}/{key}\n"


def test_unload_of_nothing_leaves_an_empty_manifest(lake, name):
    execution = lake.succeed(
        filled("UNLOAD (SELECT 1 AS a WHERE false) TO '{place}' WITH (format = 'PARQUET')", lake, name)
    )
    assert lake.keys(f"{name}/") == []
    place = execution["Statistics"]["DataManifestLocation"].removeprefix(f"s3://{lake.bucket}/")
    assert lake.read(place) == b""


def test_a_cancelled_write_leaves_nothing(lake, glue, name):
    before = lake.keys("")
    execution_id = lake.start(
        filled(
            "CREATE TABLE {t} WITH ({at}, format = 'AVRO') AS SELECT i * 1000 + j AS a, rpad('x', 500, 'y') AS b "
            "FROM UNNEST(sequence(1, 9000)) AS t(i), UNNEST(sequence(1, 9000)) AS u(j)",
            lake,
            name,
        )
    )
    lake.athena.stop_query_execution(QueryExecutionId=execution_id)
    assert lake.wait(execution_id)["Status"]["State"] == "CANCELLED"
    assert lake.keys("") == before
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue_table(glue, lake, name)
