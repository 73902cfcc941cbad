"""Partitions of Parquet tables that a joined small table excludes are not read (Trino: dynamic filtering).

Trino's documentation of dynamic filtering: inner and right joins with an equality on a partition column, and
semi-joins, prune the partitions of the probe side by the values of the build side.
"""

from __future__ import annotations

import uuid

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakebench.client.estimate import estimate_statement
from lakebench.client.session import local_session

from .lake import TEXT_SERDE, Lake, parquet

DAYS = {f"d{at}": parquet(pa.table({"id": list(range(at * 100, at * 100 + 100))})) for at in range(5)}
DIMENSION = b"d1,x\nd3,y\n"


@pytest.fixture(scope="module")
def lake(server):
    lake = Lake(server, f"dynamic-{uuid.uuid4().hex[:8]}")
    values = {key: [key] for key in DAYS}
    lake.table("facts", DAYS, columns=[("id", "bigint")], keys=[("day", "string")], partitions=values)
    columns = [("day", "string"), ("tag", "string")]
    lake.table("dimension", {"1": DIMENSION}, columns=columns, serde=TEXT_SERDE)
    return lake


@pytest.mark.parametrize(
    ("sql", "days"),
    [
        ("SELECT f.id FROM facts f JOIN dimension d ON f.day = d.day", ["d1", "d3"]),
        ("SELECT f.id FROM facts f JOIN dimension d ON f.day = d.day WHERE d.tag = 'x'", ["d1"]),
        ("SELECT f.id FROM facts f RIGHT JOIN dimension d ON f.day = d.day", ["d1", "d3"]),
        ("SELECT id FROM facts WHERE day IN (SELECT day FROM dimension WHERE tag = 'y')", ["d3"]),
        ("SELECT f.id FROM facts f LEFT JOIN dimension d ON f.day = d.day AND d.tag = 'x'", list(DAYS)),
    ],
)
def test_only_partitions_that_the_other_side_names_are_read(lake, server, sql, days):
    chunks = [pq.read_metadata(pa.BufferReader(DAYS[day])).row_group(0).column(0) for day in days]
    expected = sum(chunk.total_compressed_size for chunk in chunks) + len(DIMENSION)
    assert lake.scanned(sql) == expected
    span = estimate_statement(local_session(server.endpoint), sql, database=lake.database).span
    assert span.least <= expected <= span.most
