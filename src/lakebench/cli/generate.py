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

_MOST_WORKERS = 64


def generate(
    *,
    data_set: Annotated[
        Literal["ventas", "logs", "tpch"],
        typer.Argument(metavar="DATASET", help="The data set: ventas, logs or tpch."),
    ],
    to: Annotated[str, typer.Option(help="An empty place in S3, as s3://lake/raw/ventas/.")],
    rows: Annotated[
        int | None, typer.Option(min=1, help="Rows, as 10_000_000; default: 100,000.", show_default=False)
    ] = None,
    scale: Annotated[
        float | None, typer.Option(help="TPC-H's scale factor; default: 0.01.", show_default=False)
    ] = None,
    files: Annotated[int, typer.Option(min=1, help="How many files a table, as equal as can be.")] = 1,
    part_format: Annotated[
        Literal["csv", "csv.gz", "json", "json.gz", "parquet"], typer.Option("--format", help="Their format.")
    ] = "csv",
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same bytes.")] = 7,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=_MOST_WORKERS,
            help="Files made at a time; their bytes are the same. Default: one a core.",
            show_default=False,
        ),
    ] = None,
    endpoint: Annotated[str | None, typer.Option(help=f"The server; default: {LOCAL_ENDPOINT}.")] = None,
    target: TargetName = None,
    region: Region = None,
    aws: Agreed = False,
    max_usd: MaxUsd = None,
    aws_profile: Profile = None,
) -> None:
    """Generate rows and store them, with progress on stderr; on AWS in a bucket that is there.

    TPC-H's tables lie in a folder each, and know no seed.
    """
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
    from lakebench.datagen.data_sets import DataSet
    from lakebench.datagen.parts import PartFormat, part_plans

    check_consent(chosen, agreed=aws)
    try:
        place = S3Uri.parse(to).as_prefix
    except ValueError as error:
        raise ConfigError(f"--to: {error}") from error
    plans = part_plans(
        DataSet(data_set), PartFormat(part_format), rows=rows, scale=scale, seed=seed, files=files
    )
    raise typer.Exit(run_generate(chosen, plans, place, workers=workers or os.cpu_count() or 1))
