"""Tags of workgroups and data catalogues, by ARN."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping

from lakebench.emulator.athena.errors import invalid_request

MAX_TAGS = 50


class Tags:
    """Tags by resource ARN; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_arn: dict[str, dict[str, str]] = {}

    def put(self, arn: str, tags: Mapping[str, str]) -> None:
        """Add or replace tags; more than 50 on a resource are refused."""
        with self._lock:
            merged = {**self._by_arn.get(arn, {}), **tags}
            if len(merged) > MAX_TAGS:
                raise invalid_request(f"A resource can have at most {MAX_TAGS} tags")
            self._by_arn[arn] = merged

    def remove(self, arn: str, keys: Iterable[str]) -> None:
        """Remove tags; unknown keys are passed over."""
        with self._lock:
            for key in keys:
                self._by_arn.get(arn, {}).pop(key, None)

    def of(self, arn: str) -> Mapping[str, str]:
        """The tags of a resource, by key."""
        with self._lock:
            return dict(sorted(self._by_arn.get(arn, {}).items()))

    def forget(self, arn: str) -> None:
        """The resource is gone."""
        with self._lock:
            self._by_arn.pop(arn, None)
