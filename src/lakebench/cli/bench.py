"""``lakebench bench run``: one suite on many layouts, measured."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from lakebench.config import TargetKind, target_for
from lakebench.emulator.launch import Server
from lakebench.errors import ConfigError

RESULTS = Path(".lakebench/results")

bench = typer.Typer(name="bench", help="Measure queries on many layouts of a table.", no_args_is_help=True)


@bench.callback()
def _bench() -> None:
    """Options before the verb."""


@bench.command("run")
def run(
    *,
    suite: Annotated[str, typer.Argument(help="The suite: ventas, or a TOML file of your own.")],
    layouts: Annotated[
        str | None, typer.Option(help="Layouts by name, with commas, or all; csv is always among them.")
    ] = None,
    rows: Annotated[int, typer.Option(min=1, help="Rows to generate, as 1_000_000.")] = 100_000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same bytes.")] = 7,
    runs: Annotated[int, typer.Option(min=1, help="Timed rounds, after one that warms up.")] = 3,
    target: Annotated[str | None, typer.Option(help="Where to run: local.")] = None,
    endpoint: Annotated[
        str | None, typer.Option(help="Run on this `lakebench serve`; default: a server of its own.")
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the result here as well.")] = None,
    results: Annotated[Path, typer.Option(help="The folder of results.")] = RESULTS,
    resume: Annotated[str | None, typer.Option(help="Go on with this run that was broken off.")] = None,
) -> None:
    """Run every query of a suite on every layout; the answers must agree, the figures are kept."""
    chosen = target_for({"target": target, "endpoint": endpoint}, environ=os.environ, directory=Path.cwd())
    if chosen.kind is not TargetKind.LOCAL:
        raise ConfigError(
            "bench run runs on a local server only for now",
            hint="nothing was sent; take --target local",
        )
    from lakebench.cli.bench_run import BenchOptions, run_bench  # heavy; --help is quick

    options = BenchOptions(
        suite=suite,
        layouts=None if layouts is None else tuple(name.strip() for name in layouts.split(",")),
        rows=rows,
        seed=seed,
        runs=runs,
        target=chosen,
        json_file=json_file,
        results=results,
        resume=resume,
        start_server=partial(Server, region=chosen.region),
    )
    raise typer.Exit(run_bench(options))
