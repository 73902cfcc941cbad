"""``lakebench crawl``: crawl a prefix and show the tables that a Glue crawler makes of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from lakebench.cli.aws_options import Agreed, Keep, MaxUsd, Profile, Region, Role, TargetName
from lakebench.cli.sql import LOCAL_ENDPOINT
from lakebench.config import target_for
from lakebench.errors import ConfigError


def crawl(
    *,
    path: Annotated[str, typer.Argument(help="The include path: s3://bucket/prefix/ or one object.")],
    database: Annotated[str | None, typer.Option(help="The database; default: default.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be found and changed; keep nothing.")
    ] = False,
    table_prefix: Annotated[str, typer.Option(help="Put this before the tables' names.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Write the findings as JSON.")] = False,
    endpoint: Annotated[str | None, typer.Option(help=f"The server; default: {LOCAL_ENDPOINT}.")] = None,
    target: TargetName = None,
    region: Region = None,
    aws: Agreed = False,
    max_usd: MaxUsd = None,
    dpu_hour_usd: Annotated[
        str | None, typer.Option(help="aws: the price of a crawler's DPU-hour, where none is known here.")
    ] = None,
    aws_role: Role = None,
    aws_profile: Profile = None,
    keep: Keep = False,
) -> None:
    """Crawl a prefix: tables, types, partitions, and what to know before querying."""
    flags = {
        "database": database,
        "endpoint": endpoint,
        "target": target,
        "region": region,
        "max_usd": max_usd,
        "role": aws_role,
        "profile": aws_profile,
    }
    chosen = target_for(flags, environ=os.environ, directory=Path.cwd(), local_endpoint=LOCAL_ENDPOINT)
    from lakebench.bench.guarded import check_consent  # heavy; --help is quick
    from lakebench.catalog import S3Uri
    from lakebench.cli.crawl_run import CrawlOptions, run_crawl

    check_consent(chosen, agreed=aws, needs_role=True)
    try:
        place = S3Uri.parse(path)
    except ValueError as error:
        raise ConfigError(str(error)) from error
    options = CrawlOptions(
        path=place,
        target=chosen,
        dry_run=dry_run,
        table_prefix=table_prefix,
        as_json=json,
        dpu_hour_usd=dpu_hour_usd,
        keep=keep,
    )
    raise typer.Exit(run_crawl(options))
