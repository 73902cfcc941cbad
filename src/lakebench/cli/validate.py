"""``lakebench validate``: one suite on a local server and on AWS, and how far they are apart."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from lakebench.config import target_for
from lakebench.emulator.launch import Server
from lakebench.errors import ConfigError

VALIDATIONS = Path(".lakebench/validations")

UNEXPLAINED = 4
"""The exit code of a validation with differences that no known cause explains."""


def validate(
    *,
    suite: Annotated[
        str | None,
        typer.Argument(help="athena-questions, ventas, or a TOML file; with --recheck: that of the record."),
    ] = None,
    recheck: Annotated[
        Path | None,
        typer.Option(help="Ask the local side alone, and hold it against this record.", exists=True),
    ] = None,
    only: Annotated[
        str | None, typer.Option(help="Ask these queries or questions alone: names, with commas.")
    ] = None,
    layouts: Annotated[str | None, typer.Option(help="Layouts by name, with commas, or all.")] = None,
    rows: Annotated[int, typer.Option(min=1, help="Rows to generate, as 100_000.")] = 10_000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same bytes.")] = 7,
    target: Annotated[
        str, typer.Option(help="The other side: aws, or a target of the settings, also a local one.")
    ] = "aws",
    endpoint: Annotated[
        str | None,
        typer.Option(help="The local side is this `lakebench serve`; default: a server of its own."),
    ] = None,
    region: Annotated[str | None, typer.Option(help="AWS region; prices follow it.")] = None,
    aws: Annotated[
        bool, typer.Option("--aws", envvar="LAKEBENCH_AWS", help="Yes, run on AWS; it costs money.")
    ] = False,
    max_usd: Annotated[str | None, typer.Option(help="The most that queries may be billed; needed.")] = None,
    aws_bucket: Annotated[
        str | None, typer.Option(help="A bucket that is there; default: the run makes its own.")
    ] = None,
    aws_role: Annotated[
        str | None, typer.Option(help="The crawler's IAM role; without one nothing is crawled on AWS.")
    ] = None,
    aws_profile: Annotated[str | None, typer.Option(help="The profile with the credentials.")] = None,
    aws_workgroup: Annotated[str | None, typer.Option(help="The Athena workgroup.")] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave what was made on the other side where it is.")
    ] = False,
    record: Annotated[
        Path | None, typer.Option(help=f"Write the record here; default: in {VALIDATIONS}.")
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the judgement here, for programs.")
    ] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write the report here, as Markdown.")] = None,
) -> None:
    """Run a suite locally and on AWS, and compare rows, types, bytes, errors, schemas and written files.

    Exits with 0 when all is the same or explained by a known cause, with 4 when something is not. The record
    has what both sides answered; --recheck holds a later lakebench against it without AWS.
    """
    if suite is None and recheck is None:
        raise ConfigError("validate what?", hint="lakebench validate athena-questions, or --recheck a record")
    flags = {
        "target": target,
        "region": region,
        "bucket": aws_bucket,
        "role": aws_role,
        "profile": aws_profile,
        "workgroup": aws_workgroup,
        "max_usd": max_usd,
    }
    directory = Path.cwd()
    local_alone = flags | {"target": "local"} if recheck else flags
    other = target_for(local_alone, environ=os.environ, directory=directory)
    local_flags = {"target": "local", "endpoint": endpoint, "region": region}
    environ = {name: value for name, value in os.environ.items() if name != "LAKEBENCH_TARGET"}
    local = target_for(local_flags, environ=environ, directory=directory)
    from lakebench.cli.validate_run import ValidateOptions, run_validation  # heavy; --help is quick

    options = ValidateOptions(
        suite=suite,
        recheck=recheck,
        only=_names(only),
        layouts=_names(layouts),
        rows=rows,
        seed=seed,
        local=local,
        target=other,
        spending_allowed=aws,
        keep=keep,
        record=record,
        json_file=json_file,
        markdown=markdown,
        start_server=partial(Server, region=local.region),
    )
    raise typer.Exit(run_validation(options))


def _names(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(name.strip() for name in text.split(","))
