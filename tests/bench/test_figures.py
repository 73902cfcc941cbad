"""What figures are drawn from a result file, and which files are refused because they contradict themselves."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from lakebench.bench.figures import figures_of
from lakebench.bench.headline import headline_of
from lakebench.bench.monthly import month_of
from lakebench.bench.run_file import read_run
from lakebench.errors import ConfigError, DataError

CASES = Path(__file__).parents[1] / "cases/bench"


@pytest.fixture(scope="module")
def run():
    """Four queries on four layouts, a warm-up and two timed rounds, measured."""
    return read_run(CASES / "report/run.json")


def with_sample(run, at, **members):
    samples = list(run.samples)
    samples[at] = replace(samples[at], **members)
    return replace(run, samples=tuple(samples))


def test_times_are_medians_of_the_rounds_after_the_warm_up(run):
    pair = figures_of(run).pairs["selective_columns", "parquet_snappy"]
    taken = {
        each.number: each.engine_ms
        for each in run.samples
        if (each.query, each.layout) == ("selective_columns", "parquet_snappy")
    }
    assert (pair.rounds, pair.warm_up_ms) == (2, taken[0])
    assert pair.engine_ms == (taken[1] + taken[2]) / 2
    assert (pair.fastest_ms, pair.slowest_ms) == (min(taken[1], taken[2]), max(taken[1], taken[2]))


def test_the_list_price_is_bytes_times_the_price_of_the_run(run):
    pair = figures_of(run).pairs["selective_columns", "parquet_snappy"]
    assert pair.list_usd == Decimal(pair.scanned_bytes) * 5 / 2**40
    assert pair.cost_usd == Decimal(10 * 2**20) * 5 / 2**40, "10 MB is the least that is billed"


def test_a_run_broken_off_has_no_figures(run):
    with pytest.raises(ConfigError, match="was broken off") as refused:
        figures_of(replace(run, finished=None))
    assert run.run_id in refused.value.hint


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda run: replace(run, layouts=()), "no query or no layout"),
        (lambda run: replace(run, layouts=run.layouts * 2), "listed twice"),
        (lambda run: replace(run, layouts=run.layouts[1:]), "lists no such pair"),
        (lambda run: replace(run, sql={**run.sql, "other": "SELECT 1"}), "query other was not measured"),
        (lambda run: with_sample(run, 0, scanned_bytes=1), "differ in bytes"),
        (lambda run: with_sample(run, 0, cost_usd=Decimal(1)), "differ in bytes or cost"),
        (lambda run: with_sample(run, 0, result_digest="x"), "other rows"),
        (lambda run: with_sample(run, 0, engine_ms=float("nan")), "no number"),
        (lambda run: with_sample(run, 0, engine_ms=-1.0), "negative"),
        (lambda run: replace(run, samples=(*run.samples, run.samples[0])), "a round is there twice"),
    ],
)
def test_a_run_that_contradicts_itself_is_refused(run, change, message):
    with pytest.raises(DataError, match="contradicts itself") as refused:
        figures_of(change(run))
    assert message in str(refused.value)


def test_the_headline_is_the_first_query_that_reads_a_part(run):
    headline = headline_of(figures_of(run))
    assert next(iter(run.sql)) == "full_scan"
    assert (headline.csv.query, headline.csv.layout, headline.parquet.layout) == (
        "selective_columns",
        "csv",
        "parquet_snappy",
    )
    assert (headline.csv_full, headline.parquet_full) == (True, False)
    assert headline.reduction >= 0.82, "the seed's figure, measured"


def test_a_scan_that_nothing_explains_is_called_full_only_where_its_size_says_so(run):
    bare = replace(run, samples=tuple(replace(each, scans=()) for each in run.samples))
    headline = headline_of(figures_of(bare))
    assert (headline.csv_full, headline.parquet_full) == (True, None)


def test_another_query_can_be_the_headline_and_an_unknown_one_is_refused(run):
    figures = figures_of(run)
    assert headline_of(figures, "full_scan").parquet_full is True
    with pytest.raises(ConfigError, match="no query 'fullscan'"):
        headline_of(figures, "fullscan")


def test_without_parquet_there_is_no_headline(run):
    kept = tuple(layout for layout in run.layouts if layout.data_format != "parquet")
    names = {layout.name for layout in kept}
    bare = replace(run, layouts=kept, samples=tuple(each for each in run.samples if each.layout in names))
    assert headline_of(figures_of(bare)) is None


def test_a_month_is_each_query_as_billed_and_storage_by_its_price(run):
    figures = figures_of(run)
    month = month_of(figures, per_day=10)
    csv = month.layouts[0]
    assert month.executions == 10 * 30 * len(run.sql)
    assert csv.scan_usd == figures.suite_usd("csv") * 300
    assert csv.storage_usd == Decimal(csv.stored_bytes) * Decimal("0.023") / 2**30
    assert csv.total_usd == csv.scan_usd + csv.storage_usd


def test_a_region_without_a_price_of_storage_has_scans_alone(run):
    month = month_of(figures_of(replace(run, region="ap-southeast-1")))
    assert [layout.total_usd for layout in month.layouts] == [None] * len(run.layouts)
    assert "no price of s3-storage is known for region 'ap-southeast-1'" in month.refusal
