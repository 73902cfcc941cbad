"""Bodies of JSON and query requests: read whole, up to a limit, and unpacked up to the same limit."""

from __future__ import annotations

import zlib

from lakebench.emulator.wire.http import BodyTooLarge, Request

MAX_DOCUMENT = 8 * 1024**2
_RATIO = 100
_RATIO_FROM = 1024**2  # a small body may well be all zeros


class NotGzip(Exception):
    """The body says that it is gzip and is not."""


def read_document(request: Request, limit: int) -> bytes:
    """The body, unpacked when it is gzip; raises BodyTooLarge, BodyIncomplete or NotGzip.

    194 KB can hold 200 MB (facts/reliability.md 3): unpacking stops at ``limit`` bytes, and what is longer
    than 1 MiB may be no more than 100 times as long as it was sent.
    """
    data = request.read_body(limit)
    if (request.header("Content-Encoding") or "").strip().lower() != "gzip":
        return data
    unpacker = zlib.decompressobj(wbits=31)
    try:
        plain = unpacker.decompress(data, limit + 1)
    except zlib.error as error:
        raise NotGzip(str(error)) from error
    if len(plain) > limit or (len(plain) > _RATIO_FROM and len(plain) > _RATIO * len(data)):
        raise BodyTooLarge
    if data and not unpacker.eof:
        raise NotGzip("it ends early")
    return plain
