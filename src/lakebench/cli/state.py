"""``lakebench state``: a running server's state as a whole."""

from __future__ import annotations

import json as json_format
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lakebench.cli.sql import LOCAL_ENDPOINT
from lakebench.errors import ConfigError
from lakebench.units import format_bytes

if TYPE_CHECKING:
    from lakebench.client.state import ServerState

state = typer.Typer(
    name="state", help="Export, import, reset and keep a running server's state.", no_args_is_help=True
)

_Endpoint = Annotated[str, typer.Option(help="The server.")]
_Token = Annotated[
    str | None,
    typer.Option(envvar="LAKEBENCH_TOKEN", help="The server's token; default: read from its data dir."),
]
_Json = Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")]
_Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask, on a terminal, whether it may all go.")]


def _server(endpoint: str, token: str | None) -> ServerState:
    from lakebench.client.state import ServerState

    return ServerState(endpoint, token)


def _tell(text: str, *, json: bool, **members: Any) -> None:
    typer.echo(json_format.dumps(members) if json else text)


def _counted(objects: int) -> str:
    return "1 object" if objects == 1 else f"{objects} objects"


def _agree(endpoint: str, *, yes: bool) -> None:
    """Ask a person, and only a person, before everything that a server has is replaced."""
    if not yes and sys.stdin.isatty() and sys.stderr.isatty():
        typer.confirm(
            f"Everything that the server at {endpoint} has will be gone. Go on?", abort=True, err=True
        )


@state.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="The file to write.")],
    *,
    endpoint: _Endpoint = LOCAL_ENDPOINT,
    token: _Token = None,
    json: _Json = False,
) -> None:
    """Write everything the server has to a file, as it is at this moment."""
    from lakebench.report.amounts import amount_bar

    if file.is_dir():
        raise ConfigError(f"{file} is a folder", hint="name a file, such as lake.state")
    if not file.absolute().parent.is_dir():
        raise ConfigError(f"the folder of {file} does not exist")
    server = _server(endpoint, token)
    with amount_bar(f"Exporting to {file.name}", in_bytes=True) as watch:
        size = server.export(file, watch)
    _tell(f"{file}: {format_bytes(size)}", json=json, file=str(file), bytes=size)


@state.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="A file that `state export` wrote.")],
    *,
    endpoint: _Endpoint = LOCAL_ENDPOINT,
    token: _Token = None,
    json: _Json = False,
    yes: _Yes = False,
) -> None:
    """Put a file's state in the place of everything the server has."""
    from lakebench.report.amounts import amount_bar

    if not file.is_file():
        raise ConfigError(f"there is no file {file}")
    server = _server(endpoint, token)
    _agree(endpoint, yes=yes)
    with amount_bar(f"Importing {file.name}", in_bytes=True) as watch:
        objects = server.import_file(file, watch)
    _tell(f"{_counted(objects)} imported", json=json, file=str(file), objects=objects)


@state.command("reset")
def reset(
    *, endpoint: _Endpoint = LOCAL_ENDPOINT, token: _Token = None, json: _Json = False, yes: _Yes = False
) -> None:
    """Remove everything the server has; named snapshots stay."""
    server = _server(endpoint, token)
    _agree(endpoint, yes=yes)
    server.reset()
    _tell("The server is empty.", json=json, status="reset")


@state.command("snapshot")
def snapshot(
    name: Annotated[str, typer.Argument(help="Letters, digits, dots, underscores and dashes.")],
    *,
    endpoint: _Endpoint = LOCAL_ENDPOINT,
    token: _Token = None,
    json: _Json = False,
) -> None:
    """Keep the state of this moment under a name, in the data dir; no bytes are copied."""
    _server(endpoint, token).snapshot(name)
    _tell(f"snapshot {name} taken", json=json, snapshot=name)


@state.command("restore")
def restore(
    name: Annotated[str, typer.Argument(help="A name that `state snapshot` was given.")],
    *,
    endpoint: _Endpoint = LOCAL_ENDPOINT,
    token: _Token = None,
    json: _Json = False,
    yes: _Yes = False,
) -> None:
    """Put a named state in the place of everything the server has."""
    server = _server(endpoint, token)
    _agree(endpoint, yes=yes)
    objects = server.restore(name)
    _tell(f"snapshot {name} restored: {_counted(objects)}", json=json, snapshot=name, objects=objects)


@state.command("list")
def names(*, endpoint: _Endpoint = LOCAL_ENDPOINT, token: _Token = None, json: _Json = False) -> None:
    """Print the names of the snapshots."""
    found = _server(endpoint, token).snapshots()
    if json:
        typer.echo(json_format.dumps({"snapshots": found}))
        return
    for name in found:
        typer.echo(name)


@state.command("delete")
def delete(
    name: Annotated[str, typer.Argument(help="A name that `state snapshot` was given.")],
    *,
    endpoint: _Endpoint = LOCAL_ENDPOINT,
    token: _Token = None,
    json: _Json = False,
) -> None:
    """Forget a named state."""
    _server(endpoint, token).delete(name)
    _tell(f"snapshot {name} deleted", json=json, snapshot=name)
