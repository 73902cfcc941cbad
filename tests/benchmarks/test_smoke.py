"""The project's own benchmarks: each one runs, small, and scans the bytes that are committed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
BENCHMARKS = ROOT / "benchmarks"


def test_every_benchmark_runs_and_scans_the_committed_bytes():
    command = [
        sys.executable,
        "-m",
        "pytest",
        "benchmarks",
        "-c",
        "benchmarks/pytest.ini",
        "-p",
        "no:cacheprovider",
    ]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment | {"LAKEBENCH_BENCH": "smoke"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "skipped" not in said
    assert "figures (never asserted" in said
    for suite in ("story", "tpch", "crawl", "SELECT 1", "raw DuckDB", "server ready", "into Arrow"):
        assert suite in said


def test_the_committed_bytes_are_of_the_story_the_layouts_and_tpch():
    known = json.loads((BENCHMARKS / "bytes.json").read_text())
    assert sorted(known) == [
        "bench_layouts[logs]",
        "bench_layouts[tpch]",
        "bench_layouts[ventas]",
        "bench_the_story",
        "bench_three_counts_of_22_queries[csv]",
        "bench_three_counts_of_22_queries[parquet]",
    ]
