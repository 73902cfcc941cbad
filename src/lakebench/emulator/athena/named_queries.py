"""Named queries: saved texts of a workgroup."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

from lakebench.emulator.athena.errors import invalid_request
from lakebench.emulator.storage.shelves import Shelf


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedQuery:
    """A saved query."""

    query_id: str
    name: str
    database: str
    sql: str
    workgroup: str
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedQueryRecord:
    """A saved query as it is kept: in which order, under which client token, and what that token asked for.

    One that was deleted is kept for its token alone.
    """

    number: int
    query: NamedQuery
    first: NamedQuery
    token: str | None = None
    deleted: bool = False


class NamedQueries:
    """Named queries by id, and by client token; thread-safe."""

    def __init__(self, shelf: Shelf) -> None:
        self._lock = threading.Lock()
        self._shelf = shelf
        self._by_id: dict[str, NamedQuery] = {}
        self._tokens: dict[str, NamedQuery] = {}
        shelf.reload = self._load
        self._load()

    def _load(self) -> None:
        found = sorted((record for _, _, record in self._shelf.all()), key=lambda record: record.number)
        self._by_id = {record.query.query_id: record.query for record in found if not record.deleted}
        self._tokens = {record.token: record.first for record in found if record.token}
        self._records = {record.query.query_id: record for record in found}
        self._number = found[-1].number if found else 0

    def _keep(self, record: NamedQueryRecord) -> None:
        self._records[record.query.query_id] = record
        self._shelf.put(record.query.query_id, record)

    def create(self, query: NamedQuery, token: str | None) -> NamedQuery:
        """Save it, or answer the one that the token already named."""
        with self._shelf.unit(), self._lock:
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
            self._number += 1
            self._keep(NamedQueryRecord(number=self._number, query=query, first=query, token=token))
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
        with self._shelf.unit(), self._lock:
            current = self.get(query_id)
            self._by_id[query_id] = replace(
                current, name=name, sql=sql, description=description or current.description
            )
            self._keep(replace(self._records[query_id], query=self._by_id[query_id]))

    def delete(self, query_id: str) -> None:
        """Remove it; raises InvalidRequestException for an unknown id."""
        with self._shelf.unit(), self._lock:
            self.get(query_id)
            self._drop(query_id)

    def of_workgroup(self, workgroup: str) -> list[NamedQuery]:
        """The queries of a workgroup, oldest first."""
        with self._lock:
            return [query for query in self._by_id.values() if query.workgroup == workgroup]

    def forget_workgroup(self, workgroup: str) -> None:
        """Remove all queries of a workgroup."""
        with self._shelf.unit(), self._lock:
            for query_id in [key for key, found in self._by_id.items() if found.workgroup == workgroup]:
                self._drop(query_id)

    def _drop(self, query_id: str) -> None:
        del self._by_id[query_id]
        record = self._records[query_id]
        if record.token:
            self._keep(replace(record, deleted=True))
        else:
            del self._records[query_id]
            self._shelf.remove(query_id)
