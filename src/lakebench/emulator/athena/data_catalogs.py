"""Data catalogues registered beside AwsDataCatalog: known by name and kind; only Glue's own can be read."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from lakebench.emulator.athena.errors import invalid_request
from lakebench.emulator.storage.shelves import Shelf

AWS_DATA_CATALOG = "AwsDataCatalog"
_GLUE = "GLUE"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataCatalog:
    """A registered catalogue; ``kind`` is LAMBDA, GLUE, HIVE or FEDERATED."""

    name: str
    kind: str
    description: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    registered: datetime = field(default_factory=lambda: datetime.now(UTC), compare=False)


class DataCatalogs:
    """The registered catalogues of one account and region, AwsDataCatalog first; thread-safe."""

    def __init__(self, account_id: str, shelf: Shelf) -> None:
        self._lock = threading.Lock()
        self._shelf = shelf
        self._account_id = account_id
        self._by_name: dict[str, DataCatalog] = {}
        shelf.reload = self._load
        self._load()

    def _load(self) -> None:
        own = DataCatalog(name=AWS_DATA_CATALOG, kind=_GLUE, parameters={"catalog-id": self._account_id})
        registered = sorted(self._shelf.all(), key=lambda row: row[2].registered)
        self._by_name = {AWS_DATA_CATALOG.lower(): own} | {name: found for name, _, found in registered}

    def all(self) -> list[DataCatalog]:
        """All catalogues in the order of their registration."""
        with self._lock:
            return list(self._by_name.values())

    def get(self, name: str) -> DataCatalog:
        """The catalogue of this name in any case; raises InvalidRequestException."""
        found = self._by_name.get(name.lower())
        if found is None:
            raise invalid_request(f"Data catalog {name} was not found")
        return found

    def find(self, name: str) -> DataCatalog | None:
        """The catalogue of this name in any case, or None."""
        return self._by_name.get(name.lower())

    def readable(self, catalog: DataCatalog) -> bool:
        """Whether it is this account's Glue catalogue, under whatever name."""
        return catalog.kind == _GLUE and catalog.parameters.get("catalog-id") == self._account_id

    def create(self, catalog: DataCatalog) -> None:
        """Register it; a taken name is refused."""
        with self._shelf.unit(), self._lock:
            if catalog.name.lower() in self._by_name:
                raise invalid_request(f"Data catalog {catalog.name} already exists")
            self._keep(catalog)

    def replace(self, catalog: DataCatalog) -> None:
        """Put new settings; AwsDataCatalog stays as it is."""
        with self._shelf.unit(), self._lock:
            self._changeable(catalog.name)
            current = self._by_name[catalog.name.lower()]
            self._keep(replace(catalog, registered=current.registered))

    def delete(self, name: str) -> DataCatalog:
        """Remove it and answer what it was; AwsDataCatalog stays."""
        with self._shelf.unit(), self._lock:
            self._changeable(name)
            self._shelf.remove(name.lower())
            return self._by_name.pop(name.lower())

    def _keep(self, catalog: DataCatalog) -> None:
        self._by_name[catalog.name.lower()] = catalog
        self._shelf.put(catalog.name.lower(), catalog)

    def _changeable(self, name: str) -> None:
        if self.get(name).name == AWS_DATA_CATALOG:
            raise invalid_request(f"Data catalog {AWS_DATA_CATALOG} cannot be changed or deleted")
