"""Projections: fitted at two scales, checked at a third, refused where the runs show no rule."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from lakebench.bench.project_runs import may_filter, project_runs, with_other_scales
from lakebench.bench.run_file import ResultStore, read_run
from lakebench.bench.run_result import BenchRun, Share
from lakebench.errors import ConfigError

CASES = Path(__file__).parents[1] / "cases/bench"
BILLION = 1_000_000_000


@pytest.fixture(scope="module")
def example():
    return read_run(CASES / "report/run.json")


def at_scale(
    run: BenchRun,
    rows: int,
    *,
    size,
    layout="parquet_snappy",
    query="selective_columns",
    kept=None,
    groups=None,
):
    """The run at another scale with one pair, whose bytes, groups kept and groups in all are functions of rows."""
    sample = next(each for each in run.samples if (each.query, each.layout) == (query, layout))
    scans = sample.scans
    if groups is not None:
        total = groups(rows)
        share = Share(kept=total if kept is None else kept(rows), total=total)
        one = replace(scans[0], scanned_bytes=size(rows), row_groups=share, objects=Share(kept=1, total=1))
        scans = (one,)
    stored = next(each for each in run.layouts if each.name == layout)
    return replace(
        run,
        run_id=f"at-{rows}",
        rows=rows,
        started=run.started + timedelta(seconds=rows),
        sql={query: run.sql[query]},
        layouts=(
            replace(
                stored,
                stored_bytes=size(rows),
                row_groups=None if groups is None else groups(rows),
                objects=1,
            ),
        ),
        samples=(replace(sample, number=0, scanned_bytes=size(rows), scans=scans),),
        warnings=(),
    )


def three(run, *scales, **pair):
    return [at_scale(run, rows, **pair) for rows in (scales or (1_000_000, 3_000_000, 10_000_000))]


def only(projection):
    [one] = projection.queries
    return one.projected


def test_bytes_a_row_and_a_header_are_told_apart(example):
    runs = three(example, layout="csv", size=lambda rows: 150 * rows + 154)
    one = only(project_runs(runs, BILLION))
    assert (one.check.error, one.refusal) == (0.0, None)
    assert round(one.scanned_bytes.least) == round(one.scanned_bytes.most) == 150 * BILLION + 154


def test_bytes_a_row_and_a_row_group_are_told_apart_and_groups_are_a_range(example):
    runs = three(
        example,
        size=lambda rows: 2 * rows + 40_000 * groups_of(rows),
        groups=groups_of,
    )
    one = only(project_runs(runs, BILLION))
    true = 2 * BILLION + 40_000 * groups_of(BILLION)
    assert one.check.error < 0.01
    assert one.scanned_bytes.least <= true <= one.scanned_bytes.most
    assert one.scanned_bytes.most / one.scanned_bytes.least < 1.02


def groups_of(rows, full=700_000):
    return -(-rows // full)


def test_a_table_that_does_not_grow_may_keep_its_only_row_group(example):
    def with_a_small_table(run, *, grows):
        [sample] = run.samples
        size = run.rows if grows else 400
        small = replace(sample.scans[0], scanned_bytes=size, row_groups=Share(kept=1, total=1))
        return replace(run, samples=(replace(sample, scans=(*sample.scans, small)),))

    runs = three(example, query="date_range", size=lambda rows: 2 * rows, groups=groups_of)
    fixed = only(project_runs([with_a_small_table(run, grows=False) for run in runs], BILLION))
    growing = only(project_runs([with_a_small_table(run, grows=True) for run in runs], BILLION))
    assert fixed.refusal is None
    assert fixed.scanned_bytes.least <= 2 * BILLION <= fixed.scanned_bytes.most
    assert "no file has two row groups yet" in growing.refusal


def test_a_look_up_and_a_range_of_dates_lie_in_the_same_range(example):
    def run_of(kept):
        runs = three(example, size=lambda rows: 50_000 * kept(rows), kept=kept, groups=groups_of)
        return only(project_runs(runs, BILLION))

    def look_up(_):
        return 1

    def one_in_a_hundred(rows):
        return -(-groups_of(rows) // 100)

    for kept in (look_up, one_in_a_hundred):
        one = run_of(kept)
        assert one.check.error == 0.0
        assert one.scanned_bytes.least <= 50_000 * kept(BILLION) <= one.scanned_bytes.most


def test_a_model_that_is_off_at_the_held_out_scale_is_refused_with_its_error(example):
    runs = three(example, layout="csv", size=lambda rows: round(rows**1.2))
    projection = project_runs(runs, BILLION)
    one = only(projection)
    assert one.scanned_bytes is None
    assert one.check.error > 0.1
    assert "off at 10,000,000 rows" in one.refusal
    assert projection.worst_error is None
    assert only(project_runs(runs, BILLION, max_error=0.5)).scanned_bytes is not None


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        (
            {"query": "date_range", "size": lambda rows: rows, "groups": lambda _: 1},
            "no file has two row groups yet",
        ),
        (
            {
                "size": lambda rows: rows,
                "kept": lambda _: 1,
                "groups": lambda rows: 1 if rows < 5_000_000 else 2,
            },
            "no file has two row groups at 3,000,000 rows",
        ),
        (
            {"size": lambda _: 0, "kept": lambda _: 0, "groups": groups_of},
            "all row groups are left out",
        ),
    ],
)
def test_what_three_runs_do_not_show_is_refused(example, pair, message):
    one = only(project_runs(three(example, **pair), BILLION))
    assert message in one.refusal
    assert (one.scanned_bytes, one.least_usd) == (None, None)


def test_the_bill_follows_athenas_rounding_and_minimum(example):
    one = only(project_runs(three(example, layout="csv", size=lambda rows: rows // 1_000_000), 20_000_000))
    assert f"{one.least_usd:f}".startswith("0.0000476837158203125"), "10 MB at 5 dollars a TB"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"suite": "other"}, "suite is other and"),
        ({"seed": 8}, "seed is 8 and"),
        ({"region": "us-west-1"}, "region is us-west-1"),
        ({"target": "aws"}, "target is aws"),
        ({"sql": {"selective_columns": "SELECT 1 FROM {table}"}}, "not the same statement"),
    ],
)
def test_runs_that_do_not_fit_together_are_refused(example, change, message):
    first, *others = three(example, size=lambda rows: rows)
    with pytest.raises(ConfigError, match="do not fit together") as refused:
        project_runs([replace(first, **change), *others], BILLION)
    assert message in str(refused.value)


def test_runs_of_another_version_or_layout_are_refused(example):
    first, *others = three(example, size=lambda rows: rows)
    versions = {**first.environment.versions, "duckdb": "1.0.0"}
    older = replace(first, environment=replace(first.environment, versions=versions))
    with pytest.raises(ConfigError, match=r"duckdb is 1\.0\.0 and"):
        project_runs([older, *others], BILLION)
    csv = at_scale(example, 1_000_000, size=lambda rows: rows, layout="csv")
    with pytest.raises(ConfigError, match="layout csv is in one of them only"):
        project_runs([csv, *others], BILLION)


def test_scales_too_near_or_beyond_the_asked_one_are_refused(example):
    near = three(example, 1_000_000, 1_500_000, 10_000_000, size=lambda rows: rows)
    with pytest.raises(ConfigError, match="too near"):
        project_runs(near, BILLION)
    with pytest.raises(ConfigError, match="not beyond the largest run"):
        project_runs(three(example, size=lambda rows: rows), 10_000_000)


def test_the_scales_that_are_not_named_come_from_the_store(example, tmp_path):
    store = ResultStore(directory=tmp_path)
    runs = three(example, size=lambda rows: rows)
    store.save(replace(runs[0], run_id="other-seed", rows=300_000, seed=9))
    for run in runs:
        store.save(run)
    assert {run.run_id for run in with_other_scales([runs[2]], store)} == {run.run_id for run in runs}


def test_too_few_scales_are_refused_with_the_commands_that_make_them(example, tmp_path):
    with pytest.raises(ConfigError, match="three scales") as refused:
        with_other_scales([at_scale(example, 1_000, size=lambda rows: rows)], ResultStore(directory=tmp_path))
    assert "--rows 3000 and --rows 10000" in refused.value.hint
    assert f"--seed {example.seed} --layouts parquet_snappy --runs 1" in refused.value.hint


@pytest.mark.parametrize(
    ("sql", "answer"),
    [
        ("SELECT a FROM {table} WHERE a = 1", True),
        ("SELECT a FROM {lineitem} WHERE a = 1", True),
        ("SELECT a FROM {table} LIMIT 10", True),
        ("SELECT a FROM {table} ORDER BY a LIMIT 10", False),
        ("SELECT a, count(*) FROM {table} GROUP BY a HAVING count(*) > 1", False),
        ("no SQL at all", True),
    ],
)
def test_a_statement_may_leave_row_groups_out_when_it_has_a_condition(sql, answer):
    assert may_filter(sql) is answer
