"""Tables and their versions (AWS: Table API)."""

from __future__ import annotations

import re
from typing import Any

from lakebench.emulator.moto.glue.access import (
    Access,
    already_exists,
    error_detail,
    find,
    invalid_input,
    not_found,
)
from lakebench.emulator.moto.glue.indexes import index_entries
from lakebench.emulator.moto.glue.map_order import in_map_order
from lakebench.emulator.wire.paging import page_of, with_token
from lakebench.emulator.wire.provider import ServiceError, Wire

_DESCRIPTOR = {"Compressed": False, "NumberOfBuckets": 0, "StoredAsSubDirectories": False}
_TYPE_ATTRIBUTES = {"NAME": "Name", "TABLE_TYPE": "TableType"}


def create_table(access: Access, wire: Wire) -> Wire:
    """Its name is folded to lower case; PartitionIndexes are kept with it."""
    database, given = access.database(wire["DatabaseName"]), _folded(wire)
    if find(database.tables, given["Name"]) is not None:
        raise already_exists("Table")
    indexes = index_entries(given, wire.get("PartitionIndexes") or [])
    access.backend.create_table(database.name, given["Name"], given, wire.get("OpenTableFormatInput"))
    if indexes:
        database.tables[given["Name"]].partition_indexes = indexes
    return {}


def update_table(access: Access, wire: Wire) -> Wire:
    """Another version; the one before is archived unless SkipArchive says otherwise."""
    given = _folded(wire)
    stored = access.table(wire["DatabaseName"], given["Name"])
    before = str(stored._current_version)  # noqa: SLF001 (moto has no other name for it)
    asked = wire.get("VersionId")
    if asked is not None and asked != before:
        message = f"Version {asked} of the table is not its current one, {before}."
        raise ServiceError("ConcurrentModificationException", message)
    stored.update({**given, "Name": stored.name})
    if wire.get("SkipArchive"):
        stored.versions.pop(before, None)
    return {}


def delete_table(access: Access, wire: Wire) -> Wire:
    """Remove it with its versions and partitions."""
    stored = access.table(wire["DatabaseName"], wire["Name"])
    access.backend.delete_table(stored.database_name, stored.name)
    return {}


def batch_delete_table(access: Access, wire: Wire) -> Wire:
    """Remove those that are there; the others are listed as errors."""
    errors = []
    access.database(wire["DatabaseName"])
    for name in wire["TablesToDelete"]:
        try:
            delete_table(access, {"DatabaseName": wire["DatabaseName"], "Name": name})
        except ServiceError as error:
            errors.append({"TableName": name, "ErrorDetail": error_detail(error)})
    return {"Errors": errors}


def get_table(access: Access, wire: Wire) -> Wire:
    """One table as it is now."""
    return {"Table": table_to_wire(access.table(wire["DatabaseName"], wire["Name"]), access)}


def get_tables(access: Access, wire: Wire) -> Wire:
    """The tables of a database by name, those that match the Expression whole; a hundred a page.

    Expression is a regular expression (AWS: GetTables); AttributesToGet leaves the rest out.
    """
    stored = access.database(wire["DatabaseName"]).tables
    names = sorted(stored)
    if wire.get("Expression"):
        pattern = _pattern(wire["Expression"])
        names = [name for name in names if pattern.fullmatch(name)]
    page, token = page_of(names, wire, largest=100)
    tables = [table_to_wire(stored[name], access) for name in page]
    wanted = wire.get("AttributesToGet")
    if wanted:
        kept = {"Name"} | {_TYPE_ATTRIBUTES[one] for one in wanted if one in _TYPE_ATTRIBUTES}
        tables = [{key: value for key, value in table.items() if key in kept} for table in tables]
    return with_token({"TableList": tables}, token)


def get_table_version(access: Access, wire: Wire) -> Wire:
    """One version; the newest without a VersionId."""
    stored = access.table(wire["DatabaseName"], wire["TableName"])
    version = str(wire.get("VersionId") or stored._current_version)  # noqa: SLF001 (as above)
    if version not in stored.versions:
        raise not_found("Version not found.")
    return {"TableVersion": _version(stored, version, access)}


def get_table_versions(access: Access, wire: Wire) -> Wire:
    """All versions, newest first, a hundred a page."""
    stored = access.table(wire["DatabaseName"], wire["TableName"])
    page, token = page_of(sorted(stored.versions, key=int, reverse=True), wire, largest=100)
    return with_token({"TableVersions": [_version(stored, one, access) for one in page]}, token)


def delete_table_version(access: Access, wire: Wire) -> Wire:
    """Remove an archived version; the current one stays."""
    stored = access.table(wire["DatabaseName"], wire["TableName"])
    version = wire["VersionId"]
    if version not in stored.versions:
        raise not_found("Version not found.")
    if version == str(stored._current_version):  # noqa: SLF001 (as above)
        raise invalid_input("The current version of a table cannot be deleted.")
    stored.delete_version(version)
    return {}


def batch_delete_table_version(access: Access, wire: Wire) -> Wire:
    """Remove those that are there; the others are listed as errors."""
    errors = []
    access.table(wire["DatabaseName"], wire["TableName"])
    for version in wire["VersionIds"]:
        try:
            delete_table_version(access, {**wire, "VersionId": version})
        except ServiceError as error:
            detail = error_detail(error)
            errors.append({"TableName": wire["TableName"], "VersionId": version, "ErrorDetail": detail})
    return {"Errors": errors}


def table_to_wire(stored: Any, access: Access, version: str | None = None) -> Wire:
    """Table of the service model, with the members that AWS always answers."""
    told = _with_ordered_parameters(stored.as_dict(version))
    if "StorageDescriptor" in told:
        descriptor = _with_ordered_parameters({**_DESCRIPTOR, **told["StorageDescriptor"]})
        if descriptor.get("SerdeInfo"):
            descriptor["SerdeInfo"] = _with_ordered_parameters(descriptor["SerdeInfo"])
        told["StorageDescriptor"] = descriptor
    return {
        "Retention": 0,
        "PartitionKeys": [],
        "UpdateTime": told["CreateTime"],
        "IsRegisteredWithLakeFormation": False,
        **told,
        "DatabaseName": stored.database_name,
        "Name": stored.name,
        "CatalogId": access.account_id,
    }


def _with_ordered_parameters(wire: Wire) -> Wire:
    parameters = wire.get("Parameters")
    return {**wire, "Parameters": in_map_order(parameters)} if parameters else wire


def _version(stored: Any, version: str, access: Access) -> Wire:
    return {"Table": table_to_wire(stored, access, version), "VersionId": version}


def _folded(wire: Wire) -> Wire:
    given = wire.get("TableInput")
    if given is None:
        raise invalid_input("TableInput must not be null")
    return {**given, "Name": given["Name"].lower()}


def _pattern(text: str) -> re.Pattern[str]:
    """The expression; a ``*`` that follows no sign that it could repeat stands for any text.

    awswrangler asks AWS for ``sales*`` and ``*sales*`` and gets what begins with, or holds, the word.
    """
    try:
        return re.compile(re.sub(r"(?<![.\])])\*", ".*", text), re.IGNORECASE)
    except re.error:
        raise invalid_input(f"The expression {text!r} is not a regular expression") from None
