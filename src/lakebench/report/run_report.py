"""A run's report before it has a form: what is in it, section by section, the same for HTML and Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lakebench.bench.figures import RunFigures, figures_of
from lakebench.bench.headline import Headline, headline_of
from lakebench.bench.history import History, history_of
from lakebench.bench.monthly import DEFAULT_PER_DAY, Month, month_of
from lakebench.bench.run_file import ResultStore
from lakebench.bench.run_result import BenchRun
from lakebench.report.document import Document, ReportTable
from lakebench.report.run_context import environment_section, history_section, month_section, warnings_section
from lakebench.report.run_explanation import explanation_section
from lakebench.report.run_section import Section
from lakebench.report.run_tables import headline_section, layouts_section, queries_section
from lakebench.report.run_words import RunWords, run_words_of
from lakebench.report.story import format_count
from lakebench.report.words import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """Everything that a report of a run shows, as values; no renderer computes another."""

    figures: RunFigures
    headline: Headline | None
    month: Month
    history: History
    language: Language

    @property
    def run(self) -> BenchRun:
        """The run."""
        return self.figures.run

    @property
    def words(self) -> RunWords:
        """The words of its language."""
        return run_words_of(self.language)


def report_of(
    run: BenchRun,
    store: ResultStore,
    *,
    language: Language = Language.EN,
    per_day: int = DEFAULT_PER_DAY,
    query: str | None = None,
) -> RunReport:
    """Gather a report; the history is of the store's comparable runs.

    Raises ConfigError for a run broken off or an unknown ``query``, DataError for a contradictory one.
    """
    figures = figures_of(run)
    return RunReport(
        figures=figures,
        headline=headline_of(figures, query),
        month=month_of(figures, per_day),
        history=history_of(figures, store),
        language=language,
    )


def report_title(report: RunReport) -> str:
    """What was measured."""
    run = report.run
    rows = format_count(run.rows, report.language)
    return report.words.title.format(suite=run.suite, rows=rows, layouts=len(run.layouts))


def report_about(report: RunReport) -> str:
    """Which run it was."""
    run = report.run
    return report.words.about.format(
        run=run.run_id,
        started=f"{run.started:%Y-%m-%d %H:%M}",
        target=run.target,
        region=run.region,
        seed=run.seed,
    )


def report_sections(report: RunReport) -> tuple[Section, ...]:
    """All sections in order, the seed's table first."""
    figures, words, language = report.figures, report.words, report.language
    return (
        headline_section(report.headline, figures.run, words, language),
        warnings_section(figures, words),
        layouts_section(figures, words, language),
        queries_section(figures, words, language),
        month_section(report.month, words, language),
        history_section(report.history, figures.run, words),
        explanation_section(figures, words),
        environment_section(figures, words, language),
    )


def report_document(report: RunReport) -> Document:
    """The report as tables and notes, for Markdown."""
    sections = report_sections(report)
    return Document(
        title=report_title(report),
        tables=tuple(table for section in sections for table in _titled(section)),
        notes=(report_about(report), *(note for section in sections for note in section.notes)),
    )


def _titled(section: Section) -> Iterator[ReportTable]:
    """The section's tables, each under a heading of its own."""
    for table in section.tables:
        title = f"{section.title}: {table.title}" if table.title else section.title
        yield ReportTable(title=title, header=table.header, rows=table.rows, words=table.words)
