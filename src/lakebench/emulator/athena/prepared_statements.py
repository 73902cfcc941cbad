"""Prepared statements: texts with question marks, saved by name in a workgroup.

Source: AWS: querying-with-prepared-statements, service-limits.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime

from lakebench.emulator.athena.errors import invalid_request, resource_not_found
from lakebench.emulator.storage.shelves import Shelf

MAX_PREPARED_STATEMENTS = 1000
"""In one workgroup (AWS: service-limits)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedStatement:
    """A saved text; ``modified`` is the time of its last change."""

    name: str
    workgroup: str
    sql: str
    description: str | None = None
    modified: datetime = field(default_factory=lambda: datetime.now(UTC))


class PreparedStatements:
    """Prepared statements by workgroup and name; thread-safe."""

    def __init__(self, shelf: Shelf) -> None:
        self._lock = threading.Lock()
        self._shelf = shelf
        self._by_name: dict[tuple[str, str], PreparedStatement] = {}
        shelf.reload = self._load
        self._load()

    def _load(self) -> None:
        self._by_name = {(found.workgroup, found.name): found for _, _, found in self._shelf.all()}

    def _keep(self, statement: PreparedStatement) -> None:
        self._by_name[statement.workgroup, statement.name] = statement
        self._shelf.put(f"{statement.workgroup}/{statement.name}", statement)

    def _drop(self, workgroup: str, name: str) -> None:
        del self._by_name[workgroup, name]
        self._shelf.remove(f"{workgroup}/{name}")

    def find(self, workgroup: str, name: str) -> PreparedStatement | None:
        """The statement of this name, or None."""
        return self._by_name.get((workgroup, name))

    def get(self, workgroup: str, name: str) -> PreparedStatement:
        """The statement of this name; raises ResourceNotFoundException, which clients catch."""
        found = self.find(workgroup, name)
        if found is None:
            raise resource_not_found(missing(workgroup, name), name)
        return found

    def create(self, statement: PreparedStatement) -> None:
        """Save it; a taken name is refused."""
        with self._shelf.unit(), self._lock:
            if (statement.workgroup, statement.name) in self._by_name:
                raise invalid_request(
                    f"Prepared statement {statement.name} already exists in workGroup {statement.workgroup}"
                )
            if len(self._names(statement.workgroup)) >= MAX_PREPARED_STATEMENTS:
                raise invalid_request(
                    f"The number of prepared statements exceeds the limit of {MAX_PREPARED_STATEMENTS}"
                )
            self._keep(statement)

    def replace(self, statement: PreparedStatement) -> None:
        """Put a new text and description; raises ResourceNotFoundException."""
        with self._shelf.unit(), self._lock:
            self.get(statement.workgroup, statement.name)
            self._keep(statement)

    def delete(self, workgroup: str, name: str) -> None:
        """Remove it; raises ResourceNotFoundException."""
        with self._shelf.unit(), self._lock:
            self.get(workgroup, name)
            self._drop(workgroup, name)

    def of_workgroup(self, workgroup: str) -> list[PreparedStatement]:
        """The statements of a workgroup by name."""
        with self._lock:
            return [self._by_name[workgroup, name] for name in sorted(self._names(workgroup))]

    def forget_workgroup(self, workgroup: str) -> None:
        """Remove all statements of a workgroup."""
        with self._shelf.unit(), self._lock:
            for name in self._names(workgroup):
                self._drop(workgroup, name)

    def _names(self, workgroup: str) -> list[str]:
        return [name for owner, name in self._by_name if owner == workgroup]


def missing(workgroup: str, name: str) -> str:
    """What Athena says of a name that is not there."""
    return f"PreparedStatement {name} was not found in workGroup {workgroup}"
