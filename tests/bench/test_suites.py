"""The suites beside the sales: logs, TPC-H, and suites over tables that are there."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from pathlib import Path

import pytest

from lakebench.bench.layouts import choose_layouts, layouts_of, usual_layouts
from lakebench.bench.run_file import ResultStore
from lakebench.bench.suite_file import read_suite
from lakebench.bench.suite_run import BenchPlan, run_suite
from lakebench.bench.suites import SUITE_NAMES, find_suite, tpch_queries
from lakebench.catalog.s3 import S3Uri
from lakebench.client import local_session
from lakebench.client.athena import QueryContext, run_query
from lakebench.errors import ClientError, ConfigError

MATRIX = [
    "csv", "csv_gz", "json", "parquet_none", "parquet_snappy", "parquet_gzip", "parquet_zstd", "orc", "avro",
]  # fmt: skip

OWN = """\
[tables.orders]
location = "s3://{bucket}/raw/orders/"
bucketed_by = "id"

[tables.customers]
table = "{database}.customers"

[partitioned.parquet_by_region]
orders = ["region"]

[queries.by_region]
file = "by_region.sql"
parameters = {{ least = 10.5, since = 2025-01-02 }}
rows = [["norte", 2, 41.5], ["sur", 1, 12.25]]

[queries.one]
sql = "SELECT name FROM {{customers}} WHERE id = 2"
rows = [["Luis"]]
"""

BY_REGION = """\
SELECT region, count(*) AS orders, sum(amount) AS amount
FROM {orders} JOIN {customers} ON customer = {customers}.id
WHERE amount > {least} AND date(day) >= {since}
GROUP BY region
ORDER BY region;
"""


class Quiet:
    @contextmanager
    def step(self, step, total=None):
        yield lambda _: None

    def note(self, text):
        raise AssertionError(text)


@pytest.fixture(scope="module")
def session(server):
    return local_session(server.endpoint)


def _plan(suite, layouts, **changes):
    mark = uuid.uuid4().hex[:8]
    values = {
        "run_id": f"run-{mark}",
        "suite": suite,
        "layouts": choose_layouts(layouts, suite),
        "rows": None,
        "seed": 7,
        "runs": 1,
        "bucket": f"bench-{mark}",
        "database": f"bench_{mark}",
    }
    return BenchPlan(**(values | changes))


def test_queries_of_tpch_give_the_same_rows_on_layouts_of_the_tables_that_they_name(session, tmp_path):
    suite = find_suite("tpch", scale=0.001)
    assert list(suite.queries) == [f"q{number}" for number in range(1, 23)]
    suite = suite.of_queries({name: suite.queries[name] for name in ("q1", "q4", "q12")})
    plan = _plan(suite, ["parquet_by_status"], scale=0.001, runs=0)
    run = run_suite(session, plan, ResultStore(directory=tmp_path), Quiet())
    assert len(run.samples) == 3 * 2
    assert run.rows == 1_500 + 6_005  # orders, and as many lines as the generator writes
    objects = {each.name: each.objects for each in run.layouts}
    assert objects == {"csv": 2, "parquet_by_status": 3 + 3}
    first = {each.layout: each.scanned_bytes for each in run.samples if each.query == "q1"}
    assert first["csv"] > 4 * first["parquet_by_status"]


def test_the_fraction_of_tpchs_eleventh_query_follows_the_scale():
    assert "* DECIMAL '0.01'" in tpch_queries(0.01)["q11"]
    assert "* DECIMAL '0.0001'" in tpch_queries(1.0)["q11"]


def test_the_queries_of_logs_give_rows_on_its_layouts(session, tmp_path):
    suite = find_suite("logs")
    plan = _plan(suite, ["parquet_by_day"], rows=5_000, runs=0)
    run = run_suite(session, plan, ResultStore(directory=tmp_path), Quiet())
    assert len(run.samples) == 10 * 2
    rows = {each.query: each.rows for each in run.samples}
    assert all(rows.values()), rows
    day = next(each for each in run.samples if (each.query, each.layout) == ("one_day", "parquet_by_day"))
    assert (day.scans[0].partitions.kept, day.scans[0].partitions.total) == (1, 30)


@pytest.mark.parametrize("name", SUITE_NAMES)
def test_every_suite_has_the_whole_matrix(name):
    suite = find_suite(name)
    known = list(layouts_of(suite))
    assert known[: len(MATRIX)] == MATRIX
    assert known[-5:] == [
        "parquet_bucketed", "parquet_small_files", "parquet_sorted", "parquet_small_groups", "parquet_no_dictionary",
    ]  # fmt: skip
    assert sorted(
        max(map(len, layout.partitioned_by.values()))
        for layout in layouts_of(suite).values()
        if layout.partitioned_by
    ) == [1, 2]
    assert set(usual_layouts(suite)) <= set(known)


@pytest.fixture
def own(session, tmp_path):
    """A suite file over a prefix of CSV and a table of the catalogue."""
    mark = uuid.uuid4().hex[:8]
    bucket, database = f"own-{mark}", f"own_{mark}"
    session.s3.create_bucket(Bucket=bucket)
    orders = (
        "id,customer,region,amount,day\n1,1,norte,11.5,2025-01-02\n2,2,sur,12.25,2025-01-03\n"
        "3,1,norte,30.0,2025-01-04\n4,2,sur,99.0,2025-01-01\n5,2,sur,1.0,2025-01-09\n"
    )
    session.s3.put_object(Bucket=bucket, Key="raw/orders/a.csv", Body=orders.encode())
    session.s3.put_object(Bucket=bucket, Key="customers/a.csv", Body=b"1|Ana\n2|Luis\n")
    context = QueryContext(database="default", output=S3Uri(bucket, "results/"))
    for sql in (
        f"CREATE DATABASE {database}",
        f"CREATE EXTERNAL TABLE {database}.customers (id bigint, name string) ROW FORMAT DELIMITED "
        f"FIELDS TERMINATED BY '|' LOCATION 's3://{bucket}/customers/'",
    ):
        run_query(session, sql, context)
    path = tmp_path / "own.toml"
    path.write_text(OWN.format(bucket=bucket, database=database), encoding="utf-8")
    (tmp_path / "by_region.sql").write_text(BY_REGION.replace("{customers}.id", "c.id").replace(
        "JOIN {customers} ON", "JOIN {customers} c ON"
    ), encoding="utf-8")  # fmt: skip
    return path


def test_tables_of_ones_own_are_found_laid_out_and_answer_as_expected(session, own, tmp_path):
    suite = read_suite(own)
    layouts = ["source", "parquet_by_region", "parquet_bucketed", "orc"]
    run = run_suite(session, _plan(suite, layouts, runs=0), ResultStore(directory=tmp_path / "r"), Quiet())
    assert run.rows == 7
    assert [each.name for each in run.layouts] == ["csv", *layouts]
    assert {each.rows for each in run.samples if each.query == "by_region"} == {2}
    source = next(each for each in run.layouts if each.name == "source")
    assert (source.objects, source.data_format) == (2, "source")
    assert session.s3.list_objects_v2(Bucket=suite.tables[0].location.bucket, Prefix="raw/")["KeyCount"] == 1


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"sur", 1, 12.25', '"sur", 1, 12.5', r"query by_region on layout \w+: row 2 is \(sur, 1, 12.25\), not"),
        ("[[\"Luis\"]]", "[]", r"query one on layout \w+ gives 1 rows, not 0"),
        (".customers\"", ".clients\"", "clients"),
        ("raw/orders/", "raw/nothing/", "table orders: there are no objects below s3://"),
        ("SELECT name", "SELECT nombre", "query one on layout .*COLUMN_NOT_FOUND"),
    ],
)  # fmt: skip
def test_what_is_not_as_the_suite_says_ends_the_run_and_says_where(session, own, tmp_path, old, new, message):
    own.write_text(own.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    plan = _plan(read_suite(own), ["source"])
    with pytest.raises(ClientError, match=message):
        run_suite(session, plan, ResultStore(directory=tmp_path / "r"), Quiet())
    assert plan.bucket not in [each["Name"] for each in session.s3.list_buckets()["Buckets"]]


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        ("tpch", {"rows": 100}, "tpch has a scale, not a number of rows"),
        ("tpch", {"scale": 0.0}, "the scale must be between"),
        ("logs", {"scale": 1.0}, "logs has a number of rows, not a scale"),
    ],
)
def test_rows_and_scale_are_told_apart(name, changes, message):
    with pytest.raises(ConfigError, match=message):
        _plan(find_suite(name), ["orc"], **changes).sources()


def test_the_suite_over_own_tables_of_the_documentation_is_one(tmp_path):
    page = (Path(__file__).parents[2] / "docs/benchmarking.md").read_text(encoding="utf-8")
    path = tmp_path / "mine.toml"
    path.write_text(page.split("```toml own-tables\n")[1].split("```")[0], encoding="utf-8")
    suite = read_suite(path)
    assert [(table.name, table.entry) for table in suite.tables] == [
        ("orders", None),
        ("customers", ("sales", "customers")),
    ]
    assert suite.partitioned == {"parquet_by_region": {"orders": ("region",)}}
