"""``lakebench demo``: plays the seed's story and prints its table."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

from lakebench.cli.aws_options import Agreed, Bucket, MaxUsd, Profile, Region, Role, TargetName, Workgroup
from lakebench.config import target_for
from lakebench.emulator.launch import Server

DEFAULT_FOLDER = Path("lakebench-demo")


def demo(
    *,
    rows: Annotated[
        int | None, typer.Option(min=1, help="Sales to generate, as 5_000_000; default: a CSV of 341 KB.")
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="The same seed gives the same bytes.")] = None,
    target: TargetName = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave the lake and the reports, as plain files in --out.")
    ] = False,
    out: Annotated[Path, typer.Option(help="The folder that --keep makes.")] = DEFAULT_FOLDER,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures to this file.")] = None,
    lang: Annotated[Literal["en", "es"], typer.Option(help="Language of the report.")] = "en",
    endpoint: Annotated[
        str | None, typer.Option(help="Play on this running `lakebench serve`; default: a server of its own.")
    ] = None,
    region: Region = None,
    aws: Agreed = False,
    aws_bucket: Bucket = None,
    aws_role: Role = None,
    aws_profile: Profile = None,
    aws_workgroup: Workgroup = None,
    max_usd: MaxUsd = None,
) -> None:
    """Play the story: sales CSV, crawler, Athena, CTAS to Snappy Parquet, the same queries again."""
    flags = {
        "target": target,
        "endpoint": endpoint,
        "region": region,
        "bucket": aws_bucket,
        "role": aws_role,
        "profile": aws_profile,
        "workgroup": aws_workgroup,
        "max_usd": max_usd,
    }
    chosen = target_for(flags, environ=os.environ, directory=Path.cwd())
    from lakebench.cli.demo_story import DemoOptions, run_demo  # heavy; serve is quick
    from lakebench.report.words import Language

    options = DemoOptions(
        target=chosen,
        rows=rows,
        seed=seed,
        keep=out if keep else None,
        json_file=json_file,
        language=Language(lang),
        spending_allowed=aws,
        start_server=partial(Server, region=chosen.region),
    )
    raise typer.Exit(run_demo(options))
