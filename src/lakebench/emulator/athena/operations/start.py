"""StartQueryExecution: check, remember, queue.

Order of checks as measured on Athena: token given, output location, syntax, token used before
(facts/athena.md 4 and its source).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lakebench.catalog import S3Uri
from lakebench.emulator.athena.errors import invalid_request, refused
from lakebench.emulator.athena.execution import Execution, ExecutionRequest
from lakebench.emulator.athena.parameters import bind_parameters
from lakebench.emulator.athena.registry import TokenClaim
from lakebench.emulator.athena.result_location import parse_output_location, result_location
from lakebench.emulator.athena.run.context import CATALOG, RunContext
from lakebench.emulator.athena.run.dispatch import run_statement, uses_engine
from lakebench.emulator.athena.scheduler import Job
from lakebench.emulator.athena.service import AthenaService, Tenant
from lakebench.emulator.athena.workgroups import DISABLED, Workgroup
from lakebench.emulator.wire.provider import RequestContext, Wire
from lakebench.errors import QueryFailed, StatementRefused
from lakebench.sql import parse, statement_type, substatement_type
from lakebench.sql.statement import CreateTableAs, Describe, ShowColumns, Statement

MAX_QUERY_BYTES = 262_144
HEAD_START_SECONDS = 0.03
"""How long an answer may wait for a query that can start at once.

A fast one is then SUCCEEDED at the client's first poll; PyAthena's second one comes a second later.
"""

_NO_LOCATION = (
    "No output location provided. An output location is required either through the Workgroup result "
    "configuration setting or as an API input."
)
_CENTRAL_LOCATION = (
    "The Create Table As Select query failed because it was submitted with an 'external_location' property "
    "to an Athena Workgroup that enforces a centralized output location for all queries. Please remove the "
    "'external_location' property and resubmit the query."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parsed:
    """A statement, or why its execution will fail: what Athena takes at start and then cannot run."""

    outcome: Statement | QueryFailed
    statement_type: str
    substatement_type: str | None

    @property
    def statement(self) -> Statement | None:
        """The statement, if it can be run."""
        return None if isinstance(self.outcome, QueryFailed) else self.outcome


def start_query_execution(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """Queue the query and answer its id.

    Raises InvalidRequestException for what never becomes an execution.
    """
    token = wire.get("ClientRequestToken")
    if not token:
        raise invalid_request("clientRequestToken is null or empty")
    tenant = service.tenant(context)
    workgroup = tenant.workgroups.get(wire.get("WorkGroup"))
    if workgroup.state == DISABLED:
        raise invalid_request(f"WorkGroup {workgroup.name} is disabled.")
    given = wire.get("ResultConfiguration") or {}
    results = _effective_results(workgroup, given)
    prefix = _output_prefix(tenant, results)
    sql = wire["QueryString"]
    parsed = _parse(sql, wire.get("ExecutionParameters") or ())
    request = _request(wire, workgroup, results, prefix, parsed)
    _check_statement(tenant, workgroup, parsed.statement, request.database)
    execution = Execution(request)
    asked = wire.get("QueryExecutionContext") or {}
    claim = TokenClaim(
        sql=sql,
        database=asked.get("Database"),
        catalog=asked.get("Catalog"),
        output_location=given.get("OutputLocation"),
    )
    known = tenant.executions.add(execution, token, claim)
    if known is execution:
        _launch(service, tenant, execution, parsed)
    return {"QueryExecutionId": known.request.execution_id}


def _launch(service: AthenaService, tenant: Tenant, execution: Execution, parsed: _Parsed) -> None:
    on_engine = parsed.statement is not None and uses_engine(parsed.statement)
    job = _job(service, tenant, parsed)
    if service.scheduler.submit(execution, job, uses_engine=on_engine):
        execution.wait(HEAD_START_SECONDS)


def _job(service: AthenaService, tenant: Tenant, parsed: _Parsed) -> Job:
    def run(execution: Execution) -> None:
        if isinstance(parsed.outcome, QueryFailed):
            raise parsed.outcome
        run_context = RunContext(
            execution=execution,
            sql=execution.request.sql,
            objects=tenant.objects,
            catalog=tenant.catalog,
            engine=service.engine,
            scratch=service.scratch,
        )
        run_statement(run_context, parsed.outcome)

    return run


def _effective_results(workgroup: Workgroup, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The workgroup's settings when it enforces them, else the client's over the workgroup's."""
    if workgroup.enforced:
        return workgroup.result_configuration
    if given.get("OutputLocation"):
        return given
    return {**workgroup.result_configuration, **given}


def _output_prefix(tenant: Tenant, results: Mapping[str, Any]) -> S3Uri:
    """Where results go.

    A missing bucket is refused here with ``Unable to verify/create output bucket``, as many users of
    Athena report; a measurement of 2026-09 saw a SELECT succeed without its bucket (facts/athena.md 4),
    which would lose the result in silence.
    """
    location = results.get("OutputLocation")
    if not location:
        raise invalid_request(_NO_LOCATION)
    prefix = parse_output_location(location)
    if not tenant.objects.bucket_exists(prefix.bucket):
        raise invalid_request(f"Unable to verify/create output bucket {prefix.bucket}")
    return prefix


def _parse(sql: str, values: tuple[str, ...] | list[str]) -> _Parsed:
    if len(sql.encode("utf-8", "surrogatepass")) > MAX_QUERY_BYTES:
        raise invalid_request(
            "1 validation error detected: Value at 'queryString' failed to satisfy constraint: Member must "
            f"have length less than or equal to {MAX_QUERY_BYTES}"
        )
    try:
        statement = parse(bind_parameters(sql, values))
    except StatementRefused as refusal:
        raise refused(refusal) from None
    except RecursionError:
        raise invalid_request(
            "line 1:1: statement is too large (stack overflow while parsing)", "MALFORMED_QUERY"
        ) from None
    except QueryFailed as failed:
        return _Parsed(outcome=failed, statement_type="DML", substatement_type=None)
    return _Parsed(
        outcome=statement,
        statement_type=str(statement_type(statement)),
        substatement_type=substatement_type(statement),
    )


def _request(
    wire: Wire, workgroup: Workgroup, results: Mapping[str, Any], prefix: S3Uri, parsed: _Parsed
) -> ExecutionRequest:
    asked = wire.get("QueryExecutionContext") or {}
    context = {}
    if asked.get("Database"):
        context["Database"] = asked["Database"]
    if asked.get("Catalog"):
        context["Catalog"] = asked["Catalog"].lower()
    execution_id = str(uuid.uuid4())
    return ExecutionRequest(
        execution_id=execution_id,
        sql=wire["QueryString"],
        statement_type=parsed.statement_type,
        substatement_type=parsed.substatement_type,
        database=(asked.get("Database") or "default").lower(),
        workgroup=workgroup.name,
        engine_version=workgroup.engine_version,
        location=result_location(prefix, execution_id, parsed.statement),
        submitted=datetime.now(UTC),
        cutoff=workgroup.cutoff,
        context=context,
        result_configuration={key: value for key, value in results.items() if key != "OutputLocation"},
        execution_parameters=tuple(wire.get("ExecutionParameters") or ()),
        reuse_configuration=wire.get("ResultReuseConfiguration") or {},
    )


def _check_statement(
    tenant: Tenant, workgroup: Workgroup, statement: Statement | None, database: str
) -> None:
    """What Athena refuses at start although it parses."""
    if isinstance(statement, CreateTableAs) and statement.external_location and workgroup.enforced:
        raise invalid_request(_CENTRAL_LOCATION)
    if isinstance(statement, Describe | ShowColumns):
        name = statement.target
        if name.catalog is not None and name.catalog.lower() != CATALOG:
            raise invalid_request(f"Catalog '{name.catalog}' does not exist", "DATACATALOG_NOT_FOUND")
        if tenant.catalog.table(name.database or database, name.name) is None:
            raise invalid_request(
                "Entity Not Found (Service: AmazonDataCatalog; Status Code: 400; Error Code: "
                f"EntityNotFoundException; Request ID: {uuid.uuid4()}; Proxy: null)"
            )
