"""A suite on many layouts: the same rows, the same bytes for a seed, and what breaks it off."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from dataclasses import replace

import pytest

from lakebench.bench.layouts import choose_layouts
from lakebench.bench.noise import measurement_warnings
from lakebench.bench.result import saved_share
from lakebench.bench.run_file import ResultStore
from lakebench.bench.suite_run import BenchPlan, check_agrees, run_suite, turns_of
from lakebench.bench.suites import VENTAS, find_suite
from lakebench.bench.watch import Step
from lakebench.client import local_session
from lakebench.errors import ClientError, ConfigError

FEW = replace(VENTAS, queries={name: VENTAS.queries[name] for name in ("selective_columns", "one_partition")})


class Quiet:
    """A watcher that can press Ctrl-C after some samples."""

    def __init__(self, break_after=None):
        self.break_after, self.notes = break_after, []

    @contextmanager
    def step(self, step, total=None):
        count = 0

        def advance(units):
            nonlocal count
            count += units
            if step is Step.MEASURE and count == self.break_after:
                raise KeyboardInterrupt

        yield advance

    def note(self, text):
        self.notes.append(text)


@pytest.fixture(scope="module")
def session(server):
    return local_session(server.endpoint)


def _plan(**changes):
    mark = uuid.uuid4().hex[:8]
    plan = BenchPlan(
        run_id=f"run-{mark}",
        suite=FEW,
        layouts=choose_layouts(["parquet_snappy", "parquet_by_category"], VENTAS),
        rows=2_000,
        seed=7,
        runs=1,
        bucket=f"bench-{mark}",
        database=f"bench_{mark}",
    )
    return replace(plan, **changes)


@pytest.fixture(scope="module")
def whole(session, tmp_path_factory):
    """Every query once on CSV, Parquet and partitioned Parquet, after a warm-up."""
    store = ResultStore(directory=tmp_path_factory.mktemp("whole"))
    return run_suite(session, _plan(suite=VENTAS), store, Quiet())


def test_every_query_of_the_suite_runs_on_every_layout_in_every_round(whole):
    seen = {(each.number, each.query, each.layout) for each in whole.samples}
    assert len(seen) == len(whole.samples) == 2 * 10 * 3
    assert whole.finished is not None


def test_every_query_but_the_date_range_of_few_rows_answers_with_rows(whole):
    empty = {each.query for each in whole.samples if each.rows == 0}
    assert empty <= {"date_range"}


def test_selective_queries_scan_82_percent_less_in_parquet_than_in_csv(whole):
    for query in ("selective_columns", "one_partition", "distinct", "window"):
        scanned = {each.layout: each.scanned_bytes for each in whole.samples if each.query == query}
        assert saved_share(scanned["csv"], scanned["parquet_snappy"]) >= 0.82


def test_one_partition_of_the_partitioned_layout_is_all_that_is_read(whole):
    sample = next(
        each
        for each in whole.samples
        if (each.query, each.layout) == ("one_partition", "parquet_by_category")
    )
    assert (sample.objects, sample.scans[0].partitions.kept) == (1, 1)
    assert sample.scans[0].filtered_partition_keys == ("categoria",)


def test_layouts_written_here_hold_the_same_rows_and_sorted_ones_leave_out_row_groups(session, tmp_path):
    layouts = choose_layouts(["parquet_sorted", "parquet_small_groups", "parquet_no_dictionary"], VENTAS)
    queries = {name: VENTAS.queries[name] for name in ("full_scan", "one_partition", "select_star")}
    plan = _plan(suite=replace(VENTAS, queries=queries), layouts=layouts, rows=70_000)
    run = run_suite(session, plan, ResultStore(directory=tmp_path), Quiet())
    groups = {each.name: (each.objects, each.row_groups) for each in run.layouts}
    assert groups == {
        "csv": (1, None),
        "parquet_sorted": (1, 9),
        "parquet_small_groups": (1, 9),
        "parquet_no_dictionary": (1, 2),
    }
    kept = {each.layout: each.row_groups for each in run.samples if each.query == "one_partition"}
    assert kept["parquet_sorted"] < kept["parquet_small_groups"] == 9
    stored = {each.name: each.stored_bytes for each in run.layouts}
    assert stored["parquet_no_dictionary"] > stored["parquet_small_groups"]


def test_two_runs_of_one_seed_have_the_same_bytes_and_digests(session, whole, tmp_path):
    again = run_suite(session, _plan(), ResultStore(directory=tmp_path), Quiet())
    names = ("query", "layout", "number", "scanned_bytes", "cost_usd", "rows", "result_digest")
    first = {
        tuple(getattr(each, name) for name in names) for each in whole.samples if each.query in FEW.queries
    }
    assert {tuple(getattr(each, name) for name in names) for each in again.samples} == first
    assert [(each.name, each.stored_bytes) for each in again.layouts] == [
        (each.name, each.stored_bytes) for each in whole.layouts
    ]


def test_an_interrupted_run_keeps_its_samples_removes_its_lake_and_goes_on(session, tmp_path):
    store, plan = ResultStore(directory=tmp_path), _plan()
    with pytest.raises(KeyboardInterrupt):
        run_suite(session, plan, store, Quiet(break_after=5))
    broken = store.load(plan.run_id)
    assert (len(broken.samples), broken.finished) == (5, None)
    buckets = [each["Name"] for each in session.s3.list_buckets()["Buckets"]]
    assert plan.bucket not in buckets
    resumed = run_suite(session, plan, store, Quiet(), earlier=broken)
    assert resumed.samples[:5] == broken.samples
    assert len(resumed.samples) == 12
    assert store.load(plan.run_id) == resumed


@pytest.mark.parametrize("change", [{"seed": 8}, {"rows": 1_999}, {"suite": VENTAS}])
def test_another_plan_cannot_resume_a_run(session, whole, tmp_path, change):
    earlier = replace(whole, finished=None, sql=dict(FEW.queries))
    plan = _plan(**change)
    with pytest.raises(ConfigError, match="cannot be resumed"):
        run_suite(session, plan, ResultStore(directory=tmp_path), Quiet(), earlier=earlier)


def test_a_run_is_not_resumed_without_a_layout_that_it_has(session, whole, tmp_path):
    earlier = replace(whole, finished=None)
    plan = _plan(suite=VENTAS, layouts=choose_layouts(["parquet_snappy"], VENTAS))
    with pytest.raises(ConfigError, match="without its layout parquet_by_category"):
        run_suite(session, plan, ResultStore(directory=tmp_path), Quiet(), earlier=earlier)


def test_a_finished_run_is_not_resumed(session, whole, tmp_path):
    plan = _plan(suite=VENTAS)
    with pytest.raises(ConfigError, match="is finished"):
        run_suite(session, plan, ResultStore(directory=tmp_path), Quiet(), earlier=whole)


def test_other_rows_or_other_bytes_fail_the_run(whole):
    sample = whole.samples[0]
    with pytest.raises(ClientError, match=r"gives other rows than layout"):
        check_agrees(replace(sample, result_digest="0"), whole.samples)
    with pytest.raises(ClientError, match="two runs scanned different bytes"):
        check_agrees(replace(sample, scanned_bytes=sample.scanned_bytes + 1), whole.samples)


def test_a_wrong_query_fails_with_athenas_words_and_leaves_no_lake(session, tmp_path):
    plan = _plan(suite=replace(FEW, queries={"wrong": "SELECT importe FROM {table}"}))
    with pytest.raises(ClientError, match="COLUMN_NOT_FOUND"):
        run_suite(session, plan, ResultStore(directory=tmp_path), Quiet())
    assert plan.database not in [each["Name"] for each in session.glue.get_databases()["DatabaseList"]]


def test_the_order_of_turns_is_shuffled_by_seed_and_whole_in_each_round():
    plan = _plan(runs=2)
    turns, other = list(turns_of(plan)), list(turns_of(replace(plan, seed=8)))
    assert turns == list(turns_of(plan))
    assert turns != other
    assert sorted(turns) == sorted(other)
    assert [number for number, _, _ in turns] == [0] * 6 + [1] * 6 + [2] * 6


def test_unknown_layouts_and_suites_are_refused_with_the_nearest_name():
    with pytest.raises(ConfigError, match="parquet_snapy") as layout:
        choose_layouts(["parquet_snapy"], VENTAS)
    assert "did you mean parquet_snappy?" in (layout.value.hint or "")
    with pytest.raises(ConfigError, match="unknown suite 'venta'") as suite:
        find_suite("venta")
    assert "did you mean ventas?" in (suite.value.hint or "")


@pytest.mark.parametrize(
    ("times", "kinds"),
    [
        ([9, 10, 10, 10], set()),
        ([1, 1, 1, 1], {"too_short"}),
        ([99, 10, 10, 10], {"cold_first_run"}),
        ([10, 10, 10, 10, 99], {"outlier"}),
        ([10, 10, 10, 20, 29], {"noisy"}),
        ([10], set()),
    ],
)
def test_doubtful_times_are_told(whole, times, kinds):
    samples = [
        replace(whole.samples[0], number=number, engine_ms=float(taken)) for number, taken in enumerate(times)
    ]
    assert {each.kind for each in measurement_warnings(samples)} == kinds


def test_another_number_of_rows_than_expected_fails_the_run(session, tmp_path):
    plan = _plan(suite=replace(FEW, expected={"one_partition": 99}))
    with pytest.raises(ClientError, match=r"query one_partition on layout \w+ gives 5 rows, not 99"):
        run_suite(session, plan, ResultStore(directory=tmp_path), Quiet())
