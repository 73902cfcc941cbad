"""What a run is billed beside bytes scanned: crawlers, requests, transfer; an unknown price is said."""

from __future__ import annotations

from decimal import Decimal

from lakebench.bench.run_plan import Charge
from lakebench.errors import PricingError
from lakebench.pricing import LEAST_CRAWL_SECONDS, CostLine, ServicePrice, format_cost, known_service_prices

_CRAWLER = "glue-crawler"


def crawler_price(region: str) -> str:
    """The price of a crawler's time in words, or that none is known."""
    try:
        price = known_service_prices().price(_CRAWLER, region)
    except PricingError:
        return f"a crawler's run, ten minutes at least: no price is known here for {region}"
    return f"a crawler's run, ten minutes at least at {_of_unit(price)}"


def dpu_hour_price(region: str) -> Decimal:
    """What a DPU-hour of a crawler costs in dollars; PricingError for a region without a price."""
    try:
        price = known_service_prices().price(_CRAWLER, region)
    except PricingError as error:
        error.hint = f"give it with --dpu-hour-usd; {error.hint}"
        raise
    return price.price / price.per


def crawler_least(dpu_hour_usd: Decimal) -> Charge:
    """What the shortest crawl is billed, by one DPU; how many it takes AWS tells only afterwards."""
    words = f"a crawler's run, ten minutes of one DPU at {format_cost(dpu_hour_usd)} per DPU-hour:"
    return Charge(what=words, usd=dpu_hour_usd * LEAST_CRAWL_SECONDS / 3600)


def request_charge(service: str, what: str, count: int, region: str) -> Charge | str:
    """So many requests of a kind; words where their price is not known."""
    try:
        line = known_service_prices().requests(service, count, region)
    except PricingError:
        return f"{count:,} {what}: no price is known here for {region}"
    return _charge(f"{count:,} {what}", line)


def transfer_charge(stored: int, region: str) -> Charge | str:
    """Bytes that leave AWS for the internet; words where their price is not known.

    The free bytes of a month are left out: nobody here knows how many of them are used up.
    """
    try:
        line = known_service_prices().transfer(stored, region)
    except PricingError as error:
        return f"the transfer of {stored:,} bytes out of AWS: {error.message}"
    return _charge(f"{stored:,} bytes out of AWS", line)


def split_charges(lines: tuple[Charge | str, ...]) -> tuple[tuple[Charge, ...], tuple[str, ...]]:
    """What has a price, and what has none."""
    return (
        tuple(line for line in lines if isinstance(line, Charge)),
        tuple(line for line in lines if isinstance(line, str)),
    )


def _charge(what: str, line: CostLine) -> Charge:
    return Charge(what=f"{what} at {_of_unit(line.price)}:", usd=line.cost)


def _of_unit(price: ServicePrice) -> str:
    sure = "" if price.verified else " (not verified)"
    many = "" if price.per == 1 else f"{price.per:,} "
    return f"{format_cost(price.price, price.currency)} per {many}{price.unit}{sure}"
