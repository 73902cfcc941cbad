"""One part of an object that was uploaded in parts: GET and HEAD with ``partNumber`` (AWS: API_GetObject)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from urllib.parse import urlencode

from lakebench.emulator.storage.state import Row
from lakebench.emulator.wire.http import Request, Response


@dataclass(frozen=True, slots=True)
class Span:
    """The bytes of a part, and how many parts there are; ``count`` is None for an object put in one piece."""

    start: int
    size: int
    count: int | None

    @staticmethod
    def count_of(row: Row) -> int:
        """How many parts the object has; one for an object that was put in one piece."""
        return len(_sizes_of(row)) or 1


def span_of(row: Row, number: str) -> Span | None:
    """Where a part's bytes are; None when there is no such part."""
    if not number.isdecimal():
        return None
    wanted, sizes = int(number), _sizes_of(row)
    if not sizes:
        return Span(0, json.loads(row.value)["size"], None) if wanted == 1 else None
    if not 1 <= wanted <= len(sizes):
        return None
    return Span([0, *accumulate(sizes)][wanted - 1], sizes[wanted - 1], len(sizes))


def apply_span(request: Request, span: Span, whole: int) -> Callable[[Response], Response]:
    """Ask moto for the bytes of the part, and tell in its answer what part it is."""
    environ = request.environ
    kept = [
        (name, value) for name, values in request.query.items() for value in values if name != "partNumber"
    ]
    environ["QUERY_STRING"] = urlencode(kept)
    environ["RAW_URI"] = request.raw_path + (f"?{environ['QUERY_STRING']}" if kept else "")
    environ.pop("HTTP_RANGE", None)
    end = span.start + span.size - 1
    if span.size and request.method == "GET":
        environ["HTTP_RANGE"] = f"bytes={span.start}-{end}"

    def told(response: Response) -> Response:
        if response.status not in {200, 206}:
            return response
        own = {"content-range", "content-length", "x-amz-mp-parts-count"}
        headers = [(name, value) for name, value in response.headers if name.lower() not in own]
        headers.append(("Content-Length", str(span.size)))
        if span.size:
            headers.append(("Content-Range", f"bytes {span.start}-{end}/{whole}"))
        if span.count is not None:
            headers.append(("x-amz-mp-parts-count", str(span.count)))
        response.headers = headers
        response.status = 206
        return response

    return told


def _sizes_of(row: Row) -> list[int]:
    found: list[int] = json.loads(row.value)["members"].get("part_sizes", {}).get("!tuple", [])
    return found
