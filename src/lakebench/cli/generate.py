"""``lakebench generate``: a seeded data set as files in S3."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

import typer

from lakebench.cli.sql import LOCAL_ENDPOINT
from lakebench.config import TargetKind, target_for
from lakebench.errors import ConfigError


def generate(
    *,
    data_set: Annotated[Literal["ventas"], typer.Argument(metavar="DATASET", help="The data set: ventas.")],
    to: Annotated[str, typer.Option(help="An empty place in S3, as s3://lake/raw/ventas/.")],
    rows: Annotated[int, typer.Option(min=1, help="Rows, as 10_000_000.")] = 100_000,
    files: Annotated[int, typer.Option(min=1, help="How many files, as equal as can be.")] = 1,
    part_format: Annotated[
        Literal["csv", "csv.gz", "json", "json.gz", "parquet"], typer.Option("--format", help="Their format.")
    ] = "csv",
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same bytes.")] = 7,
    endpoint: Annotated[str | None, typer.Option(help=f"The server; default: {LOCAL_ENDPOINT}.")] = None,
) -> None:
    """Generate rows and store them on a local server, in flat memory, with progress on stderr."""
    del data_set  # there is one
    target = target_for(
        {"endpoint": endpoint}, environ=os.environ, directory=Path.cwd(), local_endpoint=LOCAL_ENDPOINT
    )
    if target.kind is not TargetKind.LOCAL:
        raise ConfigError("generate writes to a local server only for now", hint="unset LAKEBENCH_TARGET")
    from rich.console import Console  # heavy; --help is quick

    from lakebench.bench.generate import generate_parts
    from lakebench.catalog.s3 import S3Uri
    from lakebench.client.session import open_session
    from lakebench.datagen import VentasGenerator
    from lakebench.datagen.parts import PartFormat, PartPlan
    from lakebench.report import Language
    from lakebench.report.progress import watcher_for
    from lakebench.units import format_bytes

    try:
        place = S3Uri.parse(to).as_prefix
    except ValueError as error:
        raise ConfigError(f"--to: {error}") from error
    plan = PartPlan(
        generator=VentasGenerator(rows=rows, seed=seed), files=files, part_format=PartFormat(part_format)
    )
    watch = watcher_for(Console(stderr=True), Language.EN)
    try:
        stored = generate_parts(open_session(target), plan, place, watch)
    except KeyboardInterrupt:
        watch.note(f"stopped; nothing is left below {place}")
        raise typer.Exit(130) from None
    size = format_bytes(sum(each.size for each in stored))
    typer.echo(f"{rows:,} rows in {len(stored):,} files, {size}, below {place}")
