"""Bytes of each test, kept in a file and compared with it: more bytes than before fail a test."""

from __future__ import annotations

import json
from pathlib import Path

_FORMAT = "lakebench-test-bytes-1"


def read_baseline(path: Path) -> dict[str, int]:
    """Bytes by test; raises ValueError with the file's name for anything else than such a file."""
    try:
        document = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise ValueError(f"{path}: not a baseline of bytes: {error}") from error
    if not isinstance(document, dict) or document.get("format") != _FORMAT:
        raise ValueError(f"{path}: not a baseline of this version; record it anew with --lakebench-record")
    return {str(name): int(count) for name, count in document["scanned_bytes"].items()}


def write_baseline(path: Path, scanned: dict[str, int]) -> None:
    """Write the file whole, or leave the earlier one."""
    making = path.with_name(path.name + ".new")
    document = {"format": _FORMAT, "scanned_bytes": dict(sorted(scanned.items()))}
    making.write_text(json.dumps(document, indent=2) + "\n")
    making.replace(path)
