"""PREPARE and DEALLOCATE PREPARE. EXECUTE becomes the statement it names before an execution begins."""

from __future__ import annotations

from lakebench.emulator.athena.parameters import check_parameterized
from lakebench.emulator.athena.prepared_statements import PreparedStatement
from lakebench.emulator.athena.run.context import RunContext
from lakebench.emulator.athena.run.text_result import TextResult
from lakebench.emulator.wire.provider import ServiceError
from lakebench.errors import QueryFailed, StatementRefused
from lakebench.sql.statement import Deallocate, Prepare


def prepare(context: RunContext, statement: Prepare) -> TextResult:
    """Save the text in the execution's workgroup; a taken name fails."""
    try:
        check_parameterized(statement.text)
    except StatementRefused as refusal:
        raise QueryFailed("SYNTAX_ERROR", refusal.message) from None
    workgroup = context.execution.request.workgroup
    prepared = PreparedStatement(name=statement.name, workgroup=workgroup, sql=statement.text)
    try:
        context.prepared_statements.create(prepared)
    except ServiceError as taken:
        raise QueryFailed("ALREADY_EXISTS", str(taken)) from None
    return TextResult()


def deallocate(context: RunContext, statement: Deallocate) -> TextResult:
    """Remove the statement of this name; an unknown one fails."""
    try:
        context.prepared_statements.delete(context.execution.request.workgroup, statement.name)
    except ServiceError as unknown:
        raise QueryFailed("NOT_FOUND", str(unknown)) from None
    return TextResult()
