"""Column statistics of tables and partitions, kept as they are given (AWS: Column statistics API)."""

from __future__ import annotations

from typing import Any

from lakebench.emulator.moto.glue.access import Access, error_detail, invalid_input, not_found
from lakebench.emulator.wire.provider import ServiceError, Wire


def update_table_statistics(access: Access, wire: Wire) -> Wire:
    """Add or replace statistics; those of columns that the table lacks are listed as errors."""
    return {"Errors": _update(_table(access, wire), _table(access, wire), wire)}


def get_table_statistics(access: Access, wire: Wire) -> Wire:
    """Those of the named columns; columns without any are listed as errors."""
    return _get(_table(access, wire), wire)


def delete_table_statistics(access: Access, wire: Wire) -> Wire:
    """Remove those of one column."""
    return _delete(_table(access, wire), wire)


def update_partition_statistics(access: Access, wire: Wire) -> Wire:
    """As those of a table."""
    return {"Errors": _update(_partition(access, wire), _table(access, wire), wire)}


def get_partition_statistics(access: Access, wire: Wire) -> Wire:
    """As those of a table."""
    return _get(_partition(access, wire), wire)


def delete_partition_statistics(access: Access, wire: Wire) -> Wire:
    """As those of a table."""
    return _delete(_partition(access, wire), wire)


def _table(access: Access, wire: Wire) -> Any:
    return access.table(wire["DatabaseName"], wire["TableName"])


def _partition(access: Access, wire: Wire) -> Any:
    return access.partition(wire["DatabaseName"], wire["TableName"], wire["PartitionValues"])


def _kept(holder: Any) -> dict[str, Wire]:
    return dict(getattr(holder, "column_statistics", {}))


def _update(holder: Any, table: Any, wire: Wire) -> list[Wire]:
    told = table.as_dict()
    columns = [*told.get("StorageDescriptor", {}).get("Columns", []), *told.get("PartitionKeys", [])]
    known = {column["Name"].lower() for column in columns}
    kept, errors = _kept(holder), []
    for given in wire["ColumnStatisticsList"]:
        name = given["ColumnName"].lower()
        if name not in known:
            error = invalid_input(f"Column {name} is not one of the table's")
            errors.append({"ColumnStatistics": given, "Error": error_detail(error)})
            continue
        kept[name] = {**given, "ColumnName": name}
    holder.column_statistics = kept
    return errors


def _get(holder: Any, wire: Wire) -> Wire:
    kept, found, errors = _kept(holder), [], []
    for name in wire["ColumnNames"]:
        if name.lower() in kept:
            found.append(kept[name.lower()])
        else:
            error = _missing(name)
            errors.append({"ColumnName": name, "Error": error_detail(error)})
    return {"ColumnStatisticsList": found, "Errors": errors}


def _delete(holder: Any, wire: Wire) -> Wire:
    kept = _kept(holder)
    if kept.pop(wire["ColumnName"].lower(), None) is None:
        raise _missing(wire["ColumnName"])
    holder.column_statistics = kept
    return {}


def _missing(name: str) -> ServiceError:
    return not_found(f"Statistics do not exist for column {name.lower()}")
