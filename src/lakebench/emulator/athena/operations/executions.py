"""GetQueryExecution and its kin: what became of executions."""

from __future__ import annotations

from lakebench.emulator.athena.execution_wire import execution_to_wire
from lakebench.emulator.athena.paging import page_of
from lakebench.emulator.athena.runtime_statistics import runtime_statistics
from lakebench.emulator.athena.service import AthenaService
from lakebench.emulator.wire.provider import RequestContext, Wire


def get_query_execution(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """One execution with all its fields."""
    execution = service.tenant(context).executions.get(wire["QueryExecutionId"])
    return {"QueryExecution": execution_to_wire(execution)}


def batch_get_query_execution(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """Up to 50 executions; ids that are not known come back as unprocessed."""
    executions = service.tenant(context).executions
    found: list[Wire] = []
    missing: list[Wire] = []
    for execution_id in wire["QueryExecutionIds"]:
        execution = executions.find(execution_id)
        if execution is not None:
            found.append(execution_to_wire(execution))
        else:
            missing.append(
                {
                    "QueryExecutionId": execution_id,
                    "ErrorCode": "INTERNAL_FAILURE",
                    "ErrorMessage": f"QueryExecution {execution_id} was not found",
                }
            )
    return {"QueryExecutions": found, "UnprocessedQueryExecutionIds": missing}


def list_query_executions(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """Ids of a workgroup's executions, newest first."""
    tenant = service.tenant(context)
    workgroup = tenant.workgroups.get(wire.get("WorkGroup"))
    executions = tenant.executions.of_workgroup(workgroup.name)
    token = wire.get("NextToken")
    page, following = page_of(
        executions, scope=f"executions/{workgroup.name}", token=token, limit=wire.get("MaxResults")
    )
    answer: Wire = {"QueryExecutionIds": [found.request.execution_id for found in page]}
    return answer | ({"NextToken": following} if following else {})


def stop_query_execution(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """CANCELLED at once; an execution that ended stays what it is."""
    service.tenant(context).executions.get(wire["QueryExecutionId"]).cancel()
    return {}


def get_query_runtime_statistics(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """Times, rows and stages."""
    execution = service.tenant(context).executions.get(wire["QueryExecutionId"])
    return {"QueryRuntimeStatistics": runtime_statistics(execution)}
