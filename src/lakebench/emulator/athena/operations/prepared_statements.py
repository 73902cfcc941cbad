"""Prepared statements through the API: the same ones that PREPARE and EXECUTE know."""

from __future__ import annotations

from lakebench.emulator.athena.errors import refused
from lakebench.emulator.athena.paging import page_of
from lakebench.emulator.athena.parameters import check_parameterized
from lakebench.emulator.athena.prepared_statements import PreparedStatement, missing
from lakebench.emulator.athena.service import AthenaService, Tenant
from lakebench.emulator.wire.provider import RequestContext, Wire
from lakebench.errors import StatementRefused


def create_prepared_statement(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """Save a statement; one that does not parse is refused."""
    tenant = service.tenant(context)
    tenant.prepared_statements.create(_given(tenant, wire))
    return {}


def update_prepared_statement(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """Replace a statement's text and description."""
    tenant = service.tenant(context)
    tenant.prepared_statements.replace(_given(tenant, wire))
    return {}


def get_prepared_statement(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """One statement; raises ResourceNotFoundException."""
    tenant = service.tenant(context)
    workgroup = tenant.workgroups.get(wire["WorkGroup"]).name
    return {"PreparedStatement": _to_wire(tenant.prepared_statements.get(workgroup, wire["StatementName"]))}


def batch_get_prepared_statement(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """Many statements; unknown names come back as unprocessed."""
    tenant = service.tenant(context)
    workgroup = tenant.workgroups.get(wire["WorkGroup"]).name
    found, unknown = [], []
    for name in wire["PreparedStatementNames"]:
        statement = tenant.prepared_statements.find(workgroup, name)
        if statement is not None:
            found.append(_to_wire(statement))
        else:
            message = missing(workgroup, name)
            unknown.append(
                {"StatementName": name, "ErrorCode": "STATEMENT_NOT_FOUND", "ErrorMessage": message}
            )
    return {"PreparedStatements": found, "UnprocessedPreparedStatementNames": unknown}


def list_prepared_statements(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """Names of a workgroup's statements."""
    tenant = service.tenant(context)
    workgroup = tenant.workgroups.get(wire["WorkGroup"]).name
    page, following = page_of(
        tenant.prepared_statements.of_workgroup(workgroup),
        scope=f"prepared/{workgroup}",
        token=wire.get("NextToken"),
        limit=wire.get("MaxResults"),
    )
    summaries = [
        {"StatementName": statement.name, "LastModifiedTime": statement.modified} for statement in page
    ]
    return {"PreparedStatements": summaries} | ({"NextToken": following} if following else {})


def delete_prepared_statement(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """Remove a statement; raises ResourceNotFoundException."""
    tenant = service.tenant(context)
    workgroup = tenant.workgroups.get(wire["WorkGroup"]).name
    tenant.prepared_statements.delete(workgroup, wire["StatementName"])
    return {}


def _given(tenant: Tenant, wire: Wire) -> PreparedStatement:
    workgroup = tenant.workgroups.get(wire["WorkGroup"]).name
    try:
        check_parameterized(wire["QueryStatement"])
    except StatementRefused as refusal:
        raise refused(refusal) from None
    return PreparedStatement(
        name=wire["StatementName"],
        workgroup=workgroup,
        sql=wire["QueryStatement"],
        description=wire.get("Description"),
    )


def _to_wire(statement: PreparedStatement) -> Wire:
    wire: Wire = {
        "StatementName": statement.name,
        "QueryStatement": statement.sql,
        "WorkGroupName": statement.workgroup,
        "LastModifiedTime": statement.modified,
    }
    return wire | ({"Description": statement.description} if statement.description else {})
