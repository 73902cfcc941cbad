"""Constants of conditions as values that can be compared with statistics."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlglot import exp

from lakebench.metering.conditions import is_stable
from lakebench.metering.domains import Value
from lakebench.metering.evaluation import CannotEvaluate, Evaluator


class Constants:
    """Values of expressions without columns: plain ones are read, the rest is put to the engine."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator

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
            text = self._evaluator.translate(query)
            asked = f"SELECT typeof(v), CAST(v AS VARCHAR) FROM ({text}) AS q(v)"  # noqa: S608 - our own text
            [[kind, shown]] = self._evaluator.ask([asked])
        except (CannotEvaluate, ValueError):
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
