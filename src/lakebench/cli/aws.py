"""``lakebench aws``: what a run on AWS needs, and what a crashed one left there."""

from __future__ import annotations

import json as json_format
from typing import Annotated

import typer

from lakebench.errors import ConfigError

aws = typer.Typer(
    name="aws", help="Runs on AWS: the least IAM policy, and what a crashed run left.", no_args_is_help=True
)

_ANY_ROLE = "arn:aws:iam::*:role/YOUR-CRAWLER-ROLE"
_ANY_BUCKET = "YOUR-DATA-BUCKET"


@aws.command()
def policy(
    *,
    role: Annotated[str, typer.Option(help="The ARN of the role that crawlers run under.")] = _ANY_ROLE,
    bucket: Annotated[
        str | None, typer.Option(help="A bucket that runs use; default: runs make theirs.")
    ] = None,
    data_bucket: Annotated[
        str, typer.Option(help="The bucket of the tables to query, crawl and pull, and of generated data.")
    ] = _ANY_BUCKET,
    kms_key: Annotated[str | None, typer.Option(help="The ARN of the target's kms_key.")] = None,
) -> None:
    """Print the least IAM policy for what the commands do."""
    from lakebench.bench.policy import least_policy

    typer.echo(
        json_format.dumps(
            least_policy(role=role, data_bucket=data_bucket, bucket=bucket, kms_key=kms_key), indent=2
        )
    )


@aws.command()
def sweep(
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be removed; remove nothing.")
    ] = False,
) -> None:
    """Remove what crashed runs made, by the journals in .lakebench/aws of this folder."""
    from rich.console import Console

    from lakebench.bench.cleanup import remove_all
    from lakebench.bench.journal import JOURNALS, read_journals
    from lakebench.client.session import aws_session
    from lakebench.client.sts import account_of
    from lakebench.report.progress import watcher_for
    from lakebench.report.words import Language

    runs = list(read_journals(JOURNALS))
    if not runs:
        typer.echo(f"nothing to sweep: no journals in {JOURNALS}")
        return
    watch = watcher_for(Console(stderr=True), Language.EN)
    left = 0
    for run in runs:
        typer.echo(f"run {run.run}, account {run.account}, {run.region}:")
        for resource in reversed(run.resources):
            typer.echo(f"  {resource}")
        if dry_run:
            continue
        session = aws_session(profile=run.profile, region=run.region)
        account = account_of(session)
        if account != run.account:
            raise ConfigError(
                f"run {run.run} was in account {run.account}, and the credentials are of {account}",
                hint="nothing was removed; use the credentials of that account",
            )
        remaining = remove_all(session, run.resources, watch)
        left += len(remaining)
        if not remaining:
            run.path.unlink(missing_ok=True)
    if left:
        raise typer.Exit(1)
    if not dry_run:
        typer.echo("all of it is gone")
