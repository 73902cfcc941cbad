"""The operations on data catalogues themselves; what lies in them is in ``catalogs``."""

from __future__ import annotations

from lakebench.emulator.athena.data_catalogs import DataCatalog
from lakebench.emulator.athena.paging import page_of
from lakebench.emulator.athena.service import AthenaService
from lakebench.emulator.athena.tags import read_tags
from lakebench.emulator.wire.provider import RequestContext, Wire

_READY = "CREATE_COMPLETE"


def create_data_catalog(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """Register a catalogue. Lambda, Hive and federated ones are known, and queries over them refused."""
    tenant = service.tenant(context)
    catalog = _given(wire)
    tenant.data_catalogs.create(catalog)
    tags = read_tags(wire.get("Tags"))
    if tags:
        tenant.tags.put(tenant.arn(f"datacatalog/{catalog.name}"), tags)
    return {"DataCatalog": _to_wire(catalog)}


def update_data_catalog(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """Replace a catalogue's settings."""
    service.tenant(context).data_catalogs.replace(_given(wire))
    return {}


def delete_data_catalog(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """Forget a catalogue."""
    tenant = service.tenant(context)
    catalog = tenant.data_catalogs.delete(wire["Name"])
    tenant.tags.forget(tenant.arn(f"datacatalog/{catalog.name}"))
    return {"DataCatalog": _to_wire(catalog)}


def list_data_catalogs(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """Summaries, AwsDataCatalog first."""
    page, following = page_of(
        service.tenant(context).data_catalogs.all(),
        scope="catalogs",
        token=wire.get("NextToken"),
        limit=wire.get("MaxResults"),
    )
    catalogs = [{"CatalogName": catalog.name, "Type": catalog.kind, "Status": _READY} for catalog in page]
    return {"DataCatalogsSummary": catalogs} | ({"NextToken": following} if following else {})


def get_data_catalog(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """One catalogue; AwsDataCatalog's parameter is the account's own catalogue id."""
    return {"DataCatalog": _to_wire(service.tenant(context).data_catalogs.get(wire["Name"]))}


def _given(wire: Wire) -> DataCatalog:
    return DataCatalog(
        name=wire["Name"],
        kind=wire["Type"],
        description=wire.get("Description"),
        parameters=wire.get("Parameters") or {},
    )


def _to_wire(catalog: DataCatalog) -> Wire:
    wire: Wire = {
        "Name": catalog.name,
        "Type": catalog.kind,
        "Parameters": dict(catalog.parameters),
        "Status": _READY,
    }
    return wire | ({"Description": catalog.description} if catalog.description else {})
