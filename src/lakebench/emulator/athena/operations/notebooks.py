"""Notebooks: made, kept, listed and given back."""

from __future__ import annotations

from lakebench.emulator.athena.errors import invalid_request
from lakebench.emulator.athena.notebooks import EMPTY, Notebook
from lakebench.emulator.athena.paging import page_of
from lakebench.emulator.athena.service import AthenaService
from lakebench.emulator.wire.provider import RequestContext, Wire


def create_notebook(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """An empty notebook."""
    tenant = service.tenant(context)
    tenant.workgroups.get(wire["WorkGroup"])
    return {"NotebookId": tenant.notebooks.create(wire["Name"], wire["WorkGroup"]).notebook_id}


def import_notebook(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """A notebook from its document."""
    if wire.get("NotebookS3LocationUri"):
        raise invalid_request("Importing a notebook from S3 is not supported; send its Payload")
    tenant = service.tenant(context)
    tenant.workgroups.get(wire["WorkGroup"])
    made = tenant.notebooks.create(wire["Name"], wire["WorkGroup"], wire.get("Payload") or EMPTY)
    return {"NotebookId": made.notebook_id}


def export_notebook(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """The document as it was given."""
    found = service.tenant(context).notebooks.get(wire["NotebookId"])
    return {"NotebookMetadata": _to_wire(found), "Payload": found.payload}


def get_notebook_metadata(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """One notebook without its document."""
    return {"NotebookMetadata": _to_wire(service.tenant(context).notebooks.get(wire["NotebookId"]))}


def list_notebook_metadata(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """The notebooks of a workgroup by name; with a filter, those whose name holds the text."""
    tenant = service.tenant(context)
    tenant.workgroups.get(wire["WorkGroup"])
    wanted = (wire.get("Filters") or {}).get("Name") or ""
    found = [one for one in tenant.notebooks.of(wire["WorkGroup"]) if wanted in one.name]
    page, following = page_of(
        found,
        scope=f"notebooks/{wire['WorkGroup']}",
        token=wire.get("NextToken"),
        limit=wire.get("MaxResults"),
    )
    answer: Wire = {"NotebookMetadataList": [_to_wire(one) for one in page]}
    return answer | ({"NextToken": following} if following else {})


def update_notebook(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """Another document."""
    service.tenant(context).notebooks.write(wire["NotebookId"], wire["Payload"])
    return {}


def update_notebook_metadata(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """Another name."""
    service.tenant(context).notebooks.rename(wire["NotebookId"], wire["Name"])
    return {}


def delete_notebook(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """Remove it."""
    service.tenant(context).notebooks.delete(wire["NotebookId"])
    return {}


def list_notebook_sessions(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """None, since no session is ever started."""
    service.tenant(context).notebooks.get(wire["NotebookId"])
    return {"NotebookSessionsList": []}


def _to_wire(found: Notebook) -> Wire:
    return {
        "NotebookId": found.notebook_id,
        "Name": found.name,
        "WorkGroup": found.workgroup,
        "CreationTime": found.created,
        "Type": "IPYNB",
        "LastModifiedTime": found.modified,
    }
