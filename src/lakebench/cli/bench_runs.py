"""``lakebench bench list`` and ``project``: the stored runs, and what they say of a larger scale."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from lakebench.cli.report import complete_run
from lakebench.errors import ConfigError

_RESULTS = Path(".lakebench/results")


def list_runs(
    *,
    results: Annotated[Path, typer.Option(help="The folder of results.")] = _RESULTS,
) -> None:
    """List the stored runs, the newest last."""
    from lakebench.bench.history import read_heads
    from lakebench.bench.run_file import ResultStore
    from lakebench.report.history import runs_document
    from lakebench.report.plain import to_plain

    heads, broken = read_heads(ResultStore(directory=results))
    typer.echo(to_plain(runs_document(heads, broken, results)), nl=False)


def project(
    runs: Annotated[
        list[str],
        typer.Argument(
            help="Runs at three scales: ids, files or latest; those not named are looked for in the store.",
            autocompletion=complete_run,
        ),
    ],
    *,
    rows: Annotated[int, typer.Option(min=1, help="The scale to project to, as 1_000_000_000.")],
    max_error: Annotated[
        str, typer.Option(help="Refuse figures whose model is further off at the scale held out.")
    ] = "10%",
    form: Annotated[
        Literal["text", "md", "json"], typer.Option("--format", help="md is for a page.")
    ] = "text",
    results: Annotated[Path, typer.Option(help="The folder of results.")] = _RESULTS,
) -> None:
    """Bytes and dollars at a scale that was not run, fitted at two scales and checked at a third.

    Each figure stands beside the error measured at the largest run, which the fit has not seen; exits with 1
    when every figure is refused.
    """
    from lakebench.bench.history import find_run
    from lakebench.bench.project_runs import project_runs, with_other_scales
    from lakebench.bench.run_file import ResultStore
    from lakebench.report.markdown import to_markdown
    from lakebench.report.plain import to_plain
    from lakebench.report.projection import projection_document, projection_json

    share = parse_share(max_error)
    store = ResultStore(directory=results)
    named = [find_run(text, store)[0] for text in runs]
    projection = project_runs(with_other_scales(named, store), rows, share)
    match form:
        case "text":
            typer.echo(to_plain(projection_document(projection)), nl=False)
        case "md":
            typer.echo(to_markdown(projection_document(projection)), nl=False)
        case "json":
            typer.echo(projection_json(projection), nl=False)
    raise typer.Exit(1 if projection.worst_error is None else 0)


def parse_share(text: str) -> float:
    """Read ``10%``; raises ConfigError."""
    try:
        share = float(text.strip().removesuffix("%")) / 100
    except ValueError:
        share = -1.0
    if not text.strip().endswith("%") or not 0 <= share < 1:
        raise ConfigError(f"--max-error: {text!r} is no limit", hint="write 10%")
    return share
