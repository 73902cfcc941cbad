"""Crawlers, their last crawl and their metrics as the service model spells them."""

from __future__ import annotations

import statistics

from lakebench.emulator.crawler import Change, CrawlReport
from lakebench.emulator.glue.definition import DEFAULT_POLICY, recrawl_behavior
from lakebench.emulator.glue.registry import Crawler
from lakebench.emulator.glue.run import FinishedRun, Run
from lakebench.emulator.wire.provider import Wire

LOG_GROUP = "/aws-glue/crawlers"
_KINDS = ("S3", "Jdbc", "MongoDB", "DynamoDB", "Catalog", "Delta", "Iceberg", "Hudi")
_AS_GIVEN = (
    *("Role", "DatabaseName", "Description", "TablePrefix", "Configuration"),
    *("CrawlerSecurityConfiguration", "CatalogId"),
)
_MAX_MESSAGE = 2048  # DescriptionString


def crawler_to_wire(crawler: Crawler) -> Wire:
    """Crawler of the service model; LastCrawl is absent before the first run."""
    definition, members, run = crawler.definition, crawler.definition.members, crawler.run
    wire: Wire = {key: members[key] for key in _AS_GIVEN if key in members}
    wire |= {
        "Name": definition.name,
        "Targets": _targets(members["Targets"]),
        "Classifiers": list(members.get("Classifiers") or []),
        "RecrawlPolicy": {"RecrawlBehavior": recrawl_behavior(members)},
        "SchemaChangePolicy": DEFAULT_POLICY | dict(members.get("SchemaChangePolicy") or {}),
        "LineageConfiguration": members.get("LineageConfiguration") or {"CrawlerLineageSettings": "DISABLE"},
        "LakeFormationConfiguration": members.get("LakeFormationConfiguration")
        or {"UseLakeFormationCredentials": False, "AccountId": ""},
        "State": crawler.state,
        "CrawlElapsedTime": 0 if run is None else _milliseconds_of(run),
        "CreationTime": definition.created,
        "LastUpdated": definition.updated,
        "Version": definition.version,
    }
    if members.get("Schedule"):
        state = "SCHEDULED" if crawler.scheduled else "NOT_SCHEDULED"
        wire["Schedule"] = {"ScheduleExpression": members["Schedule"], "State": state}
    if crawler.history:
        wire["LastCrawl"] = _last_crawl(definition.name, crawler.history[0])
    return wire


def _targets(given: Wire) -> Wire:
    targets: Wire = {f"{kind}Targets": [] for kind in _KINDS}
    targets |= {kind: list(entries) for kind, entries in given.items() if entries}
    targets["S3Targets"] = [{"Exclusions": [], **target} for target in targets["S3Targets"]]
    return targets


def _milliseconds_of(run: Run) -> int:
    return int((run.watch.now() - run.started).total_seconds() * 1000)


def _last_crawl(crawler: str, run: FinishedRun) -> Wire:
    wire: Wire = {"Status": run.outcome.value, "StartTime": run.started, **log_place(crawler, run.run_id)}
    message = message_of(run)
    if message:
        wire["ErrorMessage"] = message
    return wire


def log_place(crawler: str, run_id: str) -> Wire:
    """Where AWS keeps the run's log: a group, a stream of the crawler's name, the run as prefix."""
    return {"LogGroup": LOG_GROUP, "LogStream": crawler, "MessagePrefix": run_id}


def message_of(run: FinishedRun) -> str:
    """Why the run failed; for one that did not, the objects it had to leave out."""
    if run.error:
        return run.error[:_MAX_MESSAGE]
    left_out = run.report.left_out
    if not left_out:
        return ""
    told = "; ".join(f"{one.uri} {one.reason}" for one in left_out)
    return f"{len(left_out)} object(s) left out: {told}"[:_MAX_MESSAGE]


def metrics_to_wire(crawler: Crawler) -> Wire:
    """CrawlerMetrics of the service model: seconds, and what the last run did to tables."""
    runs = list(crawler.history)
    report = runs[0].report if runs else CrawlReport()
    return {
        "CrawlerName": crawler.definition.name,
        "TimeLeftSeconds": 0.0,
        "StillEstimating": crawler.run is not None,
        "LastRuntimeSeconds": runs[0].seconds if runs else 0.0,
        "MedianRuntimeSeconds": statistics.median(run.seconds for run in runs) if runs else 0.0,
        "TablesCreated": len(report.tables[Change.ADDED]),
        "TablesUpdated": len(report.tables[Change.UPDATED]),
        "TablesDeleted": len(report.tables[Change.DELETED]),
    }
