"""Layouts and forms of queries that could mislead the count: empty files, NULLs alone, encodings, renames."""

from __future__ import annotations

import uuid

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakebench.client.estimate import estimate_statement
from lakebench.client.session import local_session

from .lake import Lake, parquet

TABLE = pa.table(
    {
        "id": list(range(3000)),
        "void": pa.nulls(3000, pa.string()),
        "code": [f"a{at % 7}" for at in range(3000)],
    }
)
COLUMNS = [("id", "bigint"), ("void", "string"), ("code", "string")]
DELTA = {"id": "DELTA_BINARY_PACKED", "code": "DELTA_BYTE_ARRAY"}
BODIES = {
    "grouped": parquet(TABLE, row_group_size=1000),
    "delta": parquet(TABLE, use_dictionary=False, column_encoding=DELTA),
    "lz4": parquet(TABLE, data_page_version="2.0", compression="lz4"),
}
CASES = [
    ("SELECT void FROM grouped", "grouped", ["void"]),
    ("SELECT count(void) FROM grouped", "grouped", ["void"]),
    ("SELECT void FROM grouped WHERE void IS NOT NULL", "grouped", []),
    ("SELECT id FROM grouped WHERE void IS NULL", "grouped", ["void", "id"]),
    ('SELECT "$path" FROM grouped', "grouped", []),
    ("SELECT other FROM renamed", "grouped", []),
    ("SELECT id FROM delta", "delta", ["id"]),
    ("SELECT code FROM delta WHERE id < 10", "delta", ["code", "id"]),
    ("SELECT code FROM lz4", "lz4", ["code"]),
    ("SELECT id FROM grouped UNION ALL SELECT id FROM grouped", "grouped", ["id", "id"]),
    ("SELECT sum(id) OVER (PARTITION BY code) FROM grouped", "grouped", ["id", "code"]),
    ("SELECT (SELECT max(id) FROM grouped)", "grouped", ["id"]),
    (
        "SELECT count(*) FROM grouped a WHERE EXISTS (SELECT 1 FROM grouped b WHERE b.id = a.id)",
        "grouped",
        ["id", "id"],
    ),
    (
        "WITH q AS (SELECT id, code FROM grouped) SELECT a.id FROM q a JOIN q b ON a.id = b.id",
        "grouped",
        ["id", "id"],
    ),
]


@pytest.fixture(scope="module")
def lake(server):
    lake = Lake(server, f"layouts-{uuid.uuid4().hex[:8]}")
    empty = {"0": parquet(TABLE.slice(0, 0))}
    for name, body in BODIES.items():
        lake.table(name, {"1": body} | empty, columns=COLUMNS)
    lake.table("renamed", {"1": BODIES["grouped"]}, columns=[("id", "bigint"), ("other", "string")])
    return lake


@pytest.mark.parametrize(("sql", "form", "columns"), CASES, ids=[sql for sql, _, _ in CASES])
def test_a_run_counts_the_chunks_of_these_columns_and_an_estimate_holds_them(
    lake, server, sql, form, columns
):
    metadata = pq.read_metadata(pa.BufferReader(BODIES[form]))
    groups = [metadata.row_group(at) for at in range(metadata.num_row_groups)]
    places = [TABLE.column_names.index(column) for column in columns]
    expected = sum(group.column(at).total_compressed_size for group in groups for at in places)
    assert lake.scanned(sql) == expected
    span = estimate_statement(local_session(server.endpoint), sql, database=lake.database).span
    assert span.least <= expected <= span.most
