"""Objects of a scan, hard-linked into a worker's scratch directory under names that the log can tell.

DuckDB refuses symbolic links inside its allowed directory and takes hard links, so nothing is copied.
The path of a link says which scan and which object a READ belongs to, and carries the partition's
values in Hive's layout, so that DuckDB prunes by them: ``s0/p0=2024/p1=es/00000012.gz``.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from lakebench.emulator.engine.conversion.request import Copy
from lakebench.emulator.engine.protocol import DataFile, ScanBinding
from lakebench.emulator.engine.unpacking import PLAIN, UNPACKED
from lakebench.errors import QueryFailed

NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"
_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedScan:
    """A binding whose objects lie in the worker's scratch directory.

    ``paths`` maps a link's path to its object; objects of 0 bytes are left out: they hold no rows in
    any format, and folder markers of S3 consoles are such objects. ``long_lines`` takes lines beyond 2 MB,
    for which the reader holds more at a time; ``utf8`` has text put right that is no
    UTF-8 or mixes line endings. ``copies``
    tells of the paths that are Parquet copies of objects.
    """

    binding: ScanBinding
    paths: Mapping[str, DataFile] = field(default_factory=dict)
    long_lines: bool = False
    utf8: bool = False
    copies: Mapping[str, Copy] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name by which the query refers to this scan."""
        return self.binding.scan_id


def stage(binding: ScanBinding, directory: Path) -> StagedScan:
    """Link the scan's objects below ``directory``; raises QueryFailed when linking is impossible."""
    root = directory / binding.scan_id
    paths: dict[str, DataFile] = {}
    made: set[Path] = set()
    for ordinal, file in enumerate(binding.files):
        if file.size == 0:
            continue
        place = root.joinpath(*_folders(file))
        if place not in made:
            _make_folder(place, file)
            made.add(place)
        link = place / f"{ordinal:08d}{suffix(file.uri.key)}"
        _link(file, link)
        paths[str(link)] = file
    return StagedScan(binding=binding, paths=paths)


def unpacked_paths(scan: StagedScan) -> list[str]:
    """The links that the worker rewrites as plain text; all where lines are cut off or bytes replaced."""
    rewritten = scan.utf8 or counted_lines(scan, "skip.footer.line.count")
    return [path for path, file in scan.paths.items() if rewritten or suffix(file.uri.key) in UNPACKED]


def counted_lines(scan: StagedScan, name: str) -> int:
    """``skip.header.line.count`` or ``skip.footer.line.count`` of table or SerDe; 0 if it is no number."""
    table = scan.binding.table
    for parameters in (table.parameters, table.storage.serde.parameters):
        text = parameters.get(name, "").strip()
        if text.isascii() and text.isdigit():
            if len(text) > 9:  # Java's Integer.parseInt has no room for more
                message = f"Invalid value for {name} property: {text[:99]}"
                raise QueryFailed("HIVE_INVALID_METADATA", message)
            return int(text)
    return 0


def with_unpacked(scan: StagedScan, packed: Collection[str]) -> StagedScan:
    """The scan with plain files in the place of those links."""
    names = set(packed)
    paths = {path + PLAIN if path in names else path: file for path, file in scan.paths.items()}
    return replace(scan, paths=paths)


def linked_paths(scan: StagedScan) -> dict[str, DataFile]:
    """The links themselves, in the place of unpacked files."""
    return {path.removesuffix(PLAIN): file for path, file in scan.paths.items()}


def suffix(key: str) -> str:
    """The extension that decides compression: lower case only (facts/athena.md 1.1)."""
    last = key.rpartition("/")[2]
    dot = last.rfind(".")
    extension = last[dot:] if dot > 0 else ""
    return extension if extension in {".gz", ".zst", ".bz2", ".lz4", ".snappy", ".deflate", ".lzo"} else ""


def _folders(file: DataFile) -> list[str]:
    return [f"p{ordinal}={_encode(value)}" for ordinal, value in enumerate(file.partition)]


def _encode(value: str | None) -> str:
    """Hive's text of a partition value in a path; every odd byte is percent-encoded."""
    if value is None:
        return NULL_PARTITION
    return "".join(chr(byte) if byte in _SAFE else f"%{byte:02X}" for byte in value.encode())


def _make_folder(place: Path, file: DataFile) -> None:
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
        raise QueryFailed("NOT_SUPPORTED", f"A partition value of {file.uri} is too long") from error


def _link(file: DataFile, link: Path) -> None:
    try:
        os.link(file.path, link)
    except FileNotFoundError as error:
        raise QueryFailed(
            "HIVE_CANNOT_OPEN_SPLIT",
            f"Error opening Hive split {file.uri} (offset=0, length={file.size}): "
            "The specified key does not exist.",
        ) from error
    except OSError as error:
        if error.errno not in {errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EMLINK}:
            raise
        raise QueryFailed(
            "GENERIC_INTERNAL_ERROR",
            f"Object {file.uri} cannot be linked into the engine's scratch directory",
            hint="the object store and the engine's scratch directory must lie on one file system "
            "that has hard links",
        ) from error
