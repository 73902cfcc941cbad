"""The beginning of an object, decompressed: all that a text classifier gets to see.

Reads are bounded: at most ``HEAD_BYTES`` of text, however large the object or its decompressed content,
so a 1 GB object or a decompression bomb costs one megabyte.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from lakebench.emulator.crawler.unpacking import MAGIC_BYTES, compression_of, unpacked_head
from lakebench.emulator.storage.objects import StoredObject
from lakebench.errors import DataError

HEAD_BYTES = 1 << 20
_CONTROL = bytes(set(range(32)) - {1, 9, 10, 13, 27})  # Ctrl-A is a delimiter, escape colours a log
_MAX_CONTROL_SHARE = 0.05
_MAX_INVALID_SHARE = 0.3


@dataclass(frozen=True, kw_only=True)  # no slots: a dozen classifiers ask the same, looked at once
class Sample:
    """``head`` is decompressed; ``whole`` says that nothing follows it. ``compression`` is Glue's word."""

    stored: StoredObject
    head: bytes
    whole: bool
    compression: str = "none"

    @property
    def path(self) -> Path:
        """The payload file, for formats that are read from their end."""
        return self.stored.path

    @cached_property
    def is_text(self) -> bool:
        """Whether the head can be text: no NUL, few control characters, mostly valid UTF-8."""
        head = self.head
        if not head or b"\0" in head:
            return False
        if len(head) - len(head.translate(None, _CONTROL)) > len(head) * _MAX_CONTROL_SHARE:
            return False
        try:
            head.decode()
        except UnicodeDecodeError:
            return head.decode(errors="replace").count("\ufffd") <= len(head) * _MAX_INVALID_SHARE
        return True

    @cached_property
    def text(self) -> str:
        """The head as text without its last, incomplete line; invalid UTF-8 becomes U+FFFD."""
        end = len(self.head) if self.whole else self.head.rfind(b"\n") + 1
        return self.head[: end or len(self.head)].decode(errors="replace")


def read_sample(stored: StoredObject) -> Sample:
    """Read the beginning of an object; raises DataError when its compression is broken.

    The compression is decided by content; a name that promises one the content does not have is an
    error, because Athena goes by the name.
    """
    try:
        with stored.path.open("rb") as file:
            return _read(stored, file)
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror or error}") from None


def _read(stored: StoredObject, file: BinaryIO) -> Sample:
    start = file.read(MAGIC_BYTES)
    file.seek(0)
    compression = compression_of(start, stored.uri.key)
    if compression is None:
        head = file.read(HEAD_BYTES)
        return Sample(stored=stored, head=head, whole=len(head) == stored.size)
    head, whole = unpacked_head(file, compression, HEAD_BYTES)
    return Sample(stored=stored, head=head, whole=whole, compression=compression)
