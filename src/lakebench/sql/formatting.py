"""Trino's ``format``: Java's format strings, written here where that is plain, else run by a UDF."""

from __future__ import annotations

from lakebench.catalog import DataType
from lakebench.errors import QueryFailed
from lakebench.sql import types
from lakebench.sql.result_text import result_text
from lakebench.sql.signatures import Call

_KINDS = {
    **dict.fromkeys(("tinyint", "smallint", "integer", "bigint"), "i"),
    "double": "f",
    "real": "r",
    "decimal": "n",
    "boolean": "b",
    "date": "D",
    "time": "M",
    "timestamp": "T",
    "timestamp with time zone": "Z",
    "varchar": "s",
    "char": "s",
    "json": "s",
    "unknown": "s",
    "uuid": "s",
    "ipaddress": "s",
    "interval day to second": "s",
    "interval year to month": "s",
}
"""The letters by which ``udfs.java_format`` knows an argument's Java class."""


def write_format(call: Call) -> str:
    """``format('%s is %d', a, b)``; NOT_SUPPORTED for arguments that Trino formats and we cannot."""
    plain = _plain(call)
    if plain is not None:
        return plain
    kinds = "".join(_kind(data_type) for data_type in call.types[1:])
    texts = ", ".join(_as_text(text, kind) for text, kind in zip(call.texts[1:], call.types[1:], strict=True))
    return f"lb_py_java_format({call.texts[0]}, '{kinds}', [{texts}]::VARCHAR[])"


def write_format_number(call: Call) -> str:
    """``format_number(1234567)``: the number goes as its digits."""
    return f"lb_py_format_number({_as_text(call.texts[0], call.types[0])})"


def _plain(call: Call) -> str | None:
    """A concatenation, where the format is a literal of nothing but ``%s`` and ``%d``, one an argument."""
    node = call.nodes[0]
    if not getattr(node, "is_string", False):
        return None
    pieces = node.name.replace("%d", "%s").split("%s")
    letters = [node.name[at + 1] for at in range(len(node.name) - 1) if node.name[at] == "%"]
    if "%" in "".join(pieces) or len(pieces) != len(call.texts):
        return None
    written = [_quoted(pieces[0])]
    for letter, piece, text, kind in zip(letters, pieces[1:], call.texts[1:], call.types[1:], strict=True):
        if kind is None or kind.name not in _PLAIN or (letter == "d" and not types.is_integer(kind)):
            return None
        written += [f"coalesce({_as_text(text, kind)}, 'null')", _quoted(piece)]
    return "(" + " || ".join(written) + ")"


_PLAIN = {
    "tinyint",
    "smallint",
    "integer",
    "bigint",
    "varchar",
    "char",
    "boolean",
    "date",
    "double",
    "decimal",
}


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _kind(data_type: DataType | None) -> str:
    found = _KINDS.get(data_type.name) if data_type is not None else None
    if found is None:
        raise QueryFailed("NOT_SUPPORTED", f"Type not supported for formatting: {data_type}")
    return found


def _as_text(text: str, data_type: DataType | None) -> str:
    if data_type is None or data_type == types.UNKNOWN:
        return f"CAST({text} AS VARCHAR)"
    return result_text(text, data_type)
