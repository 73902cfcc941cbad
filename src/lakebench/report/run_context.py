"""What stands around a run's figures: a month's bill, earlier runs, the warnings, the environment."""

from __future__ import annotations

from lakebench.bench.figures import PairFigures, RunFigures
from lakebench.bench.history import History, HistoryPoint
from lakebench.bench.monthly import DAYS, Month
from lakebench.bench.run_result import BenchRun
from lakebench.pricing import format_cost
from lakebench.report.document import ReportTable
from lakebench.report.run_section import Section
from lakebench.report.run_tables import spread
from lakebench.report.run_words import RunWords
from lakebench.report.story import format_count
from lakebench.report.words import Language, words_of
from lakebench.units import format_bytes, format_milliseconds

_LAST_RUNS = 20


def warnings_section(figures: RunFigures, words: RunWords) -> Section:
    """What may be wrong with the times, with the times themselves beside it."""
    run = figures.run
    title = words.warnings
    if not run.warnings:
        return Section(key="warnings", title=title, tables=(), notes=(words.no_warnings,))
    header = (words.query, words.layout, words.what, words.warm_up, words.median, words.fastest_slowest)
    kinds: dict[tuple[str, str | None], list[str]] = {}
    for each in run.warnings:
        what = words.warning_kinds.get(each.kind, each.message)
        kinds.setdefault((each.query, each.layout), []).append(what)
    rows = tuple(
        (query, layout or "", "; ".join(what), *_times(figures.pairs.get((query, layout or ""))))
        for (query, layout), what in kinds.items()
    )
    table = ReportTable(title="", header=header, rows=rows, words=frozenset({0, 1, 2}))
    note = words.warned.format(count=len(rows), total=len(figures.pairs))
    return Section(key="warnings", title=title, tables=(table,), notes=(note,))


def _times(pair: PairFigures | None) -> tuple[str, str, str]:
    if pair is None:
        return "", "", ""
    warm_up = "" if pair.warm_up_ms is None else format_milliseconds(pair.warm_up_ms)
    return warm_up, format_milliseconds(pair.engine_ms), spread(pair)


def month_section(month: Month, words: RunWords, language: Language) -> Section:
    """Scans and storage of each layout in dollars."""
    rows = tuple(
        (
            each.layout,
            format_cost(each.scan_usd),
            format_bytes(each.stored_bytes) if each.storage_usd is None else format_cost(each.storage_usd),
            "" if each.total_usd is None else format_cost(each.total_usd),
        )
        for each in month.layouts
    )
    header = (words.layout, words.scans_a_month, words.storage_a_month, words.total_a_month)
    notes = [
        words.month_note.format(
            per_day=format_count(month.per_day, language),
            days=DAYS,
            executions=format_count(month.executions, language),
        )
    ]
    if month.refusal is not None:
        notes.append(words.storage_refused.format(why=month.refusal))
    if month.storage_price is not None:
        price = month.storage_price
        notes.append(
            words.storage_price.format(
                price=f"{price.price:f} {price.currency}",
                region=price.region,
                since=price.effective,
                sure="" if price.verified else words_of(language).unverified,
            )
        )
    table = ReportTable(title="", header=header, rows=rows)
    return Section(key="month", title=words.month, tables=(table,), notes=tuple(notes))


def history_section(history: History, run: BenchRun, words: RunWords) -> Section:
    """The comparable runs of the store, the newest last."""
    notes = [words.history_alone]
    tables: tuple[ReportTable, ...] = ()
    if len(history.points) > 1:
        notes = [words.history_note.format(count=len(history.points))]
        names = [layout.name for layout in run.layouts]
        header = (words.started, words.run, words.version, words.commit, *names)
        rows = tuple(_point(point, names, words) for point in history.points[-_LAST_RUNS:])
        tables = (ReportTable(title="", header=header, rows=rows, words=frozenset({0, 1, 2, 3})),)
    if history.left_out:
        reasons = "; ".join(
            words.left_out[reason].format(count=len(ids), names=", ".join(ids[:3]))
            for reason, ids in history.left_out.items()
        )
        notes.append(words.history_left_out.format(reasons=reasons))
    return Section(key="history", title=words.history, tables=tables, notes=tuple(notes))


def _point(point: HistoryPoint, names: list[str], words: RunWords) -> tuple[str, ...]:
    sizes = (point.scanned_bytes.get(name) for name in names)
    return (
        f"{point.started:%Y-%m-%d %H:%M}",
        point.run_id,
        point.version or words.none,
        (point.commit or words.none)[:10],
        *("" if size is None else format_bytes(size) for size in sizes),
    )


def environment_section(figures: RunFigures, words: RunWords, language: Language) -> Section:
    """Where and with what it was measured."""
    run, made = figures.run, figures.run.environment
    took = (
        ""
        if run.finished is None
        else format_milliseconds((run.finished - run.started).total_seconds() * 1e3)
    )
    rows = (
        (words.target, f"{run.target} ({run.region})"),
        (words.price, format_cost(run.usd_per_tb)),
        (words.rows, format_count(run.rows, language)),
        (words.seed, str(run.seed)),
        (words.rounds, str(max(pair.rounds for pair in figures.pairs.values()))),
        (words.started, f"{run.started:%Y-%m-%d %H:%M:%S %Z}".strip()),
        (words.took, took),
        (words.machine, f"{made.system} {made.machine}"),
        (words.cores, str(made.cores)),
        (words.commit, made.commit or words.none),
        (words.made_with, ", ".join(f"{name} {number}" for name, number in made.versions.items())),
    )
    table = ReportTable(title="", header=(words.what, words.value), rows=rows, words=frozenset({0, 1}))
    return Section(key="environment", title=words.environment, tables=(table,), notes=())
