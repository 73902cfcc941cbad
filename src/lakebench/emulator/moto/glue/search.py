"""SearchTables: tables of all databases by text and by properties (AWS: SearchTables)."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any

from lakebench.emulator.moto.glue.access import Access
from lakebench.emulator.moto.glue.tables import table_to_wire
from lakebench.emulator.wire.paging import page_of, with_token
from lakebench.emulator.wire.provider import Wire

_COMPARE: dict[str, Callable[[str, str], bool]] = {
    "EQUALS": operator.eq,
    "GREATER_THAN": operator.gt,
    "LESS_THAN": operator.lt,
    "GREATER_THAN_EQUALS": operator.ge,
    "LESS_THAN_EQUALS": operator.le,
}
_MEMBERS = {"name": "Name", "databasename": "DatabaseName", "description": "Description", "owner": "Owner"}


def search_tables(access: Access, wire: Wire) -> Wire:
    """Tables that hold the text somewhere and pass all filters; by database and name unless sorted."""
    found = [table for table in _all(access) if _holds(table, wire)]
    for order in reversed(wire.get("SortCriteria") or []):
        key = order.get("FieldName") or "Name"
        found.sort(key=lambda table: str(_property(table, key)), reverse=order.get("Sort") == "DESC")
    page, token = page_of(found, wire)
    return with_token({"TableList": list(page)}, token)


def _all(access: Access) -> Iterator[Wire]:
    for _, database in sorted(access.backend.databases.items()):
        for _, table in sorted(database.tables.items()):
            yield table_to_wire(table, access)


def _holds(table: Wire, wire: Wire) -> bool:
    text = (wire.get("SearchText") or "").lower()
    exact = len(text) > 1 and text[0] == text[-1] == '"'
    wanted = text.strip('"') if exact else text
    texts = [one.lower() for one in _texts(table)]
    if text and not (wanted in texts if exact else any(wanted in one for one in texts)):
        return False
    return all(_passes(table, one) for one in wire.get("Filters") or [])


def _passes(table: Wire, predicate: Wire) -> bool:
    """A text that is equal; with a Comparator the two are compared as texts."""
    held = _property(table, predicate.get("Key") or "")
    if held is None:
        return False
    compare = _COMPARE[predicate.get("Comparator") or "EQUALS"]
    return bool(compare(str(held), predicate.get("Value") or ""))


def _property(table: Wire, name: str) -> Any:
    member = _MEMBERS.get(name.lower(), name)
    return table[member] if member in table else table.get("Parameters", {}).get(name)


def _texts(table: Wire) -> Iterator[str]:
    for name in ("Name", "DatabaseName", "Description", "Owner"):
        if table.get(name):
            yield str(table[name])
    columns = [*table.get("StorageDescriptor", {}).get("Columns", []), *table["PartitionKeys"]]
    for column in columns:
        yield column["Name"]
        if column.get("Comment"):
            yield column["Comment"]
    for key, value in table.get("Parameters", {}).items():
        yield key
        yield str(value)
