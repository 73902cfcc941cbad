"""Queries that end early while they run: over the workgroup's cutoff, and stopped by their user.

facts/athena.md 0.8 (measured): over the cutoff a query is CANCELLED with this reason and reports the cutoff
exactly. AWS (athena pricing): cancelled queries are charged for the data that they scanned.
"""

from __future__ import annotations

import time
import uuid

import numpy as np
import pyarrow as pa
import pytest

from .lake import TEXT_SERDE, Lake, parquet

CUTOFF = 10_000_000
ROWS = 1_000_000
COLUMNS = [("id", "bigint"), ("x", "double")]
SLOW = "SELECT max(cardinality(sequence(1, 5000 + id % 2))) FROM {t} WHERE x >= 0"
"""A scan that its plan decides, so that no log of its reads is kept, and some ten thousand million numbers."""

ENDLESS = "SELECT count(*) FROM {t} a JOIN {t} b ON a.id < b.id AND a.x + b.x > 1.5"
"""Half a million million pairs: it reads all within a second and is at it for hours."""


@pytest.fixture(scope="module")
def big():
    draw = np.random.default_rng(1)
    return pa.table({"id": np.arange(ROWS), "x": draw.random(ROWS)})


@pytest.fixture(scope="module")
def lake(server, big):
    lake = Lake(server, f"stopped-{uuid.uuid4().hex[:8]}")
    lake.table("big", {"1": parquet(big, row_group_size=100_000)}, columns=COLUMNS)
    lines = "".join(f"{number},0.5\n" for number in range(ROWS)).encode()
    lake.table("text", {"1": lines, "2": lines}, columns=COLUMNS, serde=TEXT_SERDE)
    lake.athena.create_work_group(
        Name=lake.database,
        Configuration={
            "BytesScannedCutoffPerQuery": CUTOFF,
            "EnforceWorkGroupConfiguration": False,
            "ResultConfiguration": {"OutputLocation": f"s3://{lake.bucket}/results/"},
        },
    )
    yield lake
    lake.athena.delete_work_group(WorkGroup=lake.database, RecursiveDeleteOption=True)


@pytest.mark.parametrize("table", ["big", "text"])
def test_a_join_over_the_cutoff_is_cancelled_while_it_runs(lake, table):
    execution = lake.run(ENDLESS.format(t=table), workgroup=lake.database)
    assert execution["Status"]["State"] == "CANCELLED"
    assert execution["Status"]["StateChangeReason"] == "Bytes scanned limit was exceeded"
    assert execution["Statistics"]["DataScannedInBytes"] == CUTOFF


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT a.x FROM big a JOIN big b ON a.id = b.id ORDER BY 1 LIMIT 1",
        "SELECT id, x FROM big LIMIT 999999",
        "SELECT sum(x) FROM big WHERE id % 2 = 0",
        "SELECT count(*) FROM text",
        "CREATE TABLE copied AS SELECT a.x FROM big a JOIN big b ON a.id = b.id",
    ],
)
def test_whatever_scans_more_than_the_cutoff_reports_the_cutoff(lake, sql):
    execution = lake.run(sql, workgroup=lake.database)
    assert execution["Status"]["State"] == "CANCELLED"
    assert execution["Status"]["StateChangeReason"] == "Bytes scanned limit was exceeded"
    assert execution["Statistics"]["DataScannedInBytes"] == CUTOFF


@pytest.mark.parametrize(
    "sql", ["SELECT a.x FROM big a JOIN big b ON a.id = b.id WHERE b.id < 9", "SELECT id FROM big LIMIT 99"]
)
def test_what_scans_less_than_the_cutoff_runs_to_its_end(lake, sql):
    execution = lake.run(sql, workgroup=lake.database)
    assert execution["Status"]["State"] == "SUCCEEDED"
    assert 0 < execution["Statistics"]["DataScannedInBytes"] < CUTOFF


def _start(lake, sql):
    return lake.athena.start_query_execution(
        QueryString=sql,
        QueryExecutionContext={"Database": lake.database},
        ResultConfiguration={"OutputLocation": f"s3://{lake.bucket}/results/"},
    )["QueryExecutionId"]


def _stopped(lake, execution):
    lake.athena.stop_query_execution(QueryExecutionId=execution)
    return lake.athena.get_query_execution(QueryExecutionId=execution)["QueryExecution"]


@pytest.mark.parametrize("table", ["big", "text"])
def test_a_stopped_query_reports_what_it_had_read(lake, table):
    """One side is read before the pairs begin, which never end: a busy machine is given more time for it."""
    whole = 2 * lake.scanned(f"SELECT id, x FROM {table}")
    for pause in (1, 4, 16):
        execution = _start(lake, ENDLESS.format(t=table))
        time.sleep(pause)
        found = _stopped(lake, execution)
        assert found["Status"]["State"] == "CANCELLED"
        assert found["Status"]["StateChangeReason"] == "Query cancelled by user"
        seen = found["Statistics"]["DataScannedInBytes"]
        if seen >= whole // 2:
            break
    assert whole // 2 <= seen <= whole
    statistics = lake.athena.get_query_runtime_statistics(QueryExecutionId=execution)
    assert statistics["QueryRuntimeStatistics"]["Rows"]["InputBytes"] == seen
    assert statistics["QueryRuntimeStatistics"]["OutputStage"]["State"] == "CANCELED"


@pytest.mark.parametrize("table", ["big", "text"])
def test_a_stopped_query_whose_plan_decides_what_it_reads_reports_what_it_had_read(lake, table):
    whole = lake.scanned(f"SELECT id, x FROM {table}")
    for pause in (1, 4, 8):
        execution = _start(lake, SLOW.format(t=table))
        time.sleep(pause)
        found = _stopped(lake, execution)
        if found["Statistics"]["DataScannedInBytes"] or found["Status"]["State"] == "SUCCEEDED":
            break
    assert found["Status"]["State"] == "CANCELLED"
    assert 0 < found["Statistics"]["DataScannedInBytes"] <= whole


def test_a_query_stopped_before_it_reads_reports_nothing(lake):
    running = [_start(lake, ENDLESS.format(t="big")) for _ in range(8)]
    last = _stopped(lake, running[-1])
    for execution in running[:-1]:
        lake.athena.stop_query_execution(QueryExecutionId=execution)
    assert last["Status"]["State"] == "CANCELLED"
    assert last["Statistics"]["DataScannedInBytes"] == 0
