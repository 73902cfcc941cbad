"""ListCrawls: the runs of a crawler, newest first, filtered and summed up."""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lakebench.emulator.crawler import CrawlReport
from lakebench.emulator.glue.crawler_wire import log_place, message_of
from lakebench.emulator.glue.errors import invalid_input
from lakebench.emulator.glue.registry import Crawler
from lakebench.emulator.glue.run import Outcome
from lakebench.emulator.wire.provider import Wire

_STATES = {Outcome.SUCCEEDED: "COMPLETED", Outcome.CANCELLED: "STOPPED", Outcome.FAILED: "FAILED"}
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "GT": operator.gt,
    "GE": operator.ge,
    "LT": operator.lt,
    "LE": operator.le,
    "EQ": operator.eq,
    "NE": operator.ne,
}
_MEMBERS = {
    "CRAWL_ID": "CrawlId",
    "STATE": "State",
    "START_TIME": "StartTime",
    "END_TIME": "EndTime",
    "DPU_HOUR": "DPUHour",
}
_MAX_LEFT_OUT = 100


def crawls_to_wire(crawler: Crawler) -> list[Wire]:
    """CrawlerHistory entries, newest first; a run that goes on has no EndTime."""
    name, running = crawler.definition.name, crawler.run
    entries: list[Wire] = []
    if running is not None:
        entries.append(
            {
                "CrawlId": running.run_id,
                "State": "RUNNING",
                "StartTime": running.started,
                "DPUHour": 0.0,
                **log_place(name, running.run_id),
            }
        )
    for run in list(crawler.history):
        entry: Wire = {
            "CrawlId": run.run_id,
            "State": _STATES[run.outcome],
            "StartTime": run.started,
            "EndTime": run.ended,
            "Summary": summary(run.report),
            "DPUHour": 0.0,
            **log_place(name, run.run_id),
        }
        message = message_of(run)
        entries.append({**entry, "ErrorMessage": message} if message else entry)
    return entries


def summary(report: CrawlReport) -> str:
    """The report as JSON: tables by name, partitions by number, objects left out and why, warnings.

    At most the first hundred left-out objects are named; ``LEFT_OUT.COUNT`` tells how many there are.
    """
    whole: dict[str, Any] = {
        "TABLE": {change.value: names for change, names in report.tables.items() if names},
        "PARTITION": {change.value: count for change, count in report.partitions.items() if count},
        "LEFT_OUT": {
            "COUNT": len(report.left_out),
            "OBJECTS": [
                {"OBJECT": str(one.uri), "REASON": one.reason} for one in report.left_out[:_MAX_LEFT_OUT]
            ],
        },
        "WARNINGS": report.warnings,
    }
    if not report.left_out:
        del whole["LEFT_OUT"]
    return json.dumps({key: value for key, value in whole.items() if value}, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class _Filter:
    member: str
    compare: Callable[[Any, Any], bool]
    value: Any

    def holds(self, entry: Wire) -> bool:
        return self.member in entry and self.compare(entry[self.member], self.value)


def filtered(entries: Sequence[Wire], filters: Sequence[Wire]) -> list[Wire]:
    """The entries that pass all filters; raises InvalidInputException for a value that cannot be read."""
    read = [_read_filter(one) for one in filters]
    return [entry for entry in entries if all(one.holds(entry) for one in read)]


def _read_filter(wire: Wire) -> _Filter:
    field, compare, text = wire.get("FieldName"), wire.get("FilterOperator"), wire.get("FieldValue")
    if field is None or compare is None or text is None:
        raise invalid_input("A filter needs FieldName, FilterOperator and FieldValue")
    return _Filter(_MEMBERS[field], _OPERATORS[compare], _read_value(field, text))


def _read_value(field: str, text: str) -> Any:
    try:
        if field == "DPU_HOUR":
            return float(text)
        if field.endswith("_TIME"):
            return _read_time(text)
    except (ValueError, OverflowError, OSError):
        raise invalid_input(f"The filter value {text!r} does not fit {field}") from None
    return text


def _read_time(text: str) -> datetime:
    """Milliseconds since 1970 as AWS takes them, or ISO 8601."""
    if text.isdecimal():
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
