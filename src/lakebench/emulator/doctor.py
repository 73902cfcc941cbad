"""Examines a data dir that no server uses: every row, every payload, and what the catalogue says of them.

What is damaged is set aside in ``lost/`` when it is mended, never thrown away.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from lakebench.catalog import S3Uri
from lakebench.emulator.storage.data_dir import DataDir
from lakebench.emulator.storage.disk import Disk
from lakebench.emulator.storage.payloads import PayloadStore
from lakebench.emulator.storage.state import Row, StateStore

_BLOCK = 1 << 20


class Ill(StrEnum):
    """What can be wrong. A table without objects is legal, and only told."""

    INDEX = "the index is damaged"
    ROW = "the row is not what was written"
    MISSING = "the object's file is missing"
    DAMAGED = "the object's bytes are not what was written"
    ORPHAN = "the file belongs to no object"
    STRAY = "the row belongs to something that is gone"
    EMPTY = "there are no objects at its location"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong, and where."""

    ill: Ill
    where: str
    row: Row | None = None
    path: Path | None = None

    @property
    def is_fault(self) -> bool:
        """Whether something is lost or broken."""
        return self.ill is not Ill.EMPTY

    @property
    def mendable(self) -> bool:
        """Whether ``mend`` can take it out of the way."""
        return self.ill not in {Ill.INDEX, Ill.EMPTY}

    def __str__(self) -> str:
        return f"{self.where}: {self.ill}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What was looked at, what is wrong, and where mended things were put."""

    rows: int
    objects: int
    size: int
    findings: tuple[Finding, ...]
    set_aside: Path | None = None

    @property
    def faults(self) -> tuple[Finding, ...]:
        """What is lost or broken."""
        return tuple(one for one in self.findings if one.is_fault)


Watch = Callable[[int, int], None]
"""Told how many rows were looked at, and of how many."""


def _unwatched(done: int, total: int) -> None:
    """Nobody looks."""


def examine(root: Path, *, mend: bool = False, watch: Watch = _unwatched) -> Examination:
    """Look at everything in the data dir; ``mend`` sets aside what is damaged and forgets it.

    Raises LaunchError when a server uses the directory, or when the index cannot be opened.
    """
    with DataDir.open(root) as data_dir:
        disk = Disk(durable=True)
        state = StateStore(data_dir.index, disk)
        try:
            payloads = PayloadStore(objects=data_dir.objects, tmp=data_dir.tmp, disk=disk)
            doctor = _Doctor(state, payloads, watch)
            findings = tuple(doctor.findings())
            place = None
            if mend and any(one.mendable for one in findings):
                place = data_dir.root / "lost" / datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%f")
                findings = _mend(findings, state, payloads, place)
            return Examination(
                rows=doctor.rows,
                objects=doctor.objects,
                size=doctor.size,
                findings=findings,
                set_aside=place,
            )
        finally:
            state.close()


class _Doctor:
    """One walk over rows and files."""

    def __init__(self, state: StateStore, payloads: PayloadStore, watch: Watch = _unwatched) -> None:
        self._watch = watch
        self._state = state
        self._payloads = payloads
        self._known: set[str] = set()
        self._places: set[tuple[str, str]] = set()
        self.rows = self.objects = self.size = 0

    def findings(self) -> Iterator[Finding]:
        """Everything that is wrong."""
        fault = self._state.fault()
        if fault is not None:
            yield Finding(ill=Ill.INDEX, where=f"index.db ({fault})")
            return
        rows = list(self._state.every())
        self.rows = len(rows)
        self._places = {(row.kind, _place_of(row)) for row in rows}
        for number, row in enumerate(rows, 1):
            if row.file is not None:
                self._known.add(row.file)
            yield from self._row(row)
            self._watch(number, self.rows)
        for path in self._payloads.all():
            if path.name not in self._known:
                yield Finding(ill=Ill.ORPHAN, where=f"objects/{path.parent.name}/{path.name}", path=path)

    def _row(self, row: Row) -> Iterator[Finding]:
        where = _where(row)
        if not row.sound:
            yield Finding(ill=Ill.ROW, where=where, row=row)
            return
        parent = _parent_of(row)
        if parent is not None and parent not in self._places:
            yield Finding(ill=Ill.STRAY, where=where, row=row)
        if row.file is not None:
            yield from self._payload(row, where)
        if row.kind in {"glue.version", "glue.partition"}:
            yield from self._location(row, where)

    def _payload(self, row: Row, where: str) -> Iterator[Finding]:
        path = self._payloads.place(str(row.file))
        self.objects += 1
        if not path.exists():
            yield Finding(ill=Ill.MISSING, where=where, row=row)
            return
        document = json.loads(row.value)
        self.size += document["size"]
        if path.stat().st_size != document["size"] or not _holds(path, document):
            yield Finding(ill=Ill.DAMAGED, where=where, row=row, path=path)

    def _location(self, row: Row, where: str) -> Iterator[Finding]:
        """The newest version's or the partition's location, where it is in S3 and nothing is there."""
        if row.kind == "glue.version":
            parts = self._state.get(row.kind, row.scope, row.name)
            if row.part != max(part.part for part in parts):
                return
        place = _location_of(json.loads(row.value))
        if place is None:
            return
        prefix = place.as_prefix.key.encode()
        found = self._state.page("s3.version", place.bucket, prefix, 1)
        if not found or not found[0].name.startswith(prefix):
            yield Finding(ill=Ill.EMPTY, where=f"{where} at {place}", row=row)


def _holds(path: Path, document: dict[str, Any]) -> bool:
    """Whether the file's bytes have the MD5 that was kept of them."""
    etag, md5 = document["etag"], document.get("md5")
    sizes = document["members"].get("part_sizes", {}).get("!tuple")
    if md5 is None and "-" in etag:
        if not sizes or sum(sizes) != document["size"]:
            return True  # nothing was kept that its bytes could be compared with
        digests = b"".join(_md5(path, start, size).digest() for start, size in _ranges(sizes))
        return hashlib.md5(digests, usedforsecurity=False).hexdigest() == str(etag).partition("-")[0]
    found: str = _md5(path, 0, document["size"]).hexdigest()
    return found == str(md5 or etag)


def _ranges(sizes: list[int]) -> Iterator[tuple[int, int]]:
    start = 0
    for size in sizes:
        yield start, size
        start += size


def _md5(path: Path, start: int, size: int) -> Any:
    md5 = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        file.seek(start)
        while size and (block := file.read(min(size, _BLOCK))):
            md5.update(block)
            size -= len(block)
    return md5


def _location_of(document: dict[str, Any]) -> S3Uri | None:
    table = document.get("partition_input", document)
    storage = table.get("StorageDescriptor") or {}
    if table.get("TableType") == "VIRTUAL_VIEW" or not storage.get("Location"):
        return None
    try:
        return S3Uri.parse(storage["Location"])
    except ValueError:
        return None


def _place_of(row: Row) -> str:
    """Where this row's children say that it is: their scope."""
    match row.kind:
        case "s3.bucket":
            return row.name.decode()
        case "s3.upload":
            return f"{row.scope}/{row.name.decode()}"
        case _:
            return f"{row.scope}/{_quoted(row.name.decode('utf-8', 'replace'))}"


def _parent_of(row: Row) -> tuple[str, str] | None:
    match row.kind:
        case "s3.version" | "s3.upload":
            return "s3.bucket", row.scope
        case "s3.part":
            return "s3.upload", f"{row.scope}/{row.name.decode()}"
        case "glue.table":
            return "glue.database", row.scope
        case "glue.version" | "glue.partition":
            return "glue.table", row.scope
        case "glue.crawl":
            return "glue.crawler", f"{row.scope}/{_quoted(row.name.decode())}"
    return None


def _quoted(name: str) -> str:
    return quote(name, safe="")


def _where(row: Row) -> str:
    name = row.name.decode("utf-8", "replace")
    shown = "".join(one if one.isprintable() else "?" for one in name)
    if row.kind.startswith("s3.") and row.kind != "s3.bucket":
        return f"s3://{row.scope}/{shown}"
    return f"{row.kind} {unquote(row.scope)} {shown}".rstrip()


def _mend(
    findings: tuple[Finding, ...], state: StateStore, payloads: PayloadStore, place: Path
) -> tuple[Finding, ...]:
    """Set aside what can be, and then what that leaves behind: a table's versions, a bucket's files."""
    found, all_found = findings, findings
    while any(one.mendable for one in found):
        _set_aside(found, state, place)
        found = tuple(one for one in _Doctor(state, payloads).findings() if one.mendable)
        all_found += found
    return all_found


def _set_aside(findings: tuple[Finding, ...], state: StateStore, place: Path) -> None:
    """Files and rows go to ``place``; the index forgets them."""
    place.mkdir(parents=True, mode=0o700, exist_ok=True)
    with (place / "rows.jsonl").open("a") as rows:
        for one in findings:
            if not one.mendable:
                continue
            if one.path is not None:
                one.path.rename(place / one.path.name)
            if one.row is not None:
                rows.write(json.dumps(_told(one)) + "\n")
                state.remove(one.row.kind, one.row.scope, one.row.name, one.row.part)
        rows.flush()
        os.fsync(rows.fileno())
    state.commit()


def _told(finding: Finding) -> dict[str, Any]:
    row = finding.row
    return {
        "ill": str(finding.ill),
        "kind": None if row is None else row.kind,
        "scope": None if row is None else row.scope,
        "name": None if row is None else row.name.decode("utf-8", "backslashreplace"),
        "part": None if row is None else row.part,
        "value": None if row is None else row.value.decode("utf-8", "backslashreplace"),
        "file": None if row is None else row.file,
    }
