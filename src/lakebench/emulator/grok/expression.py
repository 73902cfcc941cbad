"""Grok patterns turned into RE2's, which reads any text in linear time: no pattern can hang a crawl.

What RE2 lacks (look-around, atomic groups, back references) is refused in custom patterns; the usual
patterns are written without (AWS: custom-classifier, grok).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from lakebench.catalog import DataType
from lakebench.catalog.types import simple
from lakebench.errors import ConfigError

_REFERENCE = re.compile(r"%\{\s*(\w+)\s*(?::\s*([\w.\-\[\]@]+)\s*(?::\s*(\w+)\s*)?)?\}")
_NAMED_GROUP = re.compile(r"\(\?P?<([A-Za-z]\w*)>")
_UNNAMED = re.compile(r"\\.|\[\^?\]?(?:\[:\w+:\]|[^\]\\]|\\.)*\]|\((?!\?)", re.DOTALL)
_MAX_DEPTH = 30
_MAX_LENGTH = 100_000
_TYPES: Mapping[str, DataType] = {
    "byte": simple("tinyint"),
    "boolean": simple("boolean"),
    "double": simple("double"),
    "short": simple("smallint"),
    "int": simple("integer"),
    "long": simple("bigint"),
    "float": simple("real"),
    "string": simple("varchar"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GrokExpression:
    """``pattern`` in RE2's syntax with groups g0, g1, ..; ``fields`` are what they are called, and types."""

    pattern: str
    fields: tuple[tuple[str, DataType], ...]

    @property
    def captured(self) -> str:
        """The pattern with these groups alone: they are counted from 1 in the order of the fields."""
        return _UNNAMED.sub(lambda match: "(?:" if match[0] == "(" else match[0], self.pattern)


def expand_grok(pattern: str, custom_patterns: str = "") -> GrokExpression:
    """Write out a pattern; raises ConfigError for an unknown name or type, or for one without fields."""
    expansion = _Expansion({**usual_patterns(), **read_patterns(custom_patterns)})
    text = expansion.expand(pattern, 0)
    if not expansion.fields:
        raise ConfigError("The grok pattern names no field, as %{WORD:name} does")
    return GrokExpression(pattern=text, fields=tuple(expansion.fields))


def read_patterns(text: str) -> dict[str, str]:
    """One pattern a line: its name, a space, the expression; lines that begin with # say nothing."""
    found = {}
    for line in text.splitlines():
        name, _, body = line.strip().partition(" ")
        if not name or name.startswith("#"):
            continue
        if not re.fullmatch(r"\w+", name) or not body.strip():
            raise ConfigError(
                f"A custom pattern must be a name, a space and an expression, not {line[:80]!r}"
            )
        found[name] = body.strip()
    return found


@cache
def usual_patterns() -> Mapping[str, str]:
    """The patterns that need not be defined."""
    package = files("lakebench.emulator.grok")
    return read_patterns(package.joinpath("grok_patterns.txt").read_text(encoding="utf-8"))


class _Expansion:
    def __init__(self, known: Mapping[str, str]) -> None:
        self.known = known
        self.fields: list[tuple[str, DataType]] = []
        self.length = 0

    def expand(self, pattern: str, depth: int) -> str:
        self.length += len(pattern)
        if depth > _MAX_DEPTH or self.length > _MAX_LENGTH:
            raise ConfigError("The grok pattern is endless, or too long when written out")
        parts, at = [], 0
        for match in _REFERENCE.finditer(pattern):
            parts += [self.groups(pattern[at : match.start()]), self.reference(match, depth)]
            at = match.end()
        return "".join([*parts, self.groups(pattern[at:])])

    def reference(self, match: re.Match[str], depth: int) -> str:
        name, field, kind = match.groups()
        if name not in self.known:
            raise ConfigError(f"The grok pattern {name} is not known")
        if field is None:
            return f"(?:{self.expand(self.known[name], depth + 1)})"
        group = self.field(field, kind or "string")
        return f"(?P<{group}>{self.expand(self.known[name], depth + 1)})"

    def groups(self, text: str) -> str:
        """Named groups of plain expressions are fields too."""
        return _NAMED_GROUP.sub(lambda match: f"(?P<{self.field(match[1], 'string')}>", text)

    def field(self, name: str, kind: str) -> str:
        if kind not in _TYPES:
            raise ConfigError(f"The grok type {kind} is none of {', '.join(_TYPES)}")
        self.fields.append((name, _TYPES[kind]))
        return f"g{len(self.fields) - 1}"
