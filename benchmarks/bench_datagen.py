"""Generating: rows a second of CPU time, so that another process on the machine changes little.

BENCH_ROWS sets the rows; the bytes of memory are those of a process of its own that writes ten times as many.
"""

import subprocess
import sys
import time

import pyarrow as pa
import pytest

from lakebench.datagen.data_sets import DataSet, row_sources
from lakebench.datagen.parts import PartFormat, PartPlan

_PEAK = """
import sys
from pathlib import Path
from lakebench.datagen.data_sets import DataSet, row_sources
from lakebench.datagen.parts import PartFormat, PartPlan
[source] = row_sources(DataSet(sys.argv[1]), rows=int(sys.argv[2]), scale=None, seed=7).values()
plan = PartPlan(generator=source, files=1, part_format=PartFormat(sys.argv[3]))
for _ in plan.chunks(0, lambda rows: None):
    pass
lines = Path("/proc/self/status").read_text().splitlines()
print(next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")))
"""


def _source(data_set, rows):
    [source] = row_sources(data_set, rows=rows, scale=None, seed=7).values()
    return source


@pytest.mark.parametrize("data_set", [DataSet.VENTAS, DataSet.LOGS])
def bench_rows_into_arrow(benchmark, figure, size, data_set):
    """Blocks drawn one after another on one thread."""
    rows = size(1_000_000, 70_000)
    source, spent = _source(data_set, rows), []

    def draw():
        began = time.process_time()
        assert sum(table.num_rows for table in source.file(0, 1)) == rows
        spent.append(time.process_time() - began)

    pa.set_cpu_count(1)
    benchmark.pedantic(draw, rounds=size(5, 1), warmup_rounds=size(1, 0))
    figure(f"{data_set} into Arrow, rows a second of one core", f"{rows / min(spent):,.0f}", "2,000,000")


@pytest.mark.parametrize("data_set", [DataSet.VENTAS, DataSet.LOGS])
@pytest.mark.parametrize("part_format", [PartFormat.CSV, PartFormat.JSON, PartFormat.PARQUET])
def bench_rows_into_files(benchmark, figure, size, data_set, part_format):
    """A file of a format, its bytes let go."""
    rows = size(500_000, 20_000)
    plan, spent = PartPlan(generator=_source(data_set, rows), files=1, part_format=part_format), []

    def write():
        began = time.process_time()
        assert sum(map(len, plan.chunks(0, lambda _: None))) > rows
        spent.append(time.process_time() - began)

    pa.set_cpu_count(1)
    benchmark.pedantic(write, rounds=size(3, 1), warmup_rounds=size(1, 0))
    aim = "500,000" if part_format is PartFormat.CSV else "-"
    figure(f"{data_set} into {part_format}, rows a second of one core", f"{rows / min(spent):,.0f}", aim)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the peak is read from /proc")
def bench_memory_as_rows_grow(benchmark, figure, size):
    """The peak of a process that writes one file of CSV, and of one that writes ten times as many rows."""

    def peak(rows):
        command = [sys.executable, "-c", _PEAK, "ventas", str(rows), "csv"]
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    few = size(200_000, 10_000)
    least, most = peak(few), benchmark.pedantic(peak, args=(10 * few,), rounds=1)
    figure(f"peak of generating {few:,} rows of CSV", f"{least / 1024:.0f} MB", "-")
    figure(f"peak of generating {10 * few:,} rows of CSV", f"{most / 1024:.0f} MB", "the same")
