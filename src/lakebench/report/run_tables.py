"""The figures of a run as tables: the seed's, one line a layout, one line a query and layout."""

from __future__ import annotations

from lakebench.bench.figures import PairFigures, RunFigures, source_first
from lakebench.bench.headline import Headline
from lakebench.bench.result import saved_share
from lakebench.bench.run_result import BenchRun
from lakebench.pricing import format_cost
from lakebench.report.document import ReportTable
from lakebench.report.run_section import Section
from lakebench.report.run_words import RunWords
from lakebench.report.story import format_count, format_share
from lakebench.report.words import Language, Words, words_of
from lakebench.units import format_bytes, format_milliseconds

_TOO_SHORT = "too_short"


def headline_section(
    headline: Headline | None, run: BenchRun, words: RunWords, language: Language
) -> Section:
    """The seed's table: data scanned, cost, performance, and what Parquet makes of each."""
    if headline is None:
        return Section(key="seed", title="CSV / Parquet", tables=(), notes=(words.no_headline,))
    csv, parquet, seed = headline.csv, headline.parquet, words_of(language)
    share = saved_share(csv.list_usd, parquet.list_usd)
    rows = (
        (
            seed.data_scanned,
            format_bytes(csv.scanned_bytes),
            format_bytes(parquet.scanned_bytes),
            _change(headline.reduction, seed.less, seed.more, seed.same),
        ),
        (
            seed.cost,
            seed.reference,
            format_share(1 - share),
            _change(share, seed.cheaper, seed.dearer, seed.same),
        ),
        (
            words.performance,
            _performance(csv, words, full=headline.csv_full),
            _performance(parquet, words, full=headline.parquet_full),
            _speed(parquet, run, words, seed),
        ),
    )
    header = (seed.metric, seed.csv, seed.parquet, seed.improvement)
    note = words.note_cost_share.format(
        price=format_cost(run.usd_per_tb),
        csv=format_cost(csv.cost_usd),
        parquet=format_cost(parquet.cost_usd),
    )
    title = words.headline.format(query=csv.query, csv=csv.layout, parquet=parquet.layout)
    table = ReportTable(title="", header=header, rows=rows)
    return Section(key="seed", title=title, tables=(table,), notes=(note,))


def layouts_section(figures: RunFigures, words: RunWords, language: Language) -> Section:
    """What each layout stores, and what all queries asked once scan of it."""
    source = source_first(figures.run.layouts)
    rows = []
    for layout in figures.run.layouts:
        scanned = figures.suite_bytes(layout.name)
        saved = ""
        if source is not None and layout is not source:
            saved = f"{saved_share(figures.suite_bytes(source.name), scanned):.1%}"
        rows.append(
            (
                layout.name,
                layout.data_format,
                format_bytes(scanned),
                saved,
                format_cost(figures.suite_usd(layout.name)),
                format_bytes(layout.stored_bytes),
                format_count(layout.objects, language),
                "" if layout.row_groups is None else format_count(layout.row_groups, language),
            )
        )
    header = (
        words.layout,
        words.data_format,
        f"{words.scanned} ({words.all_queries.lower()})",
        words.against.format(layout=source.name if source else "-"),
        words.billed_once,
        words.stored,
        words.objects,
        words.row_groups,
    )
    table = ReportTable(title="", header=header, rows=tuple(rows), words=frozenset({0, 1}))
    notes = [words.note_exact]
    if any(layout.data_format == "orc" for layout in figures.run.layouts):
        notes.append(words.note_orc)
    return Section(key="layouts", title=words.layouts_side_by_side, tables=(table,), notes=tuple(notes))


def queries_section(figures: RunFigures, words: RunWords, language: Language) -> Section:
    """Every query on every layout: bytes, cost and time."""
    source = source_first(figures.run.layouts)
    rows: list[tuple[str, ...]] = []
    for query in figures.run.sql:
        rows.append((query,))
        base = None if source is None else figures.pairs[query, source.name]
        for pair in figures.of_query(query):
            saved = ""
            if base is not None and pair is not base:
                saved = f"{saved_share(base.scanned_bytes, pair.scanned_bytes):.1%}"
            rows.append(
                (
                    f"  {pair.layout}",
                    format_bytes(pair.scanned_bytes),
                    saved,
                    format_cost(pair.cost_usd),
                    format_milliseconds(pair.engine_ms),
                    spread(pair),
                    format_count(pair.rows, language),
                )
            )
    header = (
        f"{words.query}, {words.layout.lower()}",
        words.scanned,
        words.against.format(layout=source.name if source else "-"),
        words.billed,
        words.engine_time,
        words.fastest_slowest,
        words.rows,
    )
    rounds = max(pair.rounds for pair in figures.pairs.values())
    return Section(
        key="queries",
        title=words.queries,
        tables=(ReportTable(title="", header=header, rows=tuple(rows)),),
        notes=(words.note_time.format(rounds=rounds) if rounds > 1 else words.note_time_once,),
    )


def spread(pair: PairFigures) -> str:
    """The fastest and the slowest timed round; nothing where there was one."""
    if pair.rounds == 1:
        return ""
    return f"{format_milliseconds(pair.fastest_ms)} - {format_milliseconds(pair.slowest_ms)}"


def _performance(pair: PairFigures, words: RunWords, *, full: bool | None) -> str:
    took = format_milliseconds(pair.engine_ms)
    if full is None:
        return took
    return f"{words.full_scan if full else words.selective_scan} ({took})"


def _speed(pair: PairFigures, run: BenchRun, words: RunWords, seed: Words) -> str:
    """How much faster in the same rounds; a difference within the noise of the rounds is none."""
    doubted = any(
        each.kind == _TOO_SHORT and each.query == pair.query and each.layout in {pair.layout, None}
        for each in run.warnings
    )
    if pair.time_ratio is None or doubted:
        return seed.too_short
    speedup = 1 / pair.time_ratio
    if pair.noise is not None and abs(pair.time_ratio - 1) <= pair.noise * pair.time_ratio:
        return words.within_noise
    if speedup > 1:
        return seed.faster.format(times=f"{speedup:.1f}")
    return seed.slower.format(times=f"{1 / speedup:.1f}")


def _change(share: float, better: str, worse: str, same: str) -> str:
    if share == 0:
        return same
    return better.format(share=format_share(share)) if share > 0 else worse.format(share=format_share(-share))
