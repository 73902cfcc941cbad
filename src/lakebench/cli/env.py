"""``lakebench env``: the lines that point a shell at the local endpoint."""

from __future__ import annotations

import json as json_format
import os
import shlex
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Annotated

import typer

from lakebench.environment import cleared_variables, local_environment


class Shell(StrEnum):
    """The shells whose syntax is known; ``bash`` is good for zsh and sh too."""

    BASH = "bash"
    FISH = "fish"
    POWERSHELL = "powershell"


def env(
    *,
    port: Annotated[int, typer.Option(min=1, max=65535, help="The server's port.")] = 4566,
    host: Annotated[str, typer.Option(help="The server's address.")] = "127.0.0.1",
    region: Annotated[str, typer.Option(help="The region that clients name.")] = "us-east-1",
    shell: Annotated[Shell, typer.Option(help="Syntax to print; bash serves zsh and sh too.")] = Shell.BASH,
    json: Annotated[bool, typer.Option("--json", help="Print the variables as JSON.")] = False,
) -> None:
    """Print the variables that point every AWS client of a shell at lakebench.

    Use it as  eval "$(lakebench env)"  (fish: lakebench env --shell fish | source).

    Variables are the way, not endpoint_url= in code: PyAthena, dbt-athena and others apply that argument to
    Athena alone and send S3 and Glue to real AWS with whatever credentials they find. The keys are fake.
    Profiles, session tokens and endpoint overrides of single services are unset, since each of them would
    lead a client past this endpoint.
    """
    variables = local_environment(f"http://{host}:{port}", region=region)
    if json:
        typer.echo(json_format.dumps(variables, indent=2))
        return
    for line in _lines(shell, variables, cleared_variables(os.environ)):
        typer.echo(line)


def _lines(shell: Shell, variables: Mapping[str, str], cleared: Iterable[str]) -> list[str]:
    match shell:
        case Shell.BASH:
            unset = [f"unset {' '.join(cleared)}"]
            return unset + [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
        case Shell.FISH:
            unset = [f"set -e {name}" for name in cleared]
            return unset + [f"set -gx {name} {shlex.quote(value)}" for name, value in variables.items()]
        case Shell.POWERSHELL:
            unset = [f"Remove-Item Env:{name} -ErrorAction SilentlyContinue" for name in cleared]
            return unset + [f"$Env:{name} = '{_doubled(value)}'" for name, value in variables.items()]


def _doubled(value: str) -> str:
    return value.replace("'", "''")
