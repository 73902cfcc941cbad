"""``lakebench bench``: one suite on many layouts, measured; two runs of it, compared."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lakebench.cli.aws_options import Agreed, Bucket, Keep, MaxUsd, Profile, Region, TargetName, Workgroup
from lakebench.cli.bench_runs import list_runs, project
from lakebench.config import target_for
from lakebench.emulator.launch import Server

if TYPE_CHECKING:
    from lakebench.bench.run_result import BenchRun

RESULTS = Path(".lakebench/results")

bench = typer.Typer(name="bench", help="Measure queries on many layouts of a table.", no_args_is_help=True)


@bench.callback()
def _bench() -> None:
    """Options before the verb."""


bench.command("list")(list_runs)
bench.command("project")(project)


@bench.command("run")
def run(
    *,
    suite: Annotated[str, typer.Argument(help="The suite: ventas, logs, tpch, or a TOML file of your own.")],
    layouts: Annotated[
        str | None, typer.Option(help="Layouts by name, with commas, or all; csv is always among them.")
    ] = None,
    rows: Annotated[
        int | None,
        typer.Option(min=1, help="Rows to generate, as 1_000_000; default: 100,000.", show_default=False),
    ] = None,
    scale: Annotated[
        float | None, typer.Option(help="TPC-H's scale factor; default: 0.01.", show_default=False)
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same bytes.")] = 7,
    runs: Annotated[int, typer.Option(min=1, help="Timed rounds, after one that warms up.")] = 3,
    target: TargetName = None,
    endpoint: Annotated[
        str | None, typer.Option(help="Run on this `lakebench serve`; default: a server of its own.")
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the result here as well.")] = None,
    report: Annotated[
        Path | None,
        typer.Option(help="Write the report here (.html, .md, .json, .csv); default: beside the result."),
    ] = None,
    results: Annotated[Path, typer.Option(help="The folder of results.")] = RESULTS,
    resume: Annotated[str | None, typer.Option(help="Go on with this run that was broken off.")] = None,
    region: Region = None,
    aws: Agreed = False,
    max_usd: MaxUsd = None,
    aws_profile: Profile = None,
    aws_bucket: Bucket = None,
    aws_workgroup: Workgroup = None,
    keep: Keep = False,
) -> None:
    """Run every query of a suite on every layout; the answers must agree, the figures are kept."""
    flags = {
        "target": target,
        "endpoint": endpoint,
        "region": region,
        "max_usd": max_usd,
        "profile": aws_profile,
        "bucket": aws_bucket,
        "workgroup": aws_workgroup,
    }
    chosen = target_for(flags, environ=os.environ, directory=Path.cwd())
    from lakebench.cli.bench_run import BenchOptions, run_bench  # heavy; --help is quick

    options = BenchOptions(
        suite=suite,
        layouts=None if layouts is None else tuple(name.strip() for name in layouts.split(",")),
        rows=rows,
        scale=scale,
        seed=seed,
        runs=runs,
        target=chosen,
        json_file=json_file,
        report=report,
        results=results,
        resume=resume,
        spending_allowed=aws,
        keep=keep,
        start_server=partial(Server, region=chosen.region),
    )
    raise typer.Exit(run_bench(options))


@bench.command("compare")
def compare(
    base: Annotated[str, typer.Argument(help="The run to compare with: its id, or a result file.")],
    new: Annotated[str, typer.Argument(help="The run that may be worse.")],
    *,
    fail_on: Annotated[
        str, typer.Option(help="By how much a figure may grow; time needs a limit of its own: time:25%.")
    ] = "bytes:0%,cost:0%",
    form: Annotated[
        Literal["text", "md", "json"], typer.Option("--format", help="md is a comment for a pull request.")
    ] = "text",
    results: Annotated[Path, typer.Option(help="The folder of results.")] = RESULTS,
) -> None:
    """Compare two runs of a suite; exit with 1 when a query scans or costs more than it may.

    In a workflow of GitHub the comparison is also added to the step's summary (GITHUB_STEP_SUMMARY).
    """
    from lakebench.bench.compare import compare_runs, parse_gates
    from lakebench.report.comparison import comparison_document, comparison_json, comparison_markdown
    from lakebench.report.plain import to_plain

    gates = parse_gates(fail_on)
    comparison = compare_runs(_run_named(base, results), _run_named(new, results), gates)
    if step_summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(step_summary).open("a", encoding="utf-8") as file:
            file.write(comparison_markdown(comparison))
    match form:
        case "text":
            typer.echo(to_plain(comparison_document(comparison)), nl=False)
        case "md":
            typer.echo(comparison_markdown(comparison), nl=False)
        case "json":
            typer.echo(comparison_json(comparison), nl=False)
    raise typer.Exit(1 if comparison.failed else 0)


@bench.command("view")
def view(*, results: Annotated[Path, typer.Option(help="The folder of results.")] = RESULTS) -> None:
    """Print the statement that makes all kept runs one view of DuckDB's, a row for each sample."""
    from lakebench.bench.result_view import samples_view

    typer.echo(samples_view(results), nl=False)


def _run_named(text: str, results: Path) -> BenchRun:
    """A path that is there, else the id of a kept run."""
    from lakebench.bench.run_file import ResultStore, read_run

    path = Path(text)
    return read_run(path) if path.is_file() else ResultStore(directory=results).load(text)
