"""JSON_EXISTS, JSON_VALUE, JSON_QUERY, JSON_OBJECT and JSON_ARRAY (Trino: functions/json)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

import pyarrow as pa

from lakebench.catalog import DataType, parse_type
from lakebench.emulator.engine.udfs import json_text
from lakebench.emulator.engine.udfs.columns import each
from lakebench.emulator.engine.udfs.json_path import parsed
from lakebench.emulator.engine.udfs.json_path_values import MISSING, Evaluation, PathError, is_number
from lakebench.emulator.engine.udfs.json_text import Malformed, Number
from lakebench.emulator.engine.udfs.jsons import converted_or_none
from lakebench.emulator.engine.udfs.raising import raised


class _Failure(Exception):
    """What an ON ERROR clause deals with: Trino's code and words."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def _read(text: str) -> Any:
    try:
        return json_text.read(text)
    except Malformed:
        raise _Failure("JSON_INPUT_CONVERSION_ERROR", "conversion to JSON failed: ") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a call asks for: its path, what it passes (names and kinds), how it answers."""

    path: str
    names: tuple[str, ...] = ()
    kinds: str = ""
    returns: str = "varchar"
    wrapper: str = "NONE"
    quotes: str = "KEEP"
    on_empty: str = "NULL"
    on_error: str = "NULL"


@lru_cache(maxsize=64)
def _request(text: str) -> Request:
    return Request(**json.loads(text))


def _items(text: str, request: Request, values: Sequence[str | None]) -> list[Any]:
    tree = parsed(request.path)
    passed = zip(request.names, request.kinds, values, strict=True)
    evaluation = Evaluation(tree, _read(text), {name: _variable(kind, value) for name, kind, value in passed})
    try:
        return evaluation.items(tree.root)
    except PathError as error:
        raise _Failure("PATH_EVALUATION_ERROR", f"path evaluation failed: {error}") from None


def _variable(kind: str, value: str | None) -> Any:
    """A value of PASSING: i(nteger), f(loat), n (decimal), b(oolean), s(tring), j (JSON)."""
    if value is None:
        return MISSING if kind == "j" else None
    readers: Mapping[str, Any] = {"i": int, "f": float, "n": Decimal, "j": _read}
    if kind == "b":
        return value == "true"
    return readers[kind](value) if kind in readers else value


def _raise(failure: _Failure) -> ValueError:
    return raised(failure.code, failure.message)


def json_exists(texts: pa.Array, requests: pa.Array, values: pa.Array) -> pa.Array:
    """Whether the path finds an item; ON ERROR tells what an error gives."""

    def exists(text: str, request: str, value: list[str | None]) -> bool | None:
        asked = _request(request)
        try:
            return bool(_items(text, asked, value))
        except _Failure as failure:
            if asked.on_error == "ERROR":
                raise _raise(failure) from None
            return {"TRUE": True, "FALSE": False, "UNKNOWN": None}[asked.on_error]

    return each(exists, pa.bool_(), texts, requests, values)


_VALUE = pa.struct([("s", pa.string()), ("v", pa.string())])


def json_value(texts: pa.Array, requests: pa.Array, values: pa.Array) -> pa.Array:
    """The scalar that the path finds, as a text to be cast: ``s`` tells v(alue), e(mpty) or x (error)."""

    def value_of(text: str, request: str, value: list[str | None]) -> dict[str, str | None]:
        asked = _request(request)
        try:
            items = _items(text, asked, value)
            if items:
                return {"s": "v", "v": _scalar(items, parse_type(asked.returns))}
        except _Failure as failure:
            if asked.on_error == "ERROR":
                raise _raise(failure) from None
            return {"s": "x", "v": None}
        if asked.on_empty == "ERROR":
            raise raised("JSON_VALUE_RESULT_ERROR", f"{_EXTRACT}JSON path found no items")
        return {"s": "e", "v": None}

    return each(value_of, _VALUE, texts, requests, values)


_EXTRACT = "cannot extract SQL scalar from JSON: "


def _scalar(items: list[Any], target: DataType) -> str | None:
    if len(items) > 1:
        raise _Failure("JSON_VALUE_RESULT_ERROR", f"{_EXTRACT}JSON path found multiple items")
    (item,) = items
    if isinstance(item, (list, dict)):
        what = "JSON path found an item that cannot be converted to an SQL value"
        raise _Failure("JSON_VALUE_RESULT_ERROR", _EXTRACT + what)
    if item is None:
        return None
    made = _cast(item, target)
    if made is None:
        message = f"{_EXTRACT}cannot cast the item to {target}"
        raise _Failure("JSON_VALUE_RESULT_ERROR", message)
    return made


def _cast(item: Any, target: DataType) -> str | None:
    if target.name in {"varchar", "char"}:
        text = format(item, "f") if isinstance(item, Decimal) else _text(item)
        length = target.parameters[0] if target.parameters else None
        return text.ljust(length)[:length] if target.name == "char" and length else text[:length]
    if isinstance(item, Decimal):
        item = Number(format(item, "f"))
    elif isinstance(item, float) and not isinstance(item, Number):
        item = Number(repr(item))
    return converted_or_none(item, target)


def _text(item: Any) -> str:
    return converted_or_none(Number(repr(item)) if type(item) is float else item, _VARCHAR) or ""


_VARCHAR = DataType(name="varchar")


def json_query(texts: pa.Array, requests: pa.Array, values: pa.Array) -> pa.Array:
    """The JSON that the path finds, with the wrapper and the quotes that are asked for."""

    def query(text: str, request: str, value: list[str | None]) -> str | None:
        asked = _request(request)
        try:
            items = _items(text, asked, value)
            if items:
                return _output(items, asked.wrapper, asked.quotes)
        except _Failure as failure:
            return _instead(asked.on_error, failure)
        empty = _Failure("JSON_OUTPUT_CONVERSION_ERROR", f"{_CONVERT}JSON path found no items")
        return _instead(asked.on_empty, empty)

    return each(query, pa.string(), texts, requests, values)


_CONVERT = "conversion from JSON failed: "


def _instead(behaviour: str, failure: _Failure) -> str | None:
    if behaviour == "ERROR":
        raise _raise(failure) from None
    return {"NULL": None, "EMPTY ARRAY": "[]", "EMPTY OBJECT": "{}"}[behaviour]


def _output(items: list[Any], wrapper: str, quotes: str) -> str:
    bare = len(items) == 1 and isinstance(items[0], (list, dict))
    if wrapper == "UNCONDITIONAL" or (wrapper == "CONDITIONAL" and not bare):
        return _json(items)
    if len(items) > 1:
        raise _Failure("JSON_OUTPUT_CONVERSION_ERROR", f"{_CONVERT}JSON path found multiple items")
    if quotes == "OMIT" and isinstance(items[0], str):
        return items[0]
    return _json(items[0])


def _json(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, list):
        return "[" + ",".join(map(_json, value)) + "]"
    if isinstance(value, dict):
        return "{" + ",".join(f"{json_text.quoted(k)}:{_json(v)}" for k, v in value.items()) + "}"
    if is_number(value) and isinstance(value, float):
        text = json_text.java_double(value)
        return f'"{text}"' if text[-1] in "Ny" else text
    return json_text.write(value)


def json_input(texts: pa.Array) -> pa.Array:
    """A text with FORMAT JSON, compact; JSON_INPUT_CONVERSION_ERROR for what is no JSON."""

    def read(text: str) -> str:
        try:
            return json_text.write(_read(text))
        except _Failure as failure:
            raise _raise(failure) from None

    return each(read, pa.string(), texts)


def json_object(keys: pa.Array, values: pa.Array, options: pa.Array) -> pa.Array:
    """An object of keys and JSON texts in the order of Java's HashMap; ``options`` are nulls and unique."""
    rows = zip(keys.to_pylist(), values.to_pylist(), options.to_pylist(), strict=True)
    return pa.array([_object(*row) for row in rows], pa.string())


def _object(keys: Sequence[str | None], values: Sequence[str | None], options: str) -> str:
    nulls, unique = options.split(",")
    members: dict[str, str] = {}
    for key, value in zip(keys, values, strict=True):
        if key is None:
            message = "null value passed for JSON object key to JSON_OBJECT function"
            raise raised("INVALID_FUNCTION_ARGUMENT", message)
        if value is None and nulls == "ABSENT":
            continue
        if key in members:
            if unique == "WITH":
                raise raised("INVALID_FUNCTION_ARGUMENT", "duplicate key passed to JSON_OBJECT function")
            raise raised("NOT_SUPPORTED", "cannot construct a JSON object with duplicate key")
        members[key] = "null" if value is None else value
    return "{" + ",".join(f"{json_text.quoted(key)}:{members[key]}" for key in _hashed(members)) + "}"


def _hashed(keys: Mapping[str, str]) -> list[str]:
    """Keys by their buckets in a table that doubles when three quarters of it are taken."""
    size = 16
    while len(keys) > size * 3 // 4:
        size *= 2
    return sorted(keys, key=lambda key: _bucket(key, size))


def _bucket(key: str, size: int) -> int:
    code = 0
    units = key.encode("utf-16-be", "surrogatepass")
    for at in range(0, len(units), 2):
        code = (code * 31 + int.from_bytes(units[at : at + 2], "big")) & 0xFFFFFFFF
    return (code ^ (code >> 16)) & (size - 1)
