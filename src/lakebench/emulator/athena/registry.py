"""The executions of one account and region: in memory, newest last, the oldest finished ones forgotten."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from lakebench.emulator.athena.errors import execution_not_found, invalid_request
from lakebench.emulator.athena.execution import Execution

DEFAULT_CAPACITY = 20_000
"""How many executions are remembered; Athena itself keeps 45 days."""


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


class ExecutionRegistry:
    """Executions by id and by client token; thread-safe."""

    def __init__(self, capacity: int = DEFAULT_CAPACITY) -> None:
        self._capacity = capacity
        self._lock = threading.Lock()
        self._by_id: dict[str, Execution] = {}
        self._tokens: dict[str, tuple[TokenClaim, str]] = {}
        self._token_of: dict[str, str] = {}

    def add(self, execution: Execution, token: str, claim: TokenClaim) -> Execution:
        """Remember it, or answer the execution that the token already names.

        Raises InvalidRequestException IDEMPOTENT_PARAMETER_MISMATCH when the token named another request.
        """
        execution_id = execution.request.execution_id
        with self._lock:
            if token in self._tokens:
                earlier, earlier_id = self._tokens[token]
                if earlier != claim:
                    raise invalid_request(
                        "Idempotent parameters do not match", "IDEMPOTENT_PARAMETER_MISMATCH"
                    )
                return self._by_id[earlier_id]
            self._forget_oldest()
            self._by_id[execution_id] = execution
            self._tokens[token] = (claim, execution_id)
            self._token_of[execution_id] = token
            return execution

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

    def forget_workgroup(self, workgroup: str) -> None:
        """Stop and forget the executions of a workgroup that is deleted with its contents."""
        for execution in self.of_workgroup(workgroup):
            execution.cancel()
            with self._lock:
                self._remove(execution.request.execution_id)

    def cancel_all(self) -> None:
        """Stop everything that has not ended."""
        with self._lock:
            executions = list(self._by_id.values())
        for execution in executions:
            execution.cancel()

    def _forget_oldest(self) -> None:
        while len(self._by_id) >= self._capacity:
            oldest = next((key for key, found in self._by_id.items() if found.state.final), None)
            if oldest is None:
                return
            self._remove(oldest)

    def _remove(self, execution_id: str) -> None:
        self._by_id.pop(execution_id, None)
        token = self._token_of.pop(execution_id, None)
        if token is not None:
            self._tokens.pop(token, None)
