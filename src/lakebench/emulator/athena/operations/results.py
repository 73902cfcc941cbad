"""GetQueryResults: pages of the result object, read back from S3 by byte offset."""

from __future__ import annotations

from lakebench.emulator.athena.columns import column_to_wire
from lakebench.emulator.athena.errors import invalid_request, results_not_found
from lakebench.emulator.athena.execution import Execution, State
from lakebench.emulator.athena.managed_results import has_expired
from lakebench.emulator.athena.paging import decode_token, encode_token
from lakebench.emulator.athena.result_file import (
    MAX_ROW,
    RowsPage,
    RowTooLong,
    read_csv_rows,
    read_text_rows,
)
from lakebench.emulator.athena.service import AthenaService
from lakebench.emulator.storage.objects import BucketMissing, ObjectStore
from lakebench.emulator.wire.provider import RequestContext, Wire

MAX_PAGE = 1000


def get_query_results(service: AthenaService, context: RequestContext, wire: Wire) -> Wire:
    """One page.

    The header is the first row of the first page and counts as one; a page that is full has a token, and
    the last page may then be empty; order of checks: id, MaxResults, state, token (all measured on Athena).
    Long rows fill a page early.
    """
    tenant = service.tenant(context)
    execution = tenant.executions.get(wire["QueryExecutionId"])
    limit = wire.get("MaxResults") or MAX_PAGE
    if limit > MAX_PAGE:
        raise invalid_request(f"MaxResults is more than maximum allowed length {MAX_PAGE}")
    _check_state(execution)
    scope = f"results/{execution.request.execution_id}"
    offset = 0
    token = wire.get("NextToken")
    if token is not None:
        position = decode_token(scope, token)
        if position is None:
            raise invalid_request(f"Malformed nextPageToken {token}")
        offset = position
    page = _page(tenant.objects, execution, offset, limit)
    return _answer(execution, page, scope if page.full else None)


def _check_state(execution: Execution) -> None:
    """FAILED statements that Hive runs have a result all the same: an empty one (measured)."""
    state = execution.state
    if state is State.CANCELLED:
        raise results_not_found()
    if not state.final:
        raise invalid_request(
            f"Query has not yet finished. Current state: {state}", "INVALID_QUERY_EXECUTION_STATE"
        )
    reason = execution.progress.reason or ""
    if state is State.FAILED and not (reason.startswith("FAILED:") and _is_text(execution)):
        raise invalid_request(
            f"Query did not finish successfully. Final query state: {state}",
            "INVALID_QUERY_EXECUTION_STATE",
        )


def _page(objects: ObjectStore, execution: Execution, offset: int, limit: int) -> RowsPage:
    location = execution.request.location
    if execution.request.managed is not None and has_expired(execution.progress.completed):
        raise results_not_found()
    if execution.state is State.FAILED or not location.key.endswith((".csv", ".txt")):
        return RowsPage(rows=(), next_offset=0)  # INSERT and CTAS have no result object
    try:
        stored = objects.get(location)
    except BucketMissing:
        stored = None
    if stored is None:
        raise results_not_found()
    read = read_text_rows if _is_text(execution) else read_csv_rows
    try:
        return read(stored.path, offset=offset, limit=limit)
    except FileNotFoundError:  # deleted between looking and opening
        raise results_not_found() from None
    except RowTooLong:
        raise invalid_request(
            f"A row of the result is longer than {MAX_ROW} bytes; read it from {location}"
        ) from None


def _is_text(execution: Execution) -> bool:
    return execution.request.location.key.endswith(".txt")


def _answer(execution: Execution, page: RowsPage, scope: str | None) -> Wire:
    result = execution.progress.result
    answer: Wire = {
        "ResultSet": {
            "Rows": [{"Data": [_datum(value) for value in row]} for row in page.rows],
            "ResultSetMetadata": {"ColumnInfo": [column_to_wire(column) for column in result.columns]},
        }
    }
    if result.update_count is not None:
        answer["UpdateCount"] = result.update_count
    if scope is not None:
        answer["NextToken"] = encode_token(scope, page.next_offset)
    return answer


def _datum(value: str | None) -> Wire:
    return {} if value is None else {"VarCharValue": value}
