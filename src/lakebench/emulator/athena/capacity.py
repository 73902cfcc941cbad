"""Capacity reservations: DPUs set aside for workgroups. They are kept and answered, and change no query."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from lakebench.emulator.athena.errors import invalid_request
from lakebench.emulator.storage.shelves import Shelf


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityReservation:
    """A reservation. ``workgroups`` has the names of each assignment (AWS: CapacityAssignment)."""

    name: str
    target_dpus: int
    created: datetime
    allocated: datetime
    cancelled: bool = False
    workgroups: tuple[tuple[str, ...], ...] = ()

    @property
    def status(self) -> str:
        """ACTIVE from the first moment, since nothing has to be found; CANCELLED for good."""
        return "CANCELLED" if self.cancelled else "ACTIVE"

    @property
    def allocated_dpus(self) -> int:
        """All of it, until it is cancelled."""
        return 0 if self.cancelled else self.target_dpus


class CapacityReservations:
    """Reservations by name; thread-safe."""

    def __init__(self, shelf: Shelf) -> None:
        self._lock = threading.Lock()
        self._shelf = shelf
        self._by_name: dict[str, CapacityReservation] = {}
        shelf.reload = self._load
        self._load()

    def _load(self) -> None:
        self._by_name = {name: found for name, _, found in self._shelf.all()}

    def _keep(self, reservation: CapacityReservation) -> None:
        self._by_name[reservation.name] = reservation
        self._shelf.put(reservation.name, reservation)

    def all(self) -> list[CapacityReservation]:
        """All of them by name."""
        with self._lock:
            return [self._by_name[name] for name in sorted(self._by_name)]

    def get(self, name: str) -> CapacityReservation:
        """The one of this name; raises InvalidRequestException."""
        found = self._by_name.get(name)
        if found is None:
            raise invalid_request(f"Capacity Reservation {name} does not exist")
        return found

    def create(self, name: str, target_dpus: int) -> None:
        """Add it; raises InvalidRequestException for a name that is taken."""
        now = datetime.now(UTC)
        with self._shelf.unit(), self._lock:
            if name in self._by_name:
                raise invalid_request(f"Capacity Reservation {name} already exists")
            self._keep(CapacityReservation(name=name, target_dpus=target_dpus, created=now, allocated=now))

    def resize(self, name: str, target_dpus: int) -> None:
        """Change how many DPUs it has; raises InvalidRequestException for one that is cancelled."""
        with self._shelf.unit(), self._lock:
            current = self._active(name)
            self._keep(replace(current, target_dpus=target_dpus, allocated=datetime.now(UTC)))

    def assign(self, name: str, workgroups: Sequence[Sequence[str]]) -> None:
        """Replace its assignments; a workgroup belongs to one reservation only."""
        wanted = tuple(tuple(names) for names in workgroups)
        with self._shelf.unit(), self._lock:
            current = self._active(name)
            taken = {
                workgroup: other.name
                for other in self._by_name.values()
                if other.name != name and not other.cancelled
                for names in other.workgroups
                for workgroup in names
            }
            for workgroup in (one for names in wanted for one in names):
                if workgroup in taken:
                    raise invalid_request(
                        f"WorkGroup {workgroup} belongs to Capacity Reservation {taken[workgroup]}"
                    )
            self._keep(replace(current, workgroups=wanted))

    def cancel(self, name: str) -> None:
        """Give its DPUs back; raises InvalidRequestException for one that is cancelled."""
        with self._shelf.unit(), self._lock:
            self._keep(replace(self._active(name), cancelled=True, workgroups=()))

    def delete(self, name: str) -> None:
        """Remove it; only a cancelled one goes (AWS: DeleteCapacityReservation)."""
        with self._shelf.unit(), self._lock:
            if not self.get(name).cancelled:
                raise invalid_request(f"Capacity Reservation {name} must be cancelled before it is deleted")
            del self._by_name[name]
            self._shelf.remove(name)

    def _active(self, name: str) -> CapacityReservation:
        current = self.get(name)
        if current.cancelled:
            raise invalid_request(f"Capacity Reservation {name} is cancelled")
        return current
