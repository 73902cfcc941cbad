"""Bytes of hand-made records: sums, and where they come from."""

from __future__ import annotations

from lakebench.catalog import S3Uri
from lakebench.metering import (
    ChunkRead,
    ObjectRead,
    ScanRecord,
    bytes_by_column,
    bytes_by_table,
    object_bytes,
    scanned_bytes,
)


def chunk(column: str, size: int, row_group: int = 0) -> ChunkRead:
    return ChunkRead(row_group=row_group, column=column, compressed_size=size)


def columnar(*chunks: ChunkRead) -> ObjectRead:
    return ObjectRead(uri=S3Uri("b", "k.parquet"), size=9999, whole=False, chunks=chunks)


TEXT = ObjectRead(uri=S3Uri("b", "k.csv"), size=341_350, whole=True)
LEFT_EARLY = ObjectRead(uri=S3Uri("b", "k.csv"), size=100 << 20, whole=False, prefix=32 << 20)


def record(table: str, *objects: ObjectRead, scan_id: str = "s0") -> ScanRecord:
    return ScanRecord(scan_id=scan_id, database="db", table=table, objects=objects)


def test_two_iceberg_files_rewritten_count_their_columns_alone():
    # 220 bytes on Athena, of files of 360 and 355 bytes (facts/athena.md 1.2, vector P1).
    first, second = columnar(chunk("a", 48), chunk("b", 63)), columnar(chunk("a", 48), chunk("b", 61))
    assert scanned_bytes([record("t", first, second)]) == 220


def test_a_text_object_counts_whole_and_one_left_early_its_beginning():
    assert object_bytes(TEXT) == 341_350
    assert object_bytes(LEFT_EARLY) == 32 << 20


def test_an_object_of_which_only_the_footer_was_read_counts_nothing():
    assert object_bytes(columnar()) == 0


def test_a_table_scanned_twice_counts_twice():
    records = [record("t", TEXT, scan_id="s0"), record("t", TEXT, scan_id="s1")]
    assert scanned_bytes(records) == 682_700
    assert [(line.scan_id, line.objects, line.scanned_bytes) for line in bytes_by_table(records)] == [
        ("s0", 1, 341_350),
        ("s1", 1, 341_350),
    ]


def test_objects_that_cost_nothing_are_not_counted_as_read():
    (line,) = bytes_by_table([record("t", columnar(), columnar(chunk("a", 5)))])
    assert (line.objects, line.scanned_bytes) == (1, 5)


def test_columns_are_told_costliest_first_over_all_scans_of_a_table():
    records = [
        record("p", columnar(chunk("a", 5), chunk("b", 7), chunk("a", 6, row_group=1))),
        record("p", columnar(chunk("a", 5)), scan_id="s1"),
        record("t", TEXT, scan_id="s2"),
    ]
    assert [(c.table, c.column, c.chunks, c.scanned_bytes) for c in bytes_by_column(records)] == [
        ("t", None, 0, 341_350),
        ("p", "a", 3, 16),
        ("p", "b", 1, 7),
    ]


def test_no_records_are_no_bytes():
    assert scanned_bytes([]) == 0
    assert bytes_by_column([]) == ()
