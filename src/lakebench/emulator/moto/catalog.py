"""moto's Glue catalogue as a CatalogStore, over its backend in this process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from moto.backends import get_backend

from lakebench.catalog import Database, Partition, Table
from lakebench.catalog.glue import (
    database_from_glue,
    database_to_glue,
    partition_from_glue,
    partition_to_glue,
    table_from_glue,
    table_to_glue,
)
from lakebench.catalog.store import AlreadyExists, NotFound
from lakebench.emulator.moto.mount import MotoMount


class MotoCatalogStore:
    """The catalogue of one account and region. Thread-safe with the requests that moto answers."""

    def __init__(self, moto: MotoMount, account_id: str, region: str) -> None:
        self._moto = moto
        self._backend = get_backend("glue")[account_id][region]

    def databases(self) -> list[Database]:
        """All databases, by name."""
        with self._moto.lock():
            found = [database_from_glue(one.as_dict()) for one in self._backend.databases.values()]
        return sorted(found, key=lambda database: database.name)

    def database(self, name: str) -> Database | None:
        """One database, or None."""
        with self._moto.lock():
            found = _find(self._backend.databases, name)
            return None if found is None else database_from_glue(found.as_dict())

    def create_database(self, database: Database) -> None:
        """Add it; raises AlreadyExists."""
        with self._moto.lock():
            if _find(self._backend.databases, database.name) is not None:
                raise AlreadyExists(database.name)
            self._backend.create_database(database.name, database_to_glue(database))

    def update_database(self, database: Database) -> None:
        """Replace its definition; raises NotFound."""
        with self._moto.lock():
            stored = self._database(database.name)
            self._backend.update_database(stored.name, database_to_glue(database))

    def delete_database(self, name: str) -> None:
        """Remove it with all its tables; raises NotFound."""
        with self._moto.lock():
            self._backend.delete_database(self._database(name).name)

    def tables(self, database: str) -> list[Table]:
        """All tables and views of a database, by name; raises NotFound for the database."""
        with self._moto.lock():
            tables = self._database(database).tables.values()
            found = [table_from_glue(one.as_dict(), database=database) for one in tables]
        return sorted(found, key=lambda table: table.name)

    def table(self, database: str, name: str) -> Table | None:
        """One table, or None (also when the database is missing)."""
        with self._moto.lock():
            parent = _find(self._backend.databases, database)
            found = None if parent is None else _find(parent.tables, name)
            return None if found is None else table_from_glue(found.as_dict(), database=database)

    def create_table(self, table: Table) -> None:
        """Add it; raises AlreadyExists, or NotFound for the database."""
        with self._moto.lock():
            parent = self._database(table.database)
            if _find(parent.tables, table.name) is not None:
                raise AlreadyExists(f"{table.database}.{table.name}")
            self._backend.create_table(parent.name, table.name, table_to_glue(table))

    def update_table(self, table: Table) -> None:
        """Replace its definition, adding a version; raises NotFound."""
        with self._moto.lock():
            self._table(table.database, table.name).update(table_to_glue(table))

    def delete_table(self, database: str, name: str) -> None:
        """Remove it and its partitions; raises NotFound."""
        with self._moto.lock():
            stored = self._table(database, name)
            self._backend.delete_table(stored.database_name, stored.name)

    def partitions(self, table: Table) -> list[Partition]:
        """All registered partitions, ordered by values; raises NotFound for the table."""
        with self._moto.lock():
            stored = self._table(table.database, table.name).partitions.values()
            found = [partition_from_glue(one.as_dict()) for one in stored]
        return sorted(found, key=lambda partition: partition.values)

    def create_partitions(self, table: Table, partitions: Iterable[Partition]) -> None:
        """Register them; raises AlreadyExists naming the first that is there, and then adds none."""
        wanted = list(partitions)
        with self._moto.lock():
            stored = self._table(table.database, table.name)
            seen = set(stored.partitions)
            for partition in wanted:
                if _key(partition.values) in seen:
                    raise AlreadyExists(", ".join(partition.values))
                seen.add(_key(partition.values))
            for partition in wanted:
                stored.create_partition(partition_to_glue(partition))

    def update_partition(self, table: Table, partition: Partition) -> None:
        """Replace the partition with these values; raises NotFound."""
        with self._moto.lock():
            stored = self._table(table.database, table.name)
            if _key(partition.values) not in stored.partitions:
                raise NotFound(", ".join(partition.values))
            stored.update_partition(list(partition.values), partition_to_glue(partition))

    def delete_partitions(self, table: Table, values: Sequence[tuple[str, ...]]) -> None:
        """Remove the partitions with these values; unknown ones are passed over."""
        with self._moto.lock():
            stored = self._table(table.database, table.name)
            for one in values:
                stored.partitions.pop(_key(one), None)

    def _database(self, name: str) -> Any:
        found = _find(self._backend.databases, name)
        if found is None:
            raise NotFound(name)
        return found

    def _table(self, database: str, name: str) -> Any:
        found = _find(self._database(database).tables, name)
        if found is None:
            raise NotFound(f"{database}.{name}")
        return found


def _find(stored: Mapping[str, Any], name: str) -> Any:
    """By name; moto keeps the case that a client wrote, where Glue folds it."""
    exact = stored.get(name)
    if exact is not None:
        return exact
    return next((one for key, one in stored.items() if key.lower() == name.lower()), None)


def _key(values: Sequence[str]) -> str:
    return str(list(values))  # as moto spells it
