"""``lakebench pull`` and ``push``: a table of AWS in the local lake, and the other way."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lakebench.cli.aws_options import Agreed, Bucket, MaxUsd, Profile, Region
from lakebench.cli.sql import LOCAL_ENDPOINT
from lakebench.config import Target, TargetKind, target_for
from lakebench.errors import ConfigError

if TYPE_CHECKING:
    from lakebench.bench.sampling import Sample

_Table = Annotated[str, typer.Argument(metavar="DB.TABLE", help="The table, with its database.")]
_Partitions = Annotated[
    str | None,
    typer.Option(
        "--partitions", help="Only those of a condition on partition keys: \"day >= '2026-01-01'\"."
    ),
]
_Share = Annotated[
    str | None, typer.Option("--sample", help="A share of its bytes, in whole objects: 1% or 0.01.")
]
_MaxBytes = Annotated[
    str | None, typer.Option("--max-bytes", help="So many bytes at most, in whole objects: 500MB.")
]
_Seed = Annotated[int, typer.Option("--seed", min=0, help="The same seed draws the same objects.")]
_Aws = Annotated[str, typer.Option("--target", help="The target on AWS: aws, or one of lakebench.toml.")]
_Endpoint = Annotated[str | None, typer.Option(help=f"The local server; default: {LOCAL_ENDPOINT}.")]
_Json = Annotated[bool, typer.Option("--json", help="Write what was done as JSON.")]


def pull(
    *,
    table: _Table,
    partitions: _Partitions = None,
    sample: _Share = None,
    max_bytes: _MaxBytes = None,
    seed: _Seed = 7,
    into: Annotated[str | None, typer.Option(help="The local database; default: the same name.")] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Remove what is in the way in the local lake.")
    ] = False,
    target: _Aws = TargetKind.AWS.value,
    endpoint: _Endpoint = None,
    region: Region = None,
    aws: Agreed = False,
    max_usd: MaxUsd = None,
    aws_profile: Profile = None,
    json: _Json = False,
) -> None:
    """Copy a table of AWS into the local lake: its entry, and its objects or a sample of them.

    The same command goes on where an interrupted one stopped. Nothing that is there is overwritten.
    """
    source = _aws_target(target, {"region": region, "max_usd": max_usd, "profile": aws_profile})
    local = _local_target(endpoint)
    from lakebench.bench.guarded import check_consent  # heavy; --help is quick
    from lakebench.cli.transfer_run import PullOptions, run_pull

    check_consent(source, agreed=aws)
    options = PullOptions(
        source=source,
        local=local,
        table=_named(table),
        where=partitions,
        sample=_sample(sample, max_bytes, seed),
        into=into,
        overwrite=overwrite,
        as_json=json,
    )
    raise typer.Exit(run_pull(options))


def push(
    *,
    table: _Table,
    partitions: _Partitions = None,
    sample: _Share = None,
    max_bytes: _MaxBytes = None,
    seed: _Seed = 7,
    into: Annotated[
        str | None, typer.Option(help="A database on AWS that is there; default: the run makes its own.")
    ] = None,
    target: _Aws = TargetKind.AWS.value,
    endpoint: _Endpoint = None,
    region: Region = None,
    aws: Agreed = False,
    max_usd: MaxUsd = None,
    aws_profile: Profile = None,
    aws_bucket: Bucket = None,
    json: _Json = False,
) -> None:
    """Copy a table of the local lake to AWS, below a prefix of the run's own; it stays there.

    An error or Ctrl-C takes away what was copied until then. Nothing that is there is overwritten.
    """
    flags = {"region": region, "max_usd": max_usd, "profile": aws_profile, "bucket": aws_bucket}
    to, local = _aws_target(target, flags), _local_target(endpoint)
    from lakebench.bench.guarded import check_consent  # heavy; --help is quick
    from lakebench.cli.transfer_run import PushOptions, run_push

    check_consent(to, agreed=aws)
    options = PushOptions(
        local=local,
        to=to,
        table=_named(table),
        where=partitions,
        sample=_sample(sample, max_bytes, seed),
        into=into,
        as_json=json,
    )
    raise typer.Exit(run_push(options))


def _aws_target(name: str, flags: dict[str, str | None]) -> Target:
    """The side on AWS; the variable of the local endpoint is for the other side."""
    environ = {key: value for key, value in os.environ.items() if key != "LAKEBENCH_ENDPOINT"}
    found = target_for({**flags, "target": name}, environ=environ, directory=Path.cwd())
    if found.kind is not TargetKind.AWS:
        raise ConfigError(
            f"target {name} is a local one", hint="--target names the side on AWS, --endpoint the local one"
        )
    return found


def _local_target(endpoint: str | None) -> Target:
    return target_for(
        {"target": TargetKind.LOCAL.value, "endpoint": endpoint},
        environ=os.environ,
        directory=Path.cwd(),
        local_endpoint=LOCAL_ENDPOINT,
    )


def _named(text: str) -> tuple[str, str]:
    database, dot, name = text.lower().partition(".")
    if not dot or not database or not name:
        raise ConfigError(f"not a table with its database: {text!r}", hint="write shop.sales")
    return database, name


def _sample(share: str | None, max_bytes: str | None, seed: int) -> Sample:
    from lakebench.bench.sampling import Sample, parse_share
    from lakebench.units import parse_bytes

    try:
        most = None if max_bytes is None else parse_bytes(max_bytes)
    except ValueError as error:
        raise ConfigError(f"--max-bytes is {error}") from error
    return Sample(share=None if share is None else parse_share(share), max_bytes=most, seed=seed)
