"""Reading result files back by byte offset."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakebench.emulator.athena.result_file import Row, read_csv_rows, read_text_rows


def write(path: Path, rows: list[Row]) -> Path:
    lines = [",".join("" if v is None else '"' + v.replace('"', '""') + '"' for v in row) for row in rows]
    path.write_bytes("".join(f"{line}\n" for line in lines).encode())
    return path


def pages(path: Path, size: int) -> list[tuple[Row, ...]]:
    found, offset = [], 0
    while True:
        page = read_csv_rows(path, offset=offset, limit=size)
        if not page.rows:
            return found
        found.append(page.rows)
        offset = page.next_offset


def test_null_and_the_empty_string_are_told_apart(tmp_path: Path) -> None:
    path = write(tmp_path / "r.csv", [("i", "s", "n"), ("1", "", None), (None, None, None), (None, "x", "y")])
    assert read_csv_rows(path, offset=0, limit=10).rows == (
        ("i", "s", "n"),
        ("1", "", None),
        (None, None, None),
        (None, "x", "y"),
    )


def test_quotes_commas_and_line_feeds_belong_to_their_value(tmp_path: Path) -> None:
    row = ('a"b', "a,b", "two\nlines", '","', '"', "", "ñ€𝄞")
    path = write(tmp_path / "r.csv", [row, ("next",) * 7])
    assert read_csv_rows(path, offset=0, limit=1).rows == (row,)
    assert pages(path, 1) == [(row,), (("next",) * 7,)]


def test_pages_join_to_the_whole_result(tmp_path: Path) -> None:
    rows: list[Row] = [("n", "t"), *((str(n), "x\n" * (n % 3)) for n in range(2500))]
    found = pages(write(tmp_path / "r.csv", rows), 1000)
    assert [len(page) for page in found] == [1000, 1000, 501]
    assert [row for page in found for row in page] == rows


def test_a_result_without_rows_is_its_header(tmp_path: Path) -> None:
    path = write(tmp_path / "r.csv", [("i",)])
    page = read_csv_rows(path, offset=0, limit=1000)
    assert (page.rows, page.next_offset) == ((("i",),), 4)
    assert read_csv_rows(path, offset=4, limit=1000).rows == ()


def test_a_text_result_has_one_value_a_line(tmp_path: Path) -> None:
    path = tmp_path / "r.txt"
    path.write_text("a\tb\n\nlast")
    assert read_text_rows(path, offset=0, limit=2).rows == (("a\tb",), ("",))
    assert read_text_rows(path, offset=5, limit=2).rows == (("last",),)


def test_an_empty_text_result_has_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "r.txt"
    path.touch()
    assert read_text_rows(path, offset=0, limit=10).rows == ()


values = st.one_of(st.none(), st.text(alphabet='a",\n ñ', max_size=6))


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("results")


@settings(deadline=None)
@given(rows=st.lists(st.tuples(values, values), min_size=1, max_size=8), size=st.integers(1, 9))
def test_whatever_is_written_is_read_back(scratch: Path, rows: list[Row], size: int) -> None:
    path = write(scratch / "any.csv", rows)
    assert [row for page in pages(path, size) for row in page] == rows
