"""Partition indexes: declared and listed; partitions are found by their values here in any case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lakebench.emulator.moto.glue.access import Access, already_exists, invalid_input, not_found
from lakebench.emulator.wire.paging import page_of, with_token
from lakebench.emulator.wire.provider import ServiceError, Wire

_MAX_INDEXES = 3  # AWS: Working with partition indexes


def create_index(access: Access, wire: Wire) -> Wire:
    """Declare one: ACTIVE at once."""
    table = access.table(wire["DatabaseName"], wire["TableName"])
    kept = _kept(table)
    (entry,) = index_entries(table.as_dict(), [wire["PartitionIndex"]])
    if any(one["IndexName"] == entry["IndexName"] for one in kept):
        raise already_exists("Index")
    if len(kept) >= _MAX_INDEXES:
        raise ServiceError("ResourceNumberLimitExceededException", "Number of partition indexes exceeds 3")
    table.partition_indexes = [*kept, entry]
    return {}


def get_indexes(access: Access, wire: Wire) -> Wire:
    """Those of a table."""
    page, token = page_of(_kept(access.table(wire["DatabaseName"], wire["TableName"])), wire)
    return with_token({"PartitionIndexDescriptorList": list(page)}, token)


def delete_index(access: Access, wire: Wire) -> Wire:
    """Remove one."""
    table = access.table(wire["DatabaseName"], wire["TableName"])
    kept = _kept(table)
    rest = [one for one in kept if one["IndexName"] != wire["IndexName"]]
    if len(rest) == len(kept):
        raise not_found(f"Index with the given indexName : {wire['IndexName']} does not exist")
    table.partition_indexes = rest
    return {}


def index_entries(table: Wire, given: Sequence[Wire]) -> list[Wire]:
    """The indexes as GetPartitionIndexes lists them; their keys must be partition keys of the table."""
    types = {key["Name"].lower(): key.get("Type", "string") for key in table.get("PartitionKeys") or []}
    entries = []
    for index in given:
        missing = [key for key in index["Keys"] if key.lower() not in types]
        if missing:
            raise invalid_input(f"Index keys must be partition keys of the table: {', '.join(missing)}")
        keys = [{"Name": key.lower(), "Type": types[key.lower()]} for key in index["Keys"]]
        entries.append({"IndexName": index["IndexName"], "Keys": keys, "IndexStatus": "ACTIVE"})
    return entries


def _kept(table: Any) -> list[Wire]:
    return list(getattr(table, "partition_indexes", []))
