"""Named queries: saved texts of a workgroup."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

from lakebench.emulator.athena.errors import invalid_request


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedQuery:
    """A saved query."""

    query_id: str
    name: str
    database: str
    sql: str
    workgroup: str
    description: str | None = None


class NamedQueries:
    """Named queries by id, and by client token; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_id: dict[str, NamedQuery] = {}
        self._tokens: dict[str, NamedQuery] = {}

    def create(self, query: NamedQuery, token: str | None) -> NamedQuery:
        """Save it, or answer the one that the token already named."""
        with self._lock:
            earlier = self._tokens.get(token) if token else None
            if earlier is not None:
                if replace(earlier, query_id=query.query_id) != query:
                    raise invalid_request(
                        "Idempotent parameters do not match", "IDEMPOTENT_PARAMETER_MISMATCH"
                    )
                return earlier
            self._by_id[query.query_id] = query
            if token:
                self._tokens[token] = query
            return query

    def find(self, query_id: str) -> NamedQuery | None:
        """The query of this id, or None."""
        return self._by_id.get(query_id)

    def get(self, query_id: str) -> NamedQuery:
        """The query of this id; raises InvalidRequestException."""
        query = self._by_id.get(query_id)
        if query is None:
            raise invalid_request(f"NamedQuery {query_id} was not found")
        return query

    def change(self, query_id: str, *, name: str, sql: str, description: str | None) -> None:
        """Replace name, text and description."""
        with self._lock:
            current = self.get(query_id)
            self._by_id[query_id] = replace(
                current, name=name, sql=sql, description=description or current.description
            )

    def delete(self, query_id: str) -> None:
        """Remove it; raises InvalidRequestException for an unknown id."""
        with self._lock:
            self.get(query_id)
            del self._by_id[query_id]

    def of_workgroup(self, workgroup: str) -> list[NamedQuery]:
        """The queries of a workgroup, oldest first."""
        with self._lock:
            return [query for query in self._by_id.values() if query.workgroup == workgroup]

    def forget_workgroup(self, workgroup: str) -> None:
        """Remove all queries of a workgroup."""
        with self._lock:
            self._by_id = {key: found for key, found in self._by_id.items() if found.workgroup != workgroup}
