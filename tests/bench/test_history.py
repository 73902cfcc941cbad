"""The runs of a store: which one is the latest, which are comparable, and what bad files do to the others."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from lakebench.bench.figures import figures_of
from lakebench.bench.history import LeftOut, find_run, history_of, read_heads
from lakebench.bench.run_file import ResultStore, read_run
from lakebench.errors import DataError

RUN = Path(__file__).parents[1] / "cases/bench/report/run.json"


@pytest.fixture
def run():
    return read_run(RUN)


@pytest.fixture
def store(tmp_path):
    return ResultStore(directory=tmp_path / "results")


def later(run, name, days, **members):
    return replace(run, run_id=name, started=run.started + timedelta(days=days), **members)


def test_the_latest_run_is_the_newest_finished_one_whatever_its_name(run, store):
    for each in (later(run, "z-old", 0), later(run, "a-new", 2), later(run, "m", 1)):
        store.save(each)
    store.save(later(run, "newest", 3, finished=None, layouts=()))
    assert find_run("latest", store)[0].run_id == "a-new"


def test_a_run_is_found_by_id_and_by_file(run, store, tmp_path):
    store.save(run)
    path = store.directory / f"{run.run_id}.json"
    assert find_run(run.run_id, store) == (run, path)
    assert find_run(str(path), store) == (run, path)


@pytest.mark.parametrize(
    ("name", "message"),
    [("latest", "no finished run in"), ("gone", "no run gone in"), ("there/gone.json", "no result file")],
)
def test_a_run_that_is_not_there_is_refused(store, name, message):
    with pytest.raises(DataError, match=message) as refused:
        find_run(name, store)
    assert refused.value.hint


def test_a_history_has_the_comparable_runs_from_old_to_new_and_counts_the_others(run, store):
    for each in (
        later(run, "second", 1),
        later(run, "first", -1),
        later(run, "more-rows", 0, rows=1),
        later(run, "half", 0, finished=None, layouts=()),
        later(run, "other-sql", 0, sql={**run.sql, "full_scan": "SELECT 1 FROM {table}"}),
    ):
        store.save(each)
    (store.directory / "torn.json").write_text('{"schema": "lakebench.be', encoding="utf-8")
    (store.directory / "foreign.json").write_text("[]", encoding="utf-8")
    history = history_of(figures_of(run), store)
    assert [point.run_id for point in history.points] == ["first", run.run_id, "second"]
    assert history.left_out == {
        LeftOut.UNREADABLE: ("foreign", "torn"),
        LeftOut.OTHER_DATA: ("more-rows",),
        LeftOut.BROKEN_OFF: ("half",),
        LeftOut.OTHER_QUERIES: ("other-sql",),
    }
    point = history.points[0]
    assert point.scanned_bytes["csv"] == figures_of(run).suite_bytes("csv")
    assert point.time_ratios["csv"] == 1.0


def test_a_run_that_contradicts_itself_is_no_point(run, store):
    store.save(later(run, "bad", 1, samples=run.samples[1:]))
    broken = replace(run.samples[0], scanned_bytes=1)
    store.save(later(run, "worse", 1, samples=(broken, *run.samples[1:])))
    history = history_of(figures_of(run), store)
    assert "worse" in history.left_out[LeftOut.UNREADABLE]


def test_the_store_is_read_as_heads_and_every_bad_file_is_told(run, store):
    store.save(run)
    (store.directory / "torn.json").write_text("{", encoding="utf-8")
    heads, broken = read_heads(store)
    assert [head.run_id for head in heads] == [run.run_id]
    assert heads[0].layouts == tuple(layout.name for layout in run.layouts)
    assert [path.name for path in broken] == ["torn.json"]


def test_a_store_that_is_not_there_is_empty(store):
    assert read_heads(store) == ((), {})
