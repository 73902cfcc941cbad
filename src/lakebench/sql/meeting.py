"""Arguments of container functions that must be of one type, and that are NULL together.

``contains(array(T), T)``, ``array_union(array(T), array(T))``: numbers of several widths meet in the widest,
what does not meet is FUNCTION_NOT_FOUND, and NULL for any argument is NULL (Trino: SignatureBinder).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lakebench.catalog import DataType
from lakebench.errors import QueryFailed
from lakebench.sql import types
from lakebench.sql.duckdb_types import duckdb_type
from lakebench.sql.signatures import Call, Types

Returns = Callable[[Types], DataType | None]


def met(given: Types, form: str) -> DataType | None:
    """The type T of an array in all arguments; ``form`` has ``a`` for T, ``x`` for its element."""
    held: list[DataType | None] = []
    for letter, kind in zip(form, given, strict=False):
        if letter == "x":
            held.append(types.array(kind))
        elif letter == "a":
            held.append(kind)
    found: DataType | None = types.UNKNOWN
    for kind in held:
        if not types.compatible(found, kind):
            return types.UNKNOWN
        found = types.common(found, kind)
    return found


def meeting(name: str, form: str, returns: Returns | None = None) -> Returns:
    """The result's type, T itself without ``returns``; FUNCTION_NOT_FOUND if the arguments do not meet."""

    def find(given: Types) -> DataType | None:
        found = met(given, form)
        if found == types.UNKNOWN and any(kind != types.UNKNOWN for kind in given):
            shown = ", ".join(str(kind) if kind else "?" for kind in given)
            raise QueryFailed("FUNCTION_NOT_FOUND", f"Unexpected parameters ({shown}) for function {name}")
        return found if returns is None else returns(given)

    return find


def _as_met(call: Call, form: str) -> list[str]:
    """The arguments' texts, cast to the type in which they meet where DuckDB's type is another."""
    found = met(call.types, form)
    texts = list(call.texts)
    if found is None or found == types.UNKNOWN:
        return texts
    for at, letter in enumerate(form[: len(texts)]):
        target = {"a": found, "x": found.fields[0].type if found.fields else None}.get(letter)
        given = call.types[at]
        if target is None or given is None:
            continue
        if given == types.UNKNOWN or duckdb_type(given) != duckdb_type(target):
            texts[at] = f"CAST({texts[at]} AS {duckdb_type(target)})"
    return texts


def bound(form: str, write: str | Callable[[Call], str]) -> Callable[[Call], str]:
    """The function over arguments that are written once; NULL if one of them is."""

    def wrap(call: Call) -> str:
        texts = _as_met(call, form)
        names = [f"lb_p.a{at}" for at in range(len(texts))]
        inner = Call(
            name=call.name,
            texts=names,
            types=_met_types(call, form),
            nodes=call.nodes,
            apply=call.apply,
            fresh=call.fresh,
        )
        body = write.format(*names) if isinstance(write, str) else write(inner)
        return null_if_any(texts, body)

    return wrap


def _met_types(call: Call, form: str) -> list[DataType | None]:
    found = met(call.types, form)
    if found is None or found == types.UNKNOWN:
        return list(call.types)
    element = found.fields[0].type if found.fields else None
    return [
        {"a": found, "x": element}.get(letter, kind)
        for letter, kind in zip(form.ljust(len(call.types)), call.types, strict=False)
    ]


def null_if_any(texts: Sequence[str], body: str) -> str:
    """``body`` over ``lb_p.a0``, ``lb_p.a1``, ..., the values of these texts; NULL if one is NULL."""
    members = ", ".join(f"'a{at}': {text}" for at, text in enumerate(texts))
    nulls = " OR ".join(f"lb_p.a{at} IS NULL" for at in range(len(texts)))
    return f"list_transform([{{{members}}}], lambda lb_p: CASE WHEN {nulls} THEN NULL ELSE {body} END)[1]"
