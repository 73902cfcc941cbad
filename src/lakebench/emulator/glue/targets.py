"""A crawler's targets, read from the members that CreateCrawler takes (AWS: CrawlerTargets)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lakebench.catalog import S3Uri
from lakebench.emulator.crawler import (
    CatalogTarget,
    S3Target,
    TableFormat,
    TableFormatTarget,
    Target,
    compile_glob,
)
from lakebench.emulator.glue.errors import invalid_input
from lakebench.errors import ConfigError

_MAX_SAMPLE = 249
_MAX_DEPTH = 20
_DEFAULT_DEPTH = 10  # the console's; the API's own is not documented
_READ = ("S3Targets", "CatalogTargets", "DeltaTargets", "IcebergTargets", "HudiTargets")
_WITH_EVENTS = ("S3Targets", "CatalogTargets")


def read_targets(targets: Mapping[str, Any], delete_behavior: str) -> tuple[Target, ...]:
    """All targets; raises InvalidInputException for kinds that need a database elsewhere, and for bad ones.

    Catalogue targets stand alone and go with a DeleteBehavior of LOG only (AWS: define-crawler).
    """
    given = {kind: entries for kind, entries in targets.items() if entries}
    others = sorted(given.keys() - set(_READ))
    if others:
        raise invalid_input(f"{', '.join(others)} need a database outside of S3 and are not crawled here")
    if not given:
        raise invalid_input(f"Targets must name at least one of {', '.join(_READ)}")
    if "CatalogTargets" in given:
        if len(given) > 1:
            raise invalid_input("Catalog targets cannot be mixed with targets of other kinds")
        if delete_behavior != "LOG":
            raise invalid_input(
                "The SchemaChangePolicy for Data Catalog targets can have only LOG DeleteBehavior value."
            )
    return tuple(_read_all(given))


def event_queues(targets: Mapping[str, Any]) -> list[tuple[str, str | None]]:
    """The queues of targets, each with its dead-letter queue; raises InvalidInputException without any."""
    for kind, entries in targets.items():
        if entries and kind not in _WITH_EVENTS:
            raise invalid_input(f"CRAWL_EVENT_MODE is for {' and '.join(_WITH_EVENTS)}, not for {kind}")
    queues = []
    for kind in _WITH_EVENTS:
        for target in targets.get(kind) or []:
            queue = target.get("EventQueueArn")
            if not queue:
                raise invalid_input("CRAWL_EVENT_MODE needs an EventQueueArn on each target")
            for arn in filter(None, (queue, target.get("DlqEventQueueArn"))):
                if not (arn.startswith("arn:") and arn.split(":")[2:3] == ["sqs"] and arn.count(":") == 5):
                    raise invalid_input(f"{arn} is not the ARN of an SQS queue")
            queues.append((queue, target.get("DlqEventQueueArn")))
    return list(dict.fromkeys(queues))


def _read_all(given: Mapping[str, Any]) -> Iterator[Target]:
    for target in given.get("S3Targets", ()):
        yield _s3_target(target)
    for target in given.get("CatalogTargets", ()):
        yield _catalog_target(target)
    for target in given.get("DeltaTargets", ()):
        yield from _delta_targets(target)
    for kind, table_format in (("IcebergTargets", TableFormat.ICEBERG), ("HudiTargets", TableFormat.HUDI)):
        for target in given.get(kind, ()):
            yield from _deep_targets(target, table_format)


def _s3_target(target: Mapping[str, Any]) -> S3Target:
    size = target.get("SampleSize")
    if size is not None and not 1 <= size <= _MAX_SAMPLE:
        raise invalid_input(f"SampleSize must be between 1 and {_MAX_SAMPLE}, not {size}")
    return S3Target(path=_path(target.get("Path") or ""), exclusions=_exclusions(target), sample_size=size)


def _catalog_target(target: Mapping[str, Any]) -> CatalogTarget:
    tables = tuple(name.lower() for name in target.get("Tables") or ())
    if not tables:
        raise invalid_input("A catalog target must name at least one table")
    return CatalogTarget(database=target["DatabaseName"].lower(), tables=tables)


def _delta_targets(target: Mapping[str, Any]) -> Iterator[TableFormatTarget]:
    native, manifest = bool(target.get("CreateNativeDeltaTable")), bool(target.get("WriteManifest"))
    if native and manifest:
        raise invalid_input("WriteManifest is for symlink tables, not for native Delta tables")
    for path in _paths(target.get("DeltaTables"), "DeltaTables"):
        yield TableFormatTarget(
            table_format=TableFormat.DELTA, path=path, native=native, write_manifest=manifest
        )


def _deep_targets(target: Mapping[str, Any], table_format: TableFormat) -> Iterator[TableFormatTarget]:
    depth = target.get("MaximumTraversalDepth")
    depth = _DEFAULT_DEPTH if depth is None else depth
    if not 1 <= depth <= _MAX_DEPTH:
        raise invalid_input(f"MaximumTraversalDepth must be between 1 and {_MAX_DEPTH}, not {depth}")
    for path in _paths(target.get("Paths"), "Paths"):
        yield TableFormatTarget(
            table_format=table_format, path=path, exclusions=_exclusions(target), depth=depth
        )


def _paths(texts: Iterable[str] | None, member: str) -> list[S3Uri]:
    found = [_path(text) for text in texts or ()]
    if not found:
        raise invalid_input(f"{member} must name at least one S3 path")
    return found


def _path(text: str) -> S3Uri:
    try:
        return S3Uri.parse(text)
    except ValueError as error:
        raise invalid_input(f"The target's Path is {error}") from None


def _exclusions(target: Mapping[str, Any]) -> tuple[str, ...]:
    exclusions = tuple(target.get("Exclusions") or ())
    try:
        for pattern in exclusions:
            compile_glob(pattern)
    except ConfigError as error:
        raise invalid_input(error.message) from None
    return exclusions
