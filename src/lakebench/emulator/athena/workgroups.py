"""Workgroups: named settings under which executions run. ``primary`` is always there.

The configuration is kept as the service model spells it: it is answered as it was given. Defaults and
keys are those of the real ``primary`` (facts/athena.md 4, GetWorkGroup measured 2026-09).
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from lakebench.emulator.athena.errors import invalid_request, workgroup_not_found
from lakebench.emulator.storage.shelves import Shelf
from lakebench.emulator.wire.provider import Wire

PRIMARY = "primary"
ENABLED, DISABLED = "ENABLED", "DISABLED"
ENGINE_VERSION = "Athena engine version 3"
ENGINE_VERSIONS = ("AUTO", ENGINE_VERSION)
MAX_WORKGROUPS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Workgroup:
    """A workgroup; ``configuration`` is WorkGroupConfiguration of the service model."""

    name: str
    configuration: Mapping[str, Any]
    state: str = ENABLED
    description: str = ""
    created: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def enforced(self) -> bool:
        """Whether the workgroup's settings override the client's."""
        return bool(self.configuration.get("EnforceWorkGroupConfiguration"))

    @property
    def result_configuration(self) -> Mapping[str, Any]:
        """ResultConfiguration of the workgroup; may be empty."""
        found: Mapping[str, Any] = self.configuration.get("ResultConfiguration") or {}
        return found

    @property
    def managed(self) -> Mapping[str, Any] | None:
        """ManagedQueryResultsConfiguration when Athena keeps this workgroup's results itself."""
        found: Mapping[str, Any] = self.configuration.get("ManagedQueryResultsConfiguration") or {}
        return found if found.get("Enabled") else None

    @property
    def cutoff(self) -> int | None:
        """BytesScannedCutoffPerQuery in bytes."""
        return self.configuration.get("BytesScannedCutoffPerQuery")

    @property
    def engine_version(self) -> Mapping[str, str]:
        """Selected and effective engine version."""
        found: Mapping[str, str] = self.configuration["EngineVersion"]
        return found


def new_configuration(given: Mapping[str, Any], *, enforced: bool) -> Wire:
    """A whole configuration from what CreateWorkGroup was given."""
    configuration: Wire = {
        "ResultConfiguration": {},
        "EnforceWorkGroupConfiguration": enforced,
        "PublishCloudWatchMetricsEnabled": False,
        "RequesterPaysEnabled": False,
        "EnableMinimumEncryptionConfiguration": False,
    }
    configuration.update({key: value for key, value in given.items() if value is not None})
    configuration["EngineVersion"] = _engine_version(given.get("EngineVersion"))
    return configuration


def updated_configuration(current: Mapping[str, Any], updates: Mapping[str, Any]) -> Wire:
    """The configuration after UpdateWorkGroup: given members replace, Remove* members delete."""
    configuration = dict(current)
    for key, value in updates.items():
        if key == "ResultConfigurationUpdates":
            configuration["ResultConfiguration"] = _merged(current.get("ResultConfiguration") or {}, value)
        elif key == "ManagedQueryResultsConfigurationUpdates":
            managed = current.get("ManagedQueryResultsConfiguration") or {"Enabled": False}
            configuration["ManagedQueryResultsConfiguration"] = _merged(managed, value)
        elif key == "EngineVersion":
            configuration["EngineVersion"] = _engine_version(value)
        elif key.startswith("Remove"):
            if value:
                configuration.pop(key.removeprefix("Remove"), None)
        else:
            configuration[key] = value
    return configuration


def _merged(current: Mapping[str, Any], updates: Mapping[str, Any]) -> Wire:
    merged = dict(current)
    for key, value in updates.items():
        if not key.startswith("Remove"):
            merged[key] = value
        elif value:
            merged.pop(key.removeprefix("Remove"), None)
    return merged


def _engine_version(given: Mapping[str, str] | None) -> Wire:
    selected = (given or {}).get("SelectedEngineVersion") or "AUTO"
    if selected not in ENGINE_VERSIONS:
        raise invalid_request(f"EngineVersion {selected} is not supported")
    return {"SelectedEngineVersion": selected, "EffectiveEngineVersion": ENGINE_VERSION}


class WorkgroupRegistry:
    """The workgroups of one account and region; thread-safe."""

    def __init__(self, shelf: Shelf) -> None:
        self._lock = threading.Lock()
        self._shelf = shelf
        self._new_primary = Workgroup(name=PRIMARY, configuration=new_configuration({}, enforced=False))
        self._by_name: dict[str, Workgroup] = {}
        shelf.reload = self._load
        self._load()
        if self._by_name[PRIMARY] is self._new_primary:
            shelf.put(PRIMARY, self._new_primary)

    def _load(self) -> None:
        """Take what is kept; ``primary`` is there even where the disk failed as its row was written."""
        self._by_name = {PRIMARY: self._new_primary} | {name: found for name, _, found in self._shelf.all()}

    def get(self, name: str | None) -> Workgroup:
        """The workgroup of this name, ``primary`` for None; raises ``WorkGroup is not found.``"""
        workgroup = self._by_name.get(name or PRIMARY)
        if workgroup is None:
            raise workgroup_not_found()
        return workgroup

    def all(self) -> list[Workgroup]:
        """All workgroups by name."""
        with self._lock:
            return [self._by_name[name] for name in sorted(self._by_name)]

    def create(self, workgroup: Workgroup) -> None:
        """Add it; a taken name is refused."""
        with self._shelf.unit(), self._lock:
            if workgroup.name in self._by_name:
                raise invalid_request("WorkGroup is already created")
            if len(self._by_name) >= MAX_WORKGROUPS:
                raise invalid_request(f"The number of workgroups exceeds the limit of {MAX_WORKGROUPS}")
            self._by_name[workgroup.name] = workgroup
            self._shelf.put(workgroup.name, workgroup)

    def change(self, name: str, **changes: Any) -> None:
        """Replace members of a workgroup."""
        with self._shelf.unit(), self._lock:
            current = self._by_name.get(name)
            if current is None:
                raise workgroup_not_found()
            self._by_name[name] = replace(current, **changes)
            self._shelf.put(name, self._by_name[name])

    def delete(self, name: str) -> None:
        """Remove it; ``primary`` stays."""
        if name == PRIMARY:
            raise invalid_request("The primary workgroup cannot be deleted")
        with self._shelf.unit(), self._lock:
            if self._by_name.pop(name, None) is None:
                raise workgroup_not_found()
            self._shelf.remove(name)
