"""User-defined functions of databases: declarations, which no query calls (AWS: User-defined function)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from lakebench.emulator.moto.glue.access import Access, already_exists, invalid_input, not_found
from lakebench.emulator.wire.paging import page_of, with_token
from lakebench.emulator.wire.provider import Wire


def create_function(access: Access, wire: Wire) -> Wire:
    """Declare one."""
    database = access.database(wire["DatabaseName"])
    kept, given = _kept(database), wire["FunctionInput"]
    name = _name_of(given)
    if name in kept:
        raise already_exists("Function")
    database.functions = {**kept, name: {**given, "FunctionName": name, "CreateTime": datetime.now(UTC)}}
    return {}


def get_function(access: Access, wire: Wire) -> Wire:
    """One declaration."""
    database = access.database(wire["DatabaseName"])
    return {"UserDefinedFunction": _to_wire(database, _get(database, wire["FunctionName"]), access)}


def get_functions(access: Access, wire: Wire) -> Wire:
    """Those whose names match the Pattern, of one database or of all, a hundred a page."""
    named = wire.get("DatabaseName")
    databases = [access.database(named)] if named else list(access.backend.databases.values())
    try:
        pattern = re.compile(wire["Pattern"].replace("*", ".*").replace("..*", ".*"), re.IGNORECASE)
    except re.error:
        raise invalid_input(f"The pattern {wire['Pattern']!r} is not a regular expression") from None
    found = [
        _to_wire(database, one, access)
        for database in databases
        for name, one in sorted(_kept(database).items())
        if pattern.fullmatch(name)
    ]
    page, token = page_of(found, wire, largest=100)
    return with_token({"UserDefinedFunctions": list(page)}, token)


def update_function(access: Access, wire: Wire) -> Wire:
    """Replace a declaration; its name and time of making stay."""
    database = access.database(wire["DatabaseName"])
    current = _get(database, wire["FunctionName"])
    kept = {"FunctionName": current["FunctionName"], "CreateTime": current["CreateTime"]}
    database.functions = {**_kept(database), current["FunctionName"]: {**wire["FunctionInput"], **kept}}
    return {}


def delete_function(access: Access, wire: Wire) -> Wire:
    """Remove it."""
    database = access.database(wire["DatabaseName"])
    name = _get(database, wire["FunctionName"])["FunctionName"]
    database.functions = {key: one for key, one in _kept(database).items() if key != name}
    return {}


def _kept(database: Any) -> dict[str, Wire]:
    return dict(getattr(database, "functions", {}))


def _get(database: Any, name: str) -> Wire:
    found = _kept(database).get(name.lower())
    if found is None:
        raise not_found(f"Function {name.lower()} not found.")
    return found


def _name_of(given: Wire) -> str:
    if not given.get("FunctionName"):
        raise invalid_input("FunctionName must not be empty")
    return str(given["FunctionName"]).lower()


def _to_wire(database: Any, found: Wire, access: Access) -> Wire:
    return {**found, "DatabaseName": database.name, "CatalogId": access.account_id}
