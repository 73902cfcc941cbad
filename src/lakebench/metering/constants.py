"""Constants of conditions as values that can be compared with statistics."""

from __future__ import annotations

import re
import struct
from datetime import datetime
from decimal import Decimal

from sqlglot import exp

from lakebench.metering.conditions import is_stable
from lakebench.metering.domains import Value
from lakebench.metering.evaluation import CannotEvaluate, Evaluator

_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{1,15})?")


class Constants:
    """Values of expressions without columns: plain ones are read, the rest is put to the engine.

    ``all_known`` is False once one could not be evaluated: what it would have pruned is not known.
    """

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self.all_known = True

    def value(self, node: exp.Expr) -> Value | None:
        """The value; None for NULL, for what is no number, text or time, and for what fails."""
        node = node.unnest()
        if isinstance(node, exp.Literal):
            return node.name.encode() if node.is_string else _number(node.name)
        if isinstance(node, exp.Boolean):
            return Decimal(bool(node.this))
        if not is_stable(node):
            return None
        plain = _plain_cast(node)
        if plain is not None:
            return plain
        query = exp.select(node.copy())
        try:
            text = self._evaluator.translate(query)
            asked = f"SELECT typeof(v), CAST(v AS VARCHAR) FROM ({text}) AS q(v)"  # noqa: S608 - our own text
            [[kind, shown]] = self._evaluator.ask([asked])
        except (CannotEvaluate, ValueError):
            self.all_known = False
            return None
        return None if shown is None else _of_type(kind, shown)


def _plain_cast(node: exp.Expr) -> Value | None:
    """The number of ``REAL '2.5'`` and ``DOUBLE '2.5'``, whose casts only the server's workers have."""
    inner = node.this if isinstance(node, exp.Cast) else None
    if not isinstance(inner, exp.Literal) or _NUMBER.fullmatch(inner.name) is None:
        return None
    if node.args["to"].is_type("double"):
        return Decimal(repr(float(inner.name)))
    if node.args["to"].is_type("float"):
        exact = struct.unpack("f", struct.pack("f", float(inner.name)))[0]
        shortest = next(text for digits in range(1, 10) if _as_real(text := f"{exact:.{digits}g}") == exact)
        return Decimal(shortest)
    return None


def _as_real(text: str) -> float:
    value: float = struct.unpack("f", struct.pack("f", float(text)))[0]
    return value


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
