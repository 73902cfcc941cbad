"""``lakebench state``: a running server's state as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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


def _server(endpoint: str, token: str | None) -> ServerState:
    from lakebench.client.state import ServerState

    return ServerState(endpoint, token)


@state.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="The file to write.")],
    *,
    endpoint: _Endpoint = LOCAL_ENDPOINT,
    token: _Token = None,
) -> None:
    """Write everything the server has to a file, as it is at this moment."""
    size = _server(endpoint, token).export(file)
    typer.echo(f"{file}: {format_bytes(size)}")


@state.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="A file that `state export` wrote.")],
    *,
    endpoint: _Endpoint = LOCAL_ENDPOINT,
    token: _Token = None,
) -> None:
    """Put a file's state in the place of everything the server has."""
    if not file.is_file():
        raise ConfigError(f"there is no file {file}")
    objects = _server(endpoint, token).import_file(file)
    typer.echo(f"{objects} objects imported")


@state.command("reset")
def reset(*, endpoint: _Endpoint = LOCAL_ENDPOINT, token: _Token = None) -> None:
    """Remove everything the server has; named snapshots stay."""
    _server(endpoint, token).reset()
    typer.echo("The server is empty.")


@state.command("snapshot")
def snapshot(
    name: Annotated[str, typer.Argument(help="Letters, digits, dots, underscores and dashes.")],
    *,
    endpoint: _Endpoint = LOCAL_ENDPOINT,
    token: _Token = None,
) -> None:
    """Keep the state of this moment under a name, in the data dir; no bytes are copied."""
    _server(endpoint, token).snapshot(name)
    typer.echo(f"snapshot {name} taken")


@state.command("restore")
def restore(
    name: Annotated[str, typer.Argument(help="A name that `state snapshot` was given.")],
    *,
    endpoint: _Endpoint = LOCAL_ENDPOINT,
    token: _Token = None,
) -> None:
    """Put a named state in the place of everything the server has."""
    objects = _server(endpoint, token).restore(name)
    typer.echo(f"snapshot {name} restored: {objects} objects")


@state.command("list")
def names(*, endpoint: _Endpoint = LOCAL_ENDPOINT, token: _Token = None) -> None:
    """Print the names of the snapshots."""
    for name in _server(endpoint, token).snapshots():
        typer.echo(name)


@state.command("delete")
def delete(
    name: Annotated[str, typer.Argument(help="A name that `state snapshot` was given.")],
    *,
    endpoint: _Endpoint = LOCAL_ENDPOINT,
    token: _Token = None,
) -> None:
    """Forget a named state."""
    _server(endpoint, token).delete(name)
    typer.echo(f"snapshot {name} deleted")
