"""DDL, SHOW and DESCRIBE: what they change, and the text that they leave."""

from __future__ import annotations

import pytest

from lakebench.catalog import S3Uri

from .conftest import Athena

ORDERS = (
    "CREATE EXTERNAL TABLE IF NOT EXISTS orders (id bigint COMMENT 'the key', note string, price double, "
    "tags array<string>) COMMENT 'all orders' PARTITIONED BY (day string COMMENT 'yyyy-mm-dd', shop int) "
    "ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION 's3://lake/orders/' "
    "TBLPROPERTIES ('skip.header.line.count'='1')"
)
DDL_TASK = "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. "


@pytest.fixture
def orders(athena: Athena) -> None:
    athena.succeed(ORDERS)


def reason(athena: Athena, sql: str) -> str:
    execution = athena.run(sql)
    assert execution["Status"]["State"] == "FAILED"
    return str(execution["Status"]["StateChangeReason"])


def test_ddl_leaves_an_empty_text_and_no_companion(athena: Athena) -> None:
    execution = athena.succeed("CREATE DATABASE sales")
    assert athena.objects.keys("results") == [f"out/{execution['QueryExecutionId']}.txt"]
    assert athena.text(execution) == ""
    results = athena.call("GetQueryResults", QueryExecutionId=execution["QueryExecutionId"])
    assert results == {"ResultSet": {"Rows": [], "ResultSetMetadata": {"ColumnInfo": []}}}
    assert execution["StatementType"] == "DDL"


def test_a_database_is_made_once(athena: Athena) -> None:
    athena.succeed(
        "CREATE DATABASE sales COMMENT 'c' LOCATION 's3://lake/sales/' WITH DBPROPERTIES ('a'='b')"
    )
    athena.succeed("CREATE SCHEMA IF NOT EXISTS sales")
    assert reason(athena, "CREATE DATABASE sales") == DDL_TASK + "Database sales already exists"
    database = athena.catalog.database("sales")
    assert database is not None
    assert (database.description, dict(database.parameters)) == ("c", {"a": "b"})


@pytest.mark.usefixtures("orders")
def test_a_database_with_tables_is_dropped_by_cascade_only(athena: Athena) -> None:
    assert reason(athena, "DROP DATABASE db") == (
        DDL_TASK + "InvalidOperationException(message:Database db is not empty. One or more tables exist.)"
    )
    athena.succeed("DROP DATABASE `db` CASCADE")
    assert athena.catalog.database("db") is None
    assert reason(athena, "DROP DATABASE db") == (
        "FAILED: SemanticException [Error 10072]: Database does not exist: db"
    )
    athena.succeed("DROP DATABASE IF EXISTS db")


@pytest.mark.usefixtures("orders")
def test_an_external_table_is_registered_as_athena_does(athena: Athena) -> None:
    table = athena.catalog.table("db", "orders")
    assert table is not None
    assert table.table_type == "EXTERNAL_TABLE"
    assert table.parameters["EXTERNAL"] == "TRUE"
    assert table.parameters["skip.header.line.count"] == "1"
    assert table.parameters["comment"] == "all orders"
    assert table.storage.serde.parameters["field.delim"] == ","
    athena.succeed(ORDERS)
    assert reason(athena, ORDERS.replace("IF NOT EXISTS ", "")) == (
        DDL_TASK + "AlreadyExistsException(message:Table orders already exist)"
    )


def test_a_failing_statement_of_hive_writes_its_reason_and_answers_an_empty_result(athena: Athena) -> None:
    execution = athena.run("DROP TABLE nope")
    assert athena.text(execution) == "FAILED: SemanticException [Error 10001]: Table not found db.nope"
    results = athena.call("GetQueryResults", QueryExecutionId=execution["QueryExecutionId"])
    assert results["ResultSet"]["Rows"] == []
    assert execution["Status"]["AthenaError"]["ErrorType"] == 1301
    assert execution["SubstatementType"] == "DROP_TABLE"


@pytest.mark.usefixtures("orders")
def test_dropping_a_table_keeps_its_objects(athena: Athena) -> None:
    athena.objects.put_bytes(S3Uri("lake", "orders/a"), b"x")
    athena.succeed("DROP TABLE db.orders")
    athena.succeed("DROP TABLE IF EXISTS orders")
    assert athena.catalog.table("db", "orders") is None
    assert athena.objects.keys("lake") == ["orders/a"]


def test_show_databases_lists_names(athena: Athena) -> None:
    athena.succeed("CREATE DATABASE sales")
    execution = athena.succeed("SHOW DATABASES")
    assert athena.text(execution) == "db\nsales"
    assert athena.rows(execution) == [["db"], ["sales"]]
    results = athena.call("GetQueryResults", QueryExecutionId=execution["QueryExecutionId"])
    assert results["UpdateCount"] == 0
    (column,) = results["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
    assert (column["Name"], column["Type"], column["Precision"]) == ("database_name", "string", 0)
    assert athena.text(athena.succeed("SHOW DATABASES LIKE 's.*'")) == "sales"
    assert execution["StatementType"] == "UTILITY"


@pytest.mark.usefixtures("orders")
def test_show_tables_and_views(athena: Athena) -> None:
    athena.succeed("CREATE VIEW recent AS SELECT 1 AS n")
    assert athena.text(athena.succeed("SHOW TABLES")) == "orders\nrecent"
    assert athena.text(athena.succeed("SHOW TABLES IN db 'ord*'")) == "orders"
    assert athena.text(athena.succeed("SHOW VIEWS")) == "recent"
    assert reason(athena, "SHOW TABLES IN nope") == (
        "FAILED: SemanticException [Error 10072]: Database does not exist: nope"
    )


@pytest.mark.usefixtures("orders")
def test_names_and_fields_are_padded_to_twenty_characters(athena: Athena) -> None:
    assert athena.text(athena.succeed("SHOW COLUMNS IN orders")).split("\n") == [
        name.ljust(20) for name in ("id", "note", "price", "tags", "day", "shop")
    ]
    row = "{:20}\t{:20}\t{:20}".format
    assert athena.text(athena.succeed("DESCRIBE orders")).split("\n") == [
        row("id", "bigint", "the key"),
        row("note", "string", ""),
        row("price", "double", ""),
        row("tags", "array<string>", ""),
        row("day", "string", "yyyy-mm-dd"),
        row("shop", "int", ""),
        "\t \t ",
        "# Partition Information\t \t ",
        "# col_name            \tdata_type           \tcomment             ",
        "\t \t ",
        row("day", "string", "yyyy-mm-dd"),
        row("shop", "int", ""),
    ]


@pytest.mark.usefixtures("orders")
def test_describe_tells_three_columns_and_no_update_count(athena: Athena) -> None:
    execution = athena.succeed("DESCRIBE orders")
    results = athena.call("GetQueryResults", QueryExecutionId=execution["QueryExecutionId"])
    names = [column["Name"] for column in results["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]]
    assert names == ["col_name", "data_type", "comment"]
    assert "UpdateCount" not in results
    assert len(results["ResultSet"]["Rows"][0]["Data"]) == 1


@pytest.mark.usefixtures("orders")
def test_show_create_table_is_hives_statement(athena: Athena) -> None:
    text = athena.text(athena.succeed("SHOW CREATE TABLE orders"))
    before, _, properties = text.partition("TBLPROPERTIES (\n")
    assert before == (
        "CREATE EXTERNAL TABLE `orders`(\n"
        "  `id` bigint COMMENT 'the key', \n"
        "  `note` string, \n"
        "  `price` double, \n"
        "  `tags` array<string>)\n"
        "COMMENT 'all orders'\n"
        "PARTITIONED BY ( \n"
        "  `day` string COMMENT 'yyyy-mm-dd', \n"
        "  `shop` int)\n"
        "ROW FORMAT DELIMITED \n"
        "  FIELDS TERMINATED BY ',' \n"
        "STORED AS INPUTFORMAT \n"
        "  'org.apache.hadoop.mapred.TextInputFormat' \n"
        "OUTPUTFORMAT \n"
        "  'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'\n"
        "LOCATION\n"
        "  's3://lake/orders'\n"
    )
    assert properties.startswith("  'skip.header.line.count'='1', \n  'transient_lastDdlTime'='")


@pytest.mark.usefixtures("orders")
def test_table_properties_are_joined_by_a_tab(athena: Athena) -> None:
    lines = athena.text(athena.succeed("SHOW TBLPROPERTIES orders")).split("\n")
    assert "skip.header.line.count\t1" in lines
    assert athena.text(athena.succeed("SHOW TBLPROPERTIES orders ('EXTERNAL')")) == "TRUE"


@pytest.mark.usefixtures("orders")
def test_partitions_are_added_listed_and_dropped(athena: Athena) -> None:
    athena.succeed(
        "ALTER TABLE orders ADD PARTITION (day='2024-01-01', shop=1) "
        "PARTITION (day='2024-01-01', shop=2) LOCATION 's3://lake/other/'"
    )
    again = "ALTER TABLE orders ADD {}PARTITION (day='2024-01-01', shop=1)"
    assert reason(athena, again.format("")) == (
        DDL_TASK + "AlreadyExistsException(message:Partition already exists.)"
    )
    athena.succeed(again.format("IF NOT EXISTS "))
    table = athena.catalog.table("db", "orders")
    assert table is not None
    assert [str(found.storage.location) for found in athena.catalog.partitions(table)] == [
        "s3://lake/orders/day=2024-01-01/shop=1/",
        "s3://lake/other/",
    ]
    assert athena.text(athena.succeed("SHOW PARTITIONS orders")) == (
        "day=2024-01-01/shop=1\nday=2024-01-01/shop=2"
    )
    athena.succeed("ALTER TABLE orders DROP PARTITION (day='2024-01-01', shop=2)")
    assert athena.text(athena.succeed("SHOW PARTITIONS orders")) == "day=2024-01-01/shop=1"
    assert reason(athena, "ALTER TABLE orders DROP PARTITION (day='2024-01-01', shop=2)") == (
        "FAILED: SemanticException [Error 10006]: Partition not found (day = 2024-01-01, shop = 2)"
    )
    athena.succeed("ALTER TABLE orders DROP IF EXISTS PARTITION (day='2024-01-01', shop=2)")


@pytest.mark.usefixtures("orders")
def test_a_partition_spec_must_name_all_keys_and_no_others(athena: Athena) -> None:
    assert "doesn't contain all (2) partition columns" in reason(
        athena, "ALTER TABLE orders ADD PARTITION (day='1')"
    )
    assert "contains non-partition columns" in reason(
        athena, "ALTER TABLE orders ADD PARTITION (nope='1', shop=2)"
    )


@pytest.mark.usefixtures("orders")
def test_msck_registers_the_folders_that_hold_objects(athena: Athena) -> None:
    for key in ("day=a%3Ab/shop=1/x", "day=b/shop=2/x", "day=b/shop=2/y", "other/x", "Day=c/shop=3/x"):
        athena.objects.put_bytes(S3Uri("lake", f"orders/{key}"), b"x")
    athena.succeed("ALTER TABLE orders ADD PARTITION (day='b', shop=2)")
    execution = athena.succeed("MSCK REPAIR TABLE orders")
    assert athena.text(execution) == (
        "Partitions not in metastore:\torders:day=a%3Ab/shop=1\n"
        "Repair: Added partition to metastore orders:day=a%3Ab/shop=1"
    )
    table = athena.catalog.table("db", "orders")
    assert table is not None
    first, _ = athena.catalog.partitions(table)
    assert first.values == ("a:b", "1")
    assert str(first.storage.location) == "s3://lake/orders/day=a%3Ab/shop=1/"


def test_show_partitions_of_a_table_without_partitions_fails(athena: Athena) -> None:
    athena.succeed("CREATE EXTERNAL TABLE plain (n int) LOCATION 's3://lake/plain/'")
    assert reason(athena, "SHOW PARTITIONS plain") == (
        "FAILED: SemanticException [Error 10241]: Table plain is not a partitioned table"
    )


def test_views_are_stored_described_replaced_and_dropped(athena: Athena) -> None:
    athena.succeed("CREATE VIEW v AS SELECT 1 AS n, 'x' AS s")
    described = athena.succeed("DESCRIBE v")
    assert [line.split("\t")[0] for line in athena.text(described).split("\n")] == ["n", "s"]
    assert described["SubstatementType"] == "DESC_VIEW"
    assert "View already exists: 'awsdatacatalog.db.v'" in reason(athena, "CREATE VIEW v AS SELECT 2 AS m")
    athena.succeed("CREATE OR REPLACE VIEW v AS SELECT 2 AS m")
    assert athena.text(athena.succeed("DESCRIBE v")).split("\t")[0] == "m"
    assert "Cannot drop a view with DROP TABLE" in reason(athena, "DROP TABLE v")
    athena.succeed("DROP VIEW v")
    assert reason(athena, "DROP VIEW v") == (
        "TABLE_NOT_FOUND: line 1:1: View 'awsdatacatalog.db.v' does not exist"
    )
    athena.succeed("DROP VIEW IF EXISTS v")


def test_default_comes_into_being_when_it_is_used(athena: Athena) -> None:
    athena.succeed("CREATE EXTERNAL TABLE t (n int) LOCATION 's3://lake/t/'", QueryExecutionContext={})
    assert athena.catalog.table("default", "t") is not None


@pytest.mark.usefixtures("orders")
def test_explain_reads_nothing_and_names_the_scan(athena: Athena) -> None:
    execution = athena.succeed("EXPLAIN SELECT id FROM orders WHERE price > 1 LIMIT 3")
    rows = [row[0] for row in athena.rows(execution)]
    assert rows[0] == "Query Plan"
    assert any("TableScan[table = awsdatacatalog:db:orders]" in str(row) for row in rows)
    assert execution["Statistics"]["DataScannedInBytes"] == 0


def test_a_views_text_is_shown_line_by_line(athena: Athena) -> None:
    athena.succeed("CREATE VIEW one AS SELECT 1 AS a,\n  'x' AS b")
    execution = athena.succeed('SHOW CREATE VIEW "one"')
    assert athena.rows(execution) == [["CREATE VIEW db.one AS"], ["SELECT 1 AS a,"], ["  'x' AS b"]]
    assert execution["SubstatementType"] == "SHOW_CREATE_VIEW"
    assert reason(athena, "SHOW CREATE VIEW nope") == (
        "TABLE_NOT_FOUND: line 1:1: View 'awsdatacatalog.db.nope' does not exist"
    )


@pytest.mark.usefixtures("orders")
def test_a_database_may_come_in_back_ticks_as_awswrangler_sends_it(athena: Athena) -> None:
    execution = athena.succeed("DESCRIBE `orders`", QueryExecutionContext={"Database": "`db`"})
    assert athena.rows(execution)[0][0].startswith("id ")


def test_runs_of_blanks_in_a_new_tables_comment_and_properties_become_one(athena: Athena) -> None:
    """PyAthena's own tests hold it on AWS (test_create_table_with_comments, test_create_table_avro)."""
    athena.succeed(
        "CREATE EXTERNAL TABLE squeezed (n int) COMMENT '\nmade\n\n  by hand\n' "
        "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.avro.AvroSerDe' "
        "WITH SERDEPROPERTIES ('avro.schema.literal' = '{\n  \"type\" : \"record\"\n}', 'kept' = 'a\\r\\nb') "
        "STORED AS AVRO LOCATION 's3://lake/squeezed/'"
    )
    table = athena.catalog.table("db", "squeezed")
    assert table is not None
    assert table.parameters["comment"] == "\nmade by hand\n"
    literal = table.storage.serde.parameters["avro.schema.literal"]
    assert literal == '{ "type" : "record"\n}'
    assert table.storage.serde.parameters["kept"] == "a\r\nb"
