"""The executions of one account and region, newest last, kept for 45 days and up to a number."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from lakebench.catalog import S3Uri
from lakebench.emulator.athena.columns import ColumnInfo
from lakebench.emulator.athena.errors import execution_not_found, invalid_request
from lakebench.emulator.athena.execution import (
    Execution,
    ExecutionRequest,
    Measured,
    Progress,
    RunResult,
    State,
)
from lakebench.emulator.athena.failures import Failure
from lakebench.emulator.storage.codec import Codec
from lakebench.emulator.storage.shelves import Shelf
from lakebench.metering import Explanation, ScanExplanation, Span
from lakebench.metering.explanation import ColumnScan

DEFAULT_CAPACITY = 20_000
"""How many executions are remembered."""
KEPT = timedelta(days=45)
"""How long (AWS: querying-saving-recent-queries)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenClaim:
    """What must be the same for a ClientRequestToken to name the same execution.

    Measured on Athena: text, database, catalogue and output location as sent; neither the workgroup nor
    the execution parameters.
    """

    sql: str
    database: str | None
    catalog: str | None
    output_location: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionRecord:
    """An execution as it is kept."""

    request: ExecutionRequest
    progress: Progress
    token: str
    claim: TokenClaim


EXECUTION_CODEC = Codec(
    (
        *(ColumnInfo, ColumnScan, ExecutionRecord, ExecutionRequest, Explanation, Failure, Measured),
        *(Progress, RunResult, S3Uri, ScanExplanation, Span, State, TokenClaim),
    )
)


class ExecutionRegistry:
    """Executions by id and by client token; thread-safe. Those that ended outlive the server."""

    def __init__(self, shelf: Shelf, capacity: int = DEFAULT_CAPACITY) -> None:
        self._capacity = capacity
        self._lock = threading.Lock()
        self._shelf = shelf
        self._by_id: dict[str, Execution] = {}
        self._tokens: dict[str, tuple[TokenClaim, str]] = {}
        self._token_of: dict[str, str] = {}
        self._new: Execution | None = None
        shelf.reload = self._forget_new
        self._load()

    def _load(self) -> None:
        """The history; what an earlier server had begun and not ended is FAILED."""
        oldest = datetime.now(UTC) - KEPT
        records = sorted((found for _, _, found in self._shelf.all()), key=lambda one: one.request.submitted)
        with self._shelf.unit():
            for record in records:
                if record.request.submitted < oldest:
                    self._shelf.remove(record.request.execution_id)
                    continue
                ended = record.progress if record.progress.state.final else _interrupted(record.progress)
                if ended is not record.progress:
                    self._shelf.put(record.request.execution_id, replace(record, progress=ended))
                self._remember(Execution(record.request, ended, self), record.token, record.claim)

    def unit(self) -> AbstractContextManager[object]:
        """A unit of work."""
        return self._shelf.unit()

    def keep(self, execution: Execution, progress: Progress) -> None:
        """Write how far an execution has come; one that is forgotten is passed over."""
        self._new = None
        self._put(execution, progress)

    def _put(self, execution: Execution, progress: Progress) -> None:
        execution_id = execution.request.execution_id
        token = self._token_of.get(execution_id)
        if token is not None:
            claim, _ = self._tokens[token]
            record = ExecutionRecord(request=execution.request, progress=progress, token=token, claim=claim)
            self._shelf.put(execution_id, record)

    def add(self, execution: Execution, token: str, claim: TokenClaim) -> Execution:
        """Remember it, or answer the execution that the token already names.

        Raises InvalidRequestException IDEMPOTENT_PARAMETER_MISMATCH when the token named another request.
        """
        with self._shelf.unit(), self._lock:
            if token in self._tokens:
                earlier, earlier_id = self._tokens[token]
                if earlier != claim:
                    raise invalid_request(
                        "Idempotent parameters do not match", "IDEMPOTENT_PARAMETER_MISMATCH"
                    )
                return self._by_id[earlier_id]
            self._forget_oldest()
            self._remember(execution, token, claim)
            execution.keeper = self
            self._new = execution
            self._put(execution, execution.progress)
        return execution

    def _forget_new(self) -> None:
        """An execution that could not be kept was never begun: a client that tries again begins another one.

        The ledger lets one unit in at a time, so that the one that failed is the one that began it.
        """
        new, self._new = self._new, None
        if new is not None:
            with self._lock:
                self._drop(new.request.execution_id)

    def _remember(self, execution: Execution, token: str, claim: TokenClaim) -> None:
        execution_id = execution.request.execution_id
        self._by_id[execution_id] = execution
        self._tokens[token] = (claim, execution_id)
        self._token_of[execution_id] = token

    def find(self, execution_id: str) -> Execution | None:
        """The execution of this id, or None."""
        return self._by_id.get(execution_id)

    def get(self, execution_id: str) -> Execution:
        """The execution of this id; raises InvalidRequestException QUERY_EXECUTION_NOT_FOUND."""
        execution = self._by_id.get(execution_id)
        if execution is None:
            raise execution_not_found(execution_id)
        return execution

    def of_workgroup(self, workgroup: str) -> Sequence[Execution]:
        """The executions of a workgroup, newest first."""
        with self._lock:
            executions = list(self._by_id.values())
        return [found for found in reversed(executions) if found.request.workgroup == workgroup]

    def active(self) -> Sequence[Execution]:
        """The executions that have not ended."""
        with self._lock:
            executions = list(self._by_id.values())
        return [found for found in executions if not found.state.final]

    def forget_workgroup(self, workgroup: str) -> None:
        """Stop and forget the executions of a workgroup that is deleted with its contents."""
        for execution in self.of_workgroup(workgroup):
            execution.cancel()
            with self._shelf.unit(), self._lock:
                self._remove(execution.request.execution_id)

    def cancel_all(self) -> None:
        """Stop everything that has not ended."""
        with self._lock:
            executions = list(self._by_id.values())
        for execution in executions:
            execution.cancel()

    def _forget_oldest(self) -> None:
        """Forget what ended and is too old, or the oldest when there are too many."""
        limit = datetime.now(UTC) - KEPT
        ended = []
        for execution_id, found in self._by_id.items():  # oldest first
            if found.request.submitted >= limit:
                break
            if found.state.final:
                ended.append(execution_id)
        for execution_id in ended:
            self._remove(execution_id)
        while len(self._by_id) >= self._capacity:
            oldest = next((key for key, found in self._by_id.items() if found.state.final), None)
            if oldest is None:
                return
            self._remove(oldest)

    def _remove(self, execution_id: str) -> None:
        self._new = None
        self._shelf.remove(execution_id)
        self._drop(execution_id)

    def _drop(self, execution_id: str) -> None:
        self._by_id.pop(execution_id, None)
        token = self._token_of.pop(execution_id, None)
        if token is not None:
            self._tokens.pop(token, None)


def _interrupted(progress: Progress) -> Progress:
    failure = Failure.internal("the server ended while the query ran; nothing that it wrote is there")
    ended = datetime.now(UTC)
    if progress.started is not None:  # the clock may have been set meanwhile
        ended = max(ended, progress.started)
    return replace(progress, state=State.FAILED, completed=ended, reason=failure.reason, failure=failure)
