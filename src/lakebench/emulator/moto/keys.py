# mypy: allow-subclassing-any
# moto ships no types, and its key class is the seam that it offers for the bytes of an object.
"""moto's S3 keys and multipart uploads with their bytes in payload files instead of memory.

Wherever moto passes ``bytes`` about, it gets one of three things: an ``Upload`` (a payload that our front
received and that nobody owns yet), a ``PayloadView`` (an open payload, or a range of one), or real bytes.
"""

from __future__ import annotations

import base64
import hashlib
import os
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.s3.exceptions import EntityTooSmall, InvalidPart, MalformedXML
from moto.s3.models import FakeKey, FakeMultipart
from moto.settings import S3_UPLOAD_PART_MIN_SIZE

from lakebench.emulator.storage.ledger import Ledger
from lakebench.emulator.storage.payloads import Payload, md5_of
from lakebench.emulator.wire.checksums import (
    ALGORITHMS,
    COMPOSITE,
    FULL_OBJECT,
    checksum_of_bytes,
    checksum_of_file,
    combined,
    combines,
    default_type,
)

_BLOCK = 256 * 1024


class Upload:
    """A payload on its way into moto. Whoever handed it in discards it when it was not taken.

    One that was ``joined`` of parts belongs to the unit of work already.
    """

    def __init__(self, payload: Payload, *, joined: bool = False) -> None:
        self.payload = payload
        self.joined = joined
        self.taken = False

    def take(self) -> Payload:
        """Become the owner."""
        self.taken = True
        return self.payload


class _OpenFile:
    """A file descriptor that is closed when the last view of it is gone."""

    def __init__(self, payload: Payload) -> None:
        self.fileno = os.open(payload.path, os.O_RDONLY | os.O_CLOEXEC)
        weakref.finalize(self, os.close, self.fileno)


class PayloadView:
    """The bytes of a payload as moto measures and slices them: nothing is read before it is iterated.

    It holds the file open, so that bytes stay readable when the object is replaced or deleted meanwhile.
    """

    def __init__(self, payload: Payload, *, start: int = 0, size: int | None = None) -> None:
        self.payload = payload
        self.start = start
        self.size = payload.size if size is None else size
        self._file = _OpenFile(payload)

    @property
    def fileno(self) -> int:
        """The open file."""
        return self._file.fileno

    @property
    def whole(self) -> bool:
        """Whether this is all of the payload."""
        return self.start == 0 and self.size == self.payload.size

    def __len__(self) -> int:
        return self.size

    def __bool__(self) -> bool:
        return self.size > 0

    def __getitem__(self, wanted: slice) -> PayloadView:
        start, stop, _ = wanted.indices(self.size)
        view = object.__new__(PayloadView)
        view.payload, view._file = self.payload, self._file
        view.start, view.size = self.start + start, max(0, stop - start)
        return view

    def __iter__(self) -> Iterator[bytes]:
        end = self.start + self.size
        for position in range(self.start, end, _BLOCK):
            yield os.pread(self.fileno, min(_BLOCK, end - position), position)

    def __bytes__(self) -> bytes:
        return b"".join(self)

    def decode(self, encoding: str = "utf-8") -> str:
        """The bytes as text, in memory (S3 Select)."""
        return bytes(self).decode(encoding)


class StoredKey(FakeKey):
    """A version of an object (or a part) whose bytes are a payload. The payload dies with ``dispose``.

    ``part_sizes`` are the sizes of the parts that a multipart upload had, in bytes, ``part_checksums`` their
    additional checksums.
    """

    ledger: Ledger  # set on the class that install() derives
    part_sizes: tuple[int, ...] = ()
    part_checksums: tuple[str, ...] = ()

    def __new__(cls, *args: Any, **kwargs: Any) -> StoredKey:  # noqa: ARG004 (moto's signature)
        """Without moto's list of every key ever made."""
        instance: StoredKey = object.__new__(cls)
        return instance

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._payload: Payload | None = None
        multipart = kwargs.pop("multipart", None)
        super().__init__(*args, **kwargs)
        del self._value_buffer
        if isinstance(multipart, StoredMultipart):  # a copy of a completed one is an object like any other
            self.part_sizes = multipart.part_sizes
            self.part_checksums = multipart.part_checksums
            self.multipart = CompletedUpload(multipart.id)

    @classmethod
    def at_rest(cls, members: dict[str, Any], payload: Payload) -> StoredKey:
        """The key again from its members and bytes, as the index has them."""
        instance: StoredKey = object.__new__(cls)
        instance.__dict__.update(members)
        instance._payload = payload
        instance.contentsize = payload.size
        instance.lock = threading.Lock()
        return instance

    @property
    def payload(self) -> Payload:
        """The bytes; a key that was disposed of has none."""
        if self._payload is None:
            raise ValueError(f"the object {self.name!r} is gone")
        return self._payload

    @property
    def value(self) -> Any:
        """A view of the bytes."""
        return PayloadView(self.payload)

    @value.setter
    def value(self, new_value: Any) -> None:
        old, self._payload = self._payload, self._payload_of(new_value)
        if old is not None:
            self.ledger.discard(old)
        self.contentsize = self._payload.size

    @property
    def etag(self) -> str:
        """The MD5 in quotes, or what a multipart upload gave."""
        known: str | None = self.__dict__["_etag"]
        if known is None:
            known = self._etag = self.payload.md5 or md5_of(self.payload.path)
        return f'"{known}"'

    def dispose(self, garbage: bool = False) -> None:  # noqa: ARG002 (moto's signature)
        """Discard the payload."""
        payload, self._payload = self.__dict__.get("_payload"), None
        if payload is not None:
            self.ledger.discard(payload)
        self.disposed = True

    def __del__(self) -> None:
        """A key that is forgotten rests in the index: its bytes stay."""

    def __getstate__(self) -> dict[str, Any]:
        # A copy names the size and the ETag but owns no bytes.
        state = self.__dict__.copy()
        state["_etag"] = self.etag.strip('"') if self._payload else state["_etag"]
        state["_payload"] = None
        state["multipart"] = None
        del state["lock"]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def _payload_of(self, value: Any) -> Payload:
        payloads = self.ledger.payloads
        if isinstance(value, Upload):
            payload = value.take()
            return payload if value.joined else self.ledger.made(payload)
        if isinstance(value, PayloadView):
            if value.whole:
                return self.ledger.made(payloads.share(value.payload))
            return self.ledger.made(payloads.extract(value.fileno, value.start, value.size))
        return self.ledger.made(payloads.write(value.encode() if isinstance(value, str) else value))


@dataclass(frozen=True, slots=True)
class CompletedUpload:
    """What an object remembers of the upload that it came from: completing it twice is no error."""

    id: str

    def dispose(self) -> None:
        """The parts are gone already."""


class StoredMultipart(FakeMultipart):
    """A multipart upload whose parts are payloads and whose completion joins files.

    ``noted`` is told the number of a part that came, ``part_sizes`` are those that the object is made of.
    """

    ledger: Ledger  # set on the class that install() derives
    part_sizes: tuple[int, ...] = ()
    part_checksums: tuple[str, ...] = ()
    noted: Callable[[int], None]
    initiated: datetime = datetime(2010, 11, 10, 20, 48, 33, tzinfo=UTC)  # as moto tells it of all uploads

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initiated = datetime.now(UTC)

    def __new__(cls, *args: Any, **kwargs: Any) -> StoredMultipart:  # noqa: ARG004 (moto's signature)
        """Without moto's list of every upload ever made."""
        instance: StoredMultipart = object.__new__(cls)
        return instance

    def set_part(self, part_id: int, value: Any) -> Any:
        """Add or replace a part."""
        key = super().set_part(part_id, value)
        self.noted(part_id)
        return key

    def complete(self, body: Iterable[tuple[int, str]]) -> tuple[Upload, str, tuple[str, str, int] | None]:
        """Join the parts named in the request; the ETag is the MD5 of their MD5s and their number."""
        parts: list[StoredKey] = []
        for number, etag in body:
            part = self.parts.get(number)
            if part is None or part.etag.strip('"') != etag.strip('"'):
                raise InvalidPart
            if parts and parts[-1].size < S3_UPLOAD_PART_MIN_SIZE:
                raise EntityTooSmall
            parts.append(part)
        if not parts:
            raise MalformedXML
        digests = b"".join(bytes.fromhex(part.etag.strip('"')) for part in parts)
        etag = f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(parts)}"
        payloads = [part.payload for part in parts]
        self.part_sizes = tuple(payload.size for payload in payloads)
        store = self.ledger.payloads
        joined = self.ledger.made(store.share(payloads[0]) if len(parts) == 1 else store.join(payloads))
        return Upload(joined, joined=True), etag, self._checksum(payloads)

    def checksum_of(self, numbers: Iterable[int]) -> tuple[str, str, int] | None:
        """The additional checksum of the object that these parts would make, as ``complete`` tells it."""
        return self._checksum([self.parts[number].payload for number in numbers if number in self.parts])

    def _checksum(self, parts: list[Payload]) -> tuple[str, str, int] | None:
        """The additional checksum that the upload asked for: its type, its value, and of how many parts.

        Only CRCs can be asked for of the whole (AWS: checking-object-integrity).
        """
        algorithm = self.metadata.get("x-amz-checksum-algorithm")
        if algorithm not in ALGORITHMS:
            return None
        texts = [part.checksums.get(algorithm) or checksum_of_file(part.path, algorithm) for part in parts]
        self.part_checksums = tuple(texts)
        kind = self.metadata.get("x-amz-checksum-type", default_type(algorithm))
        if kind == FULL_OBJECT and combines(algorithm):
            sizes = (part.size for part in parts)
            return FULL_OBJECT, combined(algorithm, zip(texts, sizes, strict=True)), 1
        digests = b"".join(base64.b64decode(text) for text in texts)
        return COMPOSITE, checksum_of_bytes(digests, algorithm), len(parts)
