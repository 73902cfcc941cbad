"""``lakebench config``: the settings that count here, and who says so."""

from __future__ import annotations

import json as json_format
import os
from pathlib import Path
from typing import Annotated

import typer

from lakebench.cli.sql import LOCAL_ENDPOINT
from lakebench.config import Setting, resolve

config = typer.Typer(
    name="config",
    help="The settings that count here: lakebench.toml, LAKEBENCH_* variables, flags.",
    no_args_is_help=True,
)


@config.callback()
def _config() -> None:
    """Options before the verb."""


@config.command()
def show(
    *,
    target: Annotated[str | None, typer.Option(help="local, aws or a target of the file.")] = None,
    origin: Annotated[bool, typer.Option("--origin", help="Say where each value comes from.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")] = False,
) -> None:
    """Print each setting as the other commands would take it."""
    resolved = resolve(
        {"target": target}, environ=os.environ, directory=Path.cwd(), local_endpoint=LOCAL_ENDPOINT
    )
    if json:
        typer.echo(json_format.dumps({one.name: _wire(one) for one in resolved.settings}, indent=2))
        return
    width = max(len(one.name) for one in resolved.settings)
    values = max(len(one.value or "-") for one in resolved.settings)
    for one in resolved.settings:
        line = f"{one.name:{width}}  {one.value or '-':{values}}"
        typer.echo(f"{line}  {one.origin}" if origin else line.rstrip())


def _wire(setting: Setting) -> dict[str, str | None]:
    return {"value": setting.value, "origin": setting.origin}
