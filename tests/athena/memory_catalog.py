"""A catalogue in memory: the second implementation of CatalogStore, for tests without moto."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lakebench.catalog import Database, Partition, Table
from lakebench.catalog.store import AlreadyExists, NotFound


class MemoryCatalog:
    """Databases, tables and partitions in dictionaries."""

    def __init__(self) -> None:
        self._databases: dict[str, Database] = {}
        self._tables: dict[tuple[str, str], Table] = {}
        self._partitions: dict[tuple[str, str], dict[tuple[str, ...], Partition]] = {}
        self.refuse_partitions = False

    def databases(self) -> list[Database]:
        return [self._databases[name] for name in sorted(self._databases)]

    def database(self, name: str) -> Database | None:
        return self._databases.get(name)

    def create_database(self, database: Database) -> None:
        if database.name in self._databases:
            raise AlreadyExists(database.name)
        self._databases[database.name] = database

    def update_database(self, database: Database) -> None:
        if database.name not in self._databases:
            raise NotFound(database.name)
        self._databases[database.name] = database

    def delete_database(self, name: str) -> None:
        if self._databases.pop(name, None) is None:
            raise NotFound(name)
        self._tables = {key: table for key, table in self._tables.items() if key[0] != name}

    def tables(self, database: str) -> list[Table]:
        if database not in self._databases:
            raise NotFound(database)
        return [self._tables[key] for key in sorted(self._tables) if key[0] == database]

    def table(self, database: str, name: str) -> Table | None:
        return self._tables.get((database, name))

    def create_table(self, table: Table) -> None:
        if table.database not in self._databases:
            raise NotFound(table.database)
        key = (table.database, table.name)
        if key in self._tables:
            raise AlreadyExists(table.name)
        self._tables[key] = table
        self._partitions[key] = {}

    def update_table(self, table: Table) -> None:
        if (table.database, table.name) not in self._tables:
            raise NotFound(table.name)
        self._tables[table.database, table.name] = table

    def delete_table(self, database: str, name: str) -> None:
        if self._tables.pop((database, name), None) is None:
            raise NotFound(name)
        self._partitions.pop((database, name))

    def partitions(self, table: Table) -> list[Partition]:
        found = self._partitions[table.database, table.name]
        return [found[values] for values in sorted(found)]

    def create_partitions(self, table: Table, partitions: Iterable[Partition]) -> None:
        if self.refuse_partitions:
            raise NotFound(table.name)
        found = self._partitions[table.database, table.name]
        added = list(partitions)
        for partition in added:
            if partition.values in found:
                raise AlreadyExists(str(partition.values))
        found.update({partition.values: partition for partition in added})

    def update_partition(self, table: Table, partition: Partition) -> None:
        self._partitions[table.database, table.name][partition.values] = partition

    def delete_partitions(self, table: Table, values: Sequence[tuple[str, ...]]) -> None:
        for one in values:
            self._partitions[table.database, table.name].pop(one, None)
