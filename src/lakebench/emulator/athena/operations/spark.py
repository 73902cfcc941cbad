"""Apache Spark sessions and calculations: none is ever started, and that is said clearly."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from lakebench.emulator.athena.errors import invalid_request, resource_not_found
from lakebench.emulator.athena.service import AthenaService
from lakebench.emulator.wire.provider import RequestContext, Wire

_Operation = Callable[[AthenaService, RequestContext, Wire], Wire]


def start_session(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """Refused: there is no Spark here."""
    service.tenant(context).workgroups.get(wire["WorkGroup"])
    raise invalid_request("Apache Spark sessions are not supported: lakebench runs SQL only")


def list_sessions(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """No sessions, of a workgroup that is there."""
    service.tenant(context).workgroups.get(wire["WorkGroup"])
    return {"Sessions": []}


def no_session(service: AthenaService, context: RequestContext, wire: Wire) -> NoReturn:
    """Any operation on a session: there is none of that id."""
    del service, context
    raise resource_not_found(f"Session {wire['SessionId']} does not exist", wire["SessionId"])


def no_calculation(service: AthenaService, context: RequestContext, wire: Wire) -> NoReturn:
    """Any operation on a calculation: there is none of that id."""
    del service, context
    calculation = wire["CalculationExecutionId"]
    raise resource_not_found(f"CalculationExecution {calculation} does not exist", calculation)


OPERATIONS: dict[str, _Operation] = {
    "StartSession": start_session,
    "ListSessions": list_sessions,
    **dict.fromkeys(
        (
            *("GetSession", "GetSessionStatus", "GetSessionEndpoint", "TerminateSession", "ListExecutors"),
            *("StartCalculationExecution", "ListCalculationExecutions", "CreatePresignedNotebookUrl"),
        ),
        no_session,
    ),
    **dict.fromkeys(
        (
            *("GetCalculationExecution", "GetCalculationExecutionCode"),
            *("GetCalculationExecutionStatus", "StopCalculationExecution"),
        ),
        no_calculation,
    ),
}
"""All of them by their names in the service model."""
