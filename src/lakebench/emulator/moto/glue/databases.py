"""Databases (AWS: Database API)."""

from __future__ import annotations

from typing import Any

from lakebench.emulator.moto.glue.access import Access, already_exists, find
from lakebench.emulator.wire.paging import page_of, with_token
from lakebench.emulator.wire.provider import Wire


def create_database(access: Access, wire: Wire) -> Wire:
    """Its name is folded to lower case."""
    given = wire["DatabaseInput"]
    name = given["Name"].lower()
    if find(access.backend.databases, name) is not None:
        raise already_exists("Database")
    access.backend.create_database(name, {**given, "Name": name}, wire.get("Tags"))
    return {}


def get_database(access: Access, wire: Wire) -> Wire:
    """One database."""
    return {"Database": database_to_wire(access.database(wire["Name"]), access)}


def get_databases(access: Access, wire: Wire) -> Wire:
    """All databases by name, a hundred a page."""
    found = sorted(access.backend.databases.values(), key=lambda one: str(one.name))
    page, token = page_of(found, wire, largest=100)
    return with_token({"DatabaseList": [database_to_wire(one, access) for one in page]}, token)


def update_database(access: Access, wire: Wire) -> Wire:
    """Replace what it is; its name stays."""
    stored = access.database(wire["Name"])
    access.backend.update_database(stored.name, {**wire["DatabaseInput"], "Name": stored.name})
    return {}


def delete_database(access: Access, wire: Wire) -> Wire:
    """Remove it with all that is in it (AWS: DeleteDatabase)."""
    access.backend.delete_database(access.database(wire["Name"]).name)
    return {}


def database_to_wire(stored: Any, access: Access) -> Wire:
    """Database of the service model."""
    return {"CatalogId": access.account_id, **stored.as_dict()}
