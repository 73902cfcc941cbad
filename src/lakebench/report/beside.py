"""What AWS bills beside scanned bytes: lines of their own, never added to the cost of a scan.

Counts are the least that it takes: a GET for each object that is opened, a PUT for each that is written, one
DPU of a crawler. What Athena and its clients ask of S3 beyond that is not published.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lakebench.errors import PricingError
from lakebench.pricing import CostLine, format_cost, known_service_prices
from lakebench.report.document import ReportTable
from lakebench.report.words import Language, Words, words_of
from lakebench.units import format_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What is counted: requests to S3, bytes kept for a month, runs of a crawler.

    ``capacity`` adds what the smallest capacity reservation costs for its shortest time: its queries pay
    nothing for bytes.
    """

    gets: int = 0
    puts: int = 0
    stored_bytes: int = 0
    crawls: int = 0
    capacity: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BesideLine:
    """One line: what it is, how much of it in words, and its cost."""

    name: str
    quantity: str
    line: CostLine


def beside_lines(beside: Beside, region: str, language: Language = Language.EN) -> tuple[BesideLine, ...]:
    """The lines of what is there; raises PricingError for a region whose prices are not known."""
    return tuple(_lines(beside, region, words_of(language)))


def _lines(beside: Beside, region: str, words: Words) -> Iterator[BesideLine]:
    prices = known_service_prices()
    if beside.gets:
        line = prices.requests("s3-get", beside.gets, region)
        yield BesideLine(name=words.s3_gets, quantity=f"{beside.gets:,}", line=line)
    if beside.puts:
        line = prices.requests("s3-list-put", beside.puts, region)
        yield BesideLine(name=words.s3_puts, quantity=f"{beside.puts:,}", line=line)
    if beside.stored_bytes:
        line = prices.storage(beside.stored_bytes, Decimal(1), region)
        kept = words.for_a_month.format(size=format_bytes(beside.stored_bytes))
        yield BesideLine(name=words.s3_storage, quantity=kept, line=line)
    if beside.crawls:
        line = prices.crawler(beside.crawls, 0, region)
        yield BesideLine(name=words.crawler, quantity=words.of_a_dpu.format(runs=beside.crawls), line=line)
    if beside.capacity:
        line = prices.capacity(4, 0, region)
        yield BesideLine(name=words.capacity, quantity=words.four_dpus, line=line)


def beside_table(beside: Beside, region: str, language: Language = Language.EN) -> ReportTable | None:
    """The lines as a table; None when there is nothing, or nothing whose price is known."""
    words = words_of(language)
    try:
        lines = beside_lines(beside, region, language)
    except PricingError:
        return None
    if not lines:
        return None
    return ReportTable(
        title=words.beside,
        header=(words.service, words.quantity, words.cost),
        rows=tuple((each.name, each.quantity, _cost(each.line, words)) for each in lines),
    )


def beside_document(beside: Beside, region: str) -> list[dict[str, Any]]:
    """The lines as JSON: service, quantity, unit, cost, currency, and whether the price was read from AWS."""
    try:
        lines = beside_lines(beside, region)
    except PricingError:
        return []
    return [
        {
            "service": each.line.price.service,
            "quantity": f"{each.line.quantity:f}",
            "unit": each.line.price.unit,
            "cost": f"{each.line.cost:f}",
            "currency": each.line.price.currency,
            "verified": each.line.price.verified,
        }
        for each in lines
    ]


def beside_note(beside: Beside, region: str) -> str | None:
    """The lines as one sentence; None when there is nothing, or nothing whose price is known."""
    table = beside_table(beside, region)
    if table is None:
        return None
    parts = "; ".join(f"{name}: {quantity} ({cost})" for name, quantity, cost in table.rows)
    return f"{table.title}: {parts}."


def _cost(line: CostLine, words: Words) -> str:
    cost = format_cost(line.cost, line.price.currency)
    return cost if line.price.verified else cost + words.unverified
