"""Parts of URLs as Java's ``java.net.URI`` reads them, and percent decoding (Trino: functions/url)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote_to_bytes

import pyarrow as pa

from lakebench.emulator.engine.udfs.columns import each
from lakebench.emulator.engine.udfs.raising import raised

# RFC 2396 with Java's "other" signs: any that are not ASCII, not blank and not controls.
_OTHER = r"[^\x00-\x7f\x80-\x9f\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
_ESCAPED = r"%[0-9A-Fa-f]{2}"
_MARKS = r"A-Za-z0-9_\-!.~'()*"
_PCHARS = rf"(?:[{_MARKS}:@&=+$,;/]|{_OTHER}|{_ESCAPED})"
_URIC = rf"(?:[{_MARKS};/?:@&=+$,\[\]]|{_OTHER}|{_ESCAPED})"
_USER = rf"(?:[{_MARKS};:&=+$,]|{_OTHER}|{_ESCAPED})*"
_REGISTRY = re.compile(rf"(?:[{_MARKS}$,;:@&=+]|{_OTHER}|{_ESCAPED}|%)+")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_BYTE = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_TOP_LABEL = r"[A-Za-z](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_NAMED = rf"(?:(?:{_LABEL}\.)*{_TOP_LABEL}|{_LABEL})\.?"
_HOST = rf"(?:{_BYTE}(?:\.{_BYTE}){{3}}|{_NAMED}|\[[0-9A-Fa-f:.%\w]+\])"
_SERVER = re.compile(rf"(?:(?P<user>{_USER})@)?(?P<host>{_HOST})(?::(?P<port>\d*))?")
_FRAME = re.compile(
    r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.\-]*):)?(?P<rest>[^#]*)(?:#(?P<fragment>.*))?", re.DOTALL
)
_HIERARCHY = re.compile(r"(?://(?P<authority>[^/?]*))?(?P<path>[^?]*)(?:\?(?P<query>.*))?", re.DOTALL)

Parts = Mapping[str, str | None]


def url_part(urls: pa.Array, names: pa.Array) -> pa.Array:
    """One part of each URL: scheme, host, port, path, query or fragment.

    NULL for what is no URI; a part that is not there is empty.
    """

    def part(url: str, name: str) -> str | None:
        parts = _parts(url)
        return None if parts is None else _decoded(parts[name] or "")

    return each(part, pa.string(), urls, names)


def url_parameter(urls: pa.Array, names: pa.Array) -> pa.Array:
    """The first value of a parameter in the query; NULL where there is none."""

    def parameter(url: str, name: str) -> str | None:
        parts = _parts(url)
        query = parts["query"] if parts is not None else None
        for pair in query.split("&") if query is not None else ():
            key, _, value = pair.partition("=")
            if key == name:
                return _form_decoded(value)
        return None

    return each(parameter, pa.string(), urls, names)


def url_decode(values: pa.Array) -> pa.Array:
    """Plus signs become blanks, %XX bytes of UTF-8, as Java's URLDecoder reads them."""
    return each(_form_decoded, pa.string(), values)


def _form_decoded(text: str) -> str:
    if re.search(r"%(?![0-9A-Fa-f]{2})", text):
        message = f"URLDecoder: Illegal hex characters in escape (%) pattern: {text[:100]}"
        raise raised("INVALID_FUNCTION_ARGUMENT", message)
    return _decoded(text.replace("+", " "))


def _decoded(text: str) -> str:
    return unquote_to_bytes(text).decode("utf-8", errors="replace") if "%" in text else text


def _parts(url: str) -> Parts | None:
    """The raw parts of a URI, None if Java would not take it."""
    frame = _FRAME.fullmatch(url)
    if frame is None:
        return None
    scheme, rest, fragment = frame["scheme"], frame["rest"], frame["fragment"]
    if fragment is not None and not re.fullmatch(rf"{_URIC}*", fragment):
        return None
    empty: dict[str, str | None] = dict.fromkeys(("scheme", "host", "port", "path", "query", "fragment"))
    known = empty | {"scheme": scheme, "fragment": fragment}
    if scheme is not None and not rest.startswith("/"):  # opaque: mailto:a@b
        return known if re.fullmatch(rf"{_URIC}+", rest) else None
    if scheme is None and ":" in rest.split("/")[0].split("?")[0]:
        return None
    inner = _hierarchy(rest)
    return None if inner is None else known | inner


def _hierarchy(rest: str) -> dict[str, str | None] | None:
    """Host, port, path and query of what follows the scheme."""
    found = _HIERARCHY.fullmatch(rest)
    if found is None:
        return None
    authority, path, query = found["authority"], found["path"], found["query"]
    valid = re.fullmatch(rf"{_PCHARS}*", path) and re.fullmatch(rf"{_URIC}*", query or "")
    # An empty authority needs a path after it.
    if not valid or (authority == "" and not path and query is None):
        return None
    server = _SERVER.fullmatch(authority) if authority else None
    if authority and server is None and not _REGISTRY.fullmatch(authority):
        return None
    host, port = (server["host"], server["port"]) if server is not None else (None, None)
    return {"host": host, "port": port, "path": path, "query": query}
