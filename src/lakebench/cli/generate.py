"""``lakebench generate``: a seeded data set as files in S3."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

import typer

from lakebench.cli.aws_options import Agreed, MaxUsd, Profile, Region, TargetName
from lakebench.cli.sql import LOCAL_ENDPOINT
from lakebench.config import target_for
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
    target: TargetName = None,
    region: Region = None,
    aws: Agreed = False,
    max_usd: MaxUsd = None,
    aws_profile: Profile = None,
) -> None:
    """Generate rows and store them, with progress on stderr; on AWS in a bucket that is there."""
    del data_set  # there is one
    flags = {
        "endpoint": endpoint,
        "target": target,
        "region": region,
        "max_usd": max_usd,
        "profile": aws_profile,
    }
    chosen = target_for(flags, environ=os.environ, directory=Path.cwd(), local_endpoint=LOCAL_ENDPOINT)
    from lakebench.bench.guarded import check_consent  # heavy; --help is quick
    from lakebench.catalog.s3 import S3Uri
    from lakebench.cli.generate_run import run_generate
    from lakebench.datagen import VentasGenerator
    from lakebench.datagen.parts import PartFormat, PartPlan

    check_consent(chosen, agreed=aws)
    try:
        place = S3Uri.parse(to).as_prefix
    except ValueError as error:
        raise ConfigError(f"--to: {error}") from error
    plan = PartPlan(
        generator=VentasGenerator(rows=rows, seed=seed), files=files, part_format=PartFormat(part_format)
    )
    raise typer.Exit(run_generate(chosen, plan, place))
