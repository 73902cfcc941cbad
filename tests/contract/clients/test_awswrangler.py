"""awswrangler: data frames to partitioned tables and back, in each of its three ways to read."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import awswrangler as wr
import pandas as pd
import pytest
from awswrangler.exceptions import EmptyDataFrame, QueryFailed

WAYS = pytest.mark.parametrize(
    "way",
    [{"ctas_approach": True}, {"ctas_approach": False}, {"ctas_approach": False, "unload_approach": True}],
    ids=["ctas", "csv", "unload"],
)


@pytest.fixture
def frame():
    return pd.DataFrame(
        {
            "id": [1, 2, 3],
            "price": [1.5, None, 2.5],
            "note": ["a", None, 'c,"d'],
            "open": [True, False, None],
            "at": pd.to_datetime(["2024-01-01 01:02:03", "2024-01-02 00:00:00", "2024-01-03 12:00:00"]),
            "day": [dt.date(2024, 1, 1), dt.date(2024, 2, 29), None],
            "cost": [Decimal("1.10"), Decimal("-2.25"), None],
            "shop": ["x", "y", "x"],
        }
    )


@pytest.fixture
def table(frame, lake, place, name):
    """A table of Parquet files by shop."""
    wr.s3.to_parquet(frame, place, dataset=True, database=lake.database, table=name, partition_cols=["shop"])
    return name


def read(sql, lake, place, **more):
    return wr.athena.read_sql_query(sql, database=lake.database, s3_output=f"{place}out/", **more)


@WAYS
def test_a_partitioned_parquet_table_comes_back_as_it_went(table, frame, lake, place, way):
    back = read(f"SELECT * FROM {table} ORDER BY id", lake, place, **way)
    assert back["id"].tolist() == [1, 2, 3]
    assert back["shop"].tolist() == ["x", "y", "x"]
    assert back["price"].isna().tolist() == [False, True, False]
    assert [value for value in back["note"] if isinstance(value, str)] == ["a", 'c,"d']
    assert back["at"].tolist() == frame["at"].tolist()
    assert [value for value in back["cost"] if value is not None and not pd.isna(value)] == [
        *(Decimal("1.10"), Decimal("-2.25"))
    ]
    assert back["day"].tolist()[:2] == [dt.date(2024, 1, 1), dt.date(2024, 2, 29)]


@pytest.mark.parametrize("ctas", [True, False], ids=["ctas", "csv"])
def test_no_rows_have_columns_all_the_same(table, lake, place, ctas):
    back = read(f"SELECT id, note FROM {table} WHERE id < 0", lake, place, ctas_approach=ctas)
    assert (len(back), list(back.columns)) == (0, ["id", "note"])


def test_an_unload_of_no_rows_writes_no_file(table, lake, place):
    with pytest.raises(EmptyDataFrame):
        read(f"SELECT id FROM {table} WHERE id < 0", lake, place, ctas_approach=False, unload_approach=True)


@pytest.mark.parametrize("ctas", [True, False], ids=["ctas", "csv"])
def test_a_result_comes_in_chunks(table, lake, place, ctas):
    chunks = read(f"SELECT id FROM {table}", lake, place, ctas_approach=ctas, chunksize=2)
    assert [len(chunk) for chunk in chunks] == [2, 1]


def test_read_sql_table(table, lake, place):
    back = wr.athena.read_sql_table(table, database=lake.database, s3_output=f"{place}out/")
    assert len(back) == 3


@pytest.mark.parametrize(
    "how",
    [
        {"sql": "WHERE id = :wanted", "params": {"wanted": 2}},
        {"sql": "WHERE id = ?", "params": ["2"], "paramstyle": "qmark"},
        {"sql": "WHERE note IS NULL AND shop = :shop", "params": {"shop": "y"}},
    ],
    ids=["named", "qmark", "text"],
)
def test_parameters(table, lake, place, how):
    sql = f"SELECT id FROM {table} {how.pop('sql')}"
    assert read(sql, lake, place, ctas_approach=False, **how)["id"].tolist() == [2]


def test_a_repeated_query_comes_from_the_cache(table, lake, place):
    sql = f"SELECT count(*) AS n FROM {table}"
    cache = {"max_cache_seconds": 900}
    first = read(sql, lake, place, ctas_approach=False, athena_cache_settings=cache)
    again = read(sql, lake, place, ctas_approach=False, athena_cache_settings=cache)
    assert (first["n"].tolist(), again["n"].tolist()) == ([3], [3])
    assert again.query_metadata["QueryExecutionId"] == first.query_metadata["QueryExecutionId"]


def test_failures_have_athenas_reason(lake, place):
    with pytest.raises(QueryFailed, match="TABLE_NOT_FOUND"):
        read("SELECT * FROM nope", lake, place, ctas_approach=False)


def test_append_overwrite_and_overwrite_partitions(table, frame, lake, place):
    def write(mode, rows):
        wr.s3.to_parquet(
            rows,
            place,
            dataset=True,
            database=lake.database,
            table=table,
            partition_cols=["shop"],
            mode=mode,
        )

    def count():
        return read(f"SELECT count(*) AS n FROM {table}", lake, f"{place[:-1]}-r/", ctas_approach=False)["n"][
            0
        ]

    write("append", frame)
    assert count() == 6
    write("overwrite_partitions", frame[frame["shop"] == "x"])
    assert count() == 4
    write("overwrite", frame)
    assert count() == 3


def test_a_new_column_joins_the_table(table, frame, lake, place):
    wr.s3.to_parquet(
        frame.assign(extra=7),
        place,
        dataset=True,
        database=lake.database,
        table=table,
        partition_cols=["shop"],
        mode="append",
        schema_evolution=True,
    )
    assert wr.catalog.get_table_types(lake.database, table)["extra"] == "bigint"
    back = read(f"SELECT extra FROM {table}", lake, f"{place[:-1]}-r/", ctas_approach=False)
    assert sorted(back["extra"].dropna().tolist()) == [7, 7, 7]


@WAYS
def test_csv_datasets(frame, lake, place, name, way):
    rows = frame[["id", "price", "shop"]]
    wr.s3.to_csv(
        rows, place, dataset=True, database=lake.database, table=name, index=False, partition_cols=["shop"]
    )
    back = read(f"SELECT * FROM {name} ORDER BY id", lake, f"{place[:-1]}-r/", **way)
    assert back["id"].tolist() == [1, 2, 3]
    assert back["price"].isna().tolist() == [False, True, False]


def test_start_wait_and_results(lake, place):
    query = wr.athena.start_query_execution(
        "SELECT 1 AS x, 'a' AS y", database=lake.database, s3_output=place
    )
    assert wr.athena.wait_query(query)["Status"]["State"] == "SUCCEEDED"
    assert wr.athena.get_query_results(query).to_dict("records") == [{"x": 1, "y": "a"}]
    assert wr.athena.get_query_columns_types(query) == {"x": "integer", "y": "varchar"}
    assert query in wr.athena.list_query_executions()
    assert wr.athena.get_query_executions([query])["QueryExecutionId"].tolist() == [query]


def test_a_query_is_stopped(lake, place):
    sql = "SELECT count(*) FROM many_rows a, many_rows b, many_rows c WHERE a.a + b.a < c.a"
    query = wr.athena.start_query_execution(sql, database=lake.database, s3_output=place)
    wr.athena.stop_query_execution(query)
    assert wr.athena.get_query_execution(query)["Status"]["State"] == "CANCELLED"


def test_a_ctas_table(table, lake, place, name):
    made = wr.athena.create_ctas_table(
        f"SELECT id, shop FROM {table}",
        database=lake.database,
        ctas_table=f"{name}_2",
        s3_output=f"{place[:-1]}-ctas/",
        partitioning_info=["shop"],
        wait=True,
    )
    assert made["ctas_table"] == f"{name}_2"
    assert len(wr.catalog.get_partitions(lake.database, f"{name}_2")) == 2


def test_unload_writes_files_by_partition(table, lake, place):
    target = f"{place[:-1]}-unload/"
    wr.athena.unload(f"SELECT id, shop FROM {table}", target, lake.database, partitioned_by=["shop"])
    keys = {path.removeprefix(target).split("/")[0] for path in wr.s3.list_objects(target)}
    assert sorted(key for key in keys if "=" in key) == ["shop=x", "shop=y"]
    assert wr.s3.read_parquet(f"{target}shop=*", path_root=target, dataset=True)["id"].sum() == 6


def test_prepared_statements(table, lake, place):
    wr.athena.create_prepared_statement(f"SELECT id FROM {table} WHERE id = ?", statement_name="one_id")
    assert [found["StatementName"] for found in wr.athena.list_prepared_statements()] == ["one_id"]
    wr.athena.create_prepared_statement(
        f"SELECT id FROM {table} WHERE id = ? OR id = ?", statement_name="one_id", mode="update"
    )
    with_using = read("EXECUTE one_id USING 1, 2", lake, place, ctas_approach=False)
    with_params = read(
        "EXECUTE one_id", lake, place, ctas_approach=False, params=["1", "3"], paramstyle="qmark"
    )
    assert (sorted(with_using["id"]), sorted(with_params["id"])) == ([1, 2], [1, 3])
    wr.athena.delete_prepared_statement("one_id")
    assert wr.athena.list_prepared_statements() == []


def test_repair_describe_and_show_create(table, lake, place):
    more = {"database": lake.database, "s3_output": f"{place[:-1]}-r/"}
    assert wr.athena.repair_table(table, **more) == "SUCCEEDED"
    described = wr.athena.describe_table(table, **more)
    assert described["Column Name"].tolist()[:3] == ["id", "price", "note"]
    assert wr.athena.show_create_table(table, **more).startswith(f"CREATE EXTERNAL TABLE `{table}`(")


def test_the_catalogue_is_read(table, lake, place):
    assert lake.database in wr.catalog.databases()["Database"].tolist()
    assert table in wr.catalog.tables(database=lake.database, limit=1000)["Table"].tolist()
    assert wr.catalog.get_table_location(lake.database, table) == place
    assert wr.catalog.get_table_types(lake.database, table)["cost"] == "decimal(3,2)"
    assert wr.catalog.get_partitions(lake.database, table, expression="shop = 'x'") == {
        f"{place}shop=x/": ["x"]
    }
    assert wr.catalog.does_table_exist(lake.database, "nope") is False
    assert [found["Name"] for found in wr.catalog.get_tables(database=lake.database, name_prefix=table)] == [
        table
    ]


def test_the_catalogue_is_changed(table, lake, place):
    wr.catalog.upsert_table_parameters({"owner": "me"}, lake.database, table)
    assert wr.catalog.get_table_parameters(lake.database, table)["owner"] == "me"
    wr.catalog.add_column(lake.database, table, "late", "int", "a comment")
    assert wr.catalog.get_columns_comments(lake.database, table)["late"] == "a comment"
    wr.catalog.delete_column(lake.database, table, "late")
    wr.catalog.delete_partitions(table, lake.database, [["x"]])
    assert wr.catalog.get_partitions(lake.database, table) == {f"{place}shop=y/": ["y"]}
    assert wr.catalog.get_table_number_of_versions(lake.database, table) > 1
    assert wr.catalog.delete_table_if_exists(lake.database, table) is True


def test_partitions_are_added_to_a_declared_table(lake, place, name):
    wr.catalog.create_parquet_table(
        lake.database, name, place, {"a": "int"}, partitions_types={"p": "string"}
    )
    wr.s3.to_parquet(pd.DataFrame({"a": [1, 2]}), f"{place}p=1/x.parquet", dtype={"a": "int"})
    wr.catalog.add_parquet_partitions(lake.database, name, {f"{place}p=1/": ["1"]})
    back = read(f"SELECT sum(a) AS s, max(p) AS p FROM {name}", lake, f"{place[:-1]}-r/", ctas_approach=False)
    assert back.to_dict("records") == [{"s": 3, "p": "1"}]


def test_metadata_of_files_becomes_a_table(table, lake, place, name):
    types, partitions, _ = wr.s3.store_parquet_metadata(
        place, database=lake.database, table=f"{name}_m", dataset=True
    )
    assert (types["id"], partitions) == ("bigint", {"shop": "string"})
    back = read(f"SELECT count(*) AS n FROM {name}_m", lake, f"{place[:-1]}-r/", ctas_approach=False)
    assert back["n"].tolist() == [3]
    assert len(wr.s3.read_parquet_table(database=lake.database, table=f"{name}_m")) == 3


def test_buckets_and_databases_of_ones_own(name):
    assert wr.athena.create_athena_bucket() == "s3://aws-athena-query-results-123456789012-us-east-1/"
    wr.catalog.create_database(name, exist_ok=True)
    wr.catalog.create_database(name, exist_ok=True)
    wr.catalog.delete_database(name)
    assert name not in wr.catalog.databases(limit=1000)["Database"].tolist()
