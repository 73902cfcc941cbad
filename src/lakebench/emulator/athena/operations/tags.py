"""Tags of workgroups, data catalogues and capacity reservations."""

from __future__ import annotations

from lakebench.emulator.athena.errors import resource_not_found
from lakebench.emulator.athena.paging import page_of
from lakebench.emulator.athena.service import AthenaService, Tenant
from lakebench.emulator.athena.tags import read_tags
from lakebench.emulator.wire.provider import RequestContext, Wire


def tag_resource(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """Add or replace tags."""
    tenant = service.tenant(context)
    arn = _known(tenant, wire["ResourceARN"])
    tenant.tags.put(arn, read_tags(wire["Tags"]))
    return {}


def untag_resource(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """Remove tags."""
    tenant = service.tenant(context)
    tenant.tags.remove(_known(tenant, wire["ResourceARN"]), wire["TagKeys"])
    return {}


def list_tags_for_resource(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """Tags by key."""
    tenant = service.tenant(context)
    arn = _known(tenant, wire["ResourceARN"])
    tags = [{"Key": key, "Value": value} for key, value in tenant.tags.of(arn).items()]
    page, following = page_of(
        tags, scope=f"tags/{arn}", token=wire.get("NextToken"), limit=wire.get("MaxResults"), default=75
    )
    return {"Tags": list(page)} | ({"NextToken": following} if following else {})


def _known(tenant: Tenant, arn: str) -> str:
    """The ARN, if it is a workgroup's, a data catalogue's or a capacity reservation's."""
    resources = [f"workgroup/{workgroup.name}" for workgroup in tenant.workgroups.all()]
    resources += [f"datacatalog/{catalog.name}" for catalog in tenant.data_catalogs.all()]
    resources += [f"capacity-reservation/{reservation.name}" for reservation in tenant.capacity.all()]
    known = {tenant.arn(resource) for resource in resources}
    if arn not in known:
        raise resource_not_found("Resource not found", arn)
    return arn
