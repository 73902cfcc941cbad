"""The beginning of a JSON document, closed where it was cut, so that it can be read like a whole one."""

from __future__ import annotations

import json
import re
from typing import Any

_MARK = re.compile(r'"(?:[^"\\]|\\.)*+"|[{}\[\],]', re.DOTALL)
_CLOSERS = {"{": "}", "[": "]"}


def read_cut_document(text: str) -> Any:
    """The document as far as it goes; None for a text that does not begin like one.

    It is cut back to the last place where a value had ended, and what is open there is closed.
    Raises RecursionError for one nested deeper than the reader goes.
    """
    opened: list[str] = []
    end, depth = 0, 0
    for match in _MARK.finditer(text):
        mark = match[0]
        if mark in _CLOSERS:
            opened.append(_CLOSERS[mark])
        elif mark == ",":
            end, depth = match.start(), len(opened)
        elif opened and mark == opened[-1]:
            opened.pop()
            end, depth = match.end(), len(opened)
            if not opened:
                break
        elif mark in "}]":
            return None
    try:
        return json.loads(text[:end] + "".join(reversed(opened[:depth])))
    except ValueError:
        return None
