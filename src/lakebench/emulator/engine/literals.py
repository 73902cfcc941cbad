"""Constants of conditions as values that can be compared with statistics."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlglot import exp

from lakebench.emulator.engine.conditions import ScanConditions, is_stable
from lakebench.emulator.engine.domains import Value
from lakebench.emulator.engine.process import StatementFailed

Ask = Callable[[Sequence[str]], list[list[Any]]]
Translate = Callable[[exp.Expr], str]


class Constants:
    """Values of expressions without columns: plain ones are read, the rest is put to the worker."""

    def __init__(self, found: ScanConditions, translate: Translate, ask: Ask) -> None:
        self._scan = found
        self._translate = translate
        self._ask = ask

    def value(self, node: exp.Expr) -> Value | None:
        """The value; None for NULL, for what is no number, text or time, and for what fails."""
        node = node.unnest()
        if isinstance(node, exp.Literal):
            return node.name.encode() if node.is_string else _number(node.name)
        if isinstance(node, exp.Boolean):
            return Decimal(bool(node.this))
        if not is_stable(node):
            return None
        query = exp.select(node.copy())
        try:
            text = self._translate(query)
            [[kind, shown]] = self._ask([f"SELECT typeof(v), CAST(v AS VARCHAR) FROM ({text}) AS q(v)"])
        except (StatementFailed, ValueError):
            return None
        return None if shown is None else _of_type(kind, shown)


def _number(text: str) -> Value | None:
    try:
        value = Decimal(text)
    except ArithmeticError:
        return None
    return value if value.is_finite() else None


def _of_type(kind: str, shown: str) -> Value | None:
    if kind == "VARCHAR":
        return shown.encode()
    if kind == "BOOLEAN":
        return Decimal(shown == "true")
    if kind in {"DATE", "TIMESTAMP", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP_S"}:
        try:
            return datetime.fromisoformat(shown)
        except ValueError:
            return None
    return _number(shown)
