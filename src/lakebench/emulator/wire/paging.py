"""Pages of Glue's lists, with opaque tokens that are checked when they come back."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from lakebench.emulator.wire.provider import ServiceError, Wire

T = TypeVar("T")


def page_of(
    items: Sequence[T], request: Wire, *, default: int = 100, largest: int = 1000
) -> tuple[Sequence[T], str | None]:
    """The page that MaxResults and NextToken ask for, and the next token; raises InvalidInputException."""
    start = _position(request.get("NextToken"))
    end = start + min(request.get("MaxResults") or default, largest)
    token = base64.urlsafe_b64encode(f"page:{end}".encode()).decode() if end < len(items) else None
    return items[start:end], token


def _position(token: str | None) -> int:
    if not token:
        return 0
    try:
        kind, _, position = base64.urlsafe_b64decode(token.encode()).decode().partition(":")
    except (ValueError, binascii.Error):
        kind, position = "", ""
    if kind != "page" or not position.isdecimal():
        raise ServiceError("InvalidInputException", f"The NextToken is malformed: {token}")
    return int(position)


def with_token(wire: Wire, token: str | None) -> Wire:
    """The answer with its NextToken, if there is a next page."""
    return wire if token is None else {**wire, "NextToken": token}
