"""The catalogue as a seam: what the query service and the crawlers ask of whoever keeps it.

In the emulator moto's Glue keeps it (``emulator.moto``). Names are lower-cased by the callers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from lakebench.catalog.table import Database, Partition, Table


class AlreadyExists(Exception):
    """A database, table or partition of this name is in the catalogue."""


class NotFound(Exception):
    """No such database, table or partition."""


class CatalogStore(Protocol):
    """Databases, tables and partitions of one account and region."""

    def databases(self) -> list[Database]:
        """All databases, by name."""

    def database(self, name: str) -> Database | None:
        """One database, or None."""

    def create_database(self, database: Database) -> None:
        """Add it; raises AlreadyExists."""

    def update_database(self, database: Database) -> None:
        """Replace its definition; raises NotFound."""

    def delete_database(self, name: str) -> None:
        """Remove it with all its tables; raises NotFound."""

    def tables(self, database: str) -> list[Table]:
        """All tables and views of a database, by name; raises NotFound for the database."""

    def table(self, database: str, name: str) -> Table | None:
        """One table, or None (also when the database is missing)."""

    def create_table(self, table: Table) -> None:
        """Add it; raises AlreadyExists, or NotFound for the database."""

    def update_table(self, table: Table) -> None:
        """Replace its definition, adding a version; raises NotFound."""

    def delete_table(self, database: str, name: str) -> None:
        """Remove it and its partitions; raises NotFound."""

    def partitions(self, table: Table) -> list[Partition]:
        """All registered partitions, ordered by values."""

    def create_partitions(self, table: Table, partitions: Iterable[Partition]) -> None:
        """Register them; raises AlreadyExists naming the first that is there, and then adds none."""

    def update_partition(self, table: Table, partition: Partition) -> None:
        """Replace the partition with these values; raises NotFound."""

    def delete_partitions(self, table: Table, values: Sequence[tuple[str, ...]]) -> None:
        """Remove the partitions with these values; unknown ones are passed over."""
