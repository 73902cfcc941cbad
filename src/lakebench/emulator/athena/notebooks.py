"""Notebooks: documents of a workgroup, kept as they were given; their code is never run."""

from __future__ import annotations

import threading
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from lakebench.emulator.athena.errors import invalid_request
from lakebench.emulator.storage.shelves import Shelf

EMPTY = '{"cells":[],"metadata":{},"nbformat":4,"nbformat_minor":5}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Notebook:
    """A notebook and its document, a text of JSON (AWS: IPYNB)."""

    notebook_id: str
    name: str
    workgroup: str
    payload: str
    created: datetime
    modified: datetime


class Notebooks:
    """Notebooks by id; names are unique in a workgroup. Thread-safe."""

    def __init__(self, shelf: Shelf) -> None:
        self._lock = threading.Lock()
        self._shelf = shelf
        self._by_id: dict[str, Notebook] = {}
        shelf.reload = self._load
        self._load()

    def _load(self) -> None:
        self._by_id = {notebook_id: found for notebook_id, _, found in self._shelf.all()}

    def _keep(self, notebook: Notebook) -> None:
        self._by_id[notebook.notebook_id] = notebook
        self._shelf.put(notebook.notebook_id, notebook)

    def of(self, workgroup: str) -> list[Notebook]:
        """The notebooks of a workgroup, by name."""
        with self._lock:
            found = [one for one in self._by_id.values() if one.workgroup == workgroup]
        return sorted(found, key=lambda one: one.name)

    def get(self, notebook_id: str) -> Notebook:
        """The one of this id; raises InvalidRequestException."""
        found = self._by_id.get(notebook_id)
        if found is None:
            raise invalid_request(f"Notebook {notebook_id} does not exist")
        return found

    def create(self, name: str, workgroup: str, payload: str = EMPTY) -> Notebook:
        """Add it; raises InvalidRequestException for a name that the workgroup has."""
        now = datetime.now(UTC)
        with self._shelf.unit(), self._lock:
            self._free(name, workgroup)
            made = Notebook(
                notebook_id=str(uuid.uuid4()),
                name=name,
                workgroup=workgroup,
                payload=payload,
                created=now,
                modified=now,
            )
            self._keep(made)
            return made

    def write(self, notebook_id: str, payload: str) -> None:
        """Replace its document."""
        with self._shelf.unit(), self._lock:
            self._keep(replace(self.get(notebook_id), payload=payload, modified=datetime.now(UTC)))

    def rename(self, notebook_id: str, name: str) -> None:
        """Give it another name; raises InvalidRequestException for one that the workgroup has."""
        with self._shelf.unit(), self._lock:
            current = self.get(notebook_id)
            if name != current.name:
                self._free(name, current.workgroup)
            self._keep(replace(current, name=name, modified=datetime.now(UTC)))

    def delete(self, notebook_id: str) -> None:
        """Remove it; raises InvalidRequestException."""
        with self._shelf.unit(), self._lock:
            self.get(notebook_id)
            del self._by_id[notebook_id]
            self._shelf.remove(notebook_id)

    def _free(self, name: str, workgroup: str) -> None:
        if any(one.name == name and one.workgroup == workgroup for one in self._by_id.values()):
            raise invalid_request(f"A notebook named {name} exists in WorkGroup {workgroup}")
