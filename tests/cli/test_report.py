"""``lakebench report``, ``bench list`` and ``bench project`` as a user types them."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import matplotlib as mpl
import pytest
from typer.testing import CliRunner

from lakebench.bench.run_file import ResultStore, read_run, run_to_json
from lakebench.cli.main import app
from lakebench.errors import LakebenchError

LAKEBENCH = Path(sys.executable).parent / "lakebench"
CASES = Path(__file__).parents[1] / "cases/bench"
PATH = f"{LAKEBENCH.parent}{os.pathsep}{os.environ['PATH']}"
FONTS = mpl.get_cachedir()  # it looks for fonts once, and these processes have another home
PAGE = (Path(__file__).parents[2] / "docs/reports.md").read_text(encoding="utf-8")


def _lakebench(folder, *arguments, **environment):
    """The command as a user has it, in a process of its own."""
    return subprocess.run(
        [LAKEBENCH, *arguments],
        cwd=folder,
        env={"PATH": PATH, "HOME": "/nonexistent", "MPLCONFIGDIR": FONTS, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def _within(*arguments):
    """The command in this process, for it takes a second to start."""
    return CliRunner().invoke(app, arguments)


@pytest.fixture(scope="module")
def run():
    return read_run(CASES / "report/run.json")


@pytest.fixture
def store(tmp_path, run):
    """The usual folder with one run in it."""
    store = ResultStore(directory=tmp_path / ".lakebench/results")
    store.save(run)
    return store


def test_the_report_lies_beside_the_result_and_replaces_an_earlier_one(store, run, tmp_path):
    place = f".lakebench/results/{run.run_id}.html"
    (tmp_path / place).write_text("an earlier report", encoding="utf-8")
    done = _lakebench(tmp_path, "report", "latest")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"The report is {place}\n", "")
    assert (tmp_path / place).read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert sorted(path.suffix for path in store.directory.iterdir()) == [".html", ".json"]


@pytest.mark.parametrize(
    ("form", "begin"), [("md", "# "), ("json", "{"), ("csv", "run_id,"), ("html", "<!DOCTYPE")]
)
def test_text_goes_to_stdout_and_a_file_name_tells_the_format(store, run, tmp_path, monkeypatch, form, begin):
    monkeypatch.chdir(tmp_path)
    printed = _within("report", run.run_id, "--format", form, "--out", "-")
    assert (printed.exit_code, printed.stderr) == (0, "")
    assert printed.stdout.startswith(begin)
    assert _within("report", run.run_id, "--out", f"x.{form}").exit_code == 0
    assert (tmp_path / f"x.{form}").read_text(encoding="utf-8") == printed.stdout


def test_the_commands_of_the_documentation_run(store, tmp_path):
    commands = PAGE.split("## What the report says")[1].split("```sh\n")[1].split("```")[0]
    done = subprocess.run(
        ["bash", "-euc", commands],
        cwd=tmp_path,
        env={"PATH": PATH, "HOME": str(tmp_path), "MPLCONFIGDIR": FONTS},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Datos Escaneados" in (tmp_path / "informe.md").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "figures.json").read_text())["schema"] == "lakebench.report"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["report", "gone"], "no run gone in .lakebench/results"),
        (["report", "gone.json"], "no run gone.json"),
        (["report", "latest", "--results", "nowhere"], "no finished run in nowhere"),
        (["report", "latest", "--out", "."], "is a folder"),
        (["report", "latest", "--out", "no/x.html"], "its folder does not exist"),
        (["report", "latest", "--query", "x"], "no query 'x'"),
        (["report", "version.json"], "version.json: schema_version 9 is not read by this version"),
        (["report", "torn.json"], "torn.json: not JSON"),
        (["report", "binary.json"], "binary.json: cannot be read"),
        (["report", "surrogate.json"], "no text"),
        (["report", "half.json"], "was broken off"),
        (["bench", "project", "latest", "--rows", "1000000000"], "three scales"),
        (["bench", "project", "latest", "--rows", "1000000000", "--max-error", "5"], "'5' is no limit"),
    ],
)
def test_what_cannot_be_reported_is_refused(store, run, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "version.json").write_text('{"schema": "lakebench.bench", "schema_version": 9}')
    (tmp_path / "torn.json").write_text(run_to_json(run)[:1000])
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "surrogate.json").write_text(
        run_to_json(replace(run, suite="SUITE")).replace("SUITE", "\\ud800")
    )
    (tmp_path / "half.json").write_text(run_to_json(replace(run, finished=None)))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    refused = _within(*arguments)
    assert isinstance(refused.exception, LakebenchError), refused.output
    assert message in str(refused.exception)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_an_unknown_run_is_two_lines_and_exit_code_1(store, run, tmp_path):
    refused = _lakebench(tmp_path, "report", "gone")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == (f"error: no run gone in .lakebench/results\nhint: runs there: {run.run_id}\n")


def test_no_result_is_written_over(store, run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    place = f".lakebench/results/{run.run_id}.json"
    before = (tmp_path / place).read_bytes()
    refused = _within("report", "latest", "--format", "json", "--out", place)
    assert "is the result of a run" in str(refused.exception)
    assert (tmp_path / place).read_bytes() == before


def test_the_list_has_the_runs_and_what_cannot_be_read(store, run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    store.save(replace(run, run_id="half", started=run.started + timedelta(1), finished=None))
    (store.directory / "torn.json").write_text("{")
    done = _within("bench", "list")
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[0] == "2 runs in .lakebench/results"
    assert [line.split()[0] for line in lines[4:6]] == [run.run_id, "half"]
    assert "broken off" in lines[5]
    assert "torn.json: cannot be read" in done.stdout


def test_a_projection_prints_no_figure_without_its_error(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    store = ResultStore(directory=tmp_path / ".lakebench/results")
    for path in (CASES / "project").glob("*.json"):
        store.save(read_run(path))
    done = _within("bench", "project", "latest", "--rows", "1_000_000_000")
    assert done.exit_code == 0, done.output
    golden = CASES / "project/projection.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(done.stdout, encoding="utf-8")
    assert done.stdout == golden.read_text(encoding="utf-8")
    answer = _within("bench", "project", "latest", "--rows", "1000000000", "--format", "json")
    document = json.loads(answer.stdout)
    assert document["worst_error"] < 0.03, (
        "measured: fitted at 300,000 and 1,000,000 rows, checked at 3,000,000"
    )
    assert all(one["error"] is not None for one in document["queries"] if one["bytes"] is not None)
    assert any(one["refusal"] for one in document["queries"])


def test_without_room_for_an_error_only_ranges_are_left(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    store = ResultStore(directory=tmp_path / ".lakebench/results")
    for path in (CASES / "project").glob("*.json"):
        store.save(read_run(path))
    done = _within("bench", "project", "latest", "--rows", "1_000_000_000", "--max-error", "0%")
    assert done.exit_code == 0, "a range has no error where the figure lies in it"
    assert "0.02% off at 3,000,000 rows" in done.stdout


def test_completion_knows_the_runs(store, run, tmp_path):
    done = _lakebench(
        tmp_path, COMP_WORDS="lakebench report ", COMP_CWORD="2", _LAKEBENCH_COMPLETE="complete_bash"
    )
    assert done.stdout.split() == ["latest", run.run_id]
