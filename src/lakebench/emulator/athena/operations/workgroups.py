"""The workgroup operations and ListEngineVersions."""

from __future__ import annotations

from lakebench.emulator.athena.errors import invalid_request
from lakebench.emulator.athena.paging import page_of
from lakebench.emulator.athena.result_location import parse_output_location
from lakebench.emulator.athena.service import AthenaService, Tenant
from lakebench.emulator.athena.tags import read_tags
from lakebench.emulator.athena.workgroups import (
    DISABLED,
    ENGINE_VERSION,
    ENGINE_VERSIONS,
    PRIMARY,
    Workgroup,
    new_configuration,
    updated_configuration,
)
from lakebench.emulator.wire.provider import RequestContext, Wire


def create_work_group(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """Add a workgroup; its settings are enforced unless told otherwise (AWS: CreateWorkGroup)."""
    tenant = service.tenant(context)
    configuration = new_configuration(wire.get("Configuration") or {}, enforced=True)
    workgroup = Workgroup(
        name=wire["Name"], configuration=configuration, description=wire.get("Description") or ""
    )
    _check_location(workgroup.result_configuration.get("OutputLocation"))
    tenant.workgroups.create(workgroup)
    tags = read_tags(wire.get("Tags"))
    if tags:
        tenant.tags.put(tenant.arn(f"workgroup/{workgroup.name}"), tags)
    return {}


def get_work_group(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """One workgroup with its whole configuration; an empty description is left out (measured)."""
    workgroup = service.tenant(context).workgroups.get(wire["WorkGroup"])
    answer: Wire = {
        "Name": workgroup.name,
        "State": workgroup.state,
        "Configuration": dict(workgroup.configuration),
        "CreationTime": workgroup.created,
    }
    if workgroup.description:
        answer["Description"] = workgroup.description
    return {"WorkGroup": answer}


def list_work_groups(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """Summaries by name; here an empty description is an empty text (measured)."""
    page, following = page_of(
        service.tenant(context).workgroups.all(),
        scope="workgroups",
        token=wire.get("NextToken"),
        limit=wire.get("MaxResults"),
    )
    summaries = [
        {
            "Name": workgroup.name,
            "State": workgroup.state,
            "Description": workgroup.description,
            "CreationTime": workgroup.created,
            "EngineVersion": dict(workgroup.engine_version),
        }
        for workgroup in page
    ]
    return {"WorkGroups": summaries} | ({"NextToken": following} if following else {})


def update_work_group(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """Change settings, description or state; ``primary`` cannot be disabled."""
    workgroups = service.tenant(context).workgroups
    current = workgroups.get(wire["WorkGroup"])
    changes: Wire = {}
    updates = wire.get("ConfigurationUpdates")
    if updates is not None:
        changes["configuration"] = updated_configuration(current.configuration, updates)
        _check_location((changes["configuration"].get("ResultConfiguration") or {}).get("OutputLocation"))
    if wire.get("Description") is not None:
        changes["description"] = wire["Description"]
    if wire.get("State") is not None:
        if wire["State"] == DISABLED and current.name == PRIMARY:
            raise invalid_request("The primary workgroup cannot be disabled")
        changes["state"] = wire["State"]
    workgroups.change(current.name, **changes)
    return {}


def delete_work_group(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """Remove a workgroup; with anything in it only RecursiveDeleteOption removes it."""
    tenant = service.tenant(context)
    name = tenant.workgroups.get(wire["WorkGroup"]).name
    if name != PRIMARY and not wire.get("RecursiveDeleteOption") and _has_contents(tenant, name):
        raise invalid_request(f"WorkGroup {name} is not empty")
    tenant.workgroups.delete(name)
    tenant.executions.forget_workgroup(name)
    tenant.named_queries.forget_workgroup(name)
    tenant.prepared_statements.forget_workgroup(name)
    tenant.tags.forget(tenant.arn(f"workgroup/{name}"))
    return {}


def list_engine_versions(_service: AthenaService, _context: RequestContext, wire: Wire) -> Wire:
    """The engine versions that a workgroup can select."""
    versions = [
        {"SelectedEngineVersion": selected, "EffectiveEngineVersion": ENGINE_VERSION}
        for selected in ENGINE_VERSIONS
    ]
    page, following = page_of(
        versions, scope="engines", token=wire.get("NextToken"), limit=wire.get("MaxResults"), default=10
    )
    return {"EngineVersions": list(page)} | ({"NextToken": following} if following else {})


def _has_contents(tenant: Tenant, name: str) -> bool:
    return bool(
        tenant.executions.of_workgroup(name)
        or tenant.named_queries.of_workgroup(name)
        or tenant.prepared_statements.of_workgroup(name)
    )


def _check_location(location: str | None) -> None:
    if location:
        parse_output_location(location)
