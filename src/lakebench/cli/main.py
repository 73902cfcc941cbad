"""The command line: one file a verb, and the one place where an error becomes words and an exit code.

Exit codes: 0 done, 1 an error that lakebench explains, 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from lakebench.cli.aws import aws
from lakebench.cli.bench import bench
from lakebench.cli.check import check
from lakebench.cli.config import config
from lakebench.cli.crawl import crawl
from lakebench.cli.demo import demo
from lakebench.cli.doctor import doctor
from lakebench.cli.env import env
from lakebench.cli.estimate import estimate, explain
from lakebench.cli.generate import generate
from lakebench.cli.report import report
from lakebench.cli.serve import serve
from lakebench.cli.sql import sql
from lakebench.cli.state import state
from lakebench.cli.transfer import pull, push
from lakebench.cli.validate import validate
from lakebench.errors import LakebenchError

_ABOUT = (
    "An AWS endpoint on your laptop: S3, Glue and Athena for real, with the bytes that Athena would bill."
)

app = typer.Typer(
    name="lakebench",
    help=_ABOUT,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(demo)
app.command()(serve)
app.command()(env)
app.command()(sql)
app.command()(estimate)
app.command()(explain)
app.command()(check)
app.command()(crawl)
app.command()(generate)
app.command()(pull)
app.command()(push)
app.command()(report)
app.command()(doctor)
app.command()(validate)
app.add_typer(bench)
app.add_typer(state)
app.add_typer(config)
app.add_typer(aws)


def _print_version(wanted: bool) -> None:
    if wanted:
        from lakebench.version import __version__  # reads the distribution's metadata

        typer.echo(f"lakebench {__version__}")
        raise typer.Exit


@app.callback(help=_ABOUT)
def lakebench(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options before the verb."""


def run() -> None:
    """The entry point: errors raised on purpose are two lines on stderr, without a traceback."""
    try:
        app()
    except LakebenchError as error:
        typer.echo(f"error: {error}", err=True)
        if error.hint:
            typer.echo(f"hint: {error.hint}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
