"""Java's regular expressions, as Joni reads them, in the words of the ``regex`` library."""

from __future__ import annotations

import re
from functools import lru_cache

import regex

from lakebench.emulator.engine.udfs.raising import raised

_PATTERNS = 256
_INTERVAL = re.compile(r"\{\d+(?:,\d*)?\}")
_GROUP_HEADS = re.compile(r"\?(?:[:=!>]|<[=!]|<[A-Za-z]\w*>|-?[imsx]+(?:-[imsx]+)?[:)])")
_PLAIN_ESCAPES = frozenset("dDwWsSbBAGtnrfav")
_RENAMED = {"z": r"\Z", "Z": r"(?=\n?\Z)", "e": r"\x1b"}
_CODES = {
    "x": re.compile(r"x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{1,2}))"),
    "u": re.compile(r"u([0-9A-Fa-f]{4})"),
}


def invalid(pattern: str, why: str) -> ValueError:
    """The failure for what is no pattern."""
    return raised("INVALID_FUNCTION_ARGUMENT", f"Invalid regular expression: {why} in '{pattern[:200]}'")


@lru_cache(maxsize=_PATTERNS)
def compiled(pattern: str) -> regex.Pattern[str]:
    """The library's pattern.

    Raises INVALID_FUNCTION_ARGUMENT for what is no pattern, NOT_SUPPORTED for what would mean something else.
    """
    try:
        return regex.compile(_Writer(pattern).written(), regex.VERSION1)
    except regex.error as error:
        raise invalid(pattern, str(error).partition(" at ")[0]) from None


class _Writer:
    """One walk over a pattern; what both write alike is copied."""

    def __init__(self, pattern: str) -> None:
        self.text = pattern
        self.at = 0

    def written(self) -> str:
        out: list[str] = []
        while self.at < len(self.text):
            out.append(self.part())
        return "".join(out)

    def part(self) -> str:
        sign = self.text[self.at]
        if sign == "\\":
            return self.escape(inside=False)
        if sign == "[":
            return self.character_class()
        if sign == "(":
            return self.opening()
        if sign == "{":
            found = _INTERVAL.match(self.text, self.at)
            self.at += len(found[0]) if found else 1
            return found[0] if found else r"\{"
        self.at += 1
        return r"\}" if sign == "}" else sign

    def opening(self) -> str:
        if not self.text.startswith(("(?", "(*"), self.at):
            self.at += 1
            return "("
        found = _GROUP_HEADS.match(self.text, self.at + 1)
        if found is None:
            raise invalid(self.text, "undefined group option")
        self.at = found.end()
        return "(" + found[0]

    def escape(self, *, inside: bool) -> str:
        sign = self.text[self.at + 1 : self.at + 2]
        if not sign:
            raise invalid(self.text, "end pattern at escape")
        if sign == "Q":
            return self.quotation()
        if sign in _CODES:
            return self.code(_CODES[sign])
        if sign in "pP":
            return self.property()
        self.at += 2
        if sign in _RENAMED:
            return _RENAMED[sign]
        if sign == "k" and not inside:
            return self.named_reference()
        reference = sign.isdigit() and sign != "0" and not inside
        if sign.isalnum() and sign not in _PLAIN_ESCAPES and not reference:
            raise raised("NOT_SUPPORTED", f"The escape \\{sign} in a regular expression is not supported yet")
        return "\\" + sign

    def named_reference(self) -> str:
        found = re.compile(r"<(\w+)>").match(self.text, self.at)
        if found is None:
            raise invalid(self.text, "invalid backref number/name")
        self.at = found.end()
        return f"(?P={found[1]})"

    def quotation(self) -> str:
        end = self.text.find(r"\E", self.at)
        body = self.text[self.at + 2 : end if end >= 0 else len(self.text)]
        self.at = end + 2 if end >= 0 else len(self.text)
        return str(regex.escape(body, special_only=False))

    def code(self, form: re.Pattern[str]) -> str:
        found = form.match(self.text, self.at + 1)
        if found is None:
            raise invalid(self.text, "too short escape")
        self.at = found.end()
        return str(regex.escape(chr(int(next(filter(None, found.groups())), 16)), special_only=False))

    def property(self) -> str:
        found = re.compile(r"[pP](?:\{\^?\w+\}|[A-Z])").match(self.text, self.at + 1)
        if found is None:
            raise invalid(self.text, "invalid character property name")
        self.at = found.end()
        return "\\" + found[0].replace("{In", "{InBlock=" if "=" in found[0] else "{In")

    def character_class(self) -> str:
        start = self.at
        self.at += 1
        out = ["["]
        if self.text.startswith("^", self.at):
            out.append("^")
            self.at += 1
        if self.text.startswith("]", self.at):
            out.append(r"\]")
            self.at += 1
        while True:
            sign = self.text[self.at : self.at + 1]
            if not sign:
                raise invalid(self.text[start:], "premature end of char-class")
            if sign == "]":
                self.at += 1
                return "".join([*out, "]"])
            out.append(self.member(sign))

    def member(self, sign: str) -> str:
        posix = re.compile(r"\[:\^?[a-z]+:\]").match(self.text, self.at)
        if posix is not None:
            self.at = posix.end()
            return posix[0]
        if sign == "[":
            return self.character_class()
        if sign == "\\":
            return self.escape(inside=True)
        # Doubled signs are set operations of the library; of Java's there is only &&.
        doubled = self.text[self.at : self.at + 2]
        if doubled in {"--", "||", "~~"}:
            self.at += 2
            return f"\\{sign}\\{sign}"
        self.at += 1
        return sign


def expanded(replacement: str, pattern: regex.Pattern[str], match: regex.Match[str]) -> str:
    """A replacement with ``$1``, ``${name}`` and escapes, for one match (java.util.regex.Matcher)."""
    if "$" not in replacement and "\\" not in replacement:
        return replacement
    out, at = [], 0
    while at < len(replacement):
        sign = replacement[at]
        if sign == "\\":
            if at + 1 == len(replacement):
                raise _illegal("Incomplete escape sequence")
            out.append(replacement[at + 1])
            at += 2
        elif sign == "$":
            key, at = _reference(replacement, at + 1, pattern)
            out.append(match.group(key) or "")
        else:
            out.append(sign)
            at += 1
    return "".join(out)


def _illegal(why: str) -> ValueError:
    return raised("INVALID_FUNCTION_ARGUMENT", f"Illegal replacement sequence: {why}")


def _reference(replacement: str, at: int, pattern: regex.Pattern[str]) -> tuple[int | str, int]:
    """The group that follows a ``$`` and the place after it: as many digits as name a group."""
    if replacement[at : at + 1] == "{":
        end = replacement.find("}", at)
        name = replacement[at + 1 : end] if end > 0 else ""
        if not name or name not in pattern.groupindex:
            raise _illegal(f"unknown group {{{name}}}")
        return name, end + 1
    digits = re.compile(r"[0-9]+").match(replacement, at)
    if digits is None:
        raise _illegal(replacement[at - 1 : at + 1])
    group = int(digits[0][0])
    if group > pattern.groups:
        raise _illegal(f"unknown group {group}")
    at += 1
    for digit in digits[0][1:]:
        if group * 10 + int(digit) > pattern.groups:
            break
        group, at = group * 10 + int(digit), at + 1
    return group, at
