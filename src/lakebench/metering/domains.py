"""What conditions say of one column: the set of values that can pass, as Trino's TupleDomain has it.

A row group is read when the minimum and maximum in its footer meet the domain of every column
(facts/athena.md 2). Comparisons with constants, IN, BETWEEN, IS NULL, LIKE with a prefix and AND, OR and
NOT of them make domains; so do casts that widen, date(), year() and date_trunc(). All else makes none,
and then every row group is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import reduce

from sqlglot import exp

from lakebench.metering.conditions import Path
from lakebench.sql.types import type_of

Value = Decimal | bytes | datetime
"""Numbers and booleans as decimals, texts as UTF-8, dates and timestamps as points of time."""

Bound = tuple[Value, int] | None
"""A value, and -1, 0 or 1 for just below it, itself, just above it; None is without end."""


@dataclass(frozen=True, slots=True)
class Domain:
    """Ranges of values, both ends included, in order; and whether NULL passes."""

    ranges: tuple[tuple[Bound, Bound], ...]
    null: bool = False

    def and_(self, other: Domain) -> Domain:
        """What passes both."""
        met = ((_higher(a, c), _lower(b, d)) for a, b in self.ranges for c, d in other.ranges)
        return Domain(tuple(sorted_ranges(pair for pair in met if _holds(*pair))), self.null and other.null)

    def or_(self, other: Domain) -> Domain:
        """What passes either."""
        return Domain(tuple(sorted_ranges((*self.ranges, *other.ranges))), self.null or other.null)

    def not_(self) -> Domain:
        """What is not NULL and passes not."""
        ranges: list[tuple[Bound, Bound]] = []
        start: Bound = None
        for low, high in self.ranges:
            if low is not None:
                ranges.append((start, (low[0], low[1] - 1)))
            if high is None:
                return Domain(tuple(ranges))
            start = (high[0], high[1] + 1)
        return Domain((*ranges, (start, None)))

    def meets(self, low: Value | None, high: Value | None, nulls: int | None, values: int) -> bool:
        """Whether a chunk of these statistics may hold a value that passes; unknown ones always do."""
        if nulls is not None and nulls >= values:
            return self.null
        if self.null and nulls != 0:
            return True
        if low is None or high is None:
            return bool(self.ranges)
        try:
            return any(_holds(_higher(a, (low, 0)), _lower(b, (high, 0))) for a, b in self.ranges)
        except TypeError:  # statistics of another kind than the condition's values
            return True

    def covers(self, low: Value, high: Value) -> bool:
        """Whether every value from ``low`` to ``high`` passes."""
        try:
            return any((a is None or a <= (low, 0)) and (b is None or b >= (high, 0)) for a, b in self.ranges)
        except TypeError:  # values of another kind than the condition's
            return False


def sorted_ranges(ranges: Iterable[tuple[Bound, Bound]]) -> list[tuple[Bound, Bound]]:
    """In order, overlapping ones merged."""
    merged: list[tuple[Bound, Bound]] = []
    for low, high in sorted(ranges, key=lambda pair: (pair[0] is not None, pair[0] or ())):
        if merged and _holds(low, merged[-1][1]):
            merged[-1] = (merged[-1][0], _higher_end(merged[-1][1], high))
        else:
            merged.append((low, high))
    return merged


def _higher(a: Bound, b: Bound) -> Bound:
    """The later start."""
    return b if a is None else a if b is None else max(a, b)


def _lower(a: Bound, b: Bound) -> Bound:
    """The earlier end."""
    return b if a is None else a if b is None else min(a, b)


def _higher_end(a: Bound, b: Bound) -> Bound:
    return None if a is None or b is None else max(a, b)


def _holds(low: Bound, high: Bound) -> bool:
    return low is None or high is None or low <= high


ALL_VALUES = ((None, None),)


@dataclass(frozen=True, slots=True)
class Found:
    """Domains by column; ``exact`` when they say all that the condition says."""

    domains: Mapping[Path, Domain]
    exact: bool


_NOTHING = Found({}, exact=False)
Constant = Callable[[exp.Expr], Value | None]
"""The value of an expression without columns; None when it is NULL, not a number, or unknown."""


def domains_of(conditions: Iterable[exp.Expr], constant: Constant) -> Found:
    """The domains of conditions that all hold."""
    return _all(_Reader(constant).read(condition) for condition in conditions)


def _all(parts: Iterable[Found]) -> Found:
    domains: dict[Path, Domain] = {}
    exact = True
    for part in parts:
        exact = exact and part.exact
        for path, domain in part.domains.items():
            domains[path] = domains[path].and_(domain) if path in domains else domain
    return Found(domains, exact)


def _any(left: Found, right: Found) -> Found:
    both = left.domains.keys() & right.domains.keys()
    one = left.exact and right.exact and len(left.domains) == len(right.domains) == len(both) == 1
    return Found({path: left.domains[path].or_(right.domains[path]) for path in both}, exact=one)


_FLIPPED: Mapping[type, type] = {
    exp.GT: exp.LT,
    exp.LT: exp.GT,
    exp.GTE: exp.LTE,
    exp.LTE: exp.GTE,
    exp.EQ: exp.EQ,
    exp.NEQ: exp.NEQ,
}


@dataclass(frozen=True, slots=True)
class _Reader:
    constant: Constant

    def read(self, node: exp.Expr) -> Found:
        node = node.unnest()
        if isinstance(node, exp.And | exp.Or):
            sides = self.read(node.this), self.read(node.expression)
            return _all(sides) if isinstance(node, exp.And) else _any(*sides)
        if type(node) in _FLIPPED:
            return self._comparison(node)
        if isinstance(node, exp.NullSafeEQ | exp.NullSafeNEQ):
            return self._null_safe(node)
        if isinstance(node, exp.Between):
            low = self._compared(node.this, exp.GTE, node.args["low"])
            return _all((low, self._compared(node.this, exp.LTE, node.args["high"])))
        if isinstance(node, exp.In) and not node.args.get("query"):
            found = [self._compared(node.this, exp.EQ, item) for item in node.expressions]
            return reduce(_any, found) if found else _NOTHING
        if isinstance(node, exp.Is) and isinstance(node.expression, exp.Null):
            path = column_path(node.this)
            return _NOTHING if path is None else Found({path: Domain((), null=True)}, exact=True)
        if isinstance(node, exp.Not | exp.Like):
            return self._not(node) if isinstance(node, exp.Not) else self._like(node)
        return self._boolean(node)

    def _not(self, node: exp.Not) -> Found:
        found = self.read(node.this)
        inner = node.this.unnest()
        if type(inner) in _FLIPPED and any(_is_null(side) for side in (inner.this, inner.expression)):
            return found  # it is NULL either way
        if not found.exact or len(found.domains) != 1:
            return _NOTHING
        ((path, domain),) = found.domains.items()
        if isinstance(inner, exp.NullSafeEQ | exp.NullSafeNEQ):
            others = Domain(domain.ranges).not_().ranges
            return Found({path: Domain(others, null=not domain.null)}, exact=True)
        if isinstance(inner, exp.Is):
            return Found({path: Domain(ALL_VALUES)}, exact=True)
        return _NOTHING if domain.null else Found({path: domain.not_()}, exact=True)

    def _null_safe(self, node: exp.NullSafeEQ | exp.NullSafeNEQ) -> Found:
        """IS [NOT] DISTINCT FROM a constant: as = and <>, and NULL is a value like others."""
        equal = isinstance(node, exp.NullSafeEQ)
        sides = (node.this, node.expression)
        subject, other = sides if column_path(node.this) is not None else (node.expression, node.this)
        path = column_path(subject)
        if path is None:
            return _NOTHING
        if _is_null(other):
            domain = Domain((), null=True) if equal else Domain(ALL_VALUES)
            return Found({path: domain}, exact=True)
        found = self._compared(subject, exp.EQ if equal else exp.NEQ, other)
        if found is _NOTHING:
            return found
        return Found({path: Domain(found.domains[path].ranges, null=not equal)}, exact=True)

    def _boolean(self, node: exp.Expr) -> Found:
        path = column_path(node)
        if path is None:
            return _NOTHING
        true = (Decimal(1), 0)
        return Found({path: Domain(((true, true),))}, exact=True)

    def _comparison(self, node: exp.Expr) -> Found:
        found = self._compared(node.this, type(node), node.expression)
        if found is _NOTHING:
            return self._compared(node.expression, _FLIPPED[type(node)], node.this)
        return found

    def _compared(self, column: exp.Expr, operator: type, other: exp.Expr) -> Found:
        subject = _subject(column.unnest())
        if subject is None or other.find(exp.Column) is not None:
            return _NOTHING
        if _is_null(other):
            return Found({subject[0]: Domain(())}, exact=False)  # not exact: NOT of it passes nothing either
        value = self.constant(other)
        if value is None:
            return _NOTHING
        path, period = subject
        points = period(value) if period is not None else (value, value)
        if points is None:
            return _NOTHING
        first, after = points
        low: Bound = (first, 0)
        high: Bound = (after, -1) if period is not None else (after, 0)
        ranges: Mapping[type, tuple[tuple[Bound, Bound], ...]] = {
            exp.EQ: ((low, high),),
            exp.LT: ((None, (first, -1)),),
            exp.LTE: ((None, high),),
            exp.GT: ((_next(high), None),),
            exp.GTE: ((low, None),),
            exp.NEQ: ((None, (first, -1)), (_next(high), None)),
        }
        return Found({path: Domain(ranges[operator])}, exact=True)

    def _like(self, node: exp.Like) -> Found:
        path = column_path(node.this)
        pattern = node.expression
        if (
            path is None
            or not (isinstance(pattern, exp.Literal) and pattern.is_string)
            or node.args.get("negate")
        ):
            return _NOTHING
        text = pattern.name
        prefix = text[: min((text.find(sign) for sign in "%_" if sign in text), default=len(text))]
        if not prefix:
            return _NOTHING
        start = prefix.encode()
        if prefix == text:
            return Found({path: Domain((((start, 0), (start, 0)),))}, exact=True)
        return Found({path: Domain((((start, 0), _after_prefix(start)),))}, exact=False)


_COMPARISONS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Between, exp.Is, exp.In)


def is_plain(condition: exp.Expr) -> bool:
    """Whether it compares one column with constants, so that DuckDB's reader applies it row by row."""
    condition = condition.unnest()
    if isinstance(condition, exp.Not) and isinstance(condition.this.unnest(), exp.Is):
        condition = condition.this.unnest()
    return isinstance(condition, exp.Column) or _compares(condition) or is_choice(condition)


def is_choice(condition: exp.Expr) -> bool:
    """Whether it is one of several comparisons of a column: an IN list, or OR."""
    if isinstance(condition, exp.Or):
        parts = list(condition.flatten())
        columns = {column.sql() for part in parts for column in part.find_all(exp.Column)}
        return len(columns) == 1 and all(_compares(part.unnest()) for part in parts)
    return isinstance(condition, exp.In) and _compares(condition)


def _compares(condition: exp.Expr) -> bool:
    """A comparison of a column, named once, with constants."""
    if not isinstance(condition, _COMPARISONS) or condition.find(exp.Query):
        return False
    sides = [condition.this.unnest()]
    if isinstance(condition, exp.EQ | exp.NEQ | exp.LT | exp.LTE | exp.GT | exp.GTE):
        sides.append(condition.expression.unnest())
    return any(isinstance(side, exp.Column) for side in sides) and len(list(_columns(condition))) == 1


def _is_null(node: exp.Expr) -> bool:
    """NULL, of whichever type."""
    node = node.unnest()
    return isinstance(node, exp.Null) or (isinstance(node, exp.Cast) and _is_null(node.this))


def _columns(node: exp.Expr) -> Iterator[exp.Column]:
    return node.find_all(exp.Column)


def _next(bound: Bound) -> Bound:
    return None if bound is None else (bound[0], bound[1] + 1)


def _after_prefix(prefix: bytes) -> Bound:
    """The first text after all that begin so, itself not included."""
    cut = prefix.rstrip(b"\xff")
    return (cut[:-1] + bytes([cut[-1] + 1]), -1) if cut else None


def column_path(node: exp.Expr) -> Path | None:
    """The path that the expression is: a column, or members of one; None for all else."""
    members: list[str] = []
    node = node.unnest()
    while isinstance(node, exp.Dot) and isinstance(node.expression, exp.Identifier):
        members.append(node.expression.name.lower())
        node = node.this.unnest()
    return (node.name.lower(), *reversed(members)) if isinstance(node, exp.Column) else None


_WIDER: Mapping[str, frozenset[str]] = {
    "tinyint": frozenset({"smallint", "integer", "bigint", "decimal", "real", "double"}),
    "smallint": frozenset({"integer", "bigint", "decimal", "real", "double"}),
    "integer": frozenset({"bigint", "decimal", "double"}),
    "bigint": frozenset({"decimal", "double"}),
    "real": frozenset({"double"}),
    "decimal": frozenset({"double"}),
    "date": frozenset({"timestamp"}),
    "varchar": frozenset({"varchar"}),
}
_Period = Callable[[Value], tuple[Value, Value] | None]


def _subject(node: exp.Expr) -> tuple[Path, _Period | None] | None:
    """The column that a comparison is about, through casts and date functions that keep its order."""
    path = column_path(node)
    if path is not None:
        return path, None
    if isinstance(node, exp.Cast):
        inner, kind = column_path(node.this), type_of(node.this)
        target = type_of(node)
        if inner is None or kind is None or target is None:
            return None
        if target.name in _WIDER.get(kind.name, frozenset()):
            return inner, None
        return (inner, _days(1)) if (kind.name, target.name) == ("timestamp", "date") else None
    if isinstance(node, exp.Anonymous):
        return _of_function(node.name.lower(), node.expressions)
    return None


def _of_function(name: str, arguments: list[exp.Expr]) -> tuple[Path, _Period | None] | None:
    path = column_path(arguments[-1]) if arguments else None
    kind = type_of(arguments[-1]) if arguments else None
    if path is None or kind is None or kind.name not in {"date", "timestamp"}:
        return None
    if name == "date" and len(arguments) == 1:
        return path, _days(1)
    if name == "year" and len(arguments) == 1:
        return path, _year
    if name == "date_trunc" and len(arguments) == 2 and isinstance(arguments[0], exp.Literal):
        unit = arguments[0].name.lower()
        return (path, _truncated(unit)) if unit in {"hour", "day", "month", "year"} else None
    return None


def _days(count: int) -> _Period:
    return lambda value: (value, value + timedelta(days=count)) if isinstance(value, datetime) else None


def _year(value: Value) -> tuple[Value, Value] | None:
    if not isinstance(value, Decimal) or value != int(value) or not 1 <= value < 9999:
        return None
    return datetime(int(value), 1, 1), datetime(int(value) + 1, 1, 1)  # noqa: DTZ001 - wall-clock time


def _truncated(unit: str) -> _Period:
    def period(value: Value) -> tuple[Value, Value] | None:
        if not isinstance(value, datetime) or value.year >= 9999:
            return None
        hour = value.replace(minute=0, second=0, microsecond=0)
        day = hour.replace(hour=0)
        starts = {"hour": hour, "day": day, "month": day.replace(day=1), "year": day.replace(month=1, day=1)}
        start = starts[unit]
        ends = {
            "hour": start + timedelta(hours=1),
            "day": start + timedelta(days=1),
            "month": (start + timedelta(days=31)).replace(day=1),
            "year": start.replace(year=start.year + 1),
        }
        return (start, ends[unit]) if start == value else None

    return period
