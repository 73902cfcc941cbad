"""``lakebench estimate`` and ``explain``: what a statement will scan and cost, without running it."""

from __future__ import annotations

import json
import os
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lakebench.cli.billing import UnitsOption, ZeroMinimumOption, billing_of
from lakebench.cli.sql import LOCAL_ENDPOINT, mark, statement_text
from lakebench.config import Target, target_for
from lakebench.errors import ConfigError, StatementError

if TYPE_CHECKING:
    from lakebench.pricing import Billing
    from lakebench.report.document import Document
    from lakebench.report.scan import PricedScan

OVER_LIMIT = 3
"""The exit code of an estimate above ``--max-usd`` or ``--max-bytes``."""

_Statement = Annotated[str | None, typer.Argument(help="The statement; - reads standard input.")]
_File = Annotated[
    Path | None, typer.Option("--file", "-f", exists=True, dir_okay=False, help="Read it from a file.")
]
_Database = Annotated[str | None, typer.Option(help="The database; default: default.")]
_Where = Annotated[
    str | None,
    typer.Option("--target", help="local: a running server; aws: live AWS, over Glue and S3 alone."),
]
_Endpoint = Annotated[str | None, typer.Option(help=f"local: the server; default: {LOCAL_ENDPOINT}.")]
_Region = Annotated[str | None, typer.Option(help="AWS region; prices follow it.")]
_Profile = Annotated[str | None, typer.Option("--aws-profile", help="aws: the profile with the credentials.")]
_Json = Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")]


def estimate(
    *,
    statement: _Statement = None,
    file: _File = None,
    database: _Database = None,
    target: _Where = None,
    endpoint: _Endpoint = None,
    region: _Region = None,
    profile: _Profile = None,
    max_usd: Annotated[
        str | None, typer.Option(help=f"Exit with {OVER_LIMIT} when it may be billed more than this.")
    ] = None,
    max_bytes: Annotated[
        str | None, typer.Option(help=f"Exit with {OVER_LIMIT} when it may scan more: 10485760, 10MB, 1.5GB.")
    ] = None,
    units: UnitsOption = "binary",
    zero_minimum: ZeroMinimumOption = True,
    as_json: _Json = False,
) -> None:
    """Bytes and cost of a statement before it runs, as a range where footers cannot tell.

    It reads the catalogue, lists objects and reads Parquet footers; Athena is not asked and nothing runs.
    """
    from lakebench.report.scan import estimate_document

    limits = limits_of(max_usd, max_bytes)
    text = statement_text(statement, file)
    chosen = _target(
        {"database": database, "target": target, "endpoint": endpoint, "region": region, "profile": profile}
    )
    priced = priced_statement(text, chosen, billing_of(units, zero_minimum=zero_minimum))
    over = over_limit(priced, *limits)
    if as_json:
        typer.echo(_json(text, priced, over))
    else:
        _print(estimate_document(priced))
    if over:
        typer.echo(f"over the limit: {over}", err=True)
        raise typer.Exit(OVER_LIMIT)


def explain(
    *,
    statement: _Statement = None,
    file: _File = None,
    database: _Database = None,
    target: _Where = None,
    endpoint: _Endpoint = None,
    region: _Region = None,
    profile: _Profile = None,
    units: UnitsOption = "binary",
    zero_minimum: ZeroMinimumOption = True,
    as_json: _Json = False,
) -> None:
    """Why a statement scans what it scans: partitions, objects, row groups and columns kept of all."""
    from lakebench.report.scan import explain_document

    text = statement_text(statement, file)
    chosen = _target(
        {"database": database, "target": target, "endpoint": endpoint, "region": region, "profile": profile}
    )
    priced = priced_statement(text, chosen, billing_of(units, zero_minimum=zero_minimum))
    if as_json:
        typer.echo(_json(text, priced, None))
    else:
        _print(explain_document(priced))


def _target(flags: dict[str, str | None]) -> Target:
    return target_for(flags, environ=os.environ, directory=Path.cwd(), local_endpoint=LOCAL_ENDPOINT)


def priced_statement(text: str, target: Target, billing: Billing | None = None) -> PricedScan:
    """A statement's scans with their price. Raises StatementError, with its place marked, and ClientError."""
    from lakebench.client.estimate import estimate_statement
    from lakebench.client.session import open_session
    from lakebench.pricing import DEFAULT_BILLING, known_tariffs
    from lakebench.report.scan import PricedScan

    tariff = known_tariffs().tariff(target.region)
    try:
        found = estimate_statement(open_session(target), text, database=target.database or "default")
    except StatementError as error:
        error.hint = error.hint or mark(text, str(error))
        raise
    return PricedScan(
        explanation=found.explanation,
        tariff=tariff,
        billable=found.billable,
        billing=billing or DEFAULT_BILLING,
    )


def limits_of(max_usd: str | None, max_bytes: str | None) -> tuple[Decimal | None, int | None]:
    """Dollars and bytes of the two flags. Raises ConfigError."""
    from lakebench.units import parse_bytes

    try:
        usd = None if max_usd is None else Decimal(max_usd.removeprefix("$"))
        size = None if max_bytes is None else parse_bytes(max_bytes)
    except InvalidOperation as error:
        raise ConfigError(f"--max-usd is not an amount in dollars: {max_usd!r}", hint="write 0.10") from error
    except ValueError as error:
        raise ConfigError(f"--max-bytes is {error}") from error
    if usd is not None and (not usd.is_finite() or usd < 0):
        raise ConfigError(f"--max-usd must not be less than 0: {max_usd}")
    return usd, size


def over_limit(priced: PricedScan, max_usd: Decimal | None, max_bytes: int | None) -> str | None:
    """Why the estimate is over a limit: its upper end counts."""
    from lakebench.pricing import format_cost
    from lakebench.units import format_bytes

    most = priced.explanation.span.most
    if max_bytes is not None and most > max_bytes:
        return f"it may scan {format_bytes(most)}, more than {format_bytes(max_bytes)}"
    if max_usd is not None:
        if priced.tariff.currency != "USD":
            raise ConfigError(f"--max-usd cannot be compared with a price in {priced.tariff.currency}")
        if priced.most > max_usd:
            return f"it may be billed {format_cost(priced.most)}, more than ${max_usd}"
    return None


def _json(text: str, priced: PricedScan, over: str | None) -> str:
    from lakebench.metering import explanation_document
    from lakebench.report.beside import beside_document

    tariff = priced.tariff
    document = {
        "statement": text,
        **explanation_document(priced.explanation),
        "cost": {
            "currency": tariff.currency,
            "least": f"{priced.least:f}",
            "most": f"{priced.most:f}",
            "price_per_tb": f"{tariff.price_per_tb:f}",
            "region": tariff.region,
            "effective": tariff.effective.isoformat(),
            "verified": tariff.verified,
        },
        "beside": beside_document(priced.beside, tariff.region),
        "over_limit": over,
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _print(document: Document) -> None:
    from rich.console import Console  # heavy; --help is quick

    from lakebench.report import print_document

    print_document(document, Console())
    sys.stdout.flush()
