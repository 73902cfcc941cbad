"""CTAS and INSERT INTO: objects and catalogue change together or not at all."""

from __future__ import annotations

import re

import pytest

from lakebench.catalog import S3Uri

from .conftest import OUTPUT, Athena

CTAS = (
    "CREATE TABLE {name} WITH (format = 'TEXTFILE', write_compression = 'NONE'{more}) AS "
    "SELECT n, s, p FROM source ORDER BY n"
)


@pytest.fixture(autouse=True)
def source(athena: Athena) -> None:
    athena.objects.put_bytes(S3Uri("lake", "source/a.csv"), b"1,one,x\n2,two,y\n3,three,x\n")
    athena.succeed(
        "CREATE EXTERNAL TABLE source (n int, s string, p string) "
        "ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION 's3://lake/source/'"
    )


def lake(athena: Athena) -> list[str]:
    return [key for key in athena.objects.keys("lake") if not key.startswith("source/")]


def test_ctas_writes_objects_and_registers_the_table(athena: Athena) -> None:
    execution = athena.succeed(CTAS.format(name="t", more=", external_location = 's3://lake/t/'"))
    (key,) = lake(athena)
    assert re.fullmatch(r"t/\d{8}_\d{6}_\d{5}_[a-z0-9]{5}_[0-9a-f-]{36}", key)
    assert athena.objects.read("lake", key) == b"1\x01one\x01x\n2\x01two\x01y\n3\x01three\x01x\n"
    table = athena.catalog.table("db", "t")
    assert table is not None
    assert [(column.name, column.type.hive) for column in table.columns] == [
        ("n", "int"),
        ("s", "string"),
        ("p", "string"),
    ]
    assert table.table_type == "EXTERNAL_TABLE"
    assert str(table.storage.location) == "s3://lake/t/"
    assert table.parameters["EXTERNAL"] == "TRUE"
    assert execution["StatementType"] == "DDL"
    assert execution["SubstatementType"] == "CREATE_TABLE_AS_SELECT"
    assert execution["Statistics"]["DataScannedInBytes"] == 26


def test_ctas_leaves_a_manifest_and_a_companion_and_no_result_object(athena: Athena) -> None:
    execution = athena.succeed(CTAS.format(name="t", more=", external_location = 's3://lake/t/'"))
    execution_id = execution["QueryExecutionId"]
    assert execution["ResultConfiguration"]["OutputLocation"] == f"{OUTPUT}tables/{execution_id}"
    manifest = f"out/tables/{execution_id}-manifest.csv"
    written = [key for key in athena.objects.keys("results") if execution_id in key]
    assert written == [manifest, f"out/tables/{execution_id}.metadata"]
    assert athena.objects.read("results", manifest).decode() == f"s3://lake/{lake(athena)[0]}\n"
    assert execution["Statistics"]["DataManifestLocation"] == f"s3://results/{manifest}"
    results = athena.call("GetQueryResults", QueryExecutionId=execution_id)
    assert results["UpdateCount"] == 3
    assert results["ResultSet"]["Rows"] == []
    (column,) = results["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
    assert (column["Name"], column["Type"]) == ("rows", "bigint")


def test_without_a_location_the_table_lies_below_the_output_location(athena: Athena) -> None:
    execution = athena.succeed(CTAS.format(name="t", more=""))
    table = athena.catalog.table("db", "t")
    assert table is not None
    assert str(table.storage.location) == f"{OUTPUT}tables/{execution['QueryExecutionId']}/"
    assert athena.rows(athena.succeed("SELECT count(*) AS c FROM t")) == [["c"], ["3"]]


def test_partitions_are_registered_and_their_files_lie_in_their_folders(athena: Athena) -> None:
    more = ", external_location = 's3://lake/t/', partitioned_by = ARRAY['p']"
    athena.succeed(CTAS.format(name="t", more=more))
    assert [key.rsplit("/", 1)[0] for key in lake(athena)] == ["t/p=x", "t/p=y"]
    table = athena.catalog.table("db", "t")
    assert table is not None
    assert [column.name for column in table.partition_keys] == ["p"]
    partitions = {found.values: str(found.storage.location) for found in athena.catalog.partitions(table)}
    assert partitions == {("x",): "s3://lake/t/p=x/", ("y",): "s3://lake/t/p=y/"}
    assert athena.rows(athena.succeed("SELECT n FROM t WHERE p = 'y'")) == [["n"], ["2"]]


def test_a_taken_name_fails_and_writes_nothing(athena: Athena) -> None:
    execution = athena.run(CTAS.format(name="source", more=", external_location = 's3://lake/t/'"))
    status = execution["Status"]
    assert status["StateChangeReason"] == (
        "TABLE_ALREADY_EXISTS: line 1:1: Destination table 'awsdatacatalog.db.source' already exists. "
        f"You may need to manually clean the data at location "
        f"'{OUTPUT}tables/{execution['QueryExecutionId']}' before retrying. "
        "Athena will not delete data in your account."
    )
    assert status["AthenaError"]["ErrorType"] == 1110
    assert lake(athena) == []


def test_a_location_that_holds_objects_is_refused(athena: Athena) -> None:
    execution = athena.run(CTAS.format(name="t", more=", external_location = 's3://lake/source/'"))
    assert execution["Status"]["StateChangeReason"].startswith(
        "HIVE_PATH_ALREADY_EXISTS: Target directory for table 'db.t' already exists: s3://lake/source/. You may"
    )
    assert athena.catalog.table("db", "t") is None


def test_a_missing_database_fails(athena: Athena) -> None:
    execution = athena.run(CTAS.format(name="nope.t", more=""))
    assert execution["Status"]["StateChangeReason"].startswith(
        "SCHEMA_NOT_FOUND: line 1:1: Schema 'nope' does not exist."
    )


def test_partition_keys_must_be_the_last_columns(athena: Athena) -> None:
    more = ", external_location = 's3://lake/t/', partitioned_by = ARRAY['s']"
    execution = athena.run(CTAS.format(name="t", more=more))
    assert "HIVE_COLUMN_ORDER_MISMATCH" in execution["Status"]["StateChangeReason"]
    assert lake(athena) == []


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("SELECT 1", "MISSING_COLUMN_NAME: line 1:1: Column name not specified at position 1"),
        (
            "SELECT n, n + 1 FROM source",
            "MISSING_COLUMN_NAME: line 1:1: Column name not specified at position 2",
        ),
        (
            "SELECT 1 AS a, 2 AS A",
            "DUPLICATE_COLUMN_NAME: line 1:1: Column name 'a' specified more than once",
        ),
    ],
)
def test_a_table_needs_names_for_all_its_columns(athena: Athena, query: str, reason: str) -> None:
    for sql in (f"CREATE TABLE t AS {query}", f"CREATE VIEW v AS {query}"):
        assert athena.run(sql)["Status"]["StateChangeReason"].startswith(reason)


def test_what_the_catalogue_refuses_leaves_no_objects_and_no_table(athena: Athena) -> None:
    athena.catalog.refuse_partitions = True
    more = ", external_location = 's3://lake/t/', partitioned_by = ARRAY['p']"
    execution = athena.run(CTAS.format(name="t", more=more))
    assert execution["Status"]["StateChangeReason"] == (
        "HIVE_METASTORE_ERROR: The catalogue changed while the query ran: t"
    )
    assert lake(athena) == []
    assert athena.catalog.table("db", "t") is None
    assert all(execution["QueryExecutionId"] not in key for key in athena.objects.keys("results"))


def test_an_enforcing_workgroup_refuses_a_location_of_its_own(athena: Athena) -> None:
    settings = {"ResultConfiguration": {"OutputLocation": "s3://results/wg/"}}
    athena.call("CreateWorkGroup", Name="wg", Configuration=settings)
    with pytest.raises(Exception, match="enforces a centralized output location"):
        athena.start(CTAS.format(name="t", more=", external_location = 's3://lake/t/'"), WorkGroup="wg")
    execution = athena.succeed(CTAS.format(name="t", more=""), WorkGroup="wg")
    table = athena.catalog.table("db", "t")
    assert table is not None
    assert str(table.storage.location) == f"s3://results/wg/tables/{execution['QueryExecutionId']}/"


def test_insert_adds_files_and_counts_rows(athena: Athena) -> None:
    execution = athena.succeed("INSERT INTO source SELECT n + 10, s, p FROM source WHERE n < 3")
    assert execution["ResultConfiguration"]["OutputLocation"] == f"{OUTPUT}{execution['QueryExecutionId']}"
    assert athena.call("GetQueryResults", QueryExecutionId=execution["QueryExecutionId"])["UpdateCount"] == 2
    rows = athena.rows(athena.succeed("SELECT n FROM source ORDER BY n"))
    assert [row[0] for row in rows] == ["n", "1", "2", "3", "11", "12"]
    assert len(athena.objects.keys("lake")) == 2


def test_insert_values_scans_nothing(athena: Athena) -> None:
    execution = athena.succeed("INSERT INTO source VALUES (9, 'nine', 'z')")
    assert execution["Statistics"]["DataScannedInBytes"] == 0
    assert athena.rows(athena.succeed("SELECT s FROM source WHERE n = 9")) == [["s"], ["nine"]]


def test_columns_that_are_not_named_become_null(athena: Athena) -> None:
    athena.succeed("INSERT INTO source (p, n) VALUES ('z', 9)")
    assert athena.rows(athena.succeed("SELECT n, s, p FROM source WHERE n = 9"))[1] == ["9", None, "z"]


def test_insert_registers_new_partitions_and_keeps_old_ones(athena: Athena) -> None:
    more = ", external_location = 's3://lake/t/', partitioned_by = ARRAY['p']"
    athena.succeed(CTAS.format(name="t", more=more))
    athena.succeed("INSERT INTO t VALUES (4, 'four', 'x'), (5, 'five', 'a/b')")
    table = athena.catalog.table("db", "t")
    assert table is not None
    assert [found.values[0] for found in athena.catalog.partitions(table)] == ["a/b", "x", "y"]
    assert [key.rsplit("/", 1)[0] for key in lake(athena)] == ["t/p=a%2Fb", "t/p=x", "t/p=x", "t/p=y"]
    assert athena.rows(athena.succeed("SELECT count(*) AS c FROM t WHERE p = 'x'"))[1] == ["3"]


def test_an_insert_of_no_rows_has_no_manifest(athena: Athena) -> None:
    execution = athena.succeed("INSERT INTO source SELECT * FROM source WHERE n > 99")
    assert "DataManifestLocation" not in execution["Statistics"]
    written = [key for key in athena.objects.keys("results") if execution["QueryExecutionId"] in key]
    assert written == [f"out/{execution['QueryExecutionId']}.metadata"]


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        (
            "INSERT INTO nope VALUES (1)",
            "TABLE_NOT_FOUND: line 1:1: Table 'awsdatacatalog.db.nope' does not exist",
        ),
        (
            "INSERT INTO source VALUES (1)",
            "TYPE_MISMATCH: line 1:1: Insert query has mismatched column types: "
            "Table: [integer, varchar, varchar], Query: [integer]. If a data manifest file was generated at",
        ),
        (
            "INSERT INTO source SELECT s, s, p FROM source",
            "TYPE_MISMATCH: line 1:1: Insert query has mismatched column types: "
            "Table: [integer, varchar, varchar], Query: [varchar, varchar, varchar].",
        ),
        (
            "INSERT INTO source (zz) VALUES (1)",
            "COLUMN_NOT_FOUND: line 1:1: Insert column name does not exist",
        ),
        ("INSERT INTO source (n, n) VALUES (1, 2)", "DUPLICATE_COLUMN_NAME: line 1:1: Insert column name is"),
    ],
)
def test_inserts_that_cannot_be_fail_with_a_reason(athena: Athena, sql: str, reason: str) -> None:
    execution = athena.run(sql)
    assert execution["Status"]["StateChangeReason"].startswith(reason)
    assert len(athena.objects.keys("lake")) == 1


def test_each_location_is_listed_once_and_only_data_is_read(athena: Athena) -> None:
    for name in ("_SUCCESS", ".hidden", "sub/_tmp/x", "sub/"):
        athena.objects.put_bytes(S3Uri("lake", f"source/{name}"), b"9,nine,x\n" if name[-1] != "/" else b"")
    athena.objects.put_bytes(S3Uri("lake", "source/old"), b"8,eight,x\n", storage_class="GLACIER")
    athena.objects.put_bytes(S3Uri("lake", "source2/a.csv"), b"7,seven,x\n")
    athena.objects.put_bytes(S3Uri("lake", "source/sub/b.csv"), b"4,four,x\n")
    athena.objects.listed.clear()
    execution = athena.succeed("SELECT a.n FROM source a JOIN source b ON a.n = b.n ORDER BY a.n")
    assert [row[0] for row in athena.rows(execution)] == ["n", "1", "2", "3", "4"]
    assert athena.objects.listed == [S3Uri("lake", "source/")]
    assert execution["Statistics"]["DataScannedInBytes"] == 2 * (26 + 9)


def test_a_location_that_is_an_object_gives_no_rows(athena: Athena) -> None:
    athena.succeed("CREATE EXTERNAL TABLE one (n int) LOCATION 's3://lake/source/a.csv'")
    assert athena.rows(athena.succeed("SELECT n FROM one")) == [["n"]]


def test_a_partition_that_is_not_registered_costs_nothing(athena: Athena) -> None:
    athena.objects.put_bytes(S3Uri("lake", "days/d=1/a"), b"1\n")
    athena.objects.put_bytes(S3Uri("lake", "days/d=2/a"), b"22\n")
    athena.succeed("CREATE EXTERNAL TABLE days (n int) PARTITIONED BY (d string) LOCATION 's3://lake/days/'")
    athena.succeed("ALTER TABLE days ADD PARTITION (d = '1')")
    execution = athena.succeed("SELECT count(*) AS c FROM days")
    assert athena.rows(execution)[1] == ["1"]
    assert execution["Statistics"]["DataScannedInBytes"] == 2


def test_a_projection_without_its_properties_fails_the_query(athena: Athena) -> None:
    athena.succeed(
        "CREATE EXTERNAL TABLE projected (n int) PARTITIONED BY (d string) LOCATION 's3://lake/days/' "
        "TBLPROPERTIES ('projection.enabled' = 'true')"
    )
    reason = athena.run("SELECT n FROM projected")["Status"]["StateChangeReason"]
    assert reason == (
        "HIVE_METASTORE_ERROR: Table db.projected is configured for partition projection, but the following "
        "partition columns are missing projection configuration: [d] (table db.projected)"
    )


def test_ctas_if_not_exists_leaves_a_table_that_is_there_as_it_is(athena: Athena) -> None:
    athena.succeed(CTAS.format(name="once", more=", external_location = 's3://lake/once/'"))
    before = lake(athena)
    again = CTAS.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS")
    execution = athena.succeed(again.format(name="once", more=", external_location = 's3://lake/once/'"))
    assert execution["Statistics"]["DataScannedInBytes"] == 0
    assert lake(athena) == before
    athena.succeed(again.format(name="other", more=", external_location = 's3://lake/other/'"))
    assert lake(athena) != before
