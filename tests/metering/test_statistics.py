"""Which row groups are kept by statistics of every Parquet type, as other writers write them.

Source: Trino's TupleDomainParquetPredicate: minima and maxima of integers, decimals, reals, varchar, dates and
timestamps prune; those of varbinary, of INT96 and of columns with NaN do not; NULL counts tell of NULLs.
"""

from __future__ import annotations

import datetime as dt
import io
import uuid
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakebench.client.estimate import estimate_statement
from lakebench.client.session import local_session

from .lake import Lake

ROWS = range(100)
HOURS = [dt.datetime.fromisoformat("2024-01-01") + dt.timedelta(hours=i) for i in ROWS]
QUARTERS = [Decimal(i) / 4 for i in ROWS]
ALL = [0, 1, 2, 3]
TIMES = [
    ("v >= timestamp '2024-01-04 03:00:00'", [3]),
    ("v = timestamp '2024-01-02 02:00:00'", [1]),
    ("date(v) = date '2024-01-03'", [1, 2]),
    ("year(v) = 2023", []),
]
COLUMNS = {
    "decimal_bytes": ("decimal(10,2)", pa.array(QUARTERS, pa.decimal128(10, 2)), {}),
    "decimal_int64": ("decimal(10,2)", pa.array(QUARTERS, pa.decimal128(10, 2)), {"integers": True}),
    "decimal_int32": ("decimal(5,2)", pa.array(QUARTERS, pa.decimal128(5, 2)), {"integers": True}),
    "decimal_signs": ("decimal(38,3)", pa.array([Decimal(i - 50) for i in ROWS], pa.decimal128(38, 3)), {}),
    "seconds": ("timestamp", pa.array(HOURS, pa.timestamp("s")), {}),
    "millis": ("timestamp", pa.array(HOURS, pa.timestamp("ms")), {}),
    "micros": ("timestamp", pa.array(HOURS, pa.timestamp("us")), {}),
    "nanos": ("timestamp", pa.array(HOURS, pa.timestamp("ns")), {}),
    "zoned": ("timestamp", pa.array(HOURS, pa.timestamp("us", "UTC")), {}),
    "int96": ("timestamp", pa.array(HOURS, pa.timestamp("ns")), {"int96": True}),
    "days": ("date", pa.array([dt.date(2024, 1, 1) + dt.timedelta(days=i) for i in ROWS]), {}),
    "unsigned8": ("int", pa.array(ROWS, pa.uint8()), {}),
    "unsigned32": ("bigint", pa.array([i + 2**31 - 50 for i in ROWS], pa.uint32()), {}),
    "unsigned64": ("bigint", pa.array(ROWS, pa.uint64()), {}),
    "int8": ("tinyint", pa.array([i - 50 for i in ROWS], pa.int8()), {}),
    "widened": ("bigint", pa.array(ROWS, pa.int32()), {}),
    "nan": ("double", pa.array([float("nan") if i < 25 else float(i) for i in ROWS]), {}),
    "zeros": ("double", pa.array([0.0 if i < 25 else float(i) for i in ROWS]), {}),
    "real": ("float", pa.array([i / 10 for i in ROWS], pa.float32()), {}),
    "text": ("string", pa.array([f"k{i:03d}" for i in ROWS]), {}),
    "wide_text": ("string", pa.array([f"{'añz€'[i // 25]}{i:03d}" for i in ROWS]), {}),
    "long_text": ("string", pa.array(["abcd"[i // 25] * 300 + str(i) for i in ROWS]), {}),
    "truth": ("boolean", pa.array([i >= 50 for i in ROWS]), {}),
    "blob": ("binary", pa.array([bytes([i]) for i in ROWS]), {}),
    "holes": ("bigint", pa.array([None if i < 25 or i % 2 else i for i in ROWS], pa.int64()), {}),
    "ids": ("bigint", pa.array(ROWS, pa.int64()), {}),
    "delta": ("bigint", pa.array(ROWS, pa.int64()), {"delta": True}),
}
CASES = [
    *(("decimal_bytes", *case) for case in [("v = 6.25", [1]), ("v > 20", [3]), ("v < -1", [])]),
    ("decimal_bytes", "v IN (0.25, 24.75)", [0, 3]),
    *(("decimal_int64", *case) for case in [("v = 6.25", [1]), ("v = DECIMAL '20.00'", [3])]),
    *(("decimal_int32", *case) for case in [("v = 6.25", [1]), ("v > 24.5", [3])]),
    *(("decimal_signs", *case) for case in [("v = 0", [2]), ("v < -30", [0]), ("v >= -25 AND v < 0", [1])]),
    *((name, *case) for name in ("seconds", "millis", "micros", "nanos", "zoned") for case in TIMES),
    ("int96", "v >= timestamp '2024-01-04 03:00:00'", ALL),
    *(
        ("days", *case)
        for case in [("v = date '2024-01-27'", [1]), ("v < timestamp '2024-01-05 00:00:00'", [0])]
    ),
    ("days", "v >= date '2024-01-01' + interval '80' day", [3]),
    ("unsigned8", "v >= 75", [3]),
    *(("unsigned32", *case) for case in [(f"v > {2**31 + 30}", [3]), (f"v < {2**31 - 40}", [0])]),
    ("unsigned64", "v > 80", [3]),
    *(("int8", *case) for case in [("v > 30", [3]), ("v = -50", [0])]),
    ("widened", "v > 80", [3]),
    *(("nan", *case) for case in [("v > 80", [0, 3]), ("is_nan(v)", ALL)]),
    *(("zeros", *case) for case in [("v < 0.0", []), ("v = -0.0", [0])]),
    *(("real", *case) for case in [("v > 8", [3]), ("v = REAL '2.5'", [1])]),
    *(("text", *case) for case in [("v LIKE 'k03%'", [1]), ("v LIKE 'z%'", []), ("v LIKE '%30'", ALL)]),
    *(("text", *case) for case in [("v LIKE 'k_30'", ALL), ("upper(v) = 'K030'", ALL), ("v <> 'k030'", ALL)]),
    *(("wide_text", *case) for case in [("v LIKE 'ñ%'", [1]), ("v >= '€'", [3])]),
    *(("long_text", *case) for case in [("v = 'b'", []), ("v LIKE 'c%'", [2]), ("v > 'd'", [3])]),
    *(("truth", *case) for case in [("v", [2, 3]), ("NOT v", [0, 1])]),
    *(("blob", *case) for case in [("v = X'1E'", ALL), ("v IS NULL", [])]),
    *(("holes", *case) for case in [("v IS NULL", ALL), ("v IS NOT NULL", [1, 2, 3]), ("v > 80", [3])]),
    *(("ids", *case) for case in [("v IS NULL", []), ("NOT (v > 30)", [0, 1]), ("v > 80 OR v < 3", [0, 3])]),
    *(("ids", *case) for case in [("v % 2 = 0", ALL), ("CAST(v AS double) > 80.0", [3]), ("1 = 0", [])]),
    ("delta", "v > 80", [3]),
]


def _object(values, *, integers=False, int96=False, delta=False):
    body = io.BytesIO()
    pq.write_table(
        pa.table({"v": values}),
        body,
        row_group_size=25,
        store_decimal_as_integer=integers,
        use_deprecated_int96_timestamps=int96,
        use_dictionary=not delta,
        column_encoding={"v": "DELTA_BINARY_PACKED"} if delta else None,
    )
    return body.getvalue()


@pytest.fixture(scope="module")
def lake(server):
    return Lake(server, f"statistics-{uuid.uuid4().hex[:8]}")


@pytest.fixture(scope="module")
def chunks(lake):
    """The size of the column's chunk in each row group, by table."""
    sizes = {}
    for name, (kind, values, options) in COLUMNS.items():
        body = _object(values, **options)
        lake.table(name, {"1": body}, columns=[("v", kind)])
        footer = pq.read_metadata(pa.BufferReader(body))
        sizes[name] = [footer.row_group(at).column(0).total_compressed_size for at in ALL]
    return sizes


@pytest.mark.parametrize(("name", "where", "kept"), CASES)
def test_statistics_keep_the_row_groups_that_may_hold_a_row(lake, server, chunks, name, where, kept):
    sql = f"SELECT v FROM {name} WHERE {where}"
    expected = sum(chunks[name][at] for at in kept)
    assert lake.scanned(sql) == expected
    span = estimate_statement(local_session(server.endpoint), sql, database=lake.database).span
    assert span.least <= expected <= span.most
