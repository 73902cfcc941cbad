"""StartQueryExecution: check, remember, queue.

Order of checks as measured on Athena: token given, output location, syntax, token used before
(facts/athena.md 4 and its source).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from lakebench.catalog import S3Uri
from lakebench.emulator.athena import managed_results
from lakebench.emulator.athena.errors import invalid_request
from lakebench.emulator.athena.execution import Execution, ExecutionRequest
from lakebench.emulator.athena.quotas import check_active
from lakebench.emulator.athena.reading import ReadStatement, read_statement
from lakebench.emulator.athena.registry import TokenClaim
from lakebench.emulator.athena.result_location import parse_output_location, result_location
from lakebench.emulator.athena.reuse import reusable_execution, reuse_result
from lakebench.emulator.athena.run.context import CATALOG, RunContext
from lakebench.emulator.athena.run.dispatch import run_statement, uses_engine
from lakebench.emulator.athena.scheduler import Job
from lakebench.emulator.athena.service import AthenaService, Tenant
from lakebench.emulator.athena.workgroups import DISABLED, Workgroup
from lakebench.emulator.storage.objects import BucketMissing
from lakebench.emulator.wire.provider import RequestContext, Wire
from lakebench.errors import QueryFailed
from lakebench.sql.statement import CreateTableAs, Describe, Query, ShowColumns, Statement

HEAD_START_SECONDS = 0.2
"""How long an answer may wait for a query that can start at once.

A fast one is then SUCCEEDED at the client's first poll; PyAthena's second one comes a second later.
"""

_NO_LOCATION = (
    "No output location provided. An output location is required either through the Workgroup result "
    "configuration setting or as an API input."
)
_MANAGED_LOCATION = (
    "An output location cannot be given for a workgroup whose query results are managed by Athena."
)
_NO_PLACE_FOR_TABLE = (
    "A Create Table As Select query needs an 'external_location' property in a workgroup whose query results "
    "are managed by Athena."
)
_CENTRAL_LOCATION = (
    "The Create Table As Select query failed because it was submitted with an 'external_location' property "
    "to an Athena Workgroup that enforces a centralized output location for all queries. Please remove the "
    "'external_location' property and resubmit the query."
)


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
    prefix = _output_prefix(service, tenant, workgroup, given, results)
    sql = wire["QueryString"]
    parsed = read_statement(
        sql, wire.get("ExecutionParameters") or (), tenant.prepared_statements, workgroup.name
    )
    request = _request(wire, workgroup, results, prefix, parsed)
    _check_statement(tenant, workgroup, parsed.statement, request.database)
    if service.throttled:
        check_active(tenant.executions.active(), statement_type=request.statement_type, region=tenant.region)
    earlier = reusable_execution(tenant, request, parsed)
    if earlier is not None:
        request = replace(request, location=earlier.request.location)
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
        _launch(service, tenant, execution, parsed, earlier)
    return {"QueryExecutionId": known.request.execution_id}


def _launch(
    service: AthenaService,
    tenant: Tenant,
    execution: Execution,
    parsed: ReadStatement,
    earlier: Execution | None,
) -> None:
    on_engine = parsed.statement is not None and uses_engine(parsed.statement) and earlier is None
    job = _job(service, tenant, parsed, earlier)
    if service.scheduler.submit(execution, job, uses_engine=on_engine):
        execution.wait(HEAD_START_SECONDS)


def _check_catalog(tenant: Tenant, request: ExecutionRequest) -> None:
    """A catalogue that the request names must be Glue's; a registered other one cannot be read here."""
    name = request.context.get("Catalog", CATALOG)
    catalog = tenant.data_catalogs.find(name)
    if catalog is None:
        raise QueryFailed("CATALOG_NOT_FOUND", f"Catalog '{name}' does not exist", line=1, column=1)
    if not tenant.data_catalogs.readable(catalog):
        raise QueryFailed(
            "NOT_SUPPORTED", f"Queries over data catalogs of type {catalog.kind} are not supported: {name}"
        )


def _job(service: AthenaService, tenant: Tenant, parsed: ReadStatement, earlier: Execution | None) -> Job:
    def run(execution: Execution) -> None:
        if isinstance(parsed.outcome, QueryFailed):
            raise parsed.outcome
        _check_catalog(tenant, execution.request)
        run_context = RunContext(
            execution=execution,
            sql=execution.request.sql,
            objects=tenant.objects,
            catalog=tenant.catalog,
            engine=service.engine,
            scratch=service.scratch,
            prepared_statements=tenant.prepared_statements,
            unit=service.ledger.unit,
        )
        if earlier is not None and isinstance(parsed.outcome, Query):
            reuse_result(run_context, parsed.outcome, earlier)
        else:
            run_statement(run_context, parsed.outcome)

    return run


def _effective_results(workgroup: Workgroup, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The workgroup's settings when it enforces them, else the client's over the workgroup's."""
    if workgroup.managed is not None:
        return {}
    if workgroup.enforced:
        return workgroup.result_configuration
    if given.get("OutputLocation"):
        return given
    return {**workgroup.result_configuration, **given}


def _output_prefix(
    service: AthenaService,
    tenant: Tenant,
    workgroup: Workgroup,
    given: Mapping[str, Any],
    results: Mapping[str, Any],
) -> S3Uri:
    """Where results go.

    A missing bucket is refused here with ``Unable to verify/create output bucket``, as many users of
    Athena report; a measurement of 2026-09 saw a SELECT succeed without its bucket (facts/athena.md 4),
    which would lose the result in silence.
    """
    if workgroup.managed is not None:
        if given.get("OutputLocation") and not workgroup.enforced:
            raise invalid_request(_MANAGED_LOCATION)
        owner = service.objects_of(managed_results.OWNER)
        place = f"{tenant.account_id}/{tenant.region}"
        return managed_results.managed_prefix(owner, place, workgroup.name)
    location = results.get("OutputLocation")
    if not location:
        raise invalid_request(_NO_LOCATION)
    prefix = parse_output_location(location)
    if not _is_reachable(tenant, prefix.bucket, results.get("ExpectedBucketOwner")):
        raise invalid_request(f"Unable to verify/create output bucket {prefix.bucket}")
    return prefix


def _is_reachable(tenant: Tenant, bucket: str, expected_owner: str | None) -> bool:
    """Whether the bucket is there, and is the account's that ExpectedBucketOwner names.

    AWS, ResultConfiguration: where it is not, S3's calls fail with a permissions error; the first call is the
    one that looks at the bucket.
    """
    try:
        return expected_owner in {None, tenant.objects.owner_of(bucket)}
    except BucketMissing:
        return False


def _request(
    wire: Wire, workgroup: Workgroup, results: Mapping[str, Any], prefix: S3Uri, parsed: ReadStatement
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
        database=_bare_name(asked.get("Database") or "default"),
        workgroup=workgroup.name,
        engine_version=workgroup.engine_version,
        location=result_location(prefix, execution_id, parsed.statement),
        submitted=datetime.now(UTC),
        cutoff=workgroup.cutoff,
        context=context,
        result_configuration={key: value for key, value in results.items() if key != "OutputLocation"},
        execution_parameters=tuple(wire.get("ExecutionParameters") or ()),
        reuse_configuration=wire.get("ResultReuseConfiguration") or {},
        managed=workgroup.managed,
    )


def _bare_name(database: str) -> str:
    """A database's name in lower case, without the back-ticks that awswrangler sends with DDL."""
    return database.removeprefix("`").removesuffix("`").lower()


def _check_statement(
    tenant: Tenant, workgroup: Workgroup, statement: Statement | None, database: str
) -> None:
    """What Athena refuses at start although it parses."""
    if isinstance(statement, CreateTableAs) and workgroup.managed is not None:
        if not statement.external_location:
            raise invalid_request(_NO_PLACE_FOR_TABLE)
    elif isinstance(statement, CreateTableAs) and statement.external_location and workgroup.enforced:
        raise invalid_request(_CENTRAL_LOCATION)
    if isinstance(statement, Describe | ShowColumns):
        _check_described(tenant, statement, database)


def _check_described(tenant: Tenant, statement: Describe | ShowColumns, database: str) -> None:
    """DESCRIBE and SHOW COLUMNS ask the catalogue before they start.

    A table that is missing is refused here unless EXTENDED or FORMATTED is asked for; double quotes are
    refused around a table's name and not around a view's (both measured).
    """
    name = statement.target
    table = tenant.catalog.table(name.database or database, name.name)
    detailed = isinstance(statement, Describe) and (statement.extended or statement.formatted)
    if table is None and not detailed:
        raise invalid_request(
            "Entity Not Found (Service: AmazonDataCatalog; Status Code: 400; Error Code: "
            f"EntityNotFoundException; Request ID: {uuid.uuid4()}; Proxy: null)"
        )
    if statement.refusal is not None and not (table is not None and table.is_view):
        raise invalid_request(statement.refusal, "MALFORMED_QUERY")
