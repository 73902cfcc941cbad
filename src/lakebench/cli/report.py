"""``lakebench report``: a stored run as one HTML file, or as Markdown, JSON or CSV."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lakebench.errors import ConfigError
from lakebench.report.words import Language

if TYPE_CHECKING:
    from lakebench.report.run_report import RunReport

_RESULTS = Path(".lakebench/results")
_STDOUT = Path("-")
_SCHEMA_MARK = '"schema": "lakebench.bench"'


class ReportFormat(StrEnum):
    """``html`` is a file beside the result, the others are for pipes."""

    HTML = "html"
    MD = "md"
    JSON = "json"
    CSV = "csv"


def complete_run(incomplete: str) -> list[str]:
    """Ids of the runs kept in the usual folder, for the shell's completion."""
    names = sorted(path.stem for path in _RESULTS.glob("*.json"))
    return [name for name in ("latest", *names) if name.startswith(incomplete)]


def report(
    run: Annotated[
        str,
        typer.Argument(help="The run: its id, a result file, or latest.", autocompletion=complete_run),
    ],
    *,
    form: Annotated[
        ReportFormat | None,
        typer.Option(
            "--format", help="html is one file without network or script; default: by --out, else html."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="The file to write, - for stdout; default: beside the result (html), stdout (others)."
        ),
    ] = None,
    lang: Annotated[Language, typer.Option(help="The language of html and md.")] = Language.EN,
    query: Annotated[
        str | None,
        typer.Option(help="The query of the first table; default: the first one that reads a part."),
    ] = None,
    queries_per_day: Annotated[
        int, typer.Option(min=1, help="How often each query is asked, for a month's cost.")
    ] = 100,
    results: Annotated[Path, typer.Option(help="The folder of results.")] = _RESULTS,
) -> None:
    """Write the report of a run: CSV against Parquet, bytes, cost, time, where the bytes go."""
    from lakebench.bench.history import find_run
    from lakebench.bench.run_file import ResultStore
    from lakebench.report.run_report import report_of

    store = ResultStore(directory=results)
    found, file = find_run(run, store)
    made = report_of(found, store, language=lang, per_day=queries_per_day, query=query)
    chosen = form or format_of(out)
    place = out
    if place is None:
        place = file.with_suffix(".html") if chosen is ReportFormat.HTML else _STDOUT
    if place == _STDOUT:
        typer.echo(_text(made, chosen), nl=False)
        return
    write_report(made, chosen, place)
    typer.echo(f"The report is {place}")


def format_of(out: Path | None) -> ReportFormat:
    """The format that a file's name asks for; HTML where it asks for none."""
    ending = "" if out is None else out.suffix.removeprefix(".").lower()
    return next((form for form in ReportFormat if form.value == ending), ReportFormat.HTML)


def write_report(made: RunReport, form: ReportFormat, place: Path) -> None:
    """Write a report whole or not at all; raises ConfigError for a place that cannot be or holds a result."""
    from lakebench.cli.whole_file import write_whole

    check_report_place(place)
    try:
        write_whole(place, _text(made, form))
    except OSError as error:
        raise ConfigError(f"--out {place} cannot be written: {error.strerror or error}") from error


def check_report_place(place: Path, option: str = "--out") -> None:
    """Raises ConfigError for a folder, a missing folder, or a file that is a benchmark's result."""
    if place.is_dir():
        raise ConfigError(f"{option} {place} is a folder", hint="name a file")
    if not place.absolute().parent.is_dir():
        raise ConfigError(
            f"{option} {place}: its folder does not exist", hint=f"mkdir -p {place.absolute().parent}"
        )
    if place.is_file():
        with place.open("rb") as there:
            head = there.read(200).decode("utf-8", "replace")
        if _SCHEMA_MARK in head:
            raise ConfigError(
                f"{option} {place} is the result of a run, which is kept", hint="name another file"
            )


def _text(made: RunReport, form: ReportFormat) -> str:
    match form:
        case ReportFormat.HTML:
            from lakebench.report.html import report_to_html

            return report_to_html(made)
        case ReportFormat.MD:
            from lakebench.report.markdown import to_markdown
            from lakebench.report.run_report import report_document

            return to_markdown(report_document(made))
        case ReportFormat.JSON:
            from lakebench.report.run_data import report_to_json

            return report_to_json(made)
        case ReportFormat.CSV:
            from lakebench.report.run_data import report_to_csv

            return report_to_csv(made)
