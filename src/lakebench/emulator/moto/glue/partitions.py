"""Partitions (AWS: Partition API)."""

from __future__ import annotations

import zlib
from typing import Any

from lakebench.catalog.partition_filter import PartitionFilter
from lakebench.catalog.table import Column
from lakebench.catalog.types import parse_type
from lakebench.emulator.moto.glue.access import Access, already_exists, error_detail, invalid_input, not_found
from lakebench.emulator.wire.paging import page_of, with_token
from lakebench.emulator.wire.provider import ServiceError, Wire

_LARGEST_PAGE = 1000


def create_partition(access: Access, wire: Wire) -> Wire:
    """Add one; it has a value for each partition key."""
    _create(_table(access, wire), wire["PartitionInput"])
    return {}


def batch_create_partition(access: Access, wire: Wire) -> Wire:
    """Add those that are not there; the others are listed as errors."""
    table = _table(access, wire)
    errors = []
    for given in wire["PartitionInputList"]:
        try:
            _create(table, given)
        except ServiceError as error:
            errors.append({"PartitionValues": given.get("Values", []), "ErrorDetail": error_detail(error)})
    return {"Errors": errors}


def get_partition(access: Access, wire: Wire) -> Wire:
    """One partition by its values."""
    found = access.partition(wire["DatabaseName"], wire["TableName"], wire["PartitionValues"])
    return {"Partition": _to_wire(found, access)}


def batch_get_partition(access: Access, wire: Wire) -> Wire:
    """Those that are there; unknown ones are left out (AWS: BatchGetPartition)."""
    stored = _table(access, wire).partitions
    found = [stored.get(str(one["Values"])) for one in wire["PartitionsToGet"]]
    known = [_to_wire(one, access) for one in found if one is not None]
    return {"Partitions": known, "UnprocessedKeys": []}


def get_partitions(access: Access, wire: Wire) -> Wire:
    """Those that an Expression keeps, in the order of their values, a thousand a page at most.

    A Segment is one share of all; the shares are disjoint and together whole (AWS: Segment).
    """
    table = _table(access, wire)
    found = sorted(table.partitions.values(), key=lambda one: list(one.values))
    if wire.get("Segment"):
        found = [one for one in found if _in_segment(one, wire["Segment"])]
    if wire.get("Expression"):
        keeps = _filter(table, wire["Expression"])
        found = [one for one in found if keeps(one.values)]
    page, token = page_of(found, wire, default=_LARGEST_PAGE, largest=_LARGEST_PAGE)
    partitions = [_to_wire(one, access) for one in page]
    if wire.get("ExcludeColumnSchema"):
        for one in partitions:
            descriptor = one.get("StorageDescriptor", {})
            one["StorageDescriptor"] = {key: descriptor[key] for key in descriptor if key != "Columns"}
    return with_token({"Partitions": partitions}, token)


def update_partition(access: Access, wire: Wire) -> Wire:
    """Replace one; with other values it moves, to a place that is free."""
    _update(access, wire, wire["PartitionValueList"], wire["PartitionInput"])
    return {}


def batch_update_partition(access: Access, wire: Wire) -> Wire:
    """Replace those that are there; the others are listed as errors."""
    _table(access, wire)
    errors = []
    for entry in wire["Entries"]:
        try:
            _update(access, wire, entry["PartitionValueList"], entry["PartitionInput"])
        except ServiceError as error:
            errors.append(
                {"PartitionValueList": entry["PartitionValueList"], "ErrorDetail": error_detail(error)}
            )
    return {"Errors": errors}


def delete_partition(access: Access, wire: Wire) -> Wire:
    """Remove one."""
    _delete(access, wire, wire["PartitionValues"])
    return {}


def batch_delete_partition(access: Access, wire: Wire) -> Wire:
    """Remove those that are there; the others are listed as errors."""
    _table(access, wire)
    errors = []
    for one in wire["PartitionsToDelete"]:
        try:
            _delete(access, wire, one["Values"])
        except ServiceError as error:
            errors.append({"PartitionValues": one["Values"], "ErrorDetail": error_detail(error)})
    return {"Errors": errors}


def _table(access: Access, wire: Wire) -> Any:
    return access.table(wire["DatabaseName"], wire["TableName"])


def _create(table: Any, given: Wire) -> None:
    values = given.get("Values") or []
    _check_values(table, values)
    if str(values) in table.partitions:
        raise already_exists("Partition")
    table.create_partition({**given, "Values": values})


def _check_values(table: Any, values: list[str]) -> None:
    keys = table.as_dict().get("PartitionKeys") or []
    if len(values) != len(keys):
        raise invalid_input("The number of partition keys do not match the number of partition values")


def _update(access: Access, wire: Wire, old: list[str], given: Wire) -> None:
    table = _table(access, wire)
    values = given.get("Values") or old
    _check_values(table, values)
    before = table.partitions.get(str(old))
    if before is None:
        raise not_found("Cannot find partition.")
    if values != old and str(values) in table.partitions:
        raise already_exists("Partition")
    table.update_partition(old, {**given, "Values": values})
    if hasattr(before, "column_statistics"):
        table.partitions[str(values)].column_statistics = before.column_statistics


def _delete(access: Access, wire: Wire, values: list[str]) -> None:
    access.partition(wire["DatabaseName"], wire["TableName"], values)
    del _table(access, wire).partitions[str(values)]


def _filter(table: Any, text: str) -> PartitionFilter:
    keys = table.as_dict().get("PartitionKeys") or []
    columns = [Column(name=key["Name"].lower(), type=parse_type(key.get("Type") or "string")) for key in keys]
    try:
        return PartitionFilter(text, columns)
    except ValueError as error:
        raise invalid_input(f"Unsupported expression '{text}': {error}") from None


def _in_segment(partition: Any, segment: Wire) -> bool:
    total, number = segment["TotalSegments"], segment["SegmentNumber"]
    if number >= total:
        raise invalid_input(f"SegmentNumber {number} must be less than TotalSegments {total}")
    return zlib.crc32("\0".join(partition.values).encode()) % int(total) == int(number)


def _to_wire(stored: Any, access: Access) -> Wire:
    return {**stored.as_dict(), "CatalogId": access.account_id}
