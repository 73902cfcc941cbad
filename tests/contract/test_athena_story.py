"""CSV, Parquet, CTAS and INSERT over HTTP with plain boto3: rows, types, bytes and result files."""

from __future__ import annotations

import gzip
import io
import json

import pyarrow.parquet as pq
import pytest

from .athena_session import AthenaSession

ROWS = 3000
CSV = "id,city,amount,day\n" + "".join(
    f"{n},{('Jaén', 'León', 'Vigo')[n % 3]},{n * 0.5},2024-0{n % 4 + 1}-01\n" for n in range(1, ROWS + 1)
)
COLUMNS = "(id bigint, city string, amount double, day string)"


@pytest.fixture(scope="module")
def lake(server):
    """A lake with one CSV table ``sales``."""
    s3, athena = server.client("s3"), server.client("athena")
    s3.create_bucket(Bucket="athena-story")
    session = AthenaSession(athena, s3, "athena-story")
    session.succeed(f"CREATE DATABASE {session.database}")
    session.put("raw/sales.csv", CSV.encode())
    session.succeed(
        f"CREATE EXTERNAL TABLE sales {COLUMNS} ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' "
        f"LOCATION 's3://{session.bucket}/raw/' TBLPROPERTIES ('skip.header.line.count'='1')"
    )
    return session


def chunks(lake: AthenaSession, prefix: str, *columns: str) -> int:
    """The compressed size of the columns' chunks, from the footers of the objects themselves."""
    total = 0
    for key in lake.keys(prefix):
        footer = pq.ParquetFile(io.BytesIO(lake.read(key))).metadata
        for group in range(footer.num_row_groups):
            row_group = footer.row_group(group)
            total += sum(
                row_group.column(index).total_compressed_size
                for index in range(row_group.num_columns)
                if row_group.column(index).path_in_schema in columns
            )
    return total


def test_a_csv_costs_its_size_whatever_is_asked(lake):
    size = len(CSV.encode())
    assert lake.scanned("SELECT count(*) FROM sales") == size
    assert lake.scanned("SELECT id FROM sales WHERE id < 5") == size
    assert lake.scanned("SELECT * FROM sales") == size


def test_rows_come_typed_and_in_order(lake):
    execution = lake.succeed("SELECT id, city, amount, day FROM sales WHERE id <= 2 ORDER BY id")
    assert lake.read(lake.result_key(execution)).decode() == (
        '"id","city","amount","day"\n"1","León","0.5","2024-02-01"\n"2","Vigo","1.0","2024-03-01"\n'
    )
    columns = lake.results(execution)["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
    assert [(one["Name"], one["Type"], one["Precision"]) for one in columns] == [
        ("id", "bigint", 19),
        ("city", "varchar", 2147483647),
        ("amount", "double", 17),
        ("day", "varchar", 2147483647),
    ]


def test_result_and_companion_are_there_when_succeeded_is_seen(lake):
    execution = lake.succeed("SELECT 1 AS n")
    key = lake.result_key(execution)
    assert lake.keys(key) == [key, f"{key}.metadata"]
    assert lake.read(f"{key}.metadata").startswith(b"\n$" + execution["QueryExecutionId"].encode())


def test_gzip_costs_its_compressed_size(lake):
    packed = gzip.compress(CSV.encode())
    lake.put("packed/sales.csv.gz", packed)
    lake.succeed(
        f"CREATE EXTERNAL TABLE packed {COLUMNS} ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' "
        f"LOCATION 's3://{lake.bucket}/packed/' TBLPROPERTIES ('skip.header.line.count'='1')"
    )
    assert lake.rows("SELECT count(*) FROM packed") == [[str(ROWS)]]
    assert lake.scanned("SELECT count(*) FROM packed") == len(packed)


@pytest.fixture(scope="module")
def parquet(lake):
    """``sales`` as snappy Parquet, unpartitioned."""
    return lake.succeed(
        "CREATE TABLE sales_parquet WITH (format = 'PARQUET', write_compression = 'SNAPPY', "
        f"external_location = 's3://{lake.bucket}/parquet/') AS SELECT * FROM sales"
    )


def test_ctas_costs_the_select_and_counts_its_rows(lake, parquet):
    assert parquet["Statistics"]["DataScannedInBytes"] == len(CSV.encode())
    assert parquet["StatementType"] == "DDL"
    assert lake.results(parquet)["UpdateCount"] == ROWS
    (manifest,) = [key for key in lake.keys("results/tables/") if key.endswith("-manifest.csv")]
    assert parquet["Statistics"]["DataManifestLocation"] == f"s3://{lake.bucket}/{manifest}"
    written = [f"s3://{lake.bucket}/{key}" for key in lake.keys("parquet/")]
    assert lake.read(manifest).decode().splitlines() == written


@pytest.mark.usefixtures("parquet")
def test_parquet_costs_the_chunks_of_the_columns_that_are_read(lake):
    assert lake.scanned("SELECT count(*) FROM sales_parquet") == 0
    asked = "SELECT city, sum(amount) FROM sales_parquet GROUP BY city"
    assert lake.scanned(asked) == chunks(lake, "parquet/", "city", "amount")
    everything = chunks(lake, "parquet/", "id", "city", "amount", "day")
    assert lake.scanned("SELECT * FROM sales_parquet") == everything
    assert lake.rows("SELECT sum(amount) FROM sales_parquet") == lake.rows("SELECT sum(amount) FROM sales")


@pytest.mark.usefixtures("parquet")
def test_the_new_table_is_seen_through_glue(lake, glue):
    table = glue.get_table(DatabaseName=lake.database, Name="sales_parquet")["Table"]
    storage = table["StorageDescriptor"]
    assert table["TableType"] == "EXTERNAL_TABLE"
    assert storage["Location"] == f"s3://{lake.bucket}/parquet/"
    assert storage["SerdeInfo"]["SerializationLibrary"].endswith("ParquetHiveSerDe")
    assert [(one["Name"], one["Type"]) for one in storage["Columns"]] == [
        ("id", "bigint"),
        ("city", "string"),
        ("amount", "double"),
        ("day", "string"),
    ]


def test_a_pruned_partition_costs_nothing_and_insert_adds_partitions(lake, glue):
    lake.succeed(
        "CREATE TABLE by_day WITH (format = 'PARQUET', write_compression = 'SNAPPY', "
        f"external_location = 's3://{lake.bucket}/by_day/', partitioned_by = ARRAY['day']) AS "
        "SELECT id, city, amount, day FROM sales WHERE day < '2024-03-01'"
    )
    partitions = glue.get_partitions(DatabaseName=lake.database, TableName="by_day")["Partitions"]
    assert sorted(one["Values"][0] for one in partitions) == ["2024-01-01", "2024-02-01"]
    one_day = chunks(lake, "by_day/day=2024-01-01/", "amount")
    assert lake.scanned("SELECT sum(amount) FROM by_day WHERE day = '2024-01-01'") == one_day
    assert lake.scanned("SELECT day, count(*) FROM by_day GROUP BY day") == 0
    inserted = lake.succeed("INSERT INTO by_day SELECT * FROM sales WHERE day >= '2024-03-01'")
    assert lake.results(inserted)["UpdateCount"] == ROWS // 2
    assert lake.rows("SELECT count(*), count(DISTINCT day) FROM by_day") == [[str(ROWS), "4"]]


def test_insert_into_text_is_read_back(lake):
    lake.succeed(
        f"CREATE EXTERNAL TABLE notes (id int, note string) ROW FORMAT DELIMITED FIELDS TERMINATED BY '|' "
        f"LOCATION 's3://{lake.bucket}/notes/'"
    )
    execution = lake.succeed("INSERT INTO notes (note, id) VALUES ('uno', 1), (NULL, 2)")
    assert execution["Statistics"]["DataScannedInBytes"] == 0
    lake.succeed("INSERT INTO notes (id) VALUES (3)")
    assert lake.rows("SELECT id, note FROM notes ORDER BY id") == [["1", "uno"], ["2", None], ["3", None]]
    assert all(key.endswith(".gz") for key in lake.keys("notes/"))


def test_ctas_to_text_keeps_its_delimiter(lake):
    lake.succeed(
        "CREATE TABLE as_text WITH (format = 'TEXTFILE', field_delimiter = ';', write_compression = 'NONE', "
        f"external_location = 's3://{lake.bucket}/as_text/') AS SELECT id, city FROM sales WHERE id < 3"
    )
    (key,) = lake.keys("as_text/")
    assert lake.read(key).decode() == "1;León\n2;Vigo\n"
    assert lake.rows("SELECT city FROM as_text WHERE id = 2") == [["Vigo"]]


def test_views_are_queried_and_described(lake):
    lake.succeed("CREATE VIEW big AS SELECT id, amount FROM sales WHERE amount > 1000")
    assert lake.rows("SELECT count(*) FROM big") == lake.rows(
        "SELECT count(*) FROM sales WHERE amount > 1000"
    )
    described = lake.succeed("DESCRIBE big")
    assert lake.read(lake.result_key(described)).decode() == "id\tbigint\namount\tdouble"


def test_special_values_are_written_as_athena_does(lake):
    execution = lake.succeed(
        "SELECT NULL AS n, '' AS e, 'a\"b' AS q, 1e20 AS d, nan() AS x, true AS b, "
        "DATE '2024-02-29' AS day, ARRAY[1, 2] AS a, CAST(1.50 AS decimal(5,2)) AS c"
    )
    assert lake.read(lake.result_key(execution)).decode() == (
        '"n","e","q","d","x","b","day","a","c"\n'
        ',"","a""b","1.0E20","NaN","true","2024-02-29","[1, 2]","1.50"\n'
    )
    (_, row) = lake.results(execution)["ResultSet"]["Rows"]
    assert row["Data"][:2] == [{}, {"VarCharValue": ""}]


def test_show_and_describe_leave_text(lake):
    shown = lake.succeed("SHOW TABLES 'sal*s'")
    assert lake.read(lake.result_key(shown)) == b"sales"
    (column,) = lake.results(shown)["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
    assert column["Name"] == "tab_name"
    described = lake.read(lake.result_key(lake.succeed("DESCRIBE sales"))).decode().split("\n")
    assert described[0] == f"{'id':20}\t{'bigint':20}\t{'':20}"


def test_every_answer_is_plain_json(lake):
    execution = lake.succeed("SELECT 1 AS n")
    json.dumps(execution, default=str)
    assert execution["Status"]["SubmissionDateTime"].tzinfo is not None
