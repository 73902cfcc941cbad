"""The MD5 of bytes that stream by: computed beside their writing once there are many of them.

MD5 is slower than a socket and a disk together, and Python computes it without its lock.
"""

from __future__ import annotations

import hashlib
import threading
from queue import Queue

_ALONE = 1 << 20
"""So many bytes are computed in place: a thread would cost more than it saves."""
_WAITING = 8


class StreamedMd5:
    """One MD5, fed and asked by one thread at a time. ``close`` ends what runs beside it."""

    def __init__(self) -> None:
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._size = 0
        self._blocks: Queue[bytes | None] | None = None
        self._thread: threading.Thread | None = None

    def update(self, block: bytes) -> None:
        """Take in a block, which must not change; waits when too many are waiting."""
        self._size += len(block)
        if self._size <= _ALONE:
            self._md5.update(block)
            return
        if self._blocks is None:
            self._blocks = Queue(_WAITING)
            self._thread = threading.Thread(
                target=self._work, args=(self._blocks,), name="lakebench-md5", daemon=True
            )
            self._thread.start()
        self._blocks.put(block)

    def digest(self) -> bytes:
        """The MD5 of all blocks so far."""
        self.close()
        return self._md5.digest()

    def close(self) -> None:
        """Wait until all blocks are in; a later one starts anew. A second call does nothing."""
        blocks, thread = self._blocks, self._thread
        self._blocks = self._thread = None
        if blocks is not None and thread is not None:
            blocks.put(None)
            thread.join()

    def _work(self, blocks: Queue[bytes | None]) -> None:
        while (block := blocks.get()) is not None:
            self._md5.update(block)
