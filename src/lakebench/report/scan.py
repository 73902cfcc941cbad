"""What a statement scans and costs, for people: the estimate in short, the explanation in full."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from lakebench.metering import Explanation, ScanExplanation, Span
from lakebench.metering.advice import Cost, CostKind, costs
from lakebench.pricing import DEFAULT_BILLING, Billing, Tariff, format_cost, tariff_cost
from lakebench.report.beside import Beside, beside_note
from lakebench.report.document import Document, ReportTable
from lakebench.units import format_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedScan:
    """An explanation and what it costs at a tariff; ``billable`` is False for DDL and EXPLAIN."""

    explanation: Explanation
    tariff: Tariff
    billable: bool
    billing: Billing = DEFAULT_BILLING

    @property
    def beside(self) -> Beside:
        """What is billed beside the bytes: an object that is opened is asked for once at least."""
        if not self.billable:
            return Beside()
        opened = sum(scan.objects_kept for scan in self.explanation.scans)
        return Beside(gets=opened, capacity=bool(opened))

    @property
    def least(self) -> Decimal:
        """The cost of the least bytes, as billed."""
        return self._cost(self.explanation.span.least)

    @property
    def most(self) -> Decimal:
        """The cost of the most bytes, as billed."""
        return self._cost(self.explanation.span.most)

    def _cost(self, scanned: int) -> Decimal:
        return tariff_cost(scanned, self.tariff, billable=self.billable, billing=self.billing)


def estimate_document(priced: PricedScan) -> Document:
    """Bytes and cost in the title, a line a table below."""
    explanation = priced.explanation
    tables = (_tables(explanation),) if explanation.scans else ()
    return Document(title=_title(priced), tables=tables, notes=(*_reasons(explanation), *_prices(priced)))


def explain_document(priced: PricedScan) -> Document:
    """The estimate, and for each table its columns, what pruning saved, and what costs most."""
    explanation = priced.explanation
    tables = [_tables(explanation)] if explanation.scans else []
    tables += [_columns(scan) for scan in explanation.scans if scan.columns]
    tables += [_savings(explanation)] if explanation.scans else []
    advice = tuple(_advice(cost) for cost in costs(explanation)[:3])
    return Document(
        title=_title(priced), tables=tuple(tables), notes=(*_reasons(explanation), *advice, *_prices(priced))
    )


def _title(priced: PricedScan) -> str:
    span = priced.explanation.span
    currency = priced.tariff.currency
    if not priced.billable:
        return "Data scanned: 0 B   Cost: free"
    low, high = (format_cost(amount, currency) for amount in (priced.least, priced.most))
    cost = low if priced.least == priced.most else f"{low} to {high}"
    exact = f" ({span.most:,} bytes)" if span.exact else f" ({span.least:,} to {span.most:,} bytes)"
    return f"Data scanned: {_bytes(span)}{exact}   Cost: {cost}"


def _bytes(span: Span) -> str:
    if span.exact:
        return format_bytes(span.most)
    return f"{format_bytes(span.least)} to {format_bytes(span.most)}"


def _tables(explanation: Explanation) -> ReportTable:
    return ReportTable(
        title="",
        header=("Table", "Format", "Data scanned", "Partitions", "Objects", "Row groups"),
        rows=tuple(
            (
                f"{scan.database}.{scan.table}",
                f"{scan.data_format}, estimated" if scan.estimated else scan.data_format,
                _bytes(scan.span),
                _kept(scan.partitions_kept, scan.partitions),
                _kept(scan.objects_kept, scan.objects),
                _kept(scan.row_groups_kept, scan.row_groups) if scan.row_groups else "-",
            )
            for scan in explanation.scans
        ),
        words=frozenset({0, 1}),
    )


def _kept(kept: int | None, total: int | None) -> str:
    if kept is None:
        return "-"
    return f"{kept:,}" if total is None else f"{kept:,} of {total:,}"


def _columns(scan: ScanExplanation) -> ReportTable:
    return ReportTable(
        title=f"Columns read of {scan.database}.{scan.table}",
        header=("Column", "Data scanned", "Share"),
        rows=tuple(
            (column.name, _bytes(column.span), _share(column.span.most, scan.span.most))
            for column in scan.columns
        ),
    )


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "-"


def _savings(explanation: Explanation) -> ReportTable:
    return ReportTable(
        title="Not read",
        header=("Table", "Other partitions", "Other row groups", "Other columns"),
        rows=tuple(
            (
                f"{scan.database}.{scan.table}",
                _saved(scan.saved_by_partitions, known=scan.partitions is not None),
                _saved(scan.saved_by_row_groups, known=bool(scan.row_groups)),
                _saved(scan.saved_by_columns, known=bool(scan.row_groups)),
            )
            for scan in explanation.scans
        ),
    )


def _saved(count: int | None, *, known: bool) -> str:
    if not known:
        return "-"
    return "not listed" if count is None else format_bytes(count)


def _reasons(explanation: Explanation) -> tuple[str, ...]:
    reasons = dict.fromkeys(
        f"{scan.database}.{scan.table} is a range: {scan.why_inexact}."
        for scan in explanation.scans
        if scan.why_inexact
    )
    estimated = dict.fromkeys(
        f"{scan.database}.{scan.table} is estimated: nobody has published what AWS counts of ORC."
        for scan in explanation.scans
        if scan.estimated
    )
    return (*reasons, *estimated)


def _advice(cost: Cost) -> str:
    table, size = f"{cost.database}.{cost.table}", format_bytes(cost.most)
    names = ", ".join(cost.names)
    match cost.kind:
        case CostKind.COLUMN:
            return f"Column {names} of {table} costs {size}, more than any other of it."
        case CostKind.NO_PARTITION_FILTER:
            return (
                f"No condition names a partition key of {table} ({names}): one partition would save {size}."
            )
        case CostKind.WHOLE_OBJECTS:
            return f"{table} is not columnar: all columns are read, {size}, whichever the query needs."


def _prices(priced: PricedScan) -> tuple[str, ...]:
    """The price of the scan, and what is billed beside it."""
    beside = beside_note(priced.beside, priced.tariff.region)
    return (_price(priced),) if beside is None else (_price(priced), beside)


def _price(priced: PricedScan) -> str:
    tariff = priced.tariff
    sure = "" if tariff.verified else ", not verified"
    return (
        f"Price: {format_cost(tariff.price_per_tb, tariff.currency)} per TB ({tariff.region}, since "
        f"{tariff.effective}{sure}); Athena bills whole megabytes, at least 10 MB a query."
    )
