# mypy: allow-subclassing-any
# moto ships no types, and a bucket's key store is the seam that it offers for the index of its objects.
"""The keys of a bucket, which rest in the index: moto wakes the versions that it touches.

Versions that were woken are the same objects until the unit of work ends. Then those that changed are
written, and all are let go: memory holds no index, however many objects there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.s3.models import FakeDeleteMarker, s3_backends
from moto.s3.utils import _VersionedKeyStore

from lakebench.emulator.moto.key_codec import (
    decode_key,
    decode_marker,
    default_trees,
    encode_key,
    encode_marker,
)
from lakebench.emulator.moto.keys import StoredKey, Upload
from lakebench.emulator.moto.versions import SUSPENDED
from lakebench.emulator.storage.ledger import Ledger, Unit
from lakebench.emulator.storage.payloads import Payload

VERSION = "s3.version"
"""The kind of rows: scope is the bucket, name the key in UTF-8, part the order of versions."""


def name_of(key: str) -> bytes:
    """A key as the index orders it: by its UTF-8 bytes, as S3 lists."""
    return key.encode("utf-8", "surrogateescape")


class KeyShelf:
    """What the key stores of one server share: the ledger, moto's key class, and who is awake."""

    def __init__(self, ledger: Ledger, key_class: type[StoredKey]) -> None:
        self.ledger = ledger
        self.key_class = key_class
        self.awake: list[KeyStore] = []
        fresh = _fresh_key(ledger, key_class)
        self.trees = default_trees(fresh)
        self._defaults = vars(fresh)
        ledger.settlers.append(self._settle)
        ledger.forgetters.append(self._forget)

    def defaults(self, bucket: Any, name: str) -> dict[str, Any]:
        """Members of a key of this bucket before its own are known."""
        return {
            **self._defaults,
            "name": name,
            "bucket_name": bucket.name,
            "account_id": bucket.account_id,
            "region_name": s3_backends[bucket.account_id][bucket.partition].region_name,
            "partition": bucket.partition,
        }

    def write_changes(self) -> None:
        """Write the rows of what changed so far in this unit of work."""
        for store in self.awake:
            store.write_changes()

    def _settle(self) -> None:
        self.write_changes()
        self._forget()

    def _forget(self, _failed: Unit | None = None) -> None:
        for store in self.awake:
            store.rest()
        self.awake.clear()


def _fresh_key(ledger: Ledger, key_class: type[StoredKey]) -> StoredKey:
    payload = Payload(path=ledger.payloads.place("0" * 32), size=0, md5="0" * 32)
    with ledger.unit() as unit:
        key = key_class("", Upload(payload, joined=True), account_id="", region_name="us-east-1")
        unit.abandon()
    return key


class KeyStore(_VersionedKeyStore):
    """moto's ``bucket.keys``: a dict by key of lists of versions, the newest last."""

    def __init__(self, shelf: KeyShelf, bucket: Any) -> None:
        super().__init__()
        self._shelf = shelf
        self._bucket = bucket
        self._versions: dict[str, list[Any]] = {}
        self._written: dict[str, dict[int, bytes]] = {}

    def __sgetitem__(self, key: str) -> list[Any]:
        versions = self._wake(key)
        if not versions:
            raise KeyError(key)
        return versions

    def __setitem__(self, key: str, value: Any) -> None:
        with self._shelf.ledger.unit():
            self._wake(key).append(value)

    def setlist(self, key: str, list_: Any) -> None:
        """Replace all versions; those that are not kept are disposed of.

        While versioning is suspended, moto puts a new version null as if it were the only one.
        """
        wanted = list(list_) if isinstance(list_, list | tuple) else [list_]
        if self._bucket.versioning_status == SUSPENDED and len(wanted) == 1:
            [new] = wanted
            if isinstance(new, StoredKey) and not hasattr(new, "row_part") and new.version_id == "null":
                older = self.getlist(key, None) or []
                wanted = [*(one for one in older if one.version_id != "null"), new]
        kept = {id(version) for version in wanted}
        with self._shelf.ledger.unit():
            versions = self._wake(key)
            for version in versions:
                if id(version) not in kept and isinstance(version, StoredKey):
                    version.dispose()
                    if not wanted:
                        self._tags().pop(version.arn, None)
            versions[:] = wanted

    def pop(self, key: str, *default: Any) -> None:
        """Dispose of all versions; raises KeyError where there are none."""
        with self._shelf.ledger.unit():
            if not self._wake(key) and not default:
                raise KeyError(key)
            self.setlist(key, [])

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and bool(self._wake(key))

    def __bool__(self) -> bool:
        if any(self._versions.values()):
            return True
        woken = {name_of(key) for key in self._versions}
        with self._shelf.ledger.unit():
            rows = self._shelf.ledger.state.page(VERSION, self._bucket.name, b"", 1)
            if not rows or not woken:
                return bool(rows)
        return any(name not in woken for name in self._names())

    def __len__(self) -> int:
        return len(self._self_iterable())

    def __iter__(self) -> Iterator[str]:
        return iter(self._self_iterable())

    def item_size(self) -> int:
        """A number above 0 when there are objects, as moto asks for."""
        return int(bool(self))

    def _self_iterable(self) -> dict[str, Any]:
        found = {name.decode("utf-8", "surrogateescape"): None for name in self._names()}
        woken = {key: None for key, versions in self._versions.items() if versions}
        gone = {key for key, versions in self._versions.items() if not versions}
        return {key: None for key in {**found, **woken} if key not in gone}

    def _names(self) -> list[bytes]:
        with self._shelf.ledger.unit():
            return self._shelf.ledger.state.names(VERSION, self._bucket.name)

    def _wake(self, key: str) -> list[Any]:
        found = self._versions.get(key)
        if found is not None:
            return found
        shelf, bucket = self._shelf, self._bucket
        if not self._versions:
            shelf.awake.append(self)
        versions: list[Any] = []
        rows = shelf.ledger.state.get(VERSION, bucket.name, name_of(key))
        for row in rows:
            if row.file is None:
                version = decode_marker(row, versions[-1] if versions else None)
            else:
                defaults = shelf.defaults(bucket, key)
                version, tags = decode_key(row, shelf.key_class, defaults, shelf.ledger.payloads)
                if tags:
                    self._tags()[version.arn] = tags
            version.row_part = row.part
            versions.append(version)
        self._versions[key] = versions
        self._written[key] = {row.part: row.value for row in rows}
        return versions

    def write_changes(self) -> None:
        """Write the rows of versions that came or changed, remove those of versions that are gone."""
        state, scope = self._shelf.ledger.state, self._bucket.name
        for key, versions in self._versions.items():
            name, written = name_of(key), dict(self._written[key])
            now: dict[int, bytes] = {}
            following = max(written, default=0)
            for version in versions:
                value, file = self._encode(version)
                part = getattr(version, "row_part", None)
                if part is None:
                    following += 1
                    part = version.row_part = following
                if written.pop(part, None) != value:
                    state.put(VERSION, scope, name, part, value=value, file=file)
                now[part] = value
            for part in written:
                state.remove(VERSION, scope, name, part)
            self._written[key] = now

    def rest(self) -> None:
        """Let go of all versions."""
        tags = self._tags()
        for versions in self._versions.values():
            for version in versions:
                if isinstance(version, StoredKey):
                    tags.pop(version.arn, None)
        self._versions.clear()
        self._written.clear()

    def _encode(self, version: Any) -> tuple[bytes, str | None]:
        if isinstance(version, FakeDeleteMarker):
            return encode_marker(version), None
        return encode_key(version, self._tags().get(version.arn), self._shelf.trees), version.payload.name

    def _tags(self) -> dict[str, Any]:
        found: dict[str, Any] = s3_backends[self._bucket.account_id][self._bucket.partition].tagger.tags
        return found
