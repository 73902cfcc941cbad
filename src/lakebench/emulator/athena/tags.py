"""Tags of workgroups and data catalogues, by ARN."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence

from lakebench.emulator.athena.errors import invalid_request
from lakebench.emulator.storage.shelves import Shelf

MAX_TAGS = 50


def read_tags(wire: Sequence[Mapping[str, str]] | None) -> dict[str, str]:
    """Tags as operations take them; raises InvalidRequestException for one without a key."""
    tags = wire or ()
    if any("Key" not in tag for tag in tags):
        raise invalid_request("A tag must have a Key")
    return {tag["Key"]: tag.get("Value", "") for tag in tags}


class Tags:
    """Tags by resource ARN; thread-safe."""

    def __init__(self, shelf: Shelf) -> None:
        self._lock = threading.Lock()
        self._shelf = shelf
        self._by_arn: dict[str, dict[str, str]] = {}
        shelf.reload = self._load
        self._load()

    def _load(self) -> None:
        self._by_arn = {arn: found for arn, _, found in self._shelf.all()}

    def put(self, arn: str, tags: Mapping[str, str]) -> None:
        """Add or replace tags; more than 50 on a resource are refused."""
        with self._shelf.unit(), self._lock:
            merged = {**self._by_arn.get(arn, {}), **tags}
            if len(merged) > MAX_TAGS:
                raise invalid_request(f"A resource can have at most {MAX_TAGS} tags")
            self._by_arn[arn] = merged
            self._shelf.put(arn, merged)

    def remove(self, arn: str, keys: Iterable[str]) -> None:
        """Remove tags; unknown keys are passed over."""
        with self._shelf.unit(), self._lock:
            tags = self._by_arn.get(arn, {})
            for key in keys:
                tags.pop(key, None)
            self._shelf.put(arn, tags)

    def of(self, arn: str) -> Mapping[str, str]:
        """The tags of a resource, by key."""
        with self._lock:
            return dict(sorted(self._by_arn.get(arn, {}).items()))

    def forget(self, arn: str) -> None:
        """The resource is gone."""
        with self._shelf.unit(), self._lock:
            self._by_arn.pop(arn, None)
            self._shelf.remove(arn)
