"""Pages of a list, with opaque tokens that are checked when they come back."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import TypeVar

from lakebench.emulator.athena.errors import invalid_request

T = TypeVar("T")


def encode_token(scope: str, position: int) -> str:
    """An opaque token: ``position`` in the list or file that ``scope`` names."""
    return base64.urlsafe_b64encode(json.dumps([scope, position]).encode()).decode()


def decode_token(scope: str, token: str) -> int | None:
    """The position in the token; None when it is malformed or was given out for something else."""
    try:
        value = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, binascii.Error):
        return None
    match value:
        case [str(found), int(position)] if found == scope and position >= 0:
            return position
        case _:
            return None


def page_of(
    items: Sequence[T], *, scope: str, token: str | None, limit: int | None, default: int = 50
) -> tuple[Sequence[T], str | None]:
    """One page and the token of the next.

    Raises InvalidRequestException ``The nextPageToken is malformed: <token>`` (measured on Athena).
    """
    start = 0
    if token is not None:
        position = decode_token(scope, token)
        if position is None:
            raise invalid_request(f"The nextPageToken is malformed: {token}")
        start = position
    end = start + (limit or default)
    return items[start:end], encode_token(scope, end) if end < len(items) else None
