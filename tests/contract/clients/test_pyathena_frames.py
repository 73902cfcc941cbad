"""PyAthena's cursors over pandas, Arrow, Polars and S3 files: results read from S3, as CSV and as UNLOAD."""

from __future__ import annotations

import os

import pytest
from pyarrow import fs
from pyathena.arrow.async_cursor import AsyncArrowCursor
from pyathena.arrow.cursor import ArrowCursor
from pyathena.pandas.async_cursor import AsyncPandasCursor
from pyathena.pandas.cursor import PandasCursor
from pyathena.polars.async_cursor import AsyncPolarsCursor
from pyathena.polars.cursor import PolarsCursor
from pyathena.s3fs.cursor import S3FSCursor

CURSORS = [PandasCursor, ArrowCursor, PolarsCursor]
EVERY = pytest.mark.parametrize("cursor_class", CURSORS, ids=lambda found: found.__name__)
UNLOAD = pytest.mark.parametrize("unload", [False, True], ids=["csv", "unload"])


@pytest.fixture(autouse=True)
def _arrow_looks_at_lakebench(monkeypatch):
    """pyarrow's S3FileSystem reads no AWS_ENDPOINT_URL; docs/clients.md shows this same line."""

    class Local(fs.S3FileSystem):
        def __init__(self, **options):
            super().__init__(endpoint_override=os.environ["AWS_ENDPOINT_URL"], **options)

    monkeypatch.setattr(fs, "S3FileSystem", Local)


@EVERY
@UNLOAD
def test_rows_come_out_alike(connect, cursor_class, unload):
    cursor = connect(cursor_class=cursor_class).cursor(unload=unload)
    cursor.execute("SELECT a, cast(a AS varchar) AS t FROM many_rows WHERE a < 3 ORDER BY a")
    assert [tuple(row) for row in cursor.fetchall()] == [(0, "0"), (1, "1"), (2, "2")]
    assert cursor.data_scanned_in_bytes == 48890


@EVERY
@UNLOAD
def test_no_rows(connect, cursor_class, unload):
    cursor = connect(cursor_class=cursor_class).cursor(unload=unload)
    assert list(cursor.execute("SELECT a FROM many_rows WHERE a < 0").fetchall()) == []


@EVERY
def test_ten_thousand_rows(connect, cursor_class):
    cursor = connect(cursor_class=cursor_class).cursor()
    assert len(cursor.execute("SELECT a FROM many_rows").fetchall()) == 10_000


@EVERY
def test_every_type(connect, cursor_class):
    cursor = connect(cursor_class=cursor_class).cursor()
    row = cursor.execute("SELECT * FROM one_row_complex").fetchone()
    assert (row[3], row[4], row[7]) == (2147483647, 9223372036854775807, "a string")
    assert [column[0] for column in cursor.description][-1] == "col_decimal"


@EVERY
def test_show_is_read_from_text(connect, cursor_class):
    assert ("sales",) in [
        tuple(row) for row in connect(cursor_class=cursor_class).cursor().execute("SHOW TABLES")
    ]


def test_nulls_and_empty_texts_in_a_data_frame(connect):
    frame = connect(cursor_class=PandasCursor).cursor().execute("SELECT * FROM sales ORDER BY id").as_pandas()
    assert list(frame.columns) == ["id", "city", "amount", "year"]
    assert frame["city"].isna().tolist() == [False, False, False, True]
    assert frame["amount"].sum() == 35.0
    assert frame["year"].tolist() == [2024, 2024, 2025, 2025]


def test_a_data_frame_comes_in_chunks(connect):
    cursor = connect(cursor_class=PandasCursor).cursor()
    chunks = cursor.execute("SELECT a FROM many_rows", chunksize=4000).as_pandas()
    assert [len(chunk) for chunk in chunks] == [4000, 4000, 2000]


def test_an_arrow_table(connect):
    table = (
        connect(cursor_class=ArrowCursor).cursor(unload=True).execute("SELECT a FROM many_rows").as_arrow()
    )
    assert (table.num_rows, table.schema.names) == (10_000, ["a"])
    assert str(table.schema.field("a").type) == "int32"


def test_a_polars_frame(connect):
    frame = (
        connect(cursor_class=PolarsCursor).cursor(unload=True).execute("SELECT a FROM many_rows").as_polars()
    )
    assert frame["a"].sum() == sum(range(10_000))


@pytest.mark.parametrize(
    ("cursor_class", "take"),
    [(AsyncPandasCursor, "as_pandas"), (AsyncArrowCursor, "as_arrow"), (AsyncPolarsCursor, "as_polars")],
    ids=["pandas", "arrow", "polars"],
)
def test_futures_of_frames(connect, cursor_class, take):
    _, future = connect(cursor_class=cursor_class).cursor().execute("SELECT a FROM many_rows WHERE a < 5")
    assert len(getattr(future.result(), take)()) == 5


def test_rows_streamed_from_s3(connect):
    cursor = connect(cursor_class=S3FSCursor).cursor().execute("SELECT * FROM sales ORDER BY id")
    assert cursor.fetchone() == (1, "Madrid", 10.5, 2024)
    assert cursor.fetchall()[-1] == (4, None, None, 2025)
