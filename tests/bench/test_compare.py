"""Two runs compared: bytes and cost to the byte, time as a ratio within each run, and an exit code."""

import os
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from lakebench.bench.compare import DEFAULT_GATES, Metric, Verdict, compare_runs, parse_gates
from lakebench.bench.run_file import read_run, run_to_json
from lakebench.errors import ConfigError
from lakebench.report.comparison import comparison_document, comparison_json, comparison_markdown
from lakebench.report.plain import to_plain

CASES = Path(__file__).parents[1] / "cases/bench"
GOLDEN = CASES / "compare"
LAKEBENCH = Path(sys.executable).parent / "lakebench"


@pytest.fixture(scope="module")
def run():
    """A measured run of two queries on CSV and Parquet, a warm-up and one timed round."""
    return read_run(CASES / "run.json")


@pytest.fixture(scope="module")
def timed(run):
    """The same with a second timed round, a little slower on Parquet."""
    again = [replace(one, number=2) for one in run.samples if one.number == 1]
    second = [
        replace(one, engine_ms=one.engine_ms * 1.02) if one.layout == "parquet" else one for one in again
    ]
    return replace(run, samples=(*run.samples, *second))


def changed(run, layout="parquet", query="point_look_up", **members):
    """The run with other figures for one pair."""
    samples = tuple(
        replace(one, **members) if (one.query, one.layout) == (query, layout) else one for one in run.samples
    )
    return replace(run, run_id="changed", samples=samples)


def slower(run, factor):
    """The run with a layout that takes so many times as long in the timed rounds."""
    samples = tuple(
        replace(one, engine_ms=one.engine_ms * factor) if one.layout == "parquet" else one
        for one in run.samples
    )
    return replace(run, run_id="slower", samples=samples)


def on_a_slower_machine(run):
    """Everything takes three times as long."""
    samples = tuple(replace(one, engine_ms=one.engine_ms * 3) for one in run.samples)
    return replace(run, run_id="slower-machine", samples=samples)


def of_pair(comparison, layout="parquet", query="point_look_up"):
    return next(one for one in comparison.queries if (one.query, one.layout) == (query, layout))


def test_a_run_against_itself_is_the_same(run):
    comparison = compare_runs(run, run, DEFAULT_GATES)
    assert (comparison.unchanged, comparison.failed, len(comparison.queries)) == (True, False, 4)


def test_one_byte_more_fails(run):
    more = of_pair(compare_runs(run, run, DEFAULT_GATES)).before.scanned_bytes + 1
    comparison = compare_runs(run, changed(run, scanned_bytes=more), DEFAULT_GATES)
    assert comparison.failed
    assert of_pair(comparison).failed == (Metric.BYTES,)


def test_fewer_bytes_are_better_and_pass(run):
    comparison = compare_runs(run, changed(run, scanned_bytes=1), DEFAULT_GATES)
    assert (comparison.failed, of_pair(comparison).verdict) == (False, Verdict.BETTER)


@pytest.mark.parametrize(
    ("limit", "failed"), [("bytes:0%", True), ("bytes:9.9%", True), ("bytes:10%", False)]
)
def test_a_gate_lets_pass_what_it_says_and_no_byte_more(run, limit, failed):
    base = changed(run, scanned_bytes=1_000)
    new = changed(run, scanned_bytes=1_100)
    assert compare_runs(base, new, parse_gates(limit)).failed is failed


def test_without_a_gate_on_cost_a_dearer_query_passes_and_is_worse(run):
    new = changed(run, cost_usd=Decimal("0.5"))
    assert compare_runs(run, new, DEFAULT_GATES).failed
    comparison = compare_runs(run, new, parse_gates("bytes:0%"))
    assert (comparison.failed, of_pair(comparison).verdict) == (False, Verdict.WORSE)


def test_time_is_compared_within_each_run_so_that_a_slower_machine_changes_nothing(timed):
    gates = parse_gates("time:1%")
    assert not compare_runs(timed, on_a_slower_machine(timed), gates).failed
    assert compare_runs(timed, slower(timed, 1.5), gates).failed
    assert not compare_runs(timed, slower(timed, 1.5), parse_gates("time:60%")).failed


def test_time_has_no_limit_where_one_round_tells_no_noise(run):
    with pytest.raises(ConfigError, match="has one timed round"):
        compare_runs(run, run, parse_gates("time:25%"))
    assert of_pair(compare_runs(run, run, DEFAULT_GATES)).before.noise is None


def test_the_noise_of_the_rounds_is_added_to_the_limit_of_time(run):
    rounds = [replace(one, number=2, engine_ms=one.engine_ms) for one in run.samples if one.number == 1]
    noisy = [replace(one, engine_ms=one.engine_ms * 3) if one.layout == "parquet" else one for one in rounds]
    base = replace(run, samples=(*run.samples, *noisy))
    assert of_pair(compare_runs(base, base, DEFAULT_GATES)).before.noise == pytest.approx(0.5)
    assert not compare_runs(base, slower(base, 1.9), parse_gates("time:0%")).failed
    assert compare_runs(base, slower(base, 2.1), parse_gates("time:0%")).failed


def test_a_pair_that_is_gone_fails_and_a_new_one_does_not(run):
    fewer = replace(run, samples=tuple(one for one in run.samples if one.query != "point_look_up"))
    gone = compare_runs(run, fewer, DEFAULT_GATES)
    assert (gone.failed, of_pair(gone).verdict) == (True, Verdict.GONE)
    added = compare_runs(fewer, run, DEFAULT_GATES)
    assert (added.failed, of_pair(added).verdict) == (False, Verdict.ADDED)


@pytest.mark.parametrize("member", ["suite", "seed", "rows", "region", "target"])
def test_runs_over_other_data_are_not_compared(run, member):
    other = {"suite": "mine", "seed": 8, "rows": 1, "region": "eu-west-1", "target": "aws"}[member]
    with pytest.raises(ConfigError, match=f"not comparable: {member} is"):
        compare_runs(run, replace(run, **{member: other}), DEFAULT_GATES)


def test_a_run_that_was_broken_off_is_not_compared(run):
    with pytest.raises(ConfigError, match="was broken off"):
        compare_runs(run, replace(run, finished=None), DEFAULT_GATES)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("byte:0%", "unknown metric 'byte'"),
        ("bytes", "'bytes' is no limit"),
        ("bytes:5", "'bytes:5' is no limit"),
        ("bytes:-1%", "'bytes:-1%' is no limit"),
        ("time:x%", "'time:x%' is no limit"),
        ("time:nan%", "'time:nan%' is no limit"),
        ("", "unknown metric ''"),
    ],
)
def test_a_limit_that_cannot_be_read_is_refused(text, says):
    with pytest.raises(ConfigError, match=says):
        parse_gates(text)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("comparison.txt", lambda comparison: to_plain(comparison_document(comparison))),
        ("comparison.md", comparison_markdown),
        ("comparison.json", comparison_json),
    ],
)
def test_each_form_is_its_golden_file(timed, name, form):
    new = replace(slower(timed, 3), sql={**timed.sql, "point_look_up": "SELECT 2"})
    new = replace(changed(new, scanned_bytes=200_000), run_id="new")
    written = form(compare_runs(timed, new, parse_gates("bytes:0%,cost:0%,time:25%")))
    golden = GOLDEN / name
    if os.environ.get("UPDATE_PAGES"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(written, encoding="utf-8")
    assert written == golden.read_text(encoding="utf-8")


def command(*arguments, **variables):
    return subprocess.run(
        [LAKEBENCH, "bench", "compare", *map(str, arguments)],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_doctored_result_makes_the_command_fail_and_the_comment_says_why(run, tmp_path):
    doctored = tmp_path / "doctored.json"
    doctored.write_text(run_to_json(changed(run, scanned_bytes=200_000)), encoding="utf-8")
    summary = tmp_path / "summary.md"
    summary.write_text("# Earlier step\n", encoding="utf-8")
    done = command(CASES / "run.json", doctored, "--format", "md", GITHUB_STEP_SUMMARY=str(summary))
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("<!-- lakebench bench compare -->\n# changed against example: ")
    assert "over the gate (bytes)" in done.stdout
    assert summary.read_text(encoding="utf-8") == "# Earlier step\n" + done.stdout


def test_the_same_result_is_one_line_and_exit_0(run):
    done = command(CASES / "run.json", CASES / "run.json", "--format", "md")
    assert done.returncode == 0
    assert done.stdout.splitlines()[1:] == ["lakebench: 4 queries scan and cost what they did."]


def test_a_result_of_another_version_is_refused(run, tmp_path):
    other = tmp_path / "other.json"
    text = run_to_json(run).replace('"schema_version": 1', '"schema_version": 2')
    other.write_text(text, encoding="utf-8")
    done = command(CASES / "run.json", other)
    assert done.returncode == 1
    assert "schema_version 2 is not read by this version" in done.stderr


def test_a_run_that_is_not_kept_is_told_with_those_that_are(tmp_path):
    done = command("monday", CASES / "run.json", "--results", tmp_path)
    assert done.returncode == 1
    assert f"no run monday in {tmp_path}" in done.stderr
