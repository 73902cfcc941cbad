"""Regular expressions: Java's patterns where RE2 means the same by them, refused where it does not."""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot import exp

from lakebench.errors import QueryFailed
from lakebench.sql import types
from lakebench.sql.signatures import Call, Function, fixed

_GROUP = re.compile(r"\((?!\?)|\(\?P?<(?![=!])")
_OPTIONAL = re.compile(r"\||\)[?*]|\)\{0")
_CLASS = re.compile(r"\[\^?\]?((?:[^\]\[\\]|\\.|\[:\w+:\])*)")
_FOREIGN = re.compile(r"\(\?(?:=|!|<=|<!|>)|\\[1-9]|\\[GZhHRXk]|[+*?}]\+")


def _pattern(call: Call) -> str | None:
    """A literal pattern's text, checked; None for a pattern that only a row can tell."""
    node = call.nodes[1]
    if not (isinstance(node, exp.Literal) and node.is_string):
        return None
    text = node.name
    bare = text.replace("\\\\", "")
    if _FOREIGN.search(re.sub(r"\[(?:[^\]\\]|\\.)*\]", "C", bare)):
        raise types.not_supported(f"The regular expression '{text[:60]}'")
    for found in _CLASS.finditer(re.sub(r"\\\[", "", bare)):
        rest = re.sub(r"\\\[", "", bare)[found.end() : found.end() + 1]
        if "&&" in found.group(1) or rest == "[":
            raise types.not_supported("An intersection or union of character classes")
    return text


def _groups(pattern: str) -> int:
    bare = re.sub(r"\[(?:[^\]\\]|\\.)*\]", "", re.sub(r"\\.", "", pattern))
    return len(_GROUP.findall(bare))


def _group_number(call: Call) -> int | None:
    node = call.nodes[2]
    return int(node.name) if isinstance(node, exp.Literal) and not node.is_string else None


def _extract(call: Call) -> str:
    pattern = _pattern(call)
    if len(call.texts) == 2:
        return f"lb_regexp_extract({call.texts[0]}, {call.texts[1]}, 0)"
    number = _checked_group(call, pattern)
    unsure = number != 0 and (pattern is None or _OPTIONAL.search(pattern))
    macro = "lb_regexp_extract_sure" if unsure else "lb_regexp_extract"
    return f"{macro}({call.texts[0]}, {call.texts[1]}, {call.texts[2]})"


def _checked_group(call: Call, pattern: str | None) -> int:
    number = _group_number(call)
    if number is None or pattern is None:
        raise types.not_supported(f"{call.name} with a pattern or group that is no literal")
    groups = _groups(pattern)
    if number > groups:
        message = f"Pattern has {groups} groups. Cannot access group {number}"
        raise QueryFailed("INVALID_FUNCTION_ARGUMENT", message)
    if number > 9:
        raise types.not_supported("A tenth group of a regular expression")
    return number


def _extract_all(call: Call) -> str:
    pattern = _pattern(call)
    if len(call.texts) == 2:
        return f"regexp_extract_all({call.texts[0]}, {call.texts[1]})"
    number = _checked_group(call, pattern)
    if number and pattern is not None and _OPTIONAL.search(pattern):
        raise types.not_supported("regexp_extract_all of a group that need not match")
    return f"regexp_extract_all({call.texts[0]}, {call.texts[1]}, {number})"


def _replace(call: Call) -> str:
    """Java's ``$1`` becomes RE2's ``\\1``; only a literal can be rewritten."""
    pattern = _pattern(call)
    if len(call.texts) == 2:
        return f"regexp_replace({call.texts[0]}, {call.texts[1]}, '', 'g')"
    node = call.nodes[2]
    if not (isinstance(node, exp.Literal) and node.is_string):
        raise types.not_supported("regexp_replace with a replacement that is no literal")
    text, out, at = node.name, "", 0
    while at < len(text):
        sign = text[at]
        after = text[at + 1] if at + 1 < len(text) else ""
        if sign == "\\" and after:
            out += "\\\\" if after == "\\" else after
            at += 2
            continue
        if sign == "$":
            if not after.isdigit():
                raise types.not_supported("regexp_replace with a named group in its replacement")
            if pattern is None or int(after) > _groups(pattern):
                message = f"Illegal replacement sequence: unknown group {after}"
                raise QueryFailed("INVALID_FUNCTION_ARGUMENT", message)
            if text[at + 2 : at + 3].isdigit():
                raise types.not_supported("regexp_replace with a digit after a group in its replacement")
            sign = "\\"
        out += sign
        at += 1
    quoted = out.replace("'", "''")
    return f"regexp_replace({call.texts[0]}, {call.texts[1]}, '{quoted}', 'g')"


def _checked(form: str) -> Callable[[Call], str]:
    def write(call: Call) -> str:
        _pattern(call)
        return form.format(*call.texts)

    return write


def _row(name: str, arguments: str, returns: str, sql: str | Callable[[Call], str]) -> Function:
    written = _checked(sql) if isinstance(sql, str) else sql
    return Function(name=name, arguments=arguments, returns=fixed(returns), sql=written)


REGEXPS = [
    _row("regexp_like", "vv", "boolean", "regexp_matches({0}, {1})"),
    _row("regexp_extract", "vv", "varchar", _extract),
    _row("regexp_extract", "vvi", "varchar", _extract),
    _row("regexp_extract_all", "vv", "array(varchar)", _extract_all),
    _row("regexp_extract_all", "vvi", "array(varchar)", _extract_all),
    _row("regexp_replace", "vv", "varchar", _replace),
    _row("regexp_replace", "vvv", "varchar", _replace),
    _row("regexp_split", "vv", "array(varchar)", "lb_regexp_split({0}, {1})"),
    _row("regexp_count", "vv", "bigint", "CAST(len(regexp_extract_all({0}, {1})) AS BIGINT)"),
    _row("regexp_position", "vv", "integer", "lb_regexp_position({0}, {1}, 1, 1)"),
    _row("regexp_position", "vvi", "integer", "lb_regexp_position({0}, {1}, {2}, 1)"),
]
