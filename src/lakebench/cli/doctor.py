"""``lakebench doctor``: examine a data dir, and mend it on request."""

from __future__ import annotations

import json as json_format
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lakebench.errors import ConfigError
from lakebench.units import format_bytes

if TYPE_CHECKING:
    from lakebench.emulator.doctor import Examination


def doctor(
    data_dir: Annotated[Path, typer.Argument(help="The --data-dir of a server that does not run now.")],
    *,
    fix: Annotated[
        bool, typer.Option("--fix", help="Set what is damaged aside in lost/ and forget it.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Write the findings as JSON.")] = False,
) -> None:
    """Check every object's checksum, the index, orphans and the catalogue of a data dir.

    Exit code 0: nothing is wrong, or all was mended; 1: something is.
    """
    from lakebench.emulator.doctor import examine
    from lakebench.report.amounts import amount_bar

    if not (data_dir / "index.db").exists():
        raise ConfigError(f"{data_dir} is no data dir: it has no index.db")
    with amount_bar("Examining", in_bytes=False) as watch:
        found = examine(data_dir, mend=fix, watch=watch)
    left = sum(not one.mendable for one in found.faults) if found.set_aside else len(found.faults)
    if json:
        typer.echo(json_format.dumps(_as_json(found, left), indent=2, ensure_ascii=False))
    else:
        _tell(found, left)
    if left:
        raise typer.Exit(1)


def _tell(found: Examination, left: int) -> None:
    for one in found.findings:
        typer.echo(f"{'fault' if one.is_fault else 'note'}: {one}")
    typer.echo(f"{found.rows} rows, {found.objects} objects ({format_bytes(found.size)}) examined")
    if found.set_aside is not None:
        typer.echo(f"{sum(one.mendable for one in found.faults)} set aside in {found.set_aside}")
    typer.echo("No faults." if not left else f"{left} faults." if left > 1 else "1 fault.")


def _as_json(found: Examination, left: int) -> dict[str, Any]:
    return {
        "rows": found.rows,
        "objects": found.objects,
        "bytes": found.size,
        "findings": [
            {"fault": one.is_fault, "where": one.where, "what": str(one.ill), "mendable": one.mendable}
            for one in found.findings
        ],
        "set_aside": None if found.set_aside is None else str(found.set_aside),
        "faults_left": left,
    }
