"""Lines taken apart by a pattern of Java's: what its groups caught, or NULL where it does not match.

The engine's own patterns (RE2's) serve where they mean the same and every group takes part in every match,
since they cannot tell a group that took no part from one that is empty; the others run in the ``regex``
library, which knows look-around, possessive quantifiers and back references as Java does.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lakebench.emulator.engine.process import StatementFailed
from lakebench.emulator.engine.quoting import literal

Ask = Callable[[str], list[list[Any]]]

_CLASS = re.compile(r"\[\^?\]?(?:\[:\w+:\]|[^\]\\]|\\.)*\]", re.DOTALL)
_GROUP = re.compile(r"\((?!\?)|\(\?P?<(?![=!])")
_FOREIGN = re.compile(r"\(\?(?:=|!|<=|<!|>)|[+*?}]\+")
_FOREIGN_ESCAPE = re.compile(r"\\(?:[1-9GZhHRXkuv]|p\{(?!L|N|P|S|Z|C|M|\^))")
_STRUCTURE = re.compile(r"\(\?P?<(?![=!])|\(\?|\(|\)(?:[?*]|\{0)?|\|")


@dataclass(frozen=True, slots=True, kw_only=True)
class Captures:
    """``sql`` gives what the line's groups caught; ``group(n)`` reads the n-th of it, from 1."""

    sql: str
    fast: bool

    def group(self, number: int, of: str = "f") -> str:
        """The n-th group's text, NULL where it took no part."""
        return f"struct_extract({of}, 'g{number}')" if self.fast else f"{of}[{number}]"


def groups_in(pattern: str) -> int:
    """How many groups a pattern of Java's has."""
    return len(_GROUP.findall(_CLASS.sub("C", re.sub(r"\\.", "E", pattern, flags=re.DOTALL))))


def captures(text: str, pattern: str, *, whole: bool, ask: Ask) -> Captures:
    """What ``pattern`` catches in the SQL text ``text``; ``whole`` wants all of it matched."""
    count = groups_in(pattern)
    inner = f"(?:{pattern})"
    anchored = f"^{inner}$" if whole else inner
    if _is_plain(pattern) and count and _compiles(anchored, ask):
        names = ", ".join(literal(f"g{number}") for number in range(1, count + 1))
        matches = f"regexp_matches({text}, {literal(anchored)})"
        caught = f"regexp_extract({text}, {literal(anchored)}, [{names}])"
        return Captures(sql=f"CASE WHEN {matches} THEN {caught} END", fast=True)
    mode = literal("whole" if whole else "search")
    return Captures(sql=f"lb_py_pattern_groups({text}, {literal(pattern)}, {mode})", fast=False)


def _is_plain(pattern: str) -> bool:
    bare = _CLASS.sub("C", re.sub(r"\\\\", "E", pattern))
    nested = any("&&" in found or "[" in found[1:].replace("[:", "") for found in _CLASS.findall(pattern))
    foreign = _FOREIGN.search(bare) or _FOREIGN_ESCAPE.search(pattern.replace("\\\\", ""))
    return not (nested or foreign) and _all_take_part(re.sub(r"\\.", "E", bare, flags=re.DOTALL))


def _all_take_part(bare: str) -> bool:
    """Whether each group takes part in every match: none is optional, in a branch, or within such a one."""
    stack: list[_Level] = [_Level(catches=False)]
    for match in _STRUCTURE.finditer(bare):
        sign = match[0]
        if sign == "|":
            stack[-1].branches = True
        elif sign.startswith("("):
            stack.append(_Level(catches=sign == "(" or "<" in sign))
        elif len(stack) > 1:
            level = stack.pop()
            holds = level.holds or level.catches
            if holds and len(sign) > 1:
                return False
            if level.holds and level.branches:
                return False
            stack[-1].holds = stack[-1].holds or holds
    return not (stack[0].holds and stack[0].branches)


@dataclass(slots=True, kw_only=True)
class _Level:
    """An open parenthesis: whether it catches, whether one within does, whether it has branches."""

    catches: bool
    holds: bool = False
    branches: bool = False


def _compiles(pattern: str, ask: Ask) -> bool:
    try:
        ask(f"SELECT regexp_matches('', {literal(pattern)})")
    except StatementFailed:
        return False
    return True
