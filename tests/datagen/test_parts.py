"""Files of a data set: the same bytes in any order, all rows once, and each format readable."""

from __future__ import annotations

import csv
import gzip
import io
import json
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pyarrow.parquet as pq
import pytest

from lakebench.datagen import COLUMNS, VentasGenerator
from lakebench.datagen.parts import PartFormat, PartPlan
from lakebench.datagen.source import BLOCK_ROWS
from lakebench.errors import ConfigError

ROWS = BLOCK_ROWS + 1_000


@pytest.fixture(scope="module")
def generator():
    return VentasGenerator(rows=ROWS, seed=7)


def _quiet(rows):
    return None


def _bytes(plan):
    return [b"".join(plan.chunks(each, _quiet)) for each in range(plan.files)]


@pytest.mark.parametrize("part_format", list(PartFormat))
def test_files_have_the_same_bytes_whatever_the_order_and_the_workers(part_format):
    plan = PartPlan(generator=VentasGenerator(rows=600, seed=7), files=4, part_format=part_format)
    again = PartPlan(generator=VentasGenerator(rows=600, seed=7), files=4, part_format=part_format)
    with ThreadPoolExecutor(4) as workers:
        made = list(workers.map(lambda number: b"".join(again.chunks(number, _quiet)), reversed(range(4))))
    assert made[::-1] == _bytes(plan)


def test_files_of_csv_hold_the_rows_of_one_stream_in_order_over_the_edge_of_a_block(generator):
    plan = PartPlan(generator=generator, files=3, part_format=PartFormat.CSV)
    lines = [each.decode().splitlines() for each in _bytes(plan)]
    assert [each[0] for each in lines] == [",".join(COLUMNS)] * 3
    whole = b"".join(generator.csv()).decode().splitlines()
    assert [line for each in lines for line in each[1:]] == whole[1:]
    assert max(map(len, lines)) - min(map(len, lines)) <= 1


def test_gzip_files_unpack_to_the_plain_ones():
    generator = VentasGenerator(rows=500, seed=7)
    for packed, plain in ((PartFormat.CSV_GZ, PartFormat.CSV), (PartFormat.JSON_GZ, PartFormat.JSON)):
        one = _bytes(PartPlan(generator=generator, files=2, part_format=packed))
        assert [gzip.decompress(each) for each in one] == _bytes(
            PartPlan(generator=generator, files=2, part_format=plain)
        )


def test_json_and_parquet_hold_what_the_csv_holds():
    generator = VentasGenerator(rows=500, seed=7)
    text, lines, parquet = (
        _bytes(PartPlan(generator=generator, files=1, part_format=each))[0]
        for each in (PartFormat.CSV, PartFormat.JSON, PartFormat.PARQUET)
    )
    rows = pq.read_table(io.BytesIO(parquet)).to_pylist()
    documents = [json.loads(line, parse_float=Decimal) for line in lines.decode().splitlines()]
    records = list(csv.DictReader(io.StringIO(text.decode())))
    assert len(rows) == len(documents) == len(records) == 500
    for row, document, record in zip(rows, documents, records, strict=True):
        assert list(document) == list(COLUMNS)
        for name in COLUMNS:
            assert (row[name] is None) == (document[name] is None) == (record[name] == "")
            if row[name] is not None and name != "descuento":
                assert document[name] == row[name]
                assert str(row[name]) == record[name]
        if row["descuento"] is not None:
            assert row["descuento"] == float(record["descuento"]) == float(document["descuento"])


def test_a_parquet_file_over_a_block_has_a_row_group_for_each(generator):
    plan = PartPlan(generator=generator, files=1, part_format=PartFormat.PARQUET)
    chunks = list(plan.chunks(0, _quiet))
    assert len(chunks) == 3
    footer = pq.ParquetFile(io.BytesIO(b"".join(chunks))).metadata
    assert [footer.row_group(each).num_rows for each in range(footer.num_row_groups)] == [BLOCK_ROWS, 1_000]


def test_the_watcher_is_told_every_row(generator):
    told = []
    plan = PartPlan(generator=generator, files=3, part_format=PartFormat.CSV)
    for number in range(3):
        for _ in plan.chunks(number, told.append):
            pass
    assert sum(told) == ROWS


@pytest.mark.parametrize("files", [0, 6])
def test_more_files_than_rows_are_refused(files):
    with pytest.raises(ConfigError, match="files must be between 1 and the 5 rows"):
        PartPlan(generator=VentasGenerator(rows=5, seed=7), files=files, part_format=PartFormat.CSV)
