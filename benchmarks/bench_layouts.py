"""Every layout of every suite: bytes of each query exactly, times beside the CSV's of the same round."""

from statistics import median

import pytest

from lakebench.bench.layouts import choose_layouts, layouts_of
from lakebench.bench.run_file import ResultStore
from lakebench.bench.suite_run import BenchPlan, run_suite
from lakebench.bench.suites import SUITE_NAMES, find_suite
from lakebench.client import local_session

_FEW = ("selective_columns", "one_partition", "cache_hits", "one_day", "q1", "q6")
_FEW_LAYOUTS = ("parquet_snappy", "orc")


@pytest.mark.parametrize("name", SUITE_NAMES)
def bench_layouts(benchmark, server, quiet, figure, size, same_bytes, tmp_path, name):
    """All queries on all layouts; a smoke run has a few queries, and all layouts of the first suite only."""
    scale = size(0.1, 0.001) if name == "tpch" else None
    suite = find_suite(name, scale=scale)
    queries = {each: sql for each, sql in suite.queries.items() if size(True, each in _FEW)}
    suite = suite.of_queries(queries)
    everything = tuple(layouts_of(suite))
    plan = BenchPlan(
        run_id=name,
        suite=suite,
        layouts=choose_layouts(everything if name == "ventas" else size(everything, _FEW_LAYOUTS), suite),
        rows=None if name == "tpch" else size(200_000, 1_000),
        scale=scale,
        seed=7,
        runs=size(3, 0),
        bucket=f"layouts-{name}",
        database=f"layouts_{name}",
    )
    store = ResultStore(directory=tmp_path)
    run = benchmark.pedantic(run_suite, args=(local_session(server.endpoint), plan, store, quiet), rounds=1)
    timed = {
        (each.number, each.query, each.layout): each for each in run.samples if each.number >= size(1, 0)
    }
    for layout in run.layouts:
        ratios, saved = [], []
        for (number, query, own), sample in timed.items():
            base = timed[number, query, "csv"]
            if own == layout.name and base.engine_ms and base.scanned_bytes:
                ratios.append(sample.engine_ms / base.engine_ms)
                saved.append(1 - sample.scanned_bytes / base.scanned_bytes)
        shown = f"{median(ratios):.2f}x, {median(saved):.0%} fewer bytes"
        figure(f"{name}: {layout.name} beside csv, medians over queries", shown, "-")
    # Bytes of gzip are those of Python's own zlib, which is not the same everywhere.
    exact = [each for each in timed.values() if each.layout != "csv_gz"]
    same_bytes({f"{each.query} {each.layout}": each.scanned_bytes for each in exact})
