"""The Athena service as a provider of operations: moto never answers Athena."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from lakebench.catalog.store import CatalogStore
from lakebench.emulator.athena.operations import (
    capacity,
    data_catalogs,
    executions,
    named_queries,
    notebooks,
    prepared_statements,
    results,
    spark,
    start,
    tags,
    workgroups,
)
from lakebench.emulator.athena.operations import catalogs as catalog_operations
from lakebench.emulator.athena.quotas import CallMeter
from lakebench.emulator.athena.scan_document import scan_document
from lakebench.emulator.athena.service import AthenaService
from lakebench.emulator.engine.protocol import Engine
from lakebench.emulator.storage.ledger import Ledger, memory_ledger
from lakebench.emulator.storage.objects import ObjectStore
from lakebench.emulator.wire.provider import Operation, Provider, RequestContext, Wire

OPERATIONS: dict[str, Callable[[AthenaService, RequestContext, Wire], Wire]] = {
    "StartQueryExecution": start.start_query_execution,
    "GetQueryExecution": executions.get_query_execution,
    "BatchGetQueryExecution": executions.batch_get_query_execution,
    "ListQueryExecutions": executions.list_query_executions,
    "StopQueryExecution": executions.stop_query_execution,
    "GetQueryRuntimeStatistics": executions.get_query_runtime_statistics,
    "GetQueryResults": results.get_query_results,
    "CreateWorkGroup": workgroups.create_work_group,
    "GetWorkGroup": workgroups.get_work_group,
    "ListWorkGroups": workgroups.list_work_groups,
    "UpdateWorkGroup": workgroups.update_work_group,
    "DeleteWorkGroup": workgroups.delete_work_group,
    "ListEngineVersions": workgroups.list_engine_versions,
    "ListDataCatalogs": data_catalogs.list_data_catalogs,
    "GetDataCatalog": data_catalogs.get_data_catalog,
    "CreateDataCatalog": data_catalogs.create_data_catalog,
    "UpdateDataCatalog": data_catalogs.update_data_catalog,
    "DeleteDataCatalog": data_catalogs.delete_data_catalog,
    "ListDatabases": catalog_operations.list_databases,
    "GetDatabase": catalog_operations.get_database,
    "ListTableMetadata": catalog_operations.list_table_metadata,
    "GetTableMetadata": catalog_operations.get_table_metadata,
    "CreateNamedQuery": named_queries.create_named_query,
    "GetNamedQuery": named_queries.get_named_query,
    "BatchGetNamedQuery": named_queries.batch_get_named_query,
    "ListNamedQueries": named_queries.list_named_queries,
    "UpdateNamedQuery": named_queries.update_named_query,
    "DeleteNamedQuery": named_queries.delete_named_query,
    "CreatePreparedStatement": prepared_statements.create_prepared_statement,
    "GetPreparedStatement": prepared_statements.get_prepared_statement,
    "BatchGetPreparedStatement": prepared_statements.batch_get_prepared_statement,
    "ListPreparedStatements": prepared_statements.list_prepared_statements,
    "UpdatePreparedStatement": prepared_statements.update_prepared_statement,
    "DeletePreparedStatement": prepared_statements.delete_prepared_statement,
    "TagResource": tags.tag_resource,
    "UntagResource": tags.untag_resource,
    "ListTagsForResource": tags.list_tags_for_resource,
    "CreateCapacityReservation": capacity.create_capacity_reservation,
    "GetCapacityReservation": capacity.get_capacity_reservation,
    "ListCapacityReservations": capacity.list_capacity_reservations,
    "UpdateCapacityReservation": capacity.update_capacity_reservation,
    "CancelCapacityReservation": capacity.cancel_capacity_reservation,
    "DeleteCapacityReservation": capacity.delete_capacity_reservation,
    "PutCapacityAssignmentConfiguration": capacity.put_capacity_assignment_configuration,
    "GetCapacityAssignmentConfiguration": capacity.get_capacity_assignment_configuration,
    "CreateNotebook": notebooks.create_notebook,
    "ImportNotebook": notebooks.import_notebook,
    "ExportNotebook": notebooks.export_notebook,
    "GetNotebookMetadata": notebooks.get_notebook_metadata,
    "ListNotebookMetadata": notebooks.list_notebook_metadata,
    "UpdateNotebook": notebooks.update_notebook,
    "UpdateNotebookMetadata": notebooks.update_notebook_metadata,
    "DeleteNotebook": notebooks.delete_notebook,
    "ListNotebookSessions": notebooks.list_notebook_sessions,
    **spark.OPERATIONS,
}
"""By their names in the service model."""


_Operation = Callable[[AthenaService, RequestContext, Wire], Wire]
_CHANGING = ("Create", "Update", "Delete", "Tag", "Untag", "Put", "Cancel", "Import")


def _as_one(service: AthenaService, operation: _Operation, context: RequestContext, wire: Wire) -> Wire:
    """All that the operation changes, or nothing: a workgroup goes with its queries and tags."""
    with service.ledger.unit():
        return operation(service, context, wire)


def _plainly(service: AthenaService, operation: _Operation, context: RequestContext, wire: Wire) -> Wire:
    return operation(service, context, wire)


def athena_provider(
    *,
    engine: Engine,
    objects: Callable[[str], ObjectStore],
    catalogs: Callable[[str, str], CatalogStore],
    scratch: Path,
    ledger: Ledger | None = None,
    workers: int | None = None,
    throttled: bool = False,
) -> Provider:
    """The Athena of all accounts and regions.

    ``objects(account_id)`` and ``catalogs(account_id, region)`` are asked once for each; ``scratch`` is
    a directory from which the object store can take files over. ``ledger`` keeps what outlives the server,
    by default in memory, and its units of work hold what ``objects`` and ``catalogs`` publish. ``workers``
    is how many engine queries run at once, by default one a processor. ``throttled`` applies AWS's quotas of
    calls and of active queries. close() cancels what runs and waits.
    """
    service = AthenaService(
        engine=engine,
        objects=objects,
        catalogs=catalogs,
        ledger=ledger or memory_ledger(),
        scratch=scratch,
        workers=workers or os.cpu_count() or 2,
        throttled=throttled,
    )
    operations: dict[str, Operation] = {
        name: partial(_as_one if name.startswith(_CHANGING) else _plainly, service, operation)
        for name, operation in OPERATIONS.items()
    }
    if throttled:
        meter = CallMeter()
        operations = {name: meter.metered(operation) for name, operation in operations.items()}
    return Provider(
        service="athena",
        operations=operations,
        falls_through=False,
        close=service.close,
        reset=service.reset,
        document=partial(scan_document, service),
    )
