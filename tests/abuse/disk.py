"""A disk that fills up and empties again: a real small file system where one may be mounted, else the fault layer."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_BLOCK = b"\0" * (1 << 20)


class SmallDisk:
    """``data_dir`` lies on it; of 0 megabytes it is the fault layer.

    ``real``: the engine's workers meet its end too, not the server alone.
    """

    def __init__(self, place: Path, megabytes: int) -> None:
        self._root, self._plan = place / "disk", place / "disk.plan"
        self._root.mkdir()
        self._ballast = self._root / "ballast"
        self.data_dir = self._root / "data"
        self.real = megabytes > 0 and _mounted(self._root, megabytes)

    @contextmanager
    def worn(self) -> Iterator[None]:
        """Servers that start meanwhile write through the fault layer, where there is no real small disk."""
        if self.real:
            yield
            return
        os.environ["LAKEBENCH_DISK_FAULTS"] = str(self._plan)
        try:
            yield
        finally:
            del os.environ["LAKEBENCH_DISK_FAULTS"]

    def fill(self) -> None:
        """No room is left, to the last byte."""
        if not self.real:
            self._plan.write_text(json.dumps({"kind": "full"}))
            return
        with self._ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(_BLOCK)
        with self._ballast.open("ab", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(_BLOCK[:4096])

    def empty(self) -> None:
        """There is room again."""
        self._plan.unlink(missing_ok=True)
        self._ballast.unlink(missing_ok=True)

    def close(self) -> None:
        """Take it away."""
        if self.real:
            subprocess.run(["umount", "--lazy", str(self._root)], check=False)


def _mounted(place: Path, megabytes: int) -> bool:
    """Whether a file system of this size could be mounted there: root may, in some containers."""
    if os.name != "posix" or os.geteuid() != 0 or shutil.which("mount") is None:
        return False
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "none", str(place)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0
