"""What the operations of one Athena endpoint share: registries by account and region, engine, scheduler."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from lakebench.catalog.store import CatalogStore
from lakebench.emulator.athena.data_catalogs import DataCatalogs
from lakebench.emulator.athena.named_queries import NamedQueries
from lakebench.emulator.athena.prepared_statements import PreparedStatements
from lakebench.emulator.athena.registry import ExecutionRegistry
from lakebench.emulator.athena.scheduler import Scheduler
from lakebench.emulator.athena.tags import Tags
from lakebench.emulator.athena.workgroups import WorkgroupRegistry
from lakebench.emulator.engine.protocol import Engine
from lakebench.emulator.storage.objects import ObjectStore
from lakebench.emulator.wire.provider import RequestContext


@dataclass(frozen=True, slots=True)
class Tenant:
    """What one account has in one region."""

    account_id: str
    region: str
    objects: ObjectStore
    catalog: CatalogStore
    data_catalogs: DataCatalogs
    executions: ExecutionRegistry = field(default_factory=ExecutionRegistry)
    workgroups: WorkgroupRegistry = field(default_factory=WorkgroupRegistry)
    named_queries: NamedQueries = field(default_factory=NamedQueries)
    prepared_statements: PreparedStatements = field(default_factory=PreparedStatements)
    tags: Tags = field(default_factory=Tags)

    def arn(self, resource: str) -> str:
        """The ARN of ``workgroup/<name>`` or ``datacatalog/<name>``."""
        return f"arn:aws:athena:{self.region}:{self.account_id}:{resource}"


class AthenaService:
    """The state behind the provider. ``scratch`` must lie where results can be taken over without a copy."""

    def __init__(
        self,
        *,
        engine: Engine,
        objects: Callable[[str], ObjectStore],
        catalogs: Callable[[str, str], CatalogStore],
        scratch: Path,
        workers: int,
    ) -> None:
        self.engine = engine
        self.scratch = scratch
        self.scheduler = Scheduler(workers=workers)
        self._objects = objects
        self._catalogs = catalogs
        self._lock = threading.Lock()
        self._tenants: dict[tuple[str, str], Tenant] = {}

    def tenant(self, context: RequestContext) -> Tenant:
        """The tenant who asks."""
        key = (context.account_id, context.region)
        with self._lock:
            if key not in self._tenants:
                objects, catalog = self._objects(context.account_id), self._catalogs(*key)
                self._tenants[key] = Tenant(*key, objects, catalog, DataCatalogs(context.account_id))
            return self._tenants[key]

    def close(self) -> None:
        """Stop all executions and wait until none runs."""
        with self._lock:
            tenants = list(self._tenants.values())
        for tenant in tenants:
            tenant.executions.cancel_all()
        self.scheduler.close()
