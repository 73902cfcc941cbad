"""What scanned bytes cost: dated tariffs by region, rounding and minimum; Decimal only."""

from lakebench.pricing.cost import (
    DEFAULT_BILLING,
    Billing,
    ByteUnits,
    billed_bytes,
    format_cost,
    scan_cost,
    tariff_cost,
)
from lakebench.pricing.services import (
    LEAST_CRAWL_SECONDS,
    CostLine,
    ServicePrice,
    ServicePrices,
    known_service_prices,
    read_service_prices,
)
from lakebench.pricing.tariff import Tariff, TariffTable, known_tariffs, load_tariffs, read_tariffs

__all__ = [
    "DEFAULT_BILLING",
    "LEAST_CRAWL_SECONDS",
    "Billing",
    "ByteUnits",
    "CostLine",
    "ServicePrice",
    "ServicePrices",
    "Tariff",
    "TariffTable",
    "billed_bytes",
    "format_cost",
    "known_service_prices",
    "known_tariffs",
    "load_tariffs",
    "read_service_prices",
    "read_tariffs",
    "scan_cost",
    "tariff_cost",
]
