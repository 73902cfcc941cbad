"""SQLAlchemy over PyAthena's dialect, and pandas on top of it."""

from __future__ import annotations

from urllib.parse import quote_plus

import pandas as pd
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import NoSuchTableError, OperationalError


@pytest.fixture(params=["rest", "pandas"])
def driver(request):
    return request.param


@pytest.fixture
def engine(lake, driver):
    url = (
        f"awsathena+{driver}://:@athena.us-east-1.amazonaws.com:443/{lake.database}"
        f"?s3_staging_dir={quote_plus(lake.results)}&location={quote_plus(f's3://{lake.bucket}/tables/')}"
        "&file_format=parquet&compression=snappy"
    )
    engine = sa.create_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def inspector(engine):
    return sa.inspect(engine)


def test_text_with_parameters(engine):
    with engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT a FROM many_rows WHERE a < :top ORDER BY a"), {"top": 2})
        assert [tuple(row) for row in rows] == [(0,), (1,)]


def test_schemas_tables_and_views_are_listed(inspector, lake):
    assert lake.database in inspector.get_schema_names()
    assert {"one_row", "sales"} <= set(inspector.get_table_names())
    assert "one_row_view" in inspector.get_view_names()
    assert "one_row_view" not in inspector.get_table_names()


def test_columns_are_reflected_with_types_comments_and_partitions(inspector):
    columns = inspector.get_columns("one_row_complex")
    assert [str(column["type"]) for column in columns[:9]] == [
        *("BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "FLOAT", "DOUBLE", "VARCHAR", "VARCHAR(10)")
    ]
    assert inspector.get_columns("one_row")[0]["comment"] == "some comment"
    year = inspector.get_columns("sales")[-1]
    assert (year["name"], year["dialect_options"]) == ("year", {"awsathena_partition": True})


def test_a_table_tells_its_comment_and_options(inspector, lake):
    assert inspector.get_table_comment("one_row") == {"text": "table comment"}
    assert inspector.get_table_options("one_row")["awsathena_location"] == f"s3://{lake.bucket}/one_row"


def test_whether_a_table_is_there(inspector):
    assert (inspector.has_table("one_row"), inspector.has_table("nope")) == (True, False)
    with pytest.raises(NoSuchTableError):
        inspector.get_columns("nope")


def test_a_views_definition(inspector, lake):
    definition = inspector.get_view_definition("one_row_view")
    assert definition.splitlines()[0] == f"CREATE VIEW {lake.database}.one_row_view AS"
    with pytest.raises(NoSuchTableError):
        inspector.get_view_definition("nope")


def test_a_reflected_table_is_queried(engine):
    sales = sa.Table("sales", sa.MetaData(), autoload_with=engine)
    query = sa.select(sales.c.year, sa.func.sum(sales.c.amount)).group_by(sales.c.year).order_by(sales.c.year)
    with engine.connect() as connection:
        assert [tuple(row) for row in connection.execute(query)] == [(2024, 30.5), (2025, 4.5)]


def test_joins_subqueries_and_case(engine):
    sales = sa.Table("sales", sa.MetaData(), autoload_with=engine)
    best = sa.select(sa.func.max(sales.c.amount).label("top")).subquery()
    query = sa.select(sales.c.city, sa.case((sales.c.amount > 15, "big"), else_="small")).join(
        best, sales.c.amount == best.c.top
    )
    with engine.connect() as connection:
        assert [tuple(row) for row in connection.execute(query)] == [("Sevilla", "big")]


def test_a_table_is_made_filled_and_dropped(engine, lake, name):
    table = sa.Table(
        name,
        sa.MetaData(schema=lake.database),
        sa.Column("a", sa.Integer),
        sa.Column("b", sa.String),
        awsathena_location=f"s3://{lake.bucket}/{name}/",
    )
    table.create(engine)
    with engine.connect() as connection:
        connection.execute(table.insert(), [{"a": 1, "b": "x"}, {"a": 2, "b": "it's"}])
        rows = connection.execute(sa.select(table).order_by(table.c.a)).fetchall()
        assert [tuple(row) for row in rows] == [(1, "x"), (2, "it's")]
    table.drop(engine)
    assert not sa.inspect(engine).has_table(name)


def test_errors_carry_athenas_reason(engine):
    with engine.connect() as connection, pytest.raises(OperationalError, match="COLUMN_NOT_FOUND"):
        connection.execute(sa.text("SELECT nope FROM one_row"))


def test_pandas_reads_a_query(engine):
    frame = pd.read_sql(
        "SELECT city, sum(amount) AS total FROM sales GROUP BY city ORDER BY total DESC", engine
    )
    assert frame["city"].tolist()[1:] == ["Sevilla", "Madrid"] or frame["total"].max() == 20.0


def test_pandas_writes_a_frame_and_reads_it_back(engine, lake, name):
    frame = pd.DataFrame({"a": [1, 2, 3], "b": ["x", "y", None]})
    frame.to_sql(name, engine, schema=lake.database, index=False, if_exists="replace", method="multi")
    back = pd.read_sql_table(name, engine, schema=lake.database)
    assert sorted(back["a"].tolist()) == [1, 2, 3]
    assert back["b"].isna().sum() == 1
