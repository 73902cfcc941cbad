"""Paths of SQL/JSON applied to values: lists of items, or a PathError (Trino: functions/json)."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from lakebench.emulator.engine.udfs.json_path import Node, Path
from lakebench.emulator.engine.udfs.json_text import Number
from lakebench.emulator.engine.udfs.raising import raised
from lakebench.emulator.engine.udfs.timed import timed

MISSING = object()
"""What a JSON parameter that is NULL stands for: no item."""

_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


class PathError(Exception):
    """A path that fails on a value; lax paths never fail for the value's shape."""


def type_name(item: Any) -> str:
    """``number``, ``string``, ``boolean``, ``null``, ``array`` or ``object``."""
    if item is None or isinstance(item, bool):
        return "null" if item is None else "boolean"
    if isinstance(item, (int, float, Decimal)):
        return "number"
    return "string" if isinstance(item, str) else "array" if isinstance(item, list) else "object"


def is_number(item: Any) -> bool:
    """A number of any kind; true and false are none."""
    return isinstance(item, (int, float, Decimal)) and not isinstance(item, bool)


class Evaluation:
    """One path on one value."""

    def __init__(self, path: Path, context: Any, variables: Mapping[str, Any]) -> None:
        self.lax = path.lax
        self.context = context
        self.variables = variables
        self.current: list[Any] = []
        self.last: list[int] = []

    def items(self, node: Node) -> list[Any]:
        """The items that a part of the path leads to."""
        form = getattr(self, "_" + node.kind)
        found: list[Any] = form(node)
        return found

    def unwrapped(self, items: list[Any]) -> list[Any]:
        """In lax mode an array stands for its elements."""
        if not self.lax:
            return items
        return [inner for item in items for inner in (item if isinstance(item, list) else [item])]

    def structural(self, message: str) -> list[Any]:
        """Nothing in lax mode, an error in strict mode."""
        if self.lax:
            return []
        raise PathError(f"structural error: {message}")

    def _literal(self, node: Node) -> list[Any]:
        return [node.value]

    def _context(self, _: Node) -> list[Any]:
        return [self.context]

    def _current(self, _: Node) -> list[Any]:
        if not self.current:
            raise raised("INVALID_PATH", "current item '@' outside of a filter of a JSON path")
        return [self.current[-1]]

    def _last(self, _: Node) -> list[Any]:
        if not self.last:
            raise raised("INVALID_PATH", "'last' outside of a subscript of a JSON path")
        return [self.last[-1]]

    def _variable(self, node: Node) -> list[Any]:
        if node.value not in self.variables:
            message = f"no value passed for parameter {node.value}"
            lower = {name.lower() for name in self.variables}
            hint = f'. Try quoting "{node.value}" in the PASSING clause to match case'
            raise raised("INVALID_PATH", message + (hint if node.value.lower() in lower else ""))
        value = self.variables[node.value]
        return [] if value is MISSING else [value]

    def _member(self, node: Node) -> list[Any]:
        found: list[Any] = []
        for item in self.unwrapped(self.items(node.parts[0])):
            if not isinstance(item, dict):
                found += self.structural(
                    f"invalid item type. Expected: OBJECT, actual: {type_name(item).upper()}"
                )
            elif node.value in item:
                found.append(item[node.value])
            else:
                found += self.structural(f"missing member '{node.value}' in JSON object")
        return found

    def _members(self, node: Node) -> list[Any]:
        found: list[Any] = []
        for item in self.unwrapped(self.items(node.parts[0])):
            if isinstance(item, dict):
                found += item.values()
            else:
                found += self.structural(
                    f"invalid item type. Expected: OBJECT, actual: {type_name(item).upper()}"
                )
        return found

    def _descendants(self, node: Node) -> list[Any]:
        return [item for start in self.items(node.parts[0]) for item in _descending(start, node.value)]

    def _arrays(self, node: Node) -> Iterator[list[Any]]:
        for item in self.items(node.parts[0]):
            if isinstance(item, list):
                yield item
            elif self.lax:
                yield [item]
            else:
                raise PathError(
                    f"structural error: invalid item type. Expected: ARRAY, actual: {type_name(item).upper()}"
                )

    def _elements(self, node: Node) -> list[Any]:
        return [inner for item in self._arrays(node) for inner in item]

    def _subscript(self, node: Node) -> list[Any]:
        found: list[Any] = []
        for array in self._arrays(node):
            self.last.append(len(array) - 1)
            try:
                for part in node.parts[1:]:
                    found += self._range(part, array)
            finally:
                self.last.pop()
        return found

    def _range(self, part: Node, array: list[Any]) -> list[Any]:
        bounds = [self._index(bound) for bound in part.parts]
        first, last = bounds[0], bounds[-1]
        if not self.lax and (first < 0 or last < first or last >= len(array)):
            raise PathError(
                f"structural error: invalid array subscript: [{first}, {last}] for array of size {len(array)}"
            )
        return array[max(first, 0) : max(last + 1, 0)]

    def _index(self, node: Node) -> int:
        items = self.items(node)
        if len(items) != 1 or not is_number(items[0]):
            raise PathError("array subscript 'from' value must be singleton numeric")
        return int(items[0])

    def _filter(self, node: Node) -> list[Any]:
        found = []
        for item in self.unwrapped(self.items(node.parts[0])):
            self.current.append(item)
            try:
                if self.holds(node.parts[1]) is True:
                    found.append(item)
            finally:
                self.current.pop()
        return found

    def _unary(self, node: Node) -> list[Any]:
        found = []
        for item in self.unwrapped(self.items(node.parts[0])):
            if not is_number(item):
                raise PathError(f"invalid item type. Expected: NUMBER, actual: {type_name(item).upper()}")
            found.append(item if node.value == "+" else -item)
        return found

    def _binary(self, node: Node) -> list[Any]:
        sides = [self.unwrapped(self.items(part)) for part in node.parts]
        if any(len(side) != 1 for side in sides):
            raise PathError("arithmetic binary expression requires singleton operands")
        left, right = sides[0][0], sides[1][0]
        if not (is_number(left) and is_number(right)):
            raise PathError(f"invalid operand types ({type_name(left)}, {type_name(right)})")
        return [_calculated(node.value, left, right)]

    def _method(self, node: Node) -> list[Any]:
        items = self.items(node.parts[0])
        if node.value == "type":
            return [type_name(item) for item in items]
        if node.value == "size":
            return [len(array) for array in self._arrays(node)]
        if node.value == "datetime":
            raise raised("NOT_SUPPORTED", "datetime() in a JSON path is not supported yet")
        items = self.unwrapped(items)
        if node.value == "keyvalue":
            return [entry for at, item in enumerate(items) for entry in _key_values(item, at)]
        return [_number_method(node.value, item) for item in items]

    def holds(self, node: Node) -> bool | None:
        """Whether a predicate holds; None for unknown."""
        form = getattr(self, "_is_" + node.kind.replace(" ", "_"))
        found: bool | None = form(node)
        return found

    def _is_and(self, node: Node) -> bool | None:
        sides = [self.holds(part) for part in node.parts]
        return False if False in sides else None if None in sides else True

    def _is_or(self, node: Node) -> bool | None:
        sides = [self.holds(part) for part in node.parts]
        return True if True in sides else None if None in sides else False

    def _is_not(self, node: Node) -> bool | None:
        inner = self.holds(node.parts[0])
        return None if inner is None else not inner

    def _is_is_unknown(self, node: Node) -> bool:
        return self.holds(node.parts[0]) is None

    def _is_exists(self, node: Node) -> bool | None:
        try:
            return bool(self.items(node.parts[0]))
        except PathError:
            return None

    def _is_compare(self, node: Node) -> bool | None:
        try:
            left, right = (self.unwrapped(self.items(part)) for part in node.parts)
        except PathError:
            return None
        return self._any(compared(node.value, a, b) for a in left for b in right)

    def _any(self, answers: Iterator[bool | None]) -> bool | None:
        """Some pair holds; in strict mode one that cannot be told makes all unknown."""
        told = list(answers)
        if None in told and (not self.lax or True not in told):
            return None
        return True in told

    def _is_starts_with(self, node: Node) -> bool | None:
        return self._of_texts(node, lambda text, start: text.startswith(start))

    def _is_like_regex(self, node: Node) -> bool | None:
        return self._of_texts(node, lambda text, form: timed(form).search(text) is not None)

    def _of_texts(self, node: Node, holds: Callable[[str, str], bool]) -> bool | None:
        try:
            items = self.unwrapped(self.items(node.parts[0]))
            (wanted,) = self.items(node.parts[1])
        except (PathError, ValueError):
            return None
        if not isinstance(wanted, str):
            return None
        return self._any(holds(item, wanted) if isinstance(item, str) else None for item in items)


def _descending(item: Any, name: str) -> Iterator[Any]:
    if isinstance(item, dict):
        if name in item:
            yield item[name]
        for inner in item.values():
            yield from _descending(inner, name)
    elif isinstance(item, list):
        for inner in item:
            yield from _descending(inner, name)


def _calculated(sign: str, left: Any, right: Any) -> Any:
    if isinstance(left, float) or isinstance(right, float):
        return _doubles(sign, float(left), float(right))
    if sign in "/%" and not right:
        raise PathError("Division by zero")
    if isinstance(left, Decimal) or isinstance(right, Decimal):
        if sign == "/":
            raise raised("NOT_SUPPORTED", "Dividing decimals in a JSON path is not supported yet")
        return {"+": operator.add, "-": operator.sub, "*": operator.mul, "%": operator.mod}[sign](
            Decimal(left), Decimal(right)
        )
    if sign in "/%":
        quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
        result = quotient if sign == "/" else left - quotient * right
    else:
        result = {"+": operator.add, "-": operator.sub, "*": operator.mul}[sign](left, right)
    if not -(2**63) <= result < 2**63:
        raise PathError(f"bigint overflow: {left} {sign} {right}")
    return result


def _doubles(sign: str, left: float, right: float) -> float:
    if sign == "/":
        if right == 0:
            return math.nan if left == 0 or math.isnan(left) else math.copysign(math.inf, left)
        return left / right
    if sign == "%":
        return math.fmod(left, right) if right else math.nan
    return left * right if sign == "*" else left + right if sign == "+" else left - right


def _key_values(item: Any, at: int) -> list[Any]:
    if not isinstance(item, dict):
        raise PathError(f"invalid item type. Expected: OBJECT, actual: {type_name(item).upper()}")
    return [{"name": name, "value": value, "id": at} for name, value in item.items()]


def _number_method(name: str, item: Any) -> Any:
    if name == "double":
        if isinstance(item, str):
            try:
                return float(item)
            except ValueError:
                raise PathError(f"cannot convert '{item}' to double") from None
        if is_number(item):
            return float(item)
    if not is_number(item):
        raise PathError(f"invalid item type. Expected: NUMBER, actual: {type_name(item).upper()}")
    if name == "abs":
        return abs(item)
    if isinstance(item, int):
        return item
    whole = math.ceil(item) if name == "ceiling" else math.floor(item)
    return float(whole) if isinstance(item, float) else Decimal(whole)


def compared(sign: str, left: Any, right: Any) -> bool | None:
    """Whether two scalars compare so; None if they do not compare."""
    kinds = type_name(left), type_name(right)
    if "array" in kinds or "object" in kinds:
        return None
    if "null" in kinds:
        same = left is None and right is None
        return same if sign in {"=", "<=", ">="} else not same if sign == "<>" else False
    if kinds[0] != kinds[1]:
        return None
    if isinstance(left, Number) or isinstance(right, Number):
        left, right = float(left), float(right)
    return _ORDERS[sign](left, right)
