"""Athena in few verbs: run a query to its end, read its figures, read its rows with types."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lakebench.catalog.s3 import S3Uri
from lakebench.client.call import aws_call
from lakebench.client.poll import Poll
from lakebench.client.session import AwsSession
from lakebench.errors import ClientError

Value = str | int | float | bool | Decimal | None
"""A cell: Athena's text turned into the Python type of its column; None is NULL."""

Row = tuple[Value, ...]

_WORDS_IN_MESSAGE = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryStatistics:
    """Athena's Statistics of an execution: bytes scanned, and times in milliseconds."""

    scanned_bytes: int
    engine_ms: int
    total_ms: int
    queue_ms: int
    planning_ms: int
    service_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryRun:
    """A query that ended; ``wall_ms`` is what the caller waited, from start to seeing the end.

    ``reused`` is True when Athena answered with an earlier query's result, and scanned nothing.
    """

    execution_id: str
    sql: str
    statement_type: str
    output: S3Uri | None
    statistics: QueryStatistics
    wall_ms: float
    reused: bool = False

    @property
    def billable(self) -> bool:
        """Whether its bytes are charged (facts/athena.md 1.6).

        AWS: DDL is free; a CTAS is reported as DDL and yet charged for what its SELECT scanned. A reused
        result scans nothing and has no minimum.
        """
        return not self.reused and (self.statement_type == "DML" or self.statistics.scanned_bytes > 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryEnd:
    """How an execution ended: SUCCEEDED, FAILED or CANCELLED, with Athena's reason and error type.

    ``engine`` is the engine version that ran it, as Athena names it; empty where it is not told.
    """

    state: str
    reason: str | None
    error_type: int | None
    engine: str
    run: QueryRun


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultColumn:
    """A column of a result: its name and Athena's type name (``varchar``, ``bigint``, ``double``)."""

    name: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryContext:
    """What every query of a story shares: database, where results go, workgroup, how to wait.

    ``output`` None leaves the place to the workgroup. ``reuse_minutes`` takes an earlier query's result
    that is no older; None asks for the query to be run (AWS: ResultReuseByAgeConfiguration).
    """

    database: str
    output: S3Uri | None
    workgroup: str = "primary"
    poll: Poll = field(default_factory=Poll)
    reuse_minutes: int | None = None


def run_query(session: AwsSession, sql: str, context: QueryContext) -> QueryRun:
    """Start a query and wait until it SUCCEEDED.

    Raises ClientError when Athena refuses it, or when it ends FAILED or CANCELLED, with Athena's reason. A
    wait that is broken off (Ctrl-C) stops the query, so that it costs no more.
    """
    end = end_of_query(session, sql, context)
    if end.state != "SUCCEEDED":
        raise ClientError(
            f"the query ended {end.state}: {end.reason or 'no reason given'}\n  in: {_shorten(sql)}"
        )
    return end.run


def end_of_query(session: AwsSession, sql: str, context: QueryContext) -> QueryEnd:
    """Start a query and wait for its end, whatever that is. Raises ClientError when a call fails.

    A wait that is broken off (Ctrl-C) stops the query, so that it costs no more.
    """
    begun = time.monotonic()
    with aws_call("athena:StartQueryExecution", _shorten(sql)):
        execution_id = session.athena.start_query_execution(
            QueryString=sql,
            QueryExecutionContext={"Database": context.database},
            WorkGroup=context.workgroup,
            **_options(context),
        )["QueryExecutionId"]
    try:
        execution = _wait(session, execution_id, context.poll)
    except BaseException:
        with suppress(ClientError), aws_call("athena:StopQueryExecution", execution_id):
            session.athena.stop_query_execution(QueryExecutionId=execution_id)
        raise
    wall_ms = (time.monotonic() - begun) * 1000
    status = execution["Status"]
    output = execution.get("ResultConfiguration", {}).get("OutputLocation")
    run = QueryRun(
        execution_id=execution_id,
        sql=sql,
        statement_type=str(execution.get("StatementType", "")),
        output=S3Uri.parse(output) if output else None,
        statistics=_statistics(execution.get("Statistics", {})),
        wall_ms=wall_ms,
        reused=bool(
            execution.get("Statistics", {}).get("ResultReuseInformation", {}).get("ReusedPreviousResult")
        ),
    )
    return QueryEnd(
        state=str(status["State"]),
        reason=status.get("StateChangeReason"),
        error_type=status.get("AthenaError", {}).get("ErrorType"),
        engine=str(execution.get("EngineVersion", {}).get("EffectiveEngineVersion", "")),
        run=run,
    )


def _options(context: QueryContext) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if context.output is not None:
        options["ResultConfiguration"] = {"OutputLocation": str(context.output)}
    if context.reuse_minutes is not None:
        by_age = {"Enabled": True, "MaxAgeInMinutes": context.reuse_minutes}
        options["ResultReuseConfiguration"] = {"ResultReuseByAgeConfiguration": by_age}
    return options


def result_columns(session: AwsSession, execution_id: str) -> tuple[ResultColumn, ...]:
    """The columns of a finished query's result. Raises ClientError."""
    with aws_call("athena:GetQueryResults", execution_id):
        answer = session.athena.get_query_results(QueryExecutionId=execution_id, MaxResults=1)
    return _columns(answer)


def result_rows(session: AwsSession, execution_id: str) -> Iterator[Row]:
    """The rows of a finished SELECT, page after page, without the header row. Raises ClientError."""
    columns, texts = result_texts(session, execution_id)
    for row in texts:
        yield typed_row(columns, row)


def result_texts(
    session: AwsSession, execution_id: str
) -> tuple[tuple[ResultColumn, ...], Iterator[tuple[str | None, ...]]]:
    """Columns and rows of a finished query as Athena's texts, None for NULL. Raises ClientError."""
    pages = iter(session.athena.get_paginator("get_query_results").paginate(QueryExecutionId=execution_id))
    with aws_call("athena:GetQueryResults", execution_id):
        first = next(pages)
    columns = _columns(first)

    def rows() -> Iterator[tuple[str | None, ...]]:
        wire_rows = first["ResultSet"]["Rows"]
        if wire_rows and _texts(wire_rows[0]) == [column.name for column in columns]:
            wire_rows = wire_rows[1:]  # Athena: the first row of the first page is the header
        yield from (tuple(_texts(wire)) for wire in wire_rows)
        with aws_call("athena:GetQueryResults", execution_id):
            for page in pages:
                yield from (tuple(_texts(wire)) for wire in page["ResultSet"]["Rows"])

    return columns, rows()


def typed_row(columns: Sequence[ResultColumn], texts: Sequence[str | None]) -> Row:
    """A row of texts as values of its columns' types."""
    return tuple(
        None if text is None else _READERS.get(column.type, str)(text)
        for column, text in zip(columns, texts, strict=True)
    )


def _wait(session: AwsSession, execution_id: str, poll: Poll) -> dict[str, Any]:
    for _ in poll.turns():
        with aws_call("athena:GetQueryExecution", execution_id):
            answer = session.athena.get_query_execution(QueryExecutionId=execution_id)
        execution: dict[str, Any] = answer["QueryExecution"]
        if execution["Status"]["State"] in {"SUCCEEDED", "FAILED", "CANCELLED"}:
            return execution
    raise AssertionError("polling ends only with an answer")


def _statistics(wire: dict[str, Any]) -> QueryStatistics:
    return QueryStatistics(
        scanned_bytes=int(wire.get("DataScannedInBytes", 0)),
        engine_ms=int(wire.get("EngineExecutionTimeInMillis", 0)),
        total_ms=int(wire.get("TotalExecutionTimeInMillis", 0)),
        queue_ms=int(wire.get("QueryQueueTimeInMillis", 0)),
        planning_ms=int(wire.get("QueryPlanningTimeInMillis", 0)),
        service_ms=int(wire.get("ServiceProcessingTimeInMillis", 0)),
    )


def _columns(answer: dict[str, Any]) -> tuple[ResultColumn, ...]:
    info = answer["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
    return tuple(ResultColumn(name=column["Name"], type=column["Type"]) for column in info)


def _texts(wire: dict[str, Any]) -> list[str | None]:
    return [datum.get("VarCharValue") for datum in wire["Data"]]


def _read_boolean(text: str) -> bool:
    return text == "true"


_READERS: dict[str, Callable[[str], Value]] = {
    "tinyint": int,
    "smallint": int,
    "integer": int,
    "bigint": int,
    "float": float,
    "double": float,
    "boolean": _read_boolean,
    "decimal": Decimal,
}


def _shorten(sql: str) -> str:
    line = " ".join(sql.split())
    return line if len(line) <= _WORDS_IN_MESSAGE else line[: _WORDS_IN_MESSAGE - 1] + "…"
