"""``lakebench doctor``: examine a data dir, and mend it on request."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lakebench.errors import ConfigError
from lakebench.units import format_bytes


def doctor(
    data_dir: Annotated[Path, typer.Argument(help="The --data-dir of a server that does not run now.")],
    *,
    fix: Annotated[
        bool, typer.Option("--fix", help="Set what is damaged aside in lost/ and forget it.")
    ] = False,
) -> None:
    """Check every object's checksum, the index, orphans and the catalogue of a data dir.

    Exit code 0: nothing is wrong, or all was mended; 1: something is.
    """
    from lakebench.emulator.doctor import examine

    if not (data_dir / "index.db").exists():
        raise ConfigError(f"{data_dir} is no data dir: it has no index.db")
    found = examine(data_dir, mend=fix)
    for one in found.findings:
        typer.echo(f"{'fault' if one.is_fault else 'note'}: {one}")
    typer.echo(f"{found.rows} rows, {found.objects} objects ({format_bytes(found.size)}) examined")
    faults = len(found.faults)
    if found.set_aside is not None:
        typer.echo(f"{sum(one.mendable for one in found.faults)} set aside in {found.set_aside}")
        faults = sum(not one.mendable for one in found.faults)
    typer.echo("No faults." if not faults else f"{faults} faults." if faults > 1 else "1 fault.")
    if faults:
        raise typer.Exit(1)
