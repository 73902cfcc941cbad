# mypy: allow-subclassing-any
# moto ships no types, and its catalogue's classes are what the index has to mirror.
"""moto's Glue catalogue in the index: each database, table, version and partition is a row.

moto's dicts and values note what is set in them, whoever sets it: a request, a crawler or a statement. At the
end of the unit of work the rows of what was noted are written. All else that Glue has (tags, connections,
registries, jobs ...) is a row for each of the backend's members.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, unquote

from moto.core.common_models import BaseModel
from moto.glue import models
from moto.utilities.tagging_service import TaggingService

from lakebench.emulator.storage.codec import Codec, NotEncodable
from lakebench.emulator.storage.ledger import Ledger, Unit
from lakebench.emulator.storage.state import Row

DATABASE, TABLE, VERSION = "glue.database", "glue.table", "glue.version"
PARTITION, MEMBER = "glue.partition", "glue.member"
"""Kinds of rows. A scope is account/region, with /database and /table below it, each percent-encoded."""

_MIRRORED = {"databases", "crawlers", "region_name", "account_id", "partition", "default_catalog_arn"}
_DATABASE_DERIVED = {"tables"}
_TABLE_DERIVED = {"partitions", "versions", "database_name", "name"}
_PARTITION_DERIVED = {"database_name", "table_name"}

Note = Callable[[tuple[str, ...]], None]


class Noted(dict[str, Any]):
    """A dict that tells the path of each entry that is set or removed; values learn where they are."""

    def __init__(self, note: Note, path: tuple[str, ...]) -> None:
        super().__init__()
        self._note = note
        self._path = path

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, value)
        place = (*self._path, key)
        if isinstance(value, StoredDatabase | StoredTable | StoredPartition):
            value.lie_at(self._note, place)
        self._note(place)

    def __delitem__(self, key: str) -> None:
        super().__delitem__(key)
        self._note((*self._path, key))

    def pop(self, key: str, *default: Any) -> Any:
        """As a dict's."""
        found = super().pop(key, *default)
        self._note((*self._path, key))
        return found


class _Placed:
    """A value that knows its place and tells when one of its members is set."""

    def lie_at(self, note: Note, path: tuple[str, ...]) -> None:
        """It lies here from now on."""
        object.__setattr__(self, "_place", (note, path))

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        place = self.__dict__.get("_place")
        if place is not None:
            note, path = place
            note(path)


class StoredDatabase(_Placed, models.FakeDatabase):
    """A database whose tables are noted."""

    tables: dict[str, Any]

    def lie_at(self, note: Note, path: tuple[str, ...]) -> None:
        """It lies here from now on, and so do its tables."""
        tables = Noted(note, (*path, "tables"))
        for name, table in self.tables.items():
            tables[name] = table
        self.tables = tables
        super().lie_at(note, path)


class StoredTable(_Placed, models.FakeTable):
    """A table whose versions and partitions are noted."""

    def lie_at(self, note: Note, path: tuple[str, ...]) -> None:
        """It lies here from now on, and so do its versions and partitions."""
        for member in ("versions", "partitions"):
            noted = Noted(note, (*path, member))
            for key, value in getattr(self, member).items():
                noted[key] = value
            setattr(self, member, noted)
        super().lie_at(note, path)


class StoredPartition(_Placed, models.FakePartition):
    """A partition that is noted when it changes."""


class GlueState:
    """What changed in the catalogues in this unit of work, and how it is written and made again."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._noted: dict[tuple[str, ...], None] = {}
        self._others: set[tuple[str, str]] = set()
        self._codec = _glue_codec()
        ledger.settlers.append(self.settle)
        ledger.finishers.append(self._clear)
        ledger.forgetters.append(self.forget)

    def adopt(self, backend: Any) -> None:
        """Note what happens in this backend's databases from now on."""
        backend.databases = Noted(self.note, (f"{backend.account_id}/{backend.region_name}",))

    def note(self, path: tuple[str, ...]) -> None:
        """What lies at this path has changed."""
        self._noted[path] = None

    def note_others(self, account_id: str, region: str) -> None:
        """What is no table, partition or database may have changed here."""
        self._others.add((account_id, region))

    def settle(self) -> None:
        """Write what was noted."""
        for path in dict.fromkeys(_owners(self._noted)):
            self._write(path)
        for account_id, region in self._others:
            self._write_members(account_id, region)

    def forget(self, _failed: Unit | None = None) -> None:
        """Make the catalogues that were noted again from their rows."""
        touched = {path[0] for path in self._noted} | {"/".join(one) for one in self._others}
        self._clear()
        for scope in touched:
            self._restore(scope)

    def restore(self) -> None:
        """Make all catalogues again."""
        state = self._ledger.state
        scopes = {row.scope for kind in (DATABASE, MEMBER) for row in state.all(kind)}
        for scope in scopes:
            self._restore(scope)

    def reset(self) -> None:
        """Empty all catalogues in moto; rows are the caller's."""
        for _, _, backend in list(models.glue_backends.iter_backends()):
            backend.reset()
        self._clear()

    def _clear(self) -> None:
        self._noted.clear()
        self._others.clear()

    def _write(self, path: tuple[str, ...]) -> None:
        """Write or remove the row of a database, table, version or partition and what lies below it."""
        scope, database = path[0], path[1]
        backend = _backend_of(scope)
        found = backend.databases.get(database)
        match path[2:]:
            case ():
                self._write_database(scope, database, found)
            case ("tables", name):
                table = None if found is None else found.tables.get(name)
                self._write_table(f"{scope}/{_q(database)}", name, table)
            case ("tables", name, member, key):
                table = None if found is None else found.tables.get(name)
                if table is not None:
                    below = f"{scope}/{_q(database)}/{_q(name)}"
                    self._write_part_of_table(below, member, key, getattr(table, member).get(key))

    def _write_database(self, scope: str, name: str, database: Any) -> None:
        state = self._ledger.state
        if database is None:
            state.remove(DATABASE, scope, name.encode())
            for kind in (TABLE, VERSION, PARTITION):
                state.remove_scope(kind, f"{scope}/{_q(name)}")
            return
        value = self._codec.encode(_members(database, _DATABASE_DERIVED))
        state.put(DATABASE, scope, name.encode(), 0, value=value)

    def _write_table(self, scope: str, name: str, table: Any) -> None:
        state = self._ledger.state
        below = f"{scope}/{_q(name)}"
        if table is None:
            state.remove(TABLE, scope, name.encode())
            for kind in (VERSION, PARTITION):
                state.remove_scope(kind, below)
            return
        state.put(TABLE, scope, name.encode(), 0, value=self._codec.encode(_members(table, _TABLE_DERIVED)))
        # A table that was dropped and made again in one unit leaves nothing of the old one behind.
        known = {row.part for row in state.all(VERSION, below)}
        for part in known - {int(version) for version in table.versions}:
            state.remove(VERSION, below, b"", part)
        if not table.partitions:
            state.remove_scope(PARTITION, below)

    def _write_part_of_table(self, scope: str, member: str, key: str, found: Any) -> None:
        state = self._ledger.state
        if member == "versions":
            if found is None:
                state.remove(VERSION, scope, b"", int(key))
            else:
                state.put(VERSION, scope, b"", int(key), value=self._codec.encode(found))
        elif found is None:
            state.remove(PARTITION, scope, key.encode())
        else:
            value = self._codec.encode(_members(found, _PARTITION_DERIVED))
            state.put(PARTITION, scope, key.encode(), 0, value=value)

    def _write_members(self, account_id: str, region: str) -> None:
        state, scope = self._ledger.state, f"{account_id}/{region}"
        known = {row.name: row.value for row in state.all(MEMBER, scope)}
        for name, member in vars(_backend_of(scope)).items():
            if name in _MIRRORED:
                continue
            try:
                value = self._codec.encode(member)
            except NotEncodable:
                continue  # moto's jobs and sessions hold on to threads and clocks: they end with the server
            if known.get(name.encode()) != value:
                state.put(MEMBER, scope, name.encode(), 0, value=value)

    def _restore(self, scope: str) -> None:
        state, backend = self._ledger.state, _backend_of(scope)
        backend.reset()
        for row in state.all(MEMBER, scope):
            self._restore_member(backend, row)
        databases = {
            row.name.decode(): self._restored(StoredDatabase, row) for row in state.all(DATABASE, scope)
        }
        for name in sorted(databases, key=lambda one: databases[one].created_time):
            database = databases[name]
            below = f"{scope}/{_q(name)}"
            tables = [self._restore_table(row, name) for row in state.all(TABLE, below)]
            database.tables = {one.name: one for one in sorted(tables, key=lambda one: one.created_time)}
            backend.databases[name] = database
        self._clear()

    def _restore_table(self, row: Row, database: str) -> Any:
        table = self._restored(StoredTable, row)
        table.database_name, table.name = database, row.name.decode()
        below = f"{row.scope}/{_q(table.name)}"
        versions = self._ledger.state.all(VERSION, below)
        table.versions = {str(one.part): self._codec.decode(one.value) for one in versions}
        partitions = [
            (one.name.decode(), self._restored(StoredPartition, one))
            for one in self._ledger.state.all(PARTITION, below)
        ]
        for _, partition in partitions:
            partition.database_name, partition.table_name = database, table.name
        table.partitions = dict(sorted(partitions, key=lambda one: one[1].creation_time))
        return table

    def _restored(self, cls: type, row: Row) -> Any:
        instance: Any = object.__new__(cls)
        vars(instance).update(self._codec.decode(row.value))
        return instance

    def _restore_member(self, backend: Any, row: Row) -> None:
        member = self._codec.decode(row.value)
        if isinstance(member, dict):
            for value in member.values():
                if isinstance(value, BaseModel):
                    value.backend = backend
        setattr(backend, row.name.decode(), member)


def _owners(paths: Iterator[tuple[str, ...]] | dict[tuple[str, ...], None]) -> Iterator[tuple[str, ...]]:
    """The paths, each after those above it: a new version or partition is a change of its table's row too."""
    for path in paths:
        if len(path) == 6:
            yield path[:4]
        yield path


def _members(value: Any, derived: set[str]) -> dict[str, Any]:
    return {key: one for key, one in vars(value).items() if key not in derived and key != "_place"}


def _backend_of(scope: str) -> Any:
    account_id, region = scope.split("/")
    return models.glue_backends[account_id][region]


def _q(name: str) -> str:
    return quote(name, safe="")


def unquoted(scope: str) -> tuple[str, ...]:
    """The parts of a scope: account, region, database, table."""
    return tuple(unquote(part) for part in scope.split("/"))


def _glue_codec() -> Codec:
    """moto's values of Glue; their references to the backend are made anew."""
    classes = [
        one
        for one in vars(models).values()
        if isinstance(one, type) and one.__module__ == models.__name__ and one is not models.GlueBackend
    ]
    return Codec([*classes, TaggingService], left_out={"backend"})
