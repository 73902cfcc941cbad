"""ibis: tables as expressions, run by Athena and given back as pandas and Arrow."""

import os
import uuid

import ibis
import pytest
from pyarrow import fs


@pytest.fixture(scope="module", autouse=True)
def _arrow_looks_at_lakebench():
    """ibis reads results through pyarrow's S3FileSystem; docs/clients.md shows this same line."""

    class Local(fs.S3FileSystem):
        def __init__(self, **options):
            super().__init__(endpoint_override=os.environ["AWS_ENDPOINT_URL"], **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fs, "S3FileSystem", Local)
        yield


@pytest.fixture(scope="module")
def con(lake):
    """A connection to the lake's database."""
    return ibis.athena.connect(
        s3_staging_dir=lake.results, schema_name=lake.database, region_name="us-east-1", poll_interval=0.05
    )


def test_tables_are_listed(con):
    assert {"one_row", "many_rows", "sales"} <= set(con.list_tables())


def test_databases_are_listed(con, lake):
    assert lake.database in con.list_databases()


def test_a_schema_has_ibis_types(con):
    schema = con.table("one_row_complex").schema()
    assert schema["col_bigint"] == ibis.dtype("int64")
    assert schema["col_decimal"] == ibis.dtype("decimal(10, 1)")
    assert schema["col_array"].is_array()
    assert schema["col_struct"].is_struct()


def test_rows_are_filtered_and_ordered(con):
    sales = con.table("sales")
    found = sales.filter(sales.city == "Madrid").order_by(sales.id).execute()
    assert found["id"].tolist() == [1, 3]


def test_groups_are_summed(con):
    sales = con.table("sales")
    grouped = sales.group_by(sales.year).agg(total=sales.amount.sum(), n=sales.count()).order_by("year")
    assert grouped.execute().values.tolist() == [[2024.0, 30.5, 2.0], [2025.0, 4.5, 2.0]]


def test_a_join_and_a_window(con):
    sales = con.table("sales")
    ranked = sales.mutate(rank=ibis.row_number().over(group_by=sales.year, order_by=sales.id))
    joined = ranked.join(sales, "id").select("id", "rank").order_by("id").execute()
    assert joined["rank"].tolist() == [0, 1, 0, 1]


def test_arrow_comes_back(con):
    table = con.table("many_rows").limit(5).to_pyarrow()
    assert table.num_rows == 5
    assert table.column_names == ["a"]


def test_a_scalar_expression(con):
    assert con.execute(con.table("many_rows").a.max()) == 9999
    assert con.execute(ibis.literal("ab").upper()) == "AB"


def test_nulls_are_filled_and_cases_decided(con):
    sales = con.table("sales")
    shown = sales.mutate(
        city=sales.city.fill_null("?"), size=ibis.cases((sales.amount > 15, "large"), else_="small")
    )
    rows = shown.order_by("id").select("city", "size").execute().values.tolist()
    assert rows == [["Madrid", "small"], ["Sevilla", "large"], ["Madrid", "small"], ["?", "small"]]


def test_raw_sql_is_a_table_expression(con):
    assert con.sql("SELECT count(*) AS n FROM many_rows").execute()["n"].tolist() == [10000]


def test_a_table_is_made_from_an_expression_and_dropped(con, place):
    name = f"made_{uuid.uuid4().hex[:8]}"
    sales = con.table("sales")
    con.create_table(name, sales.filter(sales.year == 2024).select("id", "city"), location=place)
    assert con.table(name).count().execute() == 2
    con.drop_table(name)
    assert name not in con.list_tables()


def test_a_view_is_made_and_dropped(con):
    name = f"seen_{uuid.uuid4().hex[:8]}"
    con.create_view(name, con.table("sales").select("city").distinct())
    assert con.table(name).count().execute() == 3
    con.drop_view(name)


def test_strings_and_dates_run_in_athena(con):
    table = con.table("one_row_complex")
    shown = table.select(
        up=table.col_string.upper(), year=table.col_date.year(), month=table.col_timestamp.month()
    ).execute()
    assert shown.values.tolist() == [["A STRING", 2017, 1]]
