"""The switches of a cost that AWS leaves open: how many bytes a TB has, what an empty scan pays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from lakebench.pricing import Billing

Units = Literal["binary", "decimal"]
UnitsOption = Annotated[
    Units, typer.Option("--units", help="binary: a TB is 2^40 bytes, a MB 2^20; decimal: 10^12 and 10^6.")
]
ZeroMinimumOption = Annotated[
    bool,
    typer.Option(
        "--zero-minimum/--no-zero-minimum", help="Whether a query that scans nothing pays the 10 MB minimum."
    ),
]


def billing_of(units: Units, *, zero_minimum: bool) -> Billing:
    """The rules of rounding that the switches say (docs/metering.md: From bytes to money)."""
    from lakebench.pricing import Billing, ByteUnits

    chosen = ByteUnits.DECIMAL if units == "decimal" else ByteUnits.BINARY
    return Billing(units=chosen, minimum_for_nothing_scanned=zero_minimum)
