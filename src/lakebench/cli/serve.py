"""``lakebench serve``: run the emulator in the foreground."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from lakebench.emulator.launch import Bound

DEFAULT_PORT = 4566


def serve(
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 picks a free one.")] = DEFAULT_PORT,
    data_dir: Annotated[
        Path | None,
        typer.Option(
            help="Keep everything here: objects as files, and what exists in index.db. The next start goes "
            "on where this one ended, however it ended."
        ),
    ] = None,
    ephemeral: Annotated[
        bool, typer.Option("--ephemeral", help="Leave nothing behind (the default without --data-dir).")
    ] = False,
    durability: Annotated[
        Literal["full", "relaxed"],
        typer.Option(
            help="full: what was acknowledged outlives a loss of power; relaxed: only the server's end."
        ),
    ] = "full",
    allow_host: Annotated[
        list[str] | None,
        typer.Option(help="A further name for requests' Host header, with its subdomains; repeatable."),
    ] = None,
    verify_signatures: Annotated[
        bool,
        typer.Option(
            "--verify-signatures",
            help="Answer only requests with a right SigV4 signature: by the key of lakebench env, by keys "
            "that IAM or STS issued here, or by those of --signing-keys.",
        ),
    ] = False,
    signing_keys: Annotated[
        Path | None,
        typer.Option(
            help="Further keys for --verify-signatures, in the form of ~/.aws/credentials; or ID:SECRET "
            "words in the variable LAKEBENCH_SIGNING_KEYS.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    throttle: Annotated[
        bool,
        typer.Option(
            "--throttle",
            help="Refuse calls of Athena beyond AWS's quotas: calls a second, and queries that run or wait.",
        ),
    ] = False,
    workers: Annotated[int, typer.Option(min=1, max=64, help="DuckDB processes that run queries.")] = 2,
) -> None:
    """Answer S3, Glue and Athena on one port until Ctrl-C."""
    from lakebench.emulator.launch import ServerConfig, Stop, serve_forever

    if ephemeral and data_dir is not None:
        raise typer.BadParameter("leave out one of --ephemeral and --data-dir")
    if signing_keys is not None and not verify_signatures:
        raise typer.BadParameter("--signing-keys needs --verify-signatures")
    if not _is_loopback(host):
        typer.echo(
            f"warning: {host} can be reached from other machines, and anyone who reaches it can use it: "
            + ("with a key that it knows" if verify_signatures else "there are no passwords here"),
            err=True,
        )
    stop = Stop()
    stop.throw_on_signals()
    serve_forever(
        ServerConfig(
            host=host,
            port=port,
            data_dir=data_dir,
            workers=workers,
            allow_hosts=tuple(allow_host or ()),
            durable=durability == "full",
            verify_signatures=verify_signatures,
            signing_keys=signing_keys,
            throttle=throttle,
        ),
        stop=stop,
        on_bound=_greet,
        on_ready=lambda: typer.echo("Ready."),
    )


def _greet(bound: Bound) -> None:
    choice = "" if bound.port == DEFAULT_PORT else f" --port {bound.port}"
    typer.echo(f"lakebench answers S3, Glue, Athena and what else moto knows at {bound.endpoint}")
    if bound.ephemeral:
        typer.echo("Data is ephemeral: all of it is gone when the server ends.")
    else:
        typer.echo(
            f"Everything is kept in {bound.data_dir}: the next start with --data-dir goes on from there."
        )
    for note in bound.notes:
        typer.echo(f"note: {note}")
    typer.echo(f'Point a shell at it:  eval "$(lakebench env{choice})"')


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
