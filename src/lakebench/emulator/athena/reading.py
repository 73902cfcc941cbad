"""From the text of StartQueryExecution to the statement that runs: parameters filled, EXECUTE looked up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lakebench.emulator.athena.errors import invalid_request, refused
from lakebench.emulator.athena.parameters import bind_parameters
from lakebench.emulator.athena.prepared_statements import PreparedStatement, PreparedStatements, missing
from lakebench.errors import QueryFailed, StatementRefused
from lakebench.sql import kind_of_text, parse, statement_type, substatement_type
from lakebench.sql.statement import Deallocate, ExecutePrepared, Prepare, Statement

MAX_QUERY_BYTES = 262_144


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadStatement:
    """A statement, or why its execution will fail: what Athena takes at start and then cannot run.

    ``meant_since``: since when an EXECUTE of this text means this statement.
    """

    outcome: Statement | QueryFailed
    statement_type: str
    substatement_type: str | None
    meant_since: datetime | None = None

    @property
    def statement(self) -> Statement | None:
        """The statement, if it can be run."""
        return None if isinstance(self.outcome, QueryFailed) else self.outcome


def read_statement(
    sql: str, values: Sequence[str], prepared: PreparedStatements, workgroup: str
) -> ReadStatement:
    """Parse the text with its parameters; ``workgroup`` is where EXECUTE looks its name up.

    Raises InvalidRequestException for what never becomes an execution.
    """
    if len(sql.encode("utf-8", "surrogatepass")) > MAX_QUERY_BYTES:
        raise invalid_request(
            "1 validation error detected: Value at 'queryString' failed to satisfy constraint: Member must "
            f"have length less than or equal to {MAX_QUERY_BYTES}"
        )
    meant_since = None
    try:
        statement = parse(bind_parameters(sql, values))
        if isinstance(statement, ExecutePrepared):
            found = _found(statement, prepared, workgroup)
            statement, meant_since = _prepared_statement(found, statement, values), found.modified
    except StatementRefused as refusal:
        raise refused(refusal) from None
    except RecursionError:
        raise invalid_request(
            "line 1:1: statement is too large (stack overflow while parsing)", "MALFORMED_QUERY"
        ) from None
    except QueryFailed as failed:
        kind, name = kind_of_text(sql)
        return ReadStatement(outcome=failed, statement_type=str(kind), substatement_type=name)
    return ReadStatement(
        outcome=statement,
        statement_type=str(statement_type(statement)),
        substatement_type=substatement_type(statement),
        meant_since=meant_since,
    )


def _found(execute: ExecutePrepared, prepared: PreparedStatements, workgroup: str) -> PreparedStatement:
    found = prepared.find(workgroup, execute.name)
    if found is None:
        raise invalid_request(missing(workgroup, execute.name))
    return found


def _prepared_statement(
    found: PreparedStatement, execute: ExecutePrepared, values: Sequence[str]
) -> Statement:
    """The statement that EXECUTE names, with USING's arguments or the request's ExecutionParameters."""
    statement = parse(bind_parameters(found.sql, execute.arguments or values))
    if isinstance(statement, Prepare | ExecutePrepared | Deallocate):
        raise StatementRefused("Queries of this type are not supported")
    return statement
