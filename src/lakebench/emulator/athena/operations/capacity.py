"""Capacity reservations and their assignments to workgroups."""

from __future__ import annotations

from lakebench.emulator.athena.capacity import CapacityReservation
from lakebench.emulator.athena.paging import page_of
from lakebench.emulator.athena.service import AthenaService
from lakebench.emulator.athena.tags import read_tags
from lakebench.emulator.wire.provider import RequestContext, Wire


def create_capacity_reservation(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """ACTIVE as soon as it is made."""
    tenant = service.tenant(context)
    tags = read_tags(wire.get("Tags"))
    tenant.capacity.create(wire["Name"], wire["TargetDpus"])
    tenant.tags.put(tenant.arn(f"capacity-reservation/{wire['Name']}"), tags)
    return {}


def get_capacity_reservation(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """One reservation."""
    return {"CapacityReservation": _to_wire(service.tenant(context).capacity.get(wire["Name"]))}


def list_capacity_reservations(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """All of them by name."""
    page, following = page_of(
        service.tenant(context).capacity.all(),
        scope="capacity",
        token=wire.get("NextToken"),
        limit=wire.get("MaxResults"),
    )
    answer: Wire = {"CapacityReservations": [_to_wire(one) for one in page]}
    return answer | ({"NextToken": following} if following else {})


def update_capacity_reservation(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """Another number of DPUs."""
    service.tenant(context).capacity.resize(wire["Name"], wire["TargetDpus"])
    return {}


def cancel_capacity_reservation(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """Its DPUs and assignments are given back; it stays listed until it is deleted."""
    service.tenant(context).capacity.cancel(wire["Name"])
    return {}


def delete_capacity_reservation(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """Remove a cancelled one."""
    tenant = service.tenant(context)
    tenant.capacity.delete(wire["Name"])
    tenant.tags.forget(tenant.arn(f"capacity-reservation/{wire['Name']}"))
    return {}


def put_capacity_assignment_configuration(
    service: AthenaService, context: RequestContext, wire: Wire
) -> Wire:
    """Which workgroups it serves; each must be there."""
    tenant = service.tenant(context)
    assignments = [one.get("WorkGroupNames") or [] for one in wire["CapacityAssignments"]]
    for name in (name for names in assignments for name in names):
        tenant.workgroups.get(name)
    tenant.capacity.assign(wire["CapacityReservationName"], assignments)
    return {}


def get_capacity_assignment_configuration(
    service: AthenaService, context: RequestContext, wire: Wire
) -> Wire:
    """The assignments as they were put."""
    found = service.tenant(context).capacity.get(wire["CapacityReservationName"])
    return {
        "CapacityAssignmentConfiguration": {
            "CapacityReservationName": found.name,
            "CapacityAssignments": [{"WorkGroupNames": list(names)} for names in found.workgroups],
        }
    }


def _to_wire(found: CapacityReservation) -> Wire:
    return {
        "Name": found.name,
        "Status": found.status,
        "TargetDpus": found.target_dpus,
        "AllocatedDpus": found.allocated_dpus,
        "LastAllocation": {
            "Status": "SUCCEEDED",
            "RequestTime": found.allocated,
            "RequestCompletionTime": found.allocated,
        },
        "LastSuccessfulAllocationTime": found.allocated,
        "CreationTime": found.created,
    }
