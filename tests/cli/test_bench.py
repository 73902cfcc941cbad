"""``lakebench bench run``: what it prints and keeps, and what it refuses."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lakebench.bench.run_file import ResultStore, read_run

LAKEBENCH = Path(sys.executable).parent / "lakebench"


def _run(folder, *arguments):
    return subprocess.run(
        [LAKEBENCH, "bench", "run", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_run_prints_its_tables_and_keeps_the_same_result_twice(server, tmp_path):
    done = _run(
        tmp_path, "ventas", "--rows", "500", "--runs", "1", "--layouts", "parquet_snappy",
        "--endpoint", server.endpoint, "--json", "run.json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    run = read_run(tmp_path / "run.json")
    assert ResultStore(directory=tmp_path / ".lakebench/results").load(run.run_id) == run
    assert [each.name for each in run.layouts] == ["csv", "parquet_snappy"]
    assert run.run_id in done.stdout
    assert all(query in done.stdout for query in run.sql)
    assert "All layouts gave the same rows. 40 queries" in done.stdout
    assert f"The report is .lakebench/results/{run.run_id}.html" in done.stdout
    assert run.run_id in (tmp_path / f".lakebench/results/{run.run_id}.html").read_text(encoding="utf-8")
    assert "\x1b" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ventaz"], "unknown suite 'ventaz'"),
        (["ventas", "--layouts", "parket_snappy"], "did you mean parquet_snappy?"),
        (["ventas", "--layouts", "orc,orc"], "layout orc is named twice"),
        (["ventas", "--resume", "gone"], "no run gone"),
        (["ventas", "--target", "aws"], "it needs --aws and --max-usd"),
        (["ventas", "--json", "missing/run.json"], "its folder does not exist"),
        (["ventas", "--report", "missing/run.html"], "--report missing/run.html: its folder does not exist"),
    ],
)
def test_bad_arguments_are_refused_before_anything_is_made(tmp_path, arguments, message):
    refused = _run(tmp_path, *arguments)
    assert refused.returncode == 1
    assert message in refused.stderr
    assert "Traceback" not in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_result_of_another_version_is_not_resumed_and_stays_as_it_is(tmp_path):
    text = '{"schema": "lakebench.bench", "schema_version": 9}'
    (tmp_path / "old.json").write_text(text, encoding="utf-8")
    refused = _run(tmp_path, "ventas", "--results", ".", "--resume", "old")
    assert refused.returncode == 1
    assert "schema_version 9 is not read by this version" in refused.stderr
    assert (tmp_path / "old.json").read_text(encoding="utf-8") == text


def test_a_run_broken_off_says_how_to_go_on_and_goes_on(server, tmp_path):
    command = ["ventas", "--rows", "500", "--layouts", "orc", "--endpoint", server.endpoint]
    started = subprocess.Popen(
        [LAKEBENCH, "bench", "run", *command, "--runs", "500"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    folder = tmp_path / ".lakebench/results"
    while started.poll() is None and not list(folder.glob("*.json")):
        time.sleep(0.02)
    started.send_signal(signal.SIGINT)
    _, said = started.communicate(timeout=60)
    (run_id,) = ResultStore(directory=folder).run_ids()
    assert (started.returncode, read_run(folder / f"{run_id}.json").finished) == (130, None)
    assert f"--resume {run_id} goes on" in said
    assert _run(tmp_path, *command, "--runs", "1", "--resume", run_id).returncode == 0
    finished = read_run(folder / f"{run_id}.json")
    assert finished.finished is not None
    assert len(finished.samples) >= 40


def test_a_suite_of_the_documentation_runs(server, tmp_path):
    page = (Path(__file__).parents[2] / "docs/benchmarking.md").read_text(encoding="utf-8")
    (tmp_path / "my suite.toml").write_text(page.split("```toml\n")[1].split("```")[0], encoding="utf-8")
    (tmp_path / "best.sql").write_text("SELECT max(total) FROM {table};\n", encoding="utf-8")
    command = [
        "my suite.toml",
        "--rows",
        "2_000",
        "--runs",
        "1",
        "--layouts",
        "orc",
        "--endpoint",
        server.endpoint,
    ]
    done = _run(tmp_path, *command, "--json", "run.json")
    assert done.returncode == 0, done.stderr
    run = read_run(tmp_path / "run.json")
    assert run.run_id.startswith("my-suite-")
    assert {(each.query, each.rows) for each in run.samples} == {("books", 5), ("best", 1)}
