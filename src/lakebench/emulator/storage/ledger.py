"""Units of work: rows and payload files that change together, or not at all.

A room changes its memory, its rows and its payloads within ``Ledger.unit``. At the end the rows are
committed in one record; files that were replaced go only after that. When the unit fails, rows and new files
are taken back and each room is told to forget what it had changed in memory.
"""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from lakebench.emulator.storage.data_dir import DataDir
from lakebench.emulator.storage.disk import Disk, make_disk
from lakebench.emulator.storage.payloads import Payload, PayloadStore
from lakebench.emulator.storage.reserve import Reserve
from lakebench.emulator.storage.state import StateStore


@dataclass(slots=True)
class Unit:
    """What one unit of work has done so far. ``abandon`` ends it as a failure without an exception.

    ``deletes`` says that it was asked for to delete something: a delete marker is a row more.
    """

    made: list[Payload] = field(default_factory=list)
    discarded: list[Payload] = field(default_factory=list)
    deletes: bool = False
    abandoned: bool = False

    def abandon(self) -> None:
        """Take back what was done when the unit ends."""
        self.abandoned = True


class Ledger:
    """One writer at a time over rows and payloads. Units nest; the outermost one commits.

    ``settlers`` are called before the commit and write the rows of what changed in their room's memory,
    ``finishers`` when that has been committed;
    ``forgetters`` are called with the unit that failed and bring their room's memory back to the rows.
    What frees room on the disk may use the ``reserve`` for its record.
    """

    def __init__(self, state: StateStore, payloads: PayloadStore, reserve: Reserve | None = None) -> None:
        self.state = state
        self.payloads = payloads
        self._reserve = reserve
        self.settlers: list[Callable[[], None]] = []
        self.finishers: list[Callable[[], None]] = []
        self.forgetters: list[Callable[[Unit], None]] = []
        self._lock = threading.RLock()
        self._unit: Unit | None = None

    @contextmanager
    def unit(self) -> Iterator[Unit]:
        """Change things; raises OSError when they cannot be made to last, and then nothing has changed."""
        with self._lock:
            if self._unit is not None:
                yield self._unit
                return
            unit = self._unit = Unit()
            complete = frees = False
            try:
                yield unit
                if not unit.abandoned:
                    for settle in self.settlers:
                        settle()
                    frees = self._frees(unit)
                    self._commit(frees=frees)
                    complete = True
                    for finish in self.finishers:
                        finish()
            finally:
                self._unit = None
                if not complete:
                    self._take_back(unit)
                self._unlink(unit.discarded if complete else unit.made)
                if frees and self._reserve is not None and self._reserve.short:
                    self._reserve.refill()

    def made(self, payload: Payload) -> Payload:
        """Note a payload that belongs to this unit: it goes if the unit fails."""
        if self._unit is not None:
            self._unit.made.append(payload)
        return payload

    def discard(self, payload: Payload) -> None:
        """Remove a payload once the rows that spoke of it are gone."""
        if self._unit is not None:
            self._unit.discarded.append(payload)
        else:
            self._unlink([payload])

    def _frees(self, unit: Unit) -> bool:
        return not unit.made and (unit.deletes or self.state.removing)

    def _commit(self, *, frees: bool) -> None:
        try:
            self.state.commit()
        except OSError as error:
            full = frees and error.errno == errno.ENOSPC
            if not full or self._reserve is None or not self._reserve.give_up():
                raise
            self.state.commit_again()

    def _take_back(self, unit: Unit) -> None:
        self.state.rollback()
        for forget in list(self.forgetters):
            forget(unit)

    def _unlink(self, payloads: list[Payload]) -> None:
        for payload in payloads:
            with suppress(OSError):  # an orphan, which the next start sweeps
                self.payloads.discard(payload)


def memory_ledger() -> Ledger:
    """Rows in memory, without payloads: for a room on its own."""
    disk, nowhere = Disk(durable=False), Path(os.devnull)
    return Ledger(StateStore(None, disk), PayloadStore(objects=nowhere, tmp=nowhere, disk=disk))


def open_ledger(data_dir: DataDir, *, durable: bool = True) -> Ledger:
    """The rows and payloads of a data dir, without what an earlier run had begun and nobody was told of.

    An ephemeral one keeps its rows in memory and syncs nothing. Raises LaunchError.
    """
    disk = make_disk(durable=durable and not data_dir.ephemeral)
    state = StateStore(None if data_dir.ephemeral else data_dir.index, disk)
    payloads = PayloadStore(objects=data_dir.objects, tmp=data_dir.tmp, disk=disk)
    if data_dir.ephemeral:
        return Ledger(state, payloads)
    _sweep_orphans(state, payloads, disk)
    reserve = Reserve(data_dir.reserve, disk)
    reserve.take()
    return Ledger(state, payloads, reserve)


def _sweep_orphans(state: StateStore, payloads: PayloadStore, disk: Disk) -> None:
    """Remove payloads that no row speaks of: their requests were never acknowledged."""
    known = state.files()
    for path in payloads.all():
        if path.name not in known:
            with suppress(OSError):  # tried again at the next start
                disk.unlink(path)
