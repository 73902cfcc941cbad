"""A story's figures as a document: the seed's table first, then every query, then the two tables."""

from __future__ import annotations

from collections import Counter

from lakebench.bench.result import LayoutSummary, QueryComparison, StoryResult, saved_share
from lakebench.pricing import format_cost
from lakebench.report.beside import Beside, beside_table
from lakebench.report.document import Document, ReportTable
from lakebench.report.words import Language, Words, words_of
from lakebench.units import format_bytes, format_milliseconds

_SAME_SPEED = 0.05  # closer than this, which one was faster is chance


def story_document(result: StoryResult, language: Language = Language.EN) -> Document:
    """The report of a story in a language; every figure comes from the result."""
    words = words_of(language)
    title = words.title.format(
        rows=format_count(result.rows, language),
        seed=result.seed,
        target=result.target,
        region=result.region,
    )
    beside = beside_table(story_beside(result), result.region, language)
    return Document(
        title=title,
        tables=(
            _headline(result.headline, words, language),
            _queries(result, words, language),
            _layouts(result, words, language),
            *(() if beside is None else (beside,)),
        ),
        notes=_notes(result, words),
    )


def story_beside(result: StoryResult) -> Beside:
    """What the story took beside its scans: each run opens its table's objects and writes a result."""
    runs = [(one.csv.runs, one.parquet.runs) for one in result.queries]
    csv, parquet = (sum(counts) for counts in zip(*runs, strict=True))
    written = len(result.csv.objects) + len(result.parquet.objects)
    return Beside(
        gets=(csv + 1) * len(result.csv.objects) + parquet * len(result.parquet.objects),
        puts=written + csv + parquet,
        stored_bytes=result.csv.stored_bytes + result.parquet.stored_bytes,
        crawls=1,
    )


def format_count(count: int, language: Language) -> str:
    """A count with its thousands parted, by a comma in English and a blank in Spanish."""
    text = f"{count:,}"
    return text if language is Language.EN else text.replace(",", " ")


def format_share(share: float) -> str:
    """A share as per cent with one decimal: ``93.9%``."""
    return f"{share * 100:.1f}%"


def _headline(one: QueryComparison, words: Words, language: Language) -> ReportTable:
    bytes_row, cost_row, time_row = _rows(one, words)
    share = (words.cost, words.reference, format_share(1 - one.reduction), cost_row[-1])
    title = one.query.title(language.value)
    return ReportTable(title=title, header=_header(words), rows=(bytes_row, share, time_row))


def _queries(result: StoryResult, words: Words, language: Language) -> ReportTable:
    rows: list[tuple[str, ...]] = []
    for one in result.queries:
        rows.append((one.query.title(language.value),))
        rows += [(f"  {first}", *rest) for first, *rest in _rows(one, words)]
    return ReportTable(title=words.queries, header=_header(words), rows=tuple(rows))


def _header(words: Words) -> tuple[str, ...]:
    return (words.metric, words.csv, words.parquet, words.improvement)


def _rows(one: QueryComparison, words: Words) -> tuple[tuple[str, ...], ...]:
    """Data scanned, cost at list price, run time; each with its improvement."""
    cheaper = saved_share(one.csv.list_usd, one.parquet.list_usd)
    return (
        (
            words.data_scanned,
            format_bytes(one.csv.scanned_bytes),
            format_bytes(one.parquet.scanned_bytes),
            _change(one.reduction, words.less, words.more, words.same),
        ),
        (
            words.cost,
            format_cost(one.csv.list_usd),
            format_cost(one.parquet.list_usd),
            _change(cheaper, words.cheaper, words.dearer, words.same),
        ),
        (
            words.run_time,
            format_milliseconds(one.csv.engine_ms),
            format_milliseconds(one.parquet.engine_ms),
            _speed(one.speedup, words),
        ),
    )


def _layouts(result: StoryResult, words: Words, language: Language) -> ReportTable:
    return ReportTable(
        title=words.storage,
        header=(words.table, words.objects, words.stored, words.columns, words.location),
        words=frozenset({0, 3, 4}),
        rows=tuple(
            (
                layout.table,
                format_count(len(layout.objects), language),
                format_bytes(layout.stored_bytes),
                _types(layout),
                str(layout.location),
            )
            for layout in (result.csv, result.parquet)
        ),
    )


def _types(layout: LayoutSummary) -> str:
    counts = Counter(column.type.hive for column in layout.columns)
    return ", ".join(f"{count} {name}" for name, count in counts.most_common())


def _notes(result: StoryResult, words: Words) -> tuple[str, ...]:
    headline, tariff = result.headline, result.tariff
    return (
        words.note_same_rows.format(times=_times(result, words)),
        words.note_cost.format(
            price=format_cost(tariff.price_per_tb),
            region=tariff.region,
            since=tariff.effective,
            sure="" if tariff.verified else words.unverified,
        ),
        words.note_minimum.format(
            csv=format_cost(headline.csv.billed_usd), parquet=format_cost(headline.parquet.billed_usd)
        ),
        words.note_ctas.format(
            scanned=format_bytes(result.ctas.scanned_bytes),
            billed=format_cost(result.ctas.billed_usd),
            time=format_milliseconds(result.ctas.engine_ms),
        ),
        words.note_total.format(total=format_cost(result.billed_usd)),
    )


def _times(result: StoryResult, words: Words) -> str:
    most = max(max(one.csv.runs, one.parquet.runs) for one in result.queries)
    return words.median_times.format(runs=most - 1) if most > 1 else words.single_times


def _change(share: float, better: str, worse: str, same: str) -> str:
    if share == 0:
        return same
    return better.format(share=format_share(share)) if share > 0 else worse.format(share=format_share(-share))


def _speed(speedup: float | None, words: Words) -> str:
    if speedup is None:
        return words.too_short
    if abs(speedup - 1) < _SAME_SPEED:
        return words.same
    if speedup > 1:
        return words.faster.format(times=f"{speedup:.1f}")
    return words.slower.format(times=f"{1 / speedup:.1f}")
