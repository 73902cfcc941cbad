"""Databases and table metadata, as Athena shows Glue's catalogue."""

from __future__ import annotations

from lakebench.catalog import Column, Database, Table
from lakebench.catalog.store import CatalogStore, NotFound
from lakebench.emulator.athena.errors import entity_not_found, invalid_request
from lakebench.emulator.athena.name_pattern import matches
from lakebench.emulator.athena.paging import page_of
from lakebench.emulator.athena.service import AthenaService
from lakebench.emulator.wire.provider import RequestContext, Wire


def list_databases(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """Databases by name."""
    databases = sorted(_catalog(service, context, wire).databases(), key=lambda database: database.name)
    page, following = page_of(
        databases, scope="databases", token=wire.get("NextToken"), limit=wire.get("MaxResults")
    )
    answer: Wire = {"DatabaseList": [_database_to_wire(database) for database in page]}
    return answer | ({"NextToken": following} if following else {})


def get_database(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """One database; raises MetadataException."""
    name = wire["DatabaseName"]
    database = _catalog(service, context, wire).database(name.lower())
    if database is None:
        raise entity_not_found(f"Database {name} not found.")
    return {"Database": _database_to_wire(database)}


def list_table_metadata(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """Tables and views of a database by name, those that fit Expression."""
    name = wire["DatabaseName"]
    try:
        tables = _catalog(service, context, wire).tables(name.lower())
    except NotFound:
        raise entity_not_found(f"Database {name} not found.") from None
    wanted = wire.get("Expression") or None
    tables = sorted((table for table in tables if matches(wanted, table.name)), key=lambda table: table.name)
    page, following = page_of(
        tables, scope=f"tables/{name}", token=wire.get("NextToken"), limit=wire.get("MaxResults")
    )
    answer: Wire = {"TableMetadataList": [_table_to_wire(table) for table in page]}
    return answer | ({"NextToken": following} if following else {})


def get_table_metadata(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """One table or view; raises MetadataException."""
    database, name = wire["DatabaseName"], wire["TableName"]
    table = _catalog(service, context, wire).table(database.lower(), name.lower())
    if table is None:
        raise entity_not_found(f"Table {name} not found in database {database}.")
    return {"TableMetadata": _table_to_wire(table)}


def _catalog(service: AthenaService, context: RequestContext, wire: Wire) -> CatalogStore:
    tenant = service.tenant(context)
    catalog = tenant.data_catalogs.get(wire["CatalogName"])
    if not tenant.data_catalogs.readable(catalog):
        raise invalid_request(f"Data catalogs of type {catalog.kind} cannot be read here: {catalog.name}")
    return tenant.catalog


def _database_to_wire(database: Database) -> Wire:
    wire: Wire = {"Name": database.name}
    if database.description:
        wire["Description"] = database.description
    if database.parameters:
        wire["Parameters"] = dict(database.parameters)
    return wire


def _table_to_wire(table: Table) -> Wire:
    """TableMetadata; storage is told among the parameters, as Athena does."""
    storage = table.storage
    parameters = dict(table.parameters)
    if not table.is_view:
        parameters |= {
            "inputformat": storage.input_format,
            "outputformat": storage.output_format,
            "location": str(storage.location or ""),
            "serde.serialization.lib": storage.serde.library,
        }
        parameters |= {f"serde.param.{key}": value for key, value in storage.serde.parameters.items()}
    wire: Wire = {
        "Name": table.name,
        "TableType": table.table_type,
        "Columns": [_column_to_wire(column) for column in table.columns],
        "PartitionKeys": [_column_to_wire(column) for column in table.partition_keys],
        "Parameters": parameters,
    }
    if table.created is not None:
        wire["CreateTime"] = table.created
        wire["LastAccessTime"] = table.created
    return wire


def _column_to_wire(column: Column) -> Wire:
    wire: Wire = {"Name": column.name, "Type": column.type.hive}
    if column.comment:
        wire["Comment"] = column.comment
    return wire
