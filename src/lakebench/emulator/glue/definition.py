"""A crawler as CreateCrawler and UpdateCrawler make it: members as they were given, and what they mean.

Members are kept as the service model spells them, because GetCrawler answers them back; the ``CrawlSpec``
is read from them once, so that a bad member is refused when it is given and not when it is crawled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lakebench.emulator.crawler import (
    CrawlSpec,
    DeleteBehavior,
    UpdateBehavior,
    parse_configuration,
)
from lakebench.emulator.glue.cron import Cron, parse_cron
from lakebench.emulator.glue.errors import invalid_input
from lakebench.emulator.glue.targets import event_queues, read_targets
from lakebench.emulator.wire.provider import Wire
from lakebench.errors import ConfigError

DEFAULT_DATABASE = "default"
EVERYTHING = "CRAWL_EVERYTHING"
NEW_FOLDERS_ONLY = "CRAWL_NEW_FOLDERS_ONLY"
EVENT_MODE = "CRAWL_EVENT_MODE"
DEFAULT_POLICY = {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "DEPRECATE_IN_DATABASE"}
_REMOVABLE = ("Description", "Schedule", "TablePrefix", "Configuration", "CrawlerSecurityConfiguration")


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlerDefinition:
    """``members`` are CreateCrawler's without Name and Tags. ``version`` grows with each update."""

    name: str
    members: Mapping[str, Any]
    tags: Mapping[str, str]
    spec: CrawlSpec
    created: datetime
    updated: datetime
    version: int = 1


def new_definition(request: Wire, *, account_id: str) -> CrawlerDefinition:
    """Read CreateCrawler's members; raises InvalidInputException naming the member at fault."""
    members = {
        key: value for key, value in request.items() if key not in {"Name", "Tags"} and value is not None
    }
    now = datetime.now(UTC)
    return CrawlerDefinition(
        name=request["Name"],
        members=members,
        tags=dict(request.get("Tags") or {}),
        spec=read_spec(request["Name"], members, account_id),
        created=now,
        updated=now,
    )


def updated_definition(current: CrawlerDefinition, request: Wire, *, account_id: str) -> CrawlerDefinition:
    """The crawler after UpdateCrawler: given members replace, an empty text removes."""
    given = {key: value for key, value in request.items() if key != "Name" and value is not None}
    if (
        current.spec.new_folders_only
        and given.get("Targets", current.members["Targets"]) != (current.members["Targets"])
    ):
        raise invalid_input("Targets of a crawler that crawls new folders only cannot be changed")
    members = {**current.members, **given}
    for key in _REMOVABLE:
        if members.get(key) == "":
            del members[key]
    return CrawlerDefinition(
        name=current.name,
        members=members,
        tags=current.tags,
        spec=read_spec(current.name, members, account_id),
        created=current.created,
        updated=datetime.now(UTC),
        version=current.version + 1,
    )


def read_spec(name: str, members: Mapping[str, Any], account_id: str) -> CrawlSpec:
    """What the members mean; raises InvalidInputException naming the member at fault."""
    _refuse_what_is_not_done(members, account_id)
    if recrawl_behavior(members) == EVENT_MODE:
        event_queues(members["Targets"])
    policy = DEFAULT_POLICY | dict(members.get("SchemaChangePolicy") or {})
    try:
        output = parse_configuration(members.get("Configuration"))
    except ConfigError as error:
        raise invalid_input(error.message) from None
    return CrawlSpec(
        crawler=name,
        database=(members.get("DatabaseName") or DEFAULT_DATABASE).lower(),
        targets=read_targets(members["Targets"], policy["DeleteBehavior"]),
        table_prefix=members.get("TablePrefix") or "",
        update_behavior=UpdateBehavior(policy["UpdateBehavior"]),
        delete_behavior=DeleteBehavior(policy["DeleteBehavior"]),
        output=output,
        new_folders_only=recrawl_behavior(members) == NEW_FOLDERS_ONLY,
    )


def recrawl_behavior(members: Mapping[str, Any]) -> str:
    """RecrawlPolicy's RecrawlBehavior, everything unless told otherwise."""
    return str((members.get("RecrawlPolicy") or {}).get("RecrawlBehavior") or EVERYTHING)


def _refuse_what_is_not_done(members: Mapping[str, Any], account_id: str) -> None:
    if not members.get("Role"):
        raise invalid_input("Role must not be empty")
    recrawl = recrawl_behavior(members)
    policy = DEFAULT_POLICY | dict(members.get("SchemaChangePolicy") or {})
    if recrawl == NEW_FOLDERS_ONLY and set(policy.values()) != {"LOG"}:
        raise invalid_input(
            'The SchemaChangePolicy for "Crawl new folders only" Amazon S3 targets can have only LOG '
            "DeleteBehavior value and LOG UpdateBehavior value."
        )
    catalog = members.get("CatalogId")
    if catalog not in {None, account_id}:
        raise invalid_input(f"CatalogId {catalog} is not the account's own, {account_id}")
    if members.get("Schedule"):
        read_cron(members["Schedule"])


def read_cron(expression: str) -> Cron:
    """The schedule; raises InvalidInputException naming the field at fault."""
    try:
        return parse_cron(expression)
    except ConfigError as error:
        raise invalid_input(error.message) from None


def definition_queues(definition: CrawlerDefinition) -> list[tuple[str, str | None]]:
    """The queues that a crawler in event mode reads, each with its dead-letter queue; none otherwise."""
    if recrawl_behavior(definition.members) != EVENT_MODE:
        return []
    return event_queues(definition.members["Targets"])
