"""Queries that end without a result: failed ones report what they read and cost nothing.

AWS (athena pricing): failed queries are not charged; cancelled ones are charged for what they scanned.
"""

from decimal import Decimal

import pytest

from lakebench.pricing import scan_cost

from .athena_session import AthenaSession

ROWS = b"1,10\n2,20\n3,0\n"


@pytest.fixture
def lake(athena, s3, bucket):
    session = AthenaSession(athena, s3, bucket)
    session.succeed(f"CREATE DATABASE {session.database}")
    for name in ("a", "b"):
        session.put(f"{name}/x.csv", ROWS)
        session.put(f"{name}/y.csv", ROWS + ROWS)
        session.succeed(
            f"CREATE EXTERNAL TABLE {name} (id int, n int) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' "
            f"LOCATION 's3://{bucket}/{name}/'"
        )
    return session


def failed(session, sql):
    execution = session.run(sql)
    assert execution["Status"]["State"] == "FAILED", execution["Status"]
    return execution["Statistics"]["DataScannedInBytes"]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT id / n FROM a",
        "SELECT count(*) FROM a WHERE 1 / n > 0",
        "CREATE TABLE c AS SELECT id / n AS q FROM a",
        "INSERT INTO b SELECT id, id / n FROM a",
    ],
)
def test_a_query_that_fails_as_it_runs_reports_what_it_read_and_costs_nothing(lake, sql):
    scanned = failed(lake, sql)
    assert scanned == 3 * len(ROWS)
    assert scan_cost(scanned, "us-east-1", billable=False) == Decimal(0)


def test_what_a_failed_query_of_parquet_reads_are_its_columns_chunks(lake):
    lake.succeed(
        f"CREATE TABLE p WITH (external_location = 's3://{lake.bucket}/p/', format = 'PARQUET') "
        "AS SELECT id, n, 'a word' AS word FROM a"
    )
    assert failed(lake, "SELECT id / n FROM p") == lake.scanned("SELECT id, n FROM p") > 0


def test_a_failed_join_reports_no_more_than_its_tables_hold(lake):
    assert 0 < failed(lake, "SELECT a.id / b.n FROM a JOIN b ON a.id = b.id") <= 6 * len(ROWS)


@pytest.mark.parametrize(
    "sql", ["SELECT nobody FROM a", "SELECT id FROM nowhere", "SELECT 1 / (SELECT 0)", "DROP TABLE nowhere"]
)
def test_a_query_that_fails_before_it_reads_reports_nothing(lake, sql):
    assert failed(lake, sql) == 0


def test_a_query_that_the_workgroup_cuts_off_costs_the_bytes_it_reports(lake, athena):
    lake.put("a/z.csv", b"4,40\n" * 2_100_000)
    name = f"cut-{lake.bucket}"
    athena.create_work_group(
        Name=name,
        Configuration={
            "EnforceWorkGroupConfiguration": False,
            "BytesScannedCutoffPerQuery": 10_000_000,
        },
    )
    execution = lake.run("SELECT count(*) FROM a", WorkGroup=name)
    assert execution["Status"]["State"] == "CANCELLED"
    scanned = execution["Statistics"]["DataScannedInBytes"]
    assert scanned == 10_000_000
    assert scan_cost(scanned, "us-east-1") == 10 * Decimal(5) / 2**20
