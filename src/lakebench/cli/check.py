"""``lakebench check``: files of SQL before they are merged, for people, CI and pre-commit."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lakebench.cli.estimate import OVER_LIMIT, limits_of, over_limit
from lakebench.cli.sql import LOCAL_ENDPOINT
from lakebench.config import Target, target_for
from lakebench.errors import ConfigError, QueryFailed, StatementError

if TYPE_CHECKING:
    from lakebench.report.scan import PricedScan

_PLACE = re.compile(r"line (\d+):(\d+): ")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A statement of a file; ``error`` or ``over`` says what is wrong, ``note`` why it was not judged."""

    file: str
    line: int
    column: int
    error: str | None = None
    over: str | None = None
    note: str | None = None
    most_bytes: int | None = None
    most_usd: Decimal | None = None

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.error or self.over or self.note}"


def check(
    *,
    files: Annotated[
        list[Path],
        typer.Argument(help="Files of SQL, one or more statements each.", exists=True, dir_okay=False),
    ],
    max_usd: Annotated[
        str | None,
        typer.Option(help=f"Exit with {OVER_LIMIT} when a statement may be billed more than this."),
    ] = None,
    max_bytes: Annotated[
        str | None, typer.Option(help=f"Exit with {OVER_LIMIT} when a statement may scan more: 10MB, 1.5GB.")
    ] = None,
    database: Annotated[str | None, typer.Option(help="The database; default: default.")] = None,
    target: Annotated[
        str | None, typer.Option(help="Where the tables are: local or aws, over Glue and S3 alone.")
    ] = None,
    endpoint: Annotated[
        str | None, typer.Option(help=f"local: the server; default: {LOCAL_ENDPOINT}.")
    ] = None,
    region: Annotated[str | None, typer.Option(help="AWS region; prices follow it.")] = None,
    profile: Annotated[
        str | None, typer.Option("--aws-profile", help="aws: the profile with the credentials.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")] = False,
) -> None:
    """Check files of SQL: would Athena take each statement, and does none scan more than it may?

    Without a limit no server is asked: only the syntax is read. With --max-usd or --max-bytes each statement
    is estimated over the tables of the target; nothing runs. Exits with 1 for a statement that is refused.
    """
    limits = limits_of(max_usd, max_bytes)
    flags = {
        "database": database, "target": target, "endpoint": endpoint, "region": region, "profile": profile
    }  # fmt: skip
    chosen = None
    if limits != (None, None):
        chosen = target_for(flags, environ=os.environ, directory=Path.cwd(), local_endpoint=LOCAL_ENDPOINT)
    found = [one for file in files for one in _statements(file, chosen, limits)]
    if as_json:
        typer.echo(_json(found))
    else:
        for one in found:
            if one.error or one.over or one.note:
                typer.echo(str(one))
    refused, over = sum(1 for one in found if one.error), sum(1 for one in found if one.over)
    if not as_json:
        counted = f"{len(found)} statements in {len(files)} files"
        typer.echo(f"{counted}: {refused} refused, {over} over the limit", err=True)
    if refused or over:
        raise typer.Exit(1 if refused else OVER_LIMIT)


def _statements(
    file: Path, target: Target | None, limits: tuple[Decimal | None, int | None]
) -> Iterator[_Found]:
    from lakebench.sql.script import split_statements  # sqlglot; --help is quick

    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file} is not UTF-8: {error}") from error
    for statement in split_statements(text):
        begun = len(statement) - len(statement.lstrip())
        line, column = statement.count("\n", 0, begun) + 1, begun - statement.rfind("\n", 0, begun)
        try:
            yield _judged(_Found(file=str(file), line=line, column=column), statement, target, limits)
        except StatementError as error:
            yield _refused(str(file), line, column, error)


def _judged(
    place: _Found, statement: str, target: Target | None, limits: tuple[Decimal | None, int | None]
) -> _Found:
    """A statement that is taken; raises StatementError for one that is not."""
    from lakebench.sql import parse

    if target is None:
        parse(statement)
        return place
    from lakebench.cli.estimate import priced_statement

    priced: PricedScan = priced_statement(statement, target)
    return replace(
        place,
        over=over_limit(priced, *limits),
        most_bytes=priced.explanation.span.most,
        most_usd=priced.most,
    )


def _refused(file: str, line: int, column: int, error: StatementError) -> _Found:
    """Where the error itself is, if its text says so; what only lakebench lacks is no error of the file."""
    text = str(error)
    if place := _PLACE.search(text):
        line, column = int(place[1]), int(place[2])
        text = text.replace(place[0], "", 1)
    if isinstance(error, QueryFailed) and error.code == "NOT_SUPPORTED":
        return _Found(file=file, line=line, column=column, note=f"not checked: {text}")
    return _Found(file=file, line=line, column=column, error=text)


def _json(found: list[_Found]) -> str:
    document = [
        {
            "file": one.file,
            "line": one.line,
            "column": one.column,
            "error": one.error,
            "over_limit": one.over,
            "note": one.note,
            "most_bytes": one.most_bytes,
            "most_usd": None if one.most_usd is None else f"{one.most_usd:f}",
        }
        for one in found
    ]
    return json.dumps({"schema": "lakebench.check", "schema_version": 1, "statements": document}, indent=2)
