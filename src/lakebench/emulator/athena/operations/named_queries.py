"""Named queries: saved texts."""

from __future__ import annotations

import uuid

from lakebench.emulator.athena.named_queries import NamedQuery
from lakebench.emulator.athena.paging import page_of
from lakebench.emulator.athena.service import AthenaService
from lakebench.emulator.wire.provider import RequestContext, Wire


def create_named_query(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """Save a query; the same token and the same parameters name the same query."""
    tenant = service.tenant(context)
    query = NamedQuery(
        query_id=str(uuid.uuid4()),
        name=wire["Name"],
        database=wire["Database"],
        sql=wire["QueryString"],
        workgroup=tenant.workgroups.get(wire.get("WorkGroup")).name,
        description=wire.get("Description"),
    )
    created = tenant.named_queries.create(query, wire.get("ClientRequestToken"))
    return {"NamedQueryId": created.query_id}


def get_named_query(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """One saved query."""
    query = service.tenant(context).named_queries.get(wire["NamedQueryId"])
    return {"NamedQuery": _to_wire(query)}


def batch_get_named_query(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """Up to 50 saved queries; unknown ids come back as unprocessed."""
    queries = service.tenant(context).named_queries
    found, missing = [], []
    for query_id in wire["NamedQueryIds"]:
        query = queries.find(query_id)
        if query is not None:
            found.append(_to_wire(query))
        else:
            message = f"NamedQuery {query_id} was not found"
            missing.append(
                {"NamedQueryId": query_id, "ErrorCode": "INTERNAL_FAILURE", "ErrorMessage": message}
            )
    return {"NamedQueries": found, "UnprocessedNamedQueryIds": missing}


def list_named_queries(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """Ids of a workgroup's saved queries."""
    tenant = service.tenant(context)
    workgroup = tenant.workgroups.get(wire.get("WorkGroup")).name
    page, following = page_of(
        tenant.named_queries.of_workgroup(workgroup),
        scope=f"named/{workgroup}",
        token=wire.get("NextToken"),
        limit=wire.get("MaxResults"),
    )
    answer: Wire = {"NamedQueryIds": [query.query_id for query in page]}
    return answer | ({"NextToken": following} if following else {})


def update_named_query(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """Replace name, text and description."""
    service.tenant(context).named_queries.change(
        wire["NamedQueryId"],
        name=wire["Name"],
        sql=wire["QueryString"],
        description=wire.get("Description"),
    )
    return {}


def delete_named_query(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """Remove a saved query."""
    service.tenant(context).named_queries.delete(wire["NamedQueryId"])
    return {}


def _to_wire(query: NamedQuery) -> Wire:
    wire = {
        "Name": query.name,
        "Database": query.database,
        "QueryString": query.sql,
        "NamedQueryId": query.query_id,
        "WorkGroup": query.workgroup,
    }
    return wire | ({"Description": query.description} if query.description else {})
