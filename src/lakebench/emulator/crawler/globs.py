"""Exclusion patterns: globs over the key below the include path.

``*`` stays inside one folder, ``**`` crosses folders, ``?`` is one character of a name, ``[...]`` a set
(``!`` negates), ``{a,b}`` alternatives, a backslash takes the next character as it is, a leading dot is
ordinary (AWS: define-crawler, include and exclude patterns; facts/glue-crawler.md 4).
"""

from __future__ import annotations

import re

from lakebench.errors import ConfigError


def compile_glob(pattern: str) -> re.Pattern[str]:
    """The pattern as an expression for fullmatch; raises ConfigError for an open bracket or brace."""
    return re.compile(_Translator(pattern).translate(), re.DOTALL)


class _Translator:
    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        self.in_braces = False

    def translate(self) -> str:
        parts = []
        while self.at < len(self.pattern):
            parts.append(self.next_part())
        if self.in_braces:
            raise self.fail("a brace that is never closed")
        return "".join(parts)

    def fail(self, what: str) -> ConfigError:
        return ConfigError(f"Exclude pattern {self.pattern!r} has {what}")

    def next_part(self) -> str:
        char = self.pattern[self.at]
        self.at += 1
        if char == "*":
            return self.star()
        if char == "[":
            return self.char_set()
        if char == "\\":
            return self.escaped()
        if char == "{":
            if self.in_braces:
                raise self.fail("a brace inside a brace")
            self.in_braces = True
            return "(?:"
        if char in "}," and self.in_braces:
            self.in_braces = char == ","
            return "|" if char == "," else ")"
        return "[^/]" if char == "?" else re.escape(char)

    def star(self) -> str:
        if self.pattern.startswith("*", self.at):
            self.at += 1
            return ".*"
        return "[^/]*"

    def escaped(self) -> str:
        if self.at == len(self.pattern):
            raise self.fail("a backslash at its end")
        self.at += 1
        return re.escape(self.pattern[self.at - 1])

    def char_set(self) -> str:
        negated = self.pattern.startswith("!", self.at)
        self.at += negated
        end = self.pattern.find("]", self.at)
        if end <= self.at:
            raise self.fail("a bracket that is never closed, or an empty one")
        body = self.pattern[self.at : end].replace("\\", r"\\").replace("^", r"\^").replace("[", r"\[")
        self.at = end + 1
        try:
            re.compile(f"[{body}]")
        except re.error:
            raise self.fail(f"a bracket that is no set of characters: [{body}]") from None
        return f"(?!/)[{'^' if negated else ''}{body}]"
