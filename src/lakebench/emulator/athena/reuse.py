"""Result reuse: an equal query answers from an earlier result (AWS: reusing-query-results).

Equal are text, parameters, database, catalogue, workgroup and the whole result configuration: the output
location, encryption and owner. The earlier one SUCCEEDED within the asked age, its result object is still
there, and an EXECUTE meant the same statement then. Changed data does not matter, as on AWS. Queries over the
clock or chance are run anew, and so are those with a LIMIT that no ORDER BY decides, as AWS says.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlglot import exp

from lakebench.emulator.athena.execution import Execution, ExecutionRequest, State
from lakebench.emulator.athena.reading import ReadStatement
from lakebench.emulator.athena.run.context import RunContext
from lakebench.emulator.athena.run.query import resolve_query
from lakebench.emulator.athena.service import Tenant
from lakebench.emulator.storage.objects import BucketMissing
from lakebench.sql.statement import Query

DEFAULT_MAX_AGE_MINUTES = 60
_VOLATILE = (
    exp.Rand,
    exp.Uuid,
    exp.CurrentDate,
    exp.CurrentTime,
    exp.CurrentTimestamp,
    exp.Localtime,
    exp.Localtimestamp,
    exp.TableSample,
)
_VOLATILE_NAMES = {"RANDOM", "NOW", "SHUFFLE", "UUID"}


def reusable_execution(tenant: Tenant, request: ExecutionRequest, parsed: ReadStatement) -> Execution | None:
    """The newest execution whose result this request may reuse, or None."""
    asked = request.reuse_configuration.get("ResultReuseByAgeConfiguration") or {}
    if request.managed is not None:  # AWS: managed results are not reused
        return None
    if not asked.get("Enabled") or not isinstance(parsed.statement, Query):
        return None
    if _volatile(parsed.statement):
        return None
    age = asked.get("MaxAgeInMinutes")
    oldest = datetime.now(UTC) - timedelta(minutes=DEFAULT_MAX_AGE_MINUTES if age is None else age)
    for earlier in tenant.executions.of_workgroup(request.workgroup):
        progress = earlier.progress
        if (
            progress.state is State.SUCCEEDED
            and not progress.result.reused
            and earlier.request.managed is None
            and _results(earlier.request) == _results(request)
            and (parsed.meant_since is None or parsed.meant_since <= earlier.request.submitted)
            and progress.completed is not None
            and progress.completed >= oldest
            and _question(earlier.request) == _question(request)
            and _result_exists(tenant, earlier)
        ):
            return earlier
    return None


def reuse_result(context: RunContext, query: Query, earlier: Execution) -> None:
    """End SUCCEEDED with the earlier result, nothing scanned; tables that are gone fail as ever."""
    resolve_query(context, query)
    result = replace(earlier.progress.result, data_scanned=0, planning_ms=0, engine_ms=1, reused=True)
    context.execution.succeed(result)


def _question(request: ExecutionRequest) -> tuple[object, ...]:
    catalog = request.context.get("Catalog", "awsdatacatalog")
    return (request.sql, request.execution_parameters, request.database, catalog)


def _results(request: ExecutionRequest) -> tuple[object, ...]:
    """Where and how results are kept: the place of the result object is the location's."""
    folder = request.location.key.rpartition("/")[0]
    return (request.location.bucket, folder, request.result_configuration)


def _volatile(query: Query) -> bool:
    if query.tree.find(*_VOLATILE) is not None:
        return True
    if any(call.name.upper() in _VOLATILE_NAMES for call in query.tree.find_all(exp.Anonymous)):
        return True
    return any(
        found.args.get("limit") and not found.args.get("order") for found in query.tree.find_all(exp.Query)
    )


def _result_exists(tenant: Tenant, earlier: Execution) -> bool:
    try:
        return tenant.objects.get(earlier.request.location) is not None
    except BucketMissing:
        return False
