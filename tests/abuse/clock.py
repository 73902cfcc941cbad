"""The wall's clock of a server, set forth and back while it runs; the machine's own stays as it is."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class JumpingClock:
    """A shim between the C library's clocks and a server; where no C compiler is, the clock stands by."""

    def __init__(self, place: Path) -> None:
        self._library, self._moved = place / "clock.so", place / "clock.moved"
        self._moved.write_bytes(struct.pack("q", 0))
        compiler = shutil.which("cc") or shutil.which("gcc") if sys.platform == "linux" else None
        self.works = compiler is not None
        if compiler is not None:
            source = Path(__file__).with_name("jumping_clock.c")
            command = [compiler, "-O1", "-shared", "-fPIC", "-o", str(self._library), str(source)]
            subprocess.run(command, check=True)

    @contextmanager
    def worn(self) -> Iterator[None]:
        """Servers that start meanwhile have this clock."""
        if not self.works:
            yield
            return
        ours = {"LD_PRELOAD": str(self._library), "LAKEBENCH_TEST_CLOCK": str(self._moved)}
        before = {name: os.environ.get(name) for name in ours}
        os.environ.update(ours)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value

    def set(self, seconds: int) -> None:
        """So many seconds from the true time."""
        with self._moved.open("r+b") as file:
            file.write(struct.pack("q", seconds))
