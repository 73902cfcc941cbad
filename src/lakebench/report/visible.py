"""Texts of others in a report: what shows nothing, or turns the text around it, becomes a sign to be seen."""

from __future__ import annotations

import re

_HIDDEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)


def visible(text: str) -> str:
    """The text with a replacement character for each hidden sign; tabs and line feeds stay."""
    return _HIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
