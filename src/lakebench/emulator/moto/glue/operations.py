"""Which operation of the service model is answered by which function here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from moto.backends import get_backend

from lakebench.emulator.moto.glue import databases, functions, indexes, partitions, search, statistics, tables
from lakebench.emulator.moto.glue.access import Access
from lakebench.emulator.moto.mount import MotoMount
from lakebench.emulator.wire.provider import Operation, RequestContext, Wire

_Run = Callable[[Access, Wire], Wire]

OPERATIONS: Mapping[str, _Run] = {
    "CreateDatabase": databases.create_database,
    "GetDatabase": databases.get_database,
    "GetDatabases": databases.get_databases,
    "UpdateDatabase": databases.update_database,
    "DeleteDatabase": databases.delete_database,
    "CreateTable": tables.create_table,
    "UpdateTable": tables.update_table,
    "DeleteTable": tables.delete_table,
    "BatchDeleteTable": tables.batch_delete_table,
    "GetTable": tables.get_table,
    "GetTables": tables.get_tables,
    "GetTableVersion": tables.get_table_version,
    "GetTableVersions": tables.get_table_versions,
    "DeleteTableVersion": tables.delete_table_version,
    "BatchDeleteTableVersion": tables.batch_delete_table_version,
    "SearchTables": search.search_tables,
    "CreatePartition": partitions.create_partition,
    "BatchCreatePartition": partitions.batch_create_partition,
    "GetPartition": partitions.get_partition,
    "BatchGetPartition": partitions.batch_get_partition,
    "GetPartitions": partitions.get_partitions,
    "UpdatePartition": partitions.update_partition,
    "BatchUpdatePartition": partitions.batch_update_partition,
    "DeletePartition": partitions.delete_partition,
    "BatchDeletePartition": partitions.batch_delete_partition,
    "CreatePartitionIndex": indexes.create_index,
    "GetPartitionIndexes": indexes.get_indexes,
    "DeletePartitionIndex": indexes.delete_index,
    "UpdateColumnStatisticsForTable": statistics.update_table_statistics,
    "GetColumnStatisticsForTable": statistics.get_table_statistics,
    "DeleteColumnStatisticsForTable": statistics.delete_table_statistics,
    "UpdateColumnStatisticsForPartition": statistics.update_partition_statistics,
    "GetColumnStatisticsForPartition": statistics.get_partition_statistics,
    "DeleteColumnStatisticsForPartition": statistics.delete_partition_statistics,
    "CreateUserDefinedFunction": functions.create_function,
    "GetUserDefinedFunction": functions.get_function,
    "GetUserDefinedFunctions": functions.get_functions,
    "UpdateUserDefinedFunction": functions.update_function,
    "DeleteUserDefinedFunction": functions.delete_function,
}
"""By their names in the service model."""


def catalog_operations(moto: MotoMount) -> dict[str, Operation]:
    """Glue's catalogue operations, each a unit of work."""
    return {name: _operation(moto, run) for name, run in OPERATIONS.items()}


def _operation(moto: MotoMount, run: _Run) -> Operation:
    def answer(context: RequestContext, wire: Wire) -> Wire:
        backend: Any = get_backend("glue")[context.account_id][context.region]
        with moto.lock():
            return run(Access(backend, context.account_id, context.region), wire)

    return answer
