"""The JSON functions that are syntax: JSON_EXISTS, JSON_VALUE, JSON_QUERY, JSON_OBJECT, JSON_ARRAY.

Reading them from the text, their types, and their words in DuckDB (Trino: functions/json; SqlBase.g4).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from sqlglot import exp
from sqlglot.tokenizer_core import TokenType

from lakebench.catalog import DataType
from lakebench.sql import types
from lakebench.sql.casts import converted
from lakebench.sql.duckdb_types import duckdb_type
from lakebench.sql.errors import failure
from lakebench.sql.jsons import to_json
from lakebench.sql.result_text import result_text
from lakebench.sql.types import type_of

if TYPE_CHECKING:
    from lakebench.sql.expressions import Expressions
    from lakebench.sql.scope import Scope


class SqlJson(exp.Expression, exp.Func):
    """One such call. ``expressions`` are what is passed or put together, ``formats`` their FORMAT clauses."""

    arg_types: ClassVar[dict[str, bool]] = {
        "kind": True,
        "this": False,
        "path": False,
        "format": False,
        "expressions": False,
        "names": False,
        "formats": False,
        "keys": False,
        "returning": False,
        "output": False,
        "empty": False,
        "error": False,
        "empty_default": False,
        "error_default": False,
        "wrapper": False,
        "quotes": False,
        "nulls": False,
        "unique": False,
    }


JSON_CALLS = ("json_exists", "json_value", "json_query", "json_object", "json_array")

Parser = Any  # sqlglot's parser; its readers are private to subclasses, which query.py has


def read_call(kind: str) -> Callable[[Parser], SqlJson]:
    """The reader of one function's arguments, after its opening parenthesis."""
    readers = {"json_object": _read_object, "json_array": _read_array}
    return lambda parser: readers.get(kind, _read_path_call)(parser, SqlJson(kind=kind))


def _taken(parser: Parser, *words: str) -> bool:
    return bool(parser._match_text_seq(*words))  # noqa: SLF001 (sqlglot gives no other way)


def _value(parser: Parser) -> exp.Expr:
    found: exp.Expr | None = parser._parse_disjunction()  # noqa: SLF001 (sqlglot gives no other way)
    if found is None:
        parser.raise_error("Expecting an expression")
    return found or exp.Null()


def _format(parser: Parser) -> str:
    """``FORMAT JSON ENCODING UTF8`` as ``JSON UTF8``; empty if it is not there."""
    if not _taken(parser, "FORMAT", "JSON"):
        return ""
    if not _taken(parser, "ENCODING"):
        return "JSON"
    return next(
        (f"JSON {word}" for word in ("UTF8", "UTF16", "UTF32") if _taken(parser, word)), "JSON unknown"
    )


def _comma(parser: Parser) -> bool:
    return bool(parser._match(TokenType.COMMA))  # noqa: SLF001 (sqlglot gives no other way)


def _read_path_call(parser: Parser, node: SqlJson) -> SqlJson:
    node.set("this", _value(parser))
    node.set("format", _format(parser))
    if not _comma(parser):
        parser.raise_error("Expecting ,")
    node.set("path", _value(parser))
    if _taken(parser, "PASSING"):
        _read_passing(parser, node)
    _read_returning(parser, node)
    _read_wrapper(parser, node)
    while True:
        behaviour, default = _behaviour(parser)
        if not behaviour:
            return node
        clause = (
            "empty" if _taken(parser, "ON", "EMPTY") else "error" if _taken(parser, "ON", "ERROR") else ""
        )
        if not clause:
            parser.raise_error("Expecting ON")
        node.set(clause or "error", behaviour)
        node.set(f"{clause}_default", default)


def _read_passing(parser: Parser, node: SqlJson) -> None:
    values, names, formats = [], [], []
    while True:
        values.append(_value(parser))
        formats.append(_format(parser))
        if not _taken(parser, "AS"):
            parser.raise_error("Expecting AS")
        name = parser._parse_id_var()  # noqa: SLF001 (sqlglot gives no other way)
        names.append(name.name if name.args.get("quoted") else name.name.upper())
        if not _comma(parser):
            break
    node.set("expressions", values)
    node.set("names", names)
    node.set("formats", formats)


def _read_returning(parser: Parser, node: SqlJson) -> None:
    if _taken(parser, "RETURNING"):
        node.set("returning", parser._parse_types())  # noqa: SLF001 (sqlglot gives no other way)
        node.set("output", _format(parser))


def _read_wrapper(parser: Parser, node: SqlJson) -> None:
    if _taken(parser, "WITHOUT"):
        _taken(parser, "ARRAY")
        _taken(parser, "WRAPPER")
    elif _taken(parser, "WITH"):
        conditional = _taken(parser, "CONDITIONAL")
        _taken(parser, "UNCONDITIONAL")
        _taken(parser, "ARRAY")
        if not _taken(parser, "WRAPPER"):
            parser.raise_error("Expecting WRAPPER")
        node.set("wrapper", "CONDITIONAL" if conditional else "UNCONDITIONAL")
    for word in ("KEEP", "OMIT"):
        if _taken(parser, word):
            if not _taken(parser, "QUOTES"):
                parser.raise_error("Expecting QUOTES")
            _taken(parser, "ON", "SCALAR", "STRING")
            node.set("quotes", word)


def _behaviour(parser: Parser) -> tuple[str, exp.Expr | None]:
    """What an ON clause asks for, and the value after DEFAULT."""
    if _taken(parser, "DEFAULT"):
        return "DEFAULT", _value(parser)
    for words in (("EMPTY", "ARRAY"), ("EMPTY", "OBJECT"), ("NULL",), ("ERROR",), ("TRUE",), ("FALSE",)):
        if _taken(parser, *words):
            return " ".join(words), None
    return ("UNKNOWN", None) if _taken(parser, "UNKNOWN") else ("", None)


def _read_array(parser: Parser, node: SqlJson) -> SqlJson:
    values, formats = [], []
    while parser._curr is not None and parser._curr.text not in {")"}:  # noqa: SLF001 (sqlglot gives no other way)
        if _taken(parser, "RETURNING"):
            parser._retreat(parser._index - 1)  # noqa: SLF001 (sqlglot gives no other way)
            break
        values.append(_value(parser))
        formats.append(_format(parser))
        if not _comma(parser):
            break
    _finish(parser, node, values, formats)
    return node


def _read_object(parser: Parser, node: SqlJson) -> SqlJson:
    keys, values, formats = [], [], []
    while parser._curr is not None and parser._curr.text not in {")"}:  # noqa: SLF001 (sqlglot gives no other way)
        if _taken(parser, "RETURNING"):
            parser._retreat(parser._index - 1)  # noqa: SLF001 (sqlglot gives no other way)
            break
        following = parser._next.text.upper() if parser._next is not None else ""  # noqa: SLF001 (sqlglot gives no other way)
        if following not in {":", "VALUE"}:
            _taken(parser, "KEY")
        keys.append(_value(parser))
        if not (_taken(parser, "VALUE") or _taken(parser, ":")):
            parser.raise_error("Expecting VALUE")
        values.append(_value(parser))
        formats.append(_format(parser))
        if not _comma(parser):
            break
    node.set("keys", keys)
    _finish(parser, node, values, formats)
    return node


def _finish(parser: Parser, node: SqlJson, values: list[exp.Expr], formats: list[str]) -> None:
    node.set("expressions", values)
    node.set("formats", formats)
    for word in ("NULL", "ABSENT"):
        if _taken(parser, word, "ON", "NULL"):
            node.set("nulls", word)
    for word in ("WITH", "WITHOUT"):
        if _taken(parser, word, "UNIQUE"):
            _taken(parser, "KEYS")
            node.set("unique", word)
    _read_returning(parser, node)


def type_of_json(ex: Expressions, node: SqlJson, scope: Scope) -> DataType | None:
    """Resolve what a call is made of; TYPE_MISMATCH for inputs that hold no JSON."""
    for key in ("this", "path", "empty_default", "error_default"):
        if node.args.get(key) is not None:
            ex.resolve(node.args[key], scope)
    for key in ("expressions", "keys"):
        ex.resolve_all(node.args.get(key) or [], scope)
    if node.args.get("this") is not None:
        _check_input(node)
    if node.args["kind"] == "json_exists":
        return types.BOOLEAN
    returning = node.args.get("returning")
    return types.VARCHAR if returning is None else types.from_sqlglot(returning)


def _check_input(node: SqlJson) -> None:
    given, form = type_of(node.this), node.args.get("format") or "JSON"
    path = node.args["path"]
    fits = given is None or given.name in {"varchar", "char", "unknown", "json"} or given == types.VARBINARY
    if not fits or (types.is_text(given) and form != "JSON"):
        message = (
            f"Cannot read input of type {given} as JSON using formatting {form.replace(' ', ' ENCODING ')}"
        )
        raise failure(node.this, "TYPE_MISMATCH", message)
    if form not in {"JSON", "JSON UTF8"}:
        raise failure(node, "NOT_SUPPORTED", f"FORMAT {form.replace(' ', ' ENCODING ')} is not supported yet")
    if not (isinstance(path, exp.Literal) and path.is_string):
        raise failure(path, "SYNTAX_ERROR", "The path of a JSON function is a literal")


def write_json_call(generator: Any, node: SqlJson) -> str:
    """The call as UDFs; NOT_SUPPORTED for types and encodings that are not translated."""
    kind = node.args["kind"]
    if kind == "json_object":
        return _returned(node, _write_object(generator, node))
    if kind == "json_array":
        return _returned(node, _write_array(generator, node))
    if kind == "json_value":
        return _write_value(generator, node)
    if kind == "json_exists":
        return f"lb_py_json_exists({_arguments(generator, node, error='FALSE')})"
    return _returned(node, f"lb_py_json_query({_arguments(generator, node)})")


def _arguments(generator: Any, node: SqlJson, returns: str = "varchar", error: str = "NULL") -> str:
    """Input, request and passed values; the request is one text, the same for every row."""
    kinds, texts = _passed(generator, node)
    request = {
        "path": node.args["path"].name,
        "names": node.args.get("names") or [],
        "kinds": kinds,
        "returns": returns,
        "wrapper": node.args.get("wrapper") or "NONE",
        "quotes": node.args.get("quotes") or "KEEP",
        "on_empty": node.args.get("empty") or "NULL",
        "on_error": node.args.get("error") or error,
    }
    quoted = json.dumps(request).replace("'", "''")
    return f"{_input(generator, node)}, '{quoted}', [{', '.join(texts)}]::VARCHAR[]"


_SCALARS = {*types.NUMBERS, "boolean", "varchar", "char"}


def _write_value(generator: Any, node: SqlJson) -> str:
    target = type_of(node)
    if target is None or target.name not in _SCALARS:
        raise failure(node, "NOT_SUPPORTED", f"JSON_VALUE RETURNING {target} is not supported yet")
    defaults = []
    for key in ("empty_default", "error_default"):
        value = node.args.get(key)
        kind = type_of(value)
        if value is None:
            defaults.append("NULL")
        elif kind in {target, types.UNKNOWN}:
            defaults.append(generator.sql(value))
        else:
            defaults.append(converted(generator.sql(value), kind, target))
    made = f"lb_py_json_value({_arguments(generator, node, target.trino)})"
    cast = "lb_v.v" if types.is_text(target) else f"CAST(lb_v.v AS {duckdb_type(target)})"
    cases = f"CASE lb_v.s WHEN 'v' THEN {cast} WHEN 'e' THEN {defaults[0]} WHEN 'x' THEN {defaults[1]} END"
    return f"list_transform([{made}], lambda lb_v: {cases})[1]"


def _input(generator: Any, node: SqlJson) -> str:
    text: str = generator.sql(node.this)
    given = type_of(node.this)
    if given == types.VARBINARY:
        return f"coalesce(TRY(decode({text})), '')"
    return f"CAST({text} AS VARCHAR)" if types.is_named(given, "json", "unknown") else text


_LETTERS = {
    **dict.fromkeys(("tinyint", "smallint", "integer", "bigint"), "i"),
    "real": "f",
    "double": "f",
    "decimal": "n",
    "boolean": "b",
    "varchar": "s",
    "char": "s",
    "unknown": "s",
    "interval day to second": "s",
    "interval year to month": "s",
    "uuid": "s",
    "ipaddress": "s",
}


def _passed(generator: Any, node: SqlJson) -> tuple[str, list[str]]:
    """Kinds and texts of PASSING."""
    kinds, texts = "", []
    for value, form in zip(node.expressions, node.args.get("formats") or [], strict=True):
        given, text = type_of(value), generator.sql(value)
        letter = "j" if form or types.is_named(given, "json") else _LETTERS.get(given.name if given else "")
        if letter is None:
            raise failure(value, "NOT_SUPPORTED", f"PASSING a {given} to a JSON path is not supported yet")
        kinds += letter
        plain = given is None or given == types.UNKNOWN or letter == "j"
        texts.append(f"CAST({text} AS VARCHAR)" if plain or given is None else result_text(text, given))
    return kinds, texts


def _member(generator: Any, value: exp.Expr, form: str) -> str:
    """A member's value as JSON text, NULL for NULL."""
    text, given = generator.sql(value), type_of(value)
    if isinstance(value.unnest(), SqlJson) and value.unnest().args["kind"] != "json_value":
        return text if given != types.BOOLEAN else f"CAST({to_json(text, types.BOOLEAN)} AS VARCHAR)"
    if form:
        if form not in {"JSON", "JSON UTF8"} or (given == types.VARBINARY) != (form == "JSON UTF8"):
            raise failure(value, "NOT_SUPPORTED", f"FORMAT {form} of {given} is not supported yet")
        return f"lb_py_json_input({f'decode({text})' if given == types.VARBINARY else text})"
    if given is None or given.fields or given == types.VARBINARY:
        raise failure(value, "NOT_SUPPORTED", f"Unsupported type of JSON constructor argument: {given}")
    if given == types.UNKNOWN:
        return "CAST(NULL AS VARCHAR)"
    if types.is_number(given) or given.name in {"boolean", "json", "varchar"}:
        return f"CAST({to_json(text, given)} AS VARCHAR)"
    return f"CAST(to_json(CAST({converted(text, given, types.VARCHAR)} AS VARCHAR)) AS VARCHAR)"


def _write_array(generator: Any, node: SqlJson) -> str:
    formats = node.args.get("formats") or []
    members = [_member(generator, *pair) for pair in zip(node.expressions, formats, strict=True)]
    if node.args.get("nulls") == "NULL":
        members = [f"coalesce({member}, 'null')" for member in members]
    return f"('[' || coalesce(array_to_string([{', '.join(members)}]::VARCHAR[], ','), '') || ']')"


def _write_object(generator: Any, node: SqlJson) -> str:
    formats = node.args.get("formats") or []
    if any(formats) and node.args.get("unique") == "WITH":
        message = "WITH UNIQUE KEYS behavior is not supported for JSON_OBJECT function"
        raise failure(node, "NOT_SUPPORTED", f"{message} when input expression has FORMAT")
    keys = ", ".join(f"CAST({generator.sql(key)} AS VARCHAR)" for key in node.args.get("keys") or [])
    members = ", ".join(_member(generator, *pair) for pair in zip(node.expressions, formats, strict=True))
    options = f"{node.args.get('nulls') or 'NULL'},{node.args.get('unique') or 'WITHOUT'}"
    return f"lb_py_json_object([{keys}]::VARCHAR[], [{members}]::VARCHAR[], '{options}')"


def _returned(node: SqlJson, text: str) -> str:
    """JSON text as the type that RETURNING asks for."""
    target, form = type_of(node), node.args.get("output") or "JSON"
    if target == types.VARBINARY and form in {"JSON", "JSON UTF8"}:
        return f"encode({text})"
    if target is None or not types.is_text(target) or form != "JSON":
        shown = form.replace(" ", " ENCODING ")
        raise failure(node, "TYPE_MISMATCH", f"Cannot output JSON value as {target} using formatting {shown}")
    return converted(text, types.VARCHAR, target) if target.parameters else text
