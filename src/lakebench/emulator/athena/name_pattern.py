"""Patterns over names, as SHOW TABLES and ListTableMetadata take them.

``*`` and ``.*`` stand for any text, ``.`` for any character, ``|`` separates alternatives; all else is
literal. Patterns of users are never run as regular expressions of their own: some of those take for ever.
"""

from __future__ import annotations

import re


def matches(pattern: str | None, name: str) -> bool:
    """Whether the whole name fits one of the pattern's alternatives; None fits all."""
    if pattern is None:
        return True
    return any(re.fullmatch(_translate(part.strip()), name) for part in pattern.split("|"))


def _translate(pattern: str) -> str:
    text = re.escape(pattern.replace(".*", "*"))
    text = re.sub(r"(\\\*)+", ".*", text)
    return text.replace(r"\.", ".")
