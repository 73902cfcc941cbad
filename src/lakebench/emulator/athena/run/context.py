"""What a running statement may reach: its execution, the catalogue, the objects, the engine."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from lakebench.catalog import S3Uri, Table
from lakebench.catalog.store import CatalogStore
from lakebench.emulator.athena.execution import Execution
from lakebench.emulator.athena.prepared_statements import PreparedStatements
from lakebench.emulator.engine.protocol import Engine
from lakebench.emulator.storage.objects import BucketMissing, Encryption, ObjectStore
from lakebench.errors import QueryFailed
from lakebench.sql.statement import TableName

CATALOG = "awsdatacatalog"
DEFAULT = "default"
"""The database that bare names mean when a request names none."""


@dataclass(frozen=True, slots=True)
class RunContext:
    """One statement's surroundings."""

    execution: Execution
    sql: str
    objects: ObjectStore
    catalog: CatalogStore
    engine: Engine
    scratch: Path
    prepared_statements: PreparedStatements
    unit: Callable[[], AbstractContextManager[object]]
    publication: ExitStack = field(default_factory=ExitStack)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    @property
    def execution_id(self) -> str:
        """The QueryExecutionId."""
        return self.execution.request.execution_id

    @property
    def encryption(self) -> Encryption | None:
        """How what the statement writes is encrypted at rest (AWS: encrypting-query-results-stored-in-s3).

        CSE_KMS is encryption by the client, which S3 knows nothing of.
        """
        asked = self.execution.request.result_configuration.get("EncryptionConfiguration") or {}
        match asked.get("EncryptionOption"):
            case "SSE_S3":
                return Encryption(algorithm="AES256")
            case "SSE_KMS":
                return Encryption(algorithm="aws:kms", key=asked.get("KmsKey"))
        return None

    @contextmanager
    def scratch_directory(self) -> Iterator[Path]:
        """An empty directory of this execution's own; swept whatever happens."""
        directory = self.scratch / self.execution_id
        directory.mkdir(parents=True)
        try:
            yield directory
        finally:
            shutil.rmtree(directory, ignore_errors=True)

    @contextmanager
    def scratch_file(self) -> Iterator[Path]:
        """A place for one file of this execution's own; swept whatever happens, if it was not moved away."""
        self.scratch.mkdir(parents=True, exist_ok=True)
        file = self.scratch / f"{self.execution_id}.csv"
        try:
            yield file
        finally:
            file.unlink(missing_ok=True)

    def seal(self, *files: Path) -> None:
        """From here on results are published, in one unit of work with the execution's end: all or nothing.

        ``files`` are those that become objects. Raises QueryCancelled when the execution was stopped before.
        """
        for file in files:
            self.objects.prepare(file)
        self.execution.seal()
        self.publication.enter_context(self.unit())

    def database_of(self, name: TableName) -> str:
        """The database that a name means: its own, or the execution's."""
        check_catalog(name)
        return name.database or self.execution.request.database

    def find_table(self, name: TableName) -> Table | None:
        """The table that a name means, or None."""
        return self.catalog.table(self.database_of(name), name.name)

    def put_bytes(self, uri: S3Uri, data: bytes) -> None:
        """Write a small result object."""
        with clear_bucket_errors():
            self.objects.put_bytes(uri, data, encryption=self.encryption)

    def put_file(self, uri: S3Uri, path: Path) -> None:
        """Make a file an object without copying it."""
        with clear_bucket_errors():
            self.objects.put_file(uri, path, encryption=self.encryption)


def check_catalog(name: TableName) -> None:
    """Refuse catalogues other than AwsDataCatalog."""
    if name.catalog is not None and name.catalog.lower() != CATALOG:
        raise QueryFailed(
            "CATALOG_NOT_FOUND",
            f"Catalog '{name.catalog}' does not exist",
            line=name.line,
            column=name.column,
        )


@contextmanager
def clear_bucket_errors() -> Iterator[None]:
    """A bucket that is gone fails the query with S3's words."""
    try:
        yield
    except BucketMissing as missing:
        raise QueryFailed(
            "PERMISSION_DENIED", f"The specified bucket does not exist (Bucket: {missing.bucket})"
        ) from None
