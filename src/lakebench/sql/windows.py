"""Windows: named ones put in their place, and what Trino asks of a function's frame, order and NULLs."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from lakebench.sql import types
from lakebench.sql.calls import call_name, is_aggregate, is_window
from lakebench.sql.errors import check_arguments, failure
from lakebench.sql.types import type_of

_VALUE_FUNCTIONS = frozenset({"first_value", "last_value", "nth_value", "lead", "lag"})
_NAMED = frozenset({"this", "partition_by", "order", "spec", "alias"})
Named = Mapping[str, exp.Window]


def named_windows(tree: exp.Select) -> Named:
    """The WINDOW clause by name, each with what it takes over from earlier ones; the clause is taken away."""
    found: dict[str, exp.Window] = {}
    for window in tree.args.get("windows") or []:
        check_arguments(window, _NAMED)
        name = window.name.lower()
        if name in found:
            raise failure(window, "DUPLICATE_WINDOW_NAME", f"WINDOW name {name} specified more than once")
        inline(window, found)
        found[name] = window
    tree.set("windows", None)
    return found


def inline(window: exp.Window, named: Named) -> None:
    """Put a named window in the place of its name: ``OVER w``, ``OVER (w ROWS ..)``."""
    alias = window.args.get("alias")
    if alias is None:
        return
    source = named.get(alias.name.lower())
    if source is None:
        message = f"Cannot resolve WINDOW name {alias.name}"
        raise failure(alias, "INVALID_WINDOW_REFERENCE", message)
    own = [key for key in ("partition_by", "order", "spec") if window.args.get(key)]
    if "partition_by" in own:
        message = "WINDOW specification with named WINDOW reference cannot specify PARTITION BY"
        raise failure(window, "INVALID_PARTITION_BY", message)
    if "order" in own and source.args.get("order"):
        message = "Cannot specify ORDER BY if referenced named WINDOW has ORDER BY"
        raise failure(window, "INVALID_ORDER_BY", message)
    if own and source.args.get("spec"):
        message = "Cannot reference named WINDOW containing frame specification"
        raise failure(window, "INVALID_WINDOW_REFERENCE", message)
    for key in ("partition_by", "order", "spec"):
        value = source.args.get(key)
        if value and not window.args.get(key):
            window.set(key, [item.copy() for item in value] if isinstance(value, list) else value.copy())
    window.set("alias", None)


def check_window(window: exp.Window) -> None:
    """What a resolved window function must obey (Trino: StatementAnalyzer, analyzeWindowFunctions)."""
    call, ignores = window.this, False
    while isinstance(call, (exp.Filter, exp.IgnoreNulls, exp.RespectNulls)):
        ignores = ignores or not isinstance(call, exp.Filter)
        call = call.this
    if not isinstance(call, exp.Anonymous):
        raise failure(window, "FUNCTION_NOT_WINDOW", "Not a window function")
    name = call_name(call)
    if not (is_aggregate(call) or is_window(call)):
        raise failure(window, "FUNCTION_NOT_WINDOW", f"Not a window function: {name}")
    ignores = ignores or any(isinstance(a, (exp.IgnoreNulls, exp.RespectNulls)) for a in call.expressions)
    _check_call(window, call, ignores=ignores)
    order, spec = window.args.get("order"), window.args.get("spec")
    for item in [] if order is None else order.expressions:
        if not types.orderable(type_of(item.this)):
            message = "is not orderable, and therefore cannot be used in window function ORDER BY"
            raise failure(item, "TYPE_MISMATCH", f"{type_of(item.this)} {message}")
    if spec is not None:
        _check_frame(window, spec, order)


def _check_call(window: exp.Window, call: exp.Anonymous, *, ignores: bool) -> None:
    name = call_name(call)
    if any(isinstance(argument, exp.Distinct) for argument in call.expressions):
        message = f"DISTINCT in window function parameters not yet supported: {call.sql(dialect='trino')}"
        raise failure(window, "NOT_SUPPORTED", message)
    if any(isinstance(argument, exp.Order) for argument in call.expressions):
        message = "Window function with ORDER BY is not supported"
        raise failure(window, "NOT_SUPPORTED", message)
    if name in {"lag", "lead"}:
        if window.args.get("order") is None:
            raise failure(window, "MISSING_ORDER_BY", f"{name} function requires an ORDER BY window clause")
        if window.args.get("spec") is not None:
            raise failure(window, "INVALID_WINDOW_FRAME", f"Cannot specify window frame for {name} function")
    if ignores and name not in _VALUE_FUNCTIONS:
        message = f"Cannot specify null treatment clause for {name} function"
        raise failure(window, "NULL_TREATMENT_NOT_ALLOWED", message)
    if is_window(call) and isinstance(window.this, exp.Filter):
        raise failure(window, "NOT_SUPPORTED", "Filter can only be used with aggregation functions")


def _side(spec: exp.WindowSpec, key: str) -> tuple[str, exp.Expr | None]:
    """A bound as a word (``FOLLOWING``) and its offset, None for UNBOUNDED and CURRENT ROW."""
    value, side = spec.args.get(key), spec.args.get(f"{key}_side")
    if isinstance(value, exp.Expr):
        return str(side), value
    return ("CURRENT ROW", None) if value in {None, "CURRENT ROW"} else (f"{value} {side}", None)


def _check_frame(window: exp.Window, spec: exp.WindowSpec, order: exp.Order | None) -> None:
    (start, low), (end, high) = _side(spec, "start"), _side(spec, "end")
    wrong = None
    if start == "UNBOUNDED FOLLOWING":
        wrong = "Window frame start cannot be UNBOUNDED FOLLOWING"
    elif end == "UNBOUNDED PRECEDING":
        wrong = "Window frame end cannot be UNBOUNDED PRECEDING"
    elif start == "CURRENT ROW" and end == "PRECEDING":
        wrong = "Window frame starting from CURRENT ROW cannot end with PRECEDING"
    elif start == "FOLLOWING" and end == "PRECEDING":
        wrong = "Window frame starting from FOLLOWING cannot end with PRECEDING"
    elif start == "FOLLOWING" and end == "CURRENT ROW":
        wrong = "Window frame starting from FOLLOWING cannot end with CURRENT ROW"
    if wrong:
        raise failure(window, "INVALID_WINDOW_FRAME", wrong)
    kind = str(spec.args.get("kind") or "RANGE").upper()
    offsets = [(word, offset) for word, offset in (("start", low), ("end", high)) if offset is not None]
    if kind == "RANGE" and offsets:
        _check_range(window, order)
    elif kind == "GROUPS" and offsets and order is None:
        message = "Window frame of type GROUPS PRECEDING or FOLLOWING requires ORDER BY"
        raise failure(window, "MISSING_ORDER_BY", message)
    for word, offset in offsets if kind != "RANGE" else []:
        given = type_of(offset)
        whole = types.is_integer(given) or (
            types.is_decimal(given) and given is not None and given.parameters[1] == 0
        )
        if given is not None and given != types.UNKNOWN and not whole:
            wanted = f"Window frame {kind} {word} value type must be exact numeric type with scale 0"
            raise failure(window, "TYPE_MISMATCH", f"{wanted} (actual {given})")


def _check_range(window: exp.Window, order: exp.Order | None) -> None:
    if order is None:
        message = "Window frame of type RANGE PRECEDING or FOLLOWING requires ORDER BY"
        raise failure(window, "MISSING_ORDER_BY", message)
    if len(order.expressions) != 1:
        message = "Window frame of type RANGE PRECEDING or FOLLOWING requires single sort item in ORDER BY"
        raise failure(window, "INVALID_ORDER_BY", f"{message} (actual: {len(order.expressions)})")
    key = order.expressions[0].this
    given = type_of(key)
    moving = types.is_number(given) or types.is_named(
        given, "date", "time", "timestamp", "timestamp with time zone", "unknown", *types.INTERVALS
    )
    if given is not None and not moving:
        message = (
            "Window frame of type RANGE PRECEDING or FOLLOWING requires that sort item type "
            f"be numeric, datetime or interval (actual: {given})"
        )
        raise failure(window, "TYPE_MISMATCH", message)
