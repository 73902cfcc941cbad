"""The whole state as a thing of its own: a snapshot in the data dir, or a file for another server.

A snapshot is a directory: ``state.jsonl``, and ``objects/`` with further names of the payloads, so taking
one copies no bytes. A file is that directory as an uncompressed tar, ``state.jsonl`` first. The first line of
``state.jsonl`` tells the format's version and how many rows follow, a line each.
"""

from __future__ import annotations

import base64
import json
import re
import shutil
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from lakebench.emulator.storage.ledger import Ledger
from lakebench.emulator.storage.payloads import Payload, PayloadStore
from lakebench.emulator.storage.state import FORMAT, Row, checksum_of
from lakebench.errors import DataError

_ROWS, _OBJECTS = "state.jsonl", "objects"
_FILE_NAME = re.compile(r"[0-9a-f]{32}")
_BLOCK = 1 << 20
_LONGEST_ROW = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What an archive holds: rows, and their payloads, in place but not yet in the index."""

    rows: tuple[Row, ...]
    payloads: tuple[Payload, ...]


def take_snapshot(ledger: Ledger, place: Path, *, version: str) -> None:
    """Write the state of this moment to a new directory; ``version`` is lakebench's, for people to read."""
    making = place.with_name(place.name + ".new")
    shutil.rmtree(making, ignore_errors=True)
    (making / _OBJECTS).mkdir(parents=True, mode=0o700)
    with ledger.unit():
        rows = list(ledger.state.every())
        for row in rows:
            if row.file is not None:
                (making / _OBJECTS / row.file).hardlink_to(ledger.payloads.place(row.file))
    with (making / _ROWS).open("w") as file:
        head = {"lakebench_state": FORMAT, "version": version, "rows": len(rows)}
        file.write(json.dumps(head) + "\n")
        for row in rows:
            file.write(json.dumps(_to_json(row)) + "\n")
    shutil.rmtree(place, ignore_errors=True)
    making.rename(place)


def read_snapshot(place: Path, payloads: PayloadStore) -> Contents:
    """Bring a snapshot's payloads into place again; raises DataError for one that is not whole."""
    with (place / _ROWS).open("rb") as file:
        rows = _read_rows(file)
    made: list[Payload] = []
    try:
        for row in rows:
            if row.file is not None:
                source = place / _OBJECTS / row.file
                if not source.exists():
                    raise DataError(f"the snapshot lacks the object {row.file}")
                made.append(payloads.share(Payload(path=source, size=source.stat().st_size)))
    except (DataError, OSError):
        for payload in made:
            payloads.discard(payload)
        raise
    return Contents(rows=_renamed(rows, made), payloads=tuple(made))


def tar_size(place: Path) -> int:
    """How many bytes ``tar_blocks`` will be: a block for each head, two for the end, data in whole blocks."""
    block = tarfile.BLOCKSIZE
    files = [path.stat().st_size for _, path in _entries(place)]
    return sum(block + size + -size % block for size in files) + 2 * block


def tar_blocks(place: Path) -> Iterator[bytes]:
    """A snapshot as the blocks of a tar file."""
    for name, path in _entries(place):
        size = path.stat().st_size
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = size, 0o600
        yield entry.tobuf(format=tarfile.PAX_FORMAT)
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                yield block
        yield bytes(-size % tarfile.BLOCKSIZE)
    yield bytes(2 * tarfile.BLOCKSIZE)


def _entries(place: Path) -> Iterator[tuple[str, Path]]:
    yield _ROWS, place / _ROWS
    for path in sorted((place / _OBJECTS).iterdir()):
        yield f"{_OBJECTS}/{path.name}", path


def read_tar(stream: BinaryIO, payloads: PayloadStore) -> Contents:
    """Take in a file of ``tar_blocks`` as it comes; raises DataError, and then nothing of it is kept."""
    received: dict[str, Payload] = {}
    complete = False
    try:
        with tarfile.open(fileobj=stream, mode="r|") as tar:
            rows = _first_rows(tar)
            while (entry := tar.next()) is not None:
                vars(tar)["members"] = []  # else all entries would be kept in memory
                folder, _, name = entry.name.partition("/")
                data = tar.extractfile(entry)
                if folder != _OBJECTS or not _FILE_NAME.fullmatch(name) or data is None or name in received:
                    raise DataError(f"this is no state of lakebench: it has an entry {entry.name!r}")
                received[name] = _receive(data, payloads)
        missing = [row.file for row in rows if row.file is not None and row.file not in received]
        if missing:
            raise DataError(f"the state is not whole: it lacks {len(missing)} of its objects")
        made = [received[row.file] for row in rows if row.file is not None]
        if len({payload.name for payload in made}) != len(received):
            raise DataError("the state is not whole: it has objects that nothing speaks of")
        complete = True
    except (tarfile.TarError, EOFError) as error:
        raise DataError(f"this is no state of lakebench, or it is cut off: {error}") from error
    finally:
        if not complete:  # whoever sent it may also have gone away
            for payload in received.values():
                payloads.discard(payload)
    return Contents(rows=_renamed(rows, made), payloads=tuple(made))


def _first_rows(tar: tarfile.TarFile) -> list[Row]:
    entry = tar.next()
    data = None if entry is None or entry.name != _ROWS else tar.extractfile(entry)
    if data is None:
        raise DataError(f"this is no state of lakebench: it does not begin with {_ROWS}")
    return _read_rows(data)


def _receive(data: Any, payloads: PayloadStore) -> Payload:
    with payloads.receive() as writer:
        while block := data.read(_BLOCK):
            writer.write(block)
        return writer.finish()


def _read_rows(file: Any) -> list[Row]:
    try:
        head = json.loads(file.readline(_LONGEST_ROW))
        found = head["lakebench_state"]
        if found != FORMAT:
            raise DataError(
                f"the state has format {found}, written by lakebench {head.get('version')}; "
                f"this version reads format {FORMAT}",
                hint="export it with a version of lakebench that both formats know",
            )
        rows = [_from_json(json.loads(line)) for line in iter(lambda: file.readline(_LONGEST_ROW), b"")]
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"this is no state of lakebench: {error}") from error
    if len(rows) != head["rows"]:
        raise DataError(f"the state is not whole: it has {len(rows)} of its {head['rows']} rows")
    damaged = sum(not row.sound for row in rows)
    if damaged:
        raise DataError(f"{damaged} rows of the state are not what was written")
    return rows


def _renamed(rows: Iterable[Row], payloads: Iterable[Payload]) -> tuple[Row, ...]:
    """The rows with the names that their payloads have here."""
    names = iter(payloads)
    renamed = []
    for row in rows:
        file = None if row.file is None else next(names).name
        renamed.append(replace(row, file=file, checksum=checksum_of(row.value, file)))
    return tuple(renamed)


def _to_json(row: Row) -> list[Any]:
    name = base64.b64encode(row.name).decode()
    return [row.kind, row.scope, name, row.part, row.value.decode(), row.file, row.checksum]


def _from_json(line: Any) -> Row:
    kind, scope, name, part, value, file, checksum = line
    if file is not None and not _FILE_NAME.fullmatch(file):
        raise DataError(f"this is no state of lakebench: an object is named {file!r}")
    return Row(str(kind), str(scope), base64.b64decode(name), int(part), value.encode(), file, int(checksum))
