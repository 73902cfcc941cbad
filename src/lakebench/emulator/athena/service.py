"""What the operations of one Athena endpoint share: registries by account and region, engine, scheduler."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lakebench.catalog.store import CatalogStore
from lakebench.emulator.athena.capacity import CapacityReservation, CapacityReservations
from lakebench.emulator.athena.data_catalogs import DataCatalog, DataCatalogs
from lakebench.emulator.athena.execution import Execution
from lakebench.emulator.athena.named_queries import NamedQueries, NamedQuery, NamedQueryRecord
from lakebench.emulator.athena.notebooks import Notebook, Notebooks
from lakebench.emulator.athena.prepared_statements import PreparedStatement, PreparedStatements
from lakebench.emulator.athena.registry import EXECUTION_CODEC, ExecutionRegistry
from lakebench.emulator.athena.scheduler import Scheduler
from lakebench.emulator.athena.tags import Tags
from lakebench.emulator.athena.workgroups import Workgroup, WorkgroupRegistry
from lakebench.emulator.engine.protocol import Engine
from lakebench.emulator.storage.codec import Codec
from lakebench.emulator.storage.ledger import Ledger
from lakebench.emulator.storage.objects import ObjectStore
from lakebench.emulator.storage.shelves import Shelf
from lakebench.emulator.wire.provider import RequestContext

_SETTINGS = Codec(
    (
        *(CapacityReservation, DataCatalog, NamedQuery, NamedQueryRecord, Notebook),
        *(PreparedStatement, Workgroup),
    )
)


@dataclass(frozen=True, slots=True)
class Tenant:
    """What one account has in one region."""

    account_id: str
    region: str
    objects: ObjectStore
    catalog: CatalogStore
    data_catalogs: DataCatalogs
    executions: ExecutionRegistry
    workgroups: WorkgroupRegistry
    named_queries: NamedQueries
    prepared_statements: PreparedStatements
    tags: Tags
    capacity: CapacityReservations
    notebooks: Notebooks

    def arn(self, resource: str) -> str:
        """The ARN of ``workgroup/<name>`` or ``datacatalog/<name>``."""
        return f"arn:aws:athena:{self.region}:{self.account_id}:{resource}"


class AthenaService:
    """The state behind the provider. ``scratch`` must lie where results can be taken over without a copy.

    ``throttled``: AWS's quota of active queries holds.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        objects: Callable[[str], ObjectStore],
        catalogs: Callable[[str, str], CatalogStore],
        ledger: Ledger,
        scratch: Path,
        workers: int,
        throttled: bool = False,
    ) -> None:
        self.engine = engine
        self.throttled = throttled
        self.ledger = ledger
        self.scratch = scratch
        self.scheduler = Scheduler(workers=workers)
        self._objects = objects
        self._catalogs = catalogs
        self._lock = threading.Lock()
        self._tenants: dict[tuple[str, str], Tenant] = {}
        self._shelves: list[Shelf] = []

    def tenant(self, context: RequestContext) -> Tenant:
        """The tenant who asks."""
        key = (context.account_id, context.region)
        found = self._tenants.get(key)
        if found is not None:
            return found
        with self.ledger.unit(), self._lock:  # in this order: whoever asks may be in a unit of work
            if key not in self._tenants:
                self._tenants[key] = self._make_tenant(*key)
            return self._tenants[key]

    def objects_of(self, account_id: str) -> ObjectStore:
        """The buckets of an account."""
        return self._objects(account_id)

    def find_execution(self, execution_id: str) -> Execution | None:
        """An execution of whichever tenant has asked for something since the server started."""
        with self._lock:
            tenants = list(self._tenants.values())
        found = (tenant.executions.find(execution_id) for tenant in tenants)
        return next((execution for execution in found if execution is not None), None)

    def _make_tenant(self, account_id: str, region: str) -> Tenant:
        def shelf(kind: str, codec: Codec = _SETTINGS) -> Shelf:
            made = Shelf(self.ledger, f"athena.{kind}", f"{account_id}/{region}", codec)
            self._shelves.append(made)
            return made

        return Tenant(
            account_id=account_id,
            region=region,
            objects=self._objects(account_id),
            catalog=self._catalogs(account_id, region),
            data_catalogs=DataCatalogs(account_id, shelf("data_catalog")),
            executions=ExecutionRegistry(shelf("execution", EXECUTION_CODEC)),
            workgroups=WorkgroupRegistry(shelf("workgroup")),
            named_queries=NamedQueries(shelf("named_query")),
            prepared_statements=PreparedStatements(shelf("prepared_statement")),
            tags=Tags(shelf("tags")),
            capacity=CapacityReservations(shelf("capacity_reservation")),
            notebooks=Notebooks(shelf("notebook")),
        )

    def reset(self) -> None:
        """Stop all executions and forget everything that is kept in memory; rows are the caller's."""
        with self._lock:
            tenants, self._tenants = list(self._tenants.values()), {}
            shelves, self._shelves = self._shelves, []
        for tenant in tenants:
            tenant.executions.cancel_all()
        for shelf in shelves:
            shelf.leave()

    def close(self) -> None:
        """Stop all executions and wait until none runs."""
        with self._lock:
            tenants = list(self._tenants.values())
        for tenant in tenants:
            tenant.executions.cancel_all()
        self.scheduler.close()
