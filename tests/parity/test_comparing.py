"""How two sides are compared: which difference is explained, by what, and which is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from lakebench.client.athena import ResultColumn
from lakebench.metering.footer import Chunk, Leaf
from lakebench.parity.comparing import Verdict, compare_sides
from lakebench.parity.counts import MERGED_GAP_BYTES, MERGED_READ_BYTES, Counts, gap_bytes
from lakebench.parity.record import (
    AskedQuery,
    SeenTable,
    Side,
    Validation,
    read_validation,
    validation_to_json,
)
from lakebench.parity.shapes import FileShape
from lakebench.report.parity import parity_document
from lakebench.report.plain import to_plain

PLAIN = Counts(
    least=1_000,
    most=1_000,
    gaps=70,
    footers=300,
    objects=5_000,
    formats=("parquet",),
    limited=False,
    joined=False,
    split=False,
)
QUERY = AskedQuery(
    name="q",
    state="SUCCEEDED",
    error=None,
    error_type=None,
    statement_type="DML",
    columns=(ResultColumn(name="k", type="varchar"), ResultColumn(name="x", type="double")),
    row_count=2,
    rows=(("a", "0.1"), ("b", None)),
    digest="same",
    scanned_bytes=1_000,
    engine_ms=5,
    counts=PLAIN,
)
FILE = FileShape(
    size=100,
    suffix="",
    data_format="parquet",
    codec="snappy",
    writer="ours",
    groups=1,
    rows=10,
    schema=("k INT64",),
    statistics=True,
    page_indexes=False,
    blooms=False,
)
TABLE = SeenTable(
    name="t",
    crawled=False,
    columns=(ResultColumn(name="k", type="bigint"),),
    partition_keys=(),
    input_format="in",
    serde="serde",
    serde_parameters={},
    parameters={"a": "1"},
    files=(FILE,),
)


def side(kind, queries=(), tables=()):
    return Side(
        kind=kind,
        region="us-east-1",
        engine="Athena engine version 3",
        asked=datetime(2026, 11, 25, tzinfo=UTC),
        given="d",
        queries=tuple(queries),
        tables=tuple(tables),
        settled={},
    )


def validation(local, other):
    return Validation(
        validation_id="v",
        suite="s",
        layouts=("csv",),
        rows=1,
        seed=7,
        versions={"duckdb": "2"},
        sql={"q": "SELECT 1"},
        local=local,
        other=other,
    )


def judged(query, local=QUERY):
    (one,) = compare_sides(validation(side("local", [local]), side("aws", [query]))).compared
    return one


def of_table(**changes):
    """The differences of a table whose one file differs in these."""
    there = replace(TABLE, files=(replace(FILE, **changes),))
    (one,) = compare_sides(validation(side("local", tables=[TABLE]), side("aws", tables=[there]))).compared
    return [(each.aspect, each.cause and each.cause.name) for each in one.differences]


CAUSES = [
    ({}, 1_000, None),
    ({}, 1_070, "gap bytes"),
    ({}, 1_300, "footers"),
    ({}, 1_370, "gap bytes and footers"),
    ({}, 5_000, "whole objects"),
    ({}, 1_071, "unexplained"),
    ({"least": 600, "most": 1_200}, 1_200, "columns beside the filter's"),
    ({"least": 600, "most": 1_200}, 700, "unexplained"),
    ({"least": 900, "most": 900, "objects": 4_000}, 900, "own files"),
    ({"least": 0, "limited": True}, 3, "LIMIT"),
    ({"least": 0, "limited": True}, 5_001, "unexplained"),
    ({"formats": ("orc",)}, 2_345, "ORC estimated"),
    ({"formats": ("orc",)}, 5_000, "ORC estimated"),
    ({"least": 0, "joined": True}, 1, "dynamic filtering"),
    ({"least": 0, "joined": True}, 1_001, "unexplained"),
    ({"formats": ("text",), "split": True}, 5_050, "splits of text"),
    ({"formats": ("text",), "split": True}, 5_051, "unexplained"),
]


@pytest.mark.parametrize(("counts", "scanned", "cause"), CAUSES)
def test_bytes_are_explained_by_a_cause_that_gives_them_or_by_none(counts, scanned, cause):
    found = judged(replace(QUERY, scanned_bytes=scanned, counts=replace(PLAIN, **counts)))
    names = [one.cause.name if one.cause else "unexplained" for one in found.differences]
    assert names == ([] if cause is None else [cause])


@pytest.mark.parametrize(
    ("rows", "left"),
    [
        ((("b", None), ("a", "0.1")), None),
        ((("a", "0.10000000000000002"), ("b", None)), None),
        ((("a", "0.1001"), ("b", None)), "(a, 0.1001)"),
        ((("a", "0.1"), ("b", "0.0")), "(b, 0.0)"),
        ((("a", "0.1"), ("a", "0.1")), "(a, 0.1)"),
    ],
)
def test_rows_are_compared_in_any_order_and_by_type(rows, left):
    found = judged(replace(QUERY, rows=rows))
    assert [one.other for one in found.differences] == ([] if left is None else [left])


@pytest.mark.parametrize(
    ("changes", "aspect"),
    [
        ({"state": "FAILED", "error": "GENERIC_INTERNAL_ERROR"}, "state"),
        ({"columns": (ResultColumn(name="k", type="char"), QUERY.columns[1])}, "columns"),
        ({"row_count": 3}, "row count"),
        ({"statement_type": "DDL"}, "statement type"),
        ({"rows": None, "digest": "other"}, "rows"),
    ],
)
def test_what_no_cause_is_known_for_is_unexplained(changes, aspect):
    found = judged(replace(QUERY, **changes))
    assert ([one.aspect for one in found.differences], found.verdict) == ([aspect], Verdict.UNEXPLAINED)


def test_errors_are_compared_word_by_word():
    here = replace(QUERY, state="FAILED", error="COLUMN_NOT_FOUND: line 1:8: Column 'x'", error_type=1006)
    there = replace(here, error="COLUMN_NOT_FOUND: line 1:8: Column 'y'", error_type=1007)
    found = judged(there, here)
    assert [one.aspect for one in found.differences] == ["error text", "error type"]
    assert judged(here, here).verdict is Verdict.SAME


def test_files_may_differ_in_what_their_writer_decides_and_in_nothing_else():
    assert of_table(size=99, writer="theirs", groups=2) == [
        ("files: size", "writers"),
        ("files: writer", "writers"),
        ("files: groups", "writers"),
    ]
    assert of_table(codec="gzip", statistics=False) == [("files: codec", None), ("files: statistics", None)]
    two = replace(TABLE, files=(replace(FILE, rows=4), replace(FILE, rows=6)))
    (one,) = compare_sides(validation(side("local", tables=[TABLE]), side("aws", tables=[two]))).compared
    assert [(each.aspect, each.cause.name) for each in one.differences] == [
        ("files", "parallel writers"),
        ("files: size", "writers"),
        ("files: groups", "writers"),
    ]


def test_a_table_that_was_not_crawled_there_is_a_note_and_no_difference():
    here = side("local", tables=[replace(TABLE, name="crawled_csv", crawled=True)])
    parity = compare_sides(validation(here, side("aws")))
    assert (parity.verdict, parity.compared) == (Verdict.SAME, ())
    assert "crawled_csv: not crawled on the other side" in parity.notes[0]


def test_a_record_is_read_as_it_was_written(tmp_path):
    kept = validation(side("local", [QUERY], [TABLE]), side("aws", [replace(QUERY, counts=None)], [TABLE]))
    path = tmp_path / "kept.json"
    path.write_text(validation_to_json(kept))
    assert read_validation(path) == kept


def test_the_report_says_what_is_what():
    found = compare_sides(
        validation(side("local", [QUERY]), side("aws", [replace(QUERY, scanned_bytes=1_070, rows=())]))
    )
    text = to_plain(parity_document(found))
    assert "s: local against aws of 2026-11-25 (Athena engine version 3): 1 unexplained" in text
    assert "+70" in text
    assert "gap bytes: what lies between two column chunks" in text


def chunk(start, size):
    leaf = Leaf(path=("k",), name="k", type="BIGINT")
    return Chunk(leaf=leaf, start=start, size=size, low=None, high=None, nulls=None, values=1)


@pytest.mark.parametrize(
    ("places", "gaps"),
    [
        ([(4, 10), (14, 10)], 0),
        ([(4, 10), (20, 10)], 6),
        ([(20, 10), (4, 10), (40, 1)], 16),
        ([(4, 10), (14 + MERGED_GAP_BYTES, 10)], MERGED_GAP_BYTES),
        ([(4, 10), (15 + MERGED_GAP_BYTES, 10)], 0),
        ([(0, MERGED_READ_BYTES), (MERGED_READ_BYTES + 5, 10)], 0),
    ],
)
def test_gaps_are_what_a_joined_read_takes_in(places, gaps):
    assert gap_bytes(chunk(*place) for place in places) == gaps
