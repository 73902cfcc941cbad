"""Athena's data types, as one value with two spellings: Hive's for DDL, Trino's for queries.

The value is kept in Trino terms. ``string`` of Hive is ``varchar`` without a length
(AWS: data-types, DDL to DML mapping int->integer, float->real, string->varchar, binary->varbinary,
struct->row).
"""

from __future__ import annotations

from dataclasses import dataclass

_HIVE_TO_TRINO = {
    "int": "integer",
    "float": "real",
    "string": "varchar",
    "binary": "varbinary",
    "struct": "row",
    "long": "bigint",
    "short": "smallint",
    "byte": "tinyint",
    "numeric": "decimal",
}
_TRINO_TO_HIVE = {
    "integer": "int",
    "real": "float",
    "varbinary": "binary",
    "row": "struct",
}
_HIVE_QUOTE, _TRINO_QUOTE = "`", '"'
_SIMPLE = {
    *("boolean", "tinyint", "smallint", "integer", "bigint", "real", "double", "decimal"),
    *("varchar", "char", "varbinary", "json", "uuid", "ipaddress"),
    *("date", "time", "timestamp", "interval"),
    *("array", "map", "row", "unknown"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A member of a row; ``name`` is None for an anonymous one."""

    name: str | None
    type: DataType


@dataclass(frozen=True, slots=True, kw_only=True)
class DataType:
    """A Trino type: its base name, its numbers and its members.

    ``parameters`` is ``(length,)`` of char and varchar, ``(precision, scale)`` of decimal and
    ``(precision,)`` of time and timestamp; ``fields`` holds the one member of an array, key and value
    of a map, the members of a row.
    """

    name: str
    parameters: tuple[int, ...] = ()
    fields: tuple[Field, ...] = ()

    def __str__(self) -> str:
        return self.trino

    @property
    def trino(self) -> str:
        """Trino's spelling: ``varchar``, ``decimal(10,2)``, ``row(a integer, b varchar)``."""
        if self.name in {"array", "map", "qdigest"}:
            return f"{self.name}({', '.join(f.type.trino for f in self.fields)})"
        if self.name == "row":
            members = (
                f"{_quoted(f.name, _TRINO_QUOTE)} {f.type.trino}" if f.name else f.type.trino
                for f in self.fields
            )
            return f"row({', '.join(members)})"
        base, _, zone = self.name.partition(" with ")
        numbers = f"({','.join(map(str, self.parameters))})" if self.parameters else ""
        return f"{base}{numbers} with {zone}" if zone else f"{base}{numbers}"

    @property
    def hive(self) -> str:
        """Hive's spelling as Glue stores it: ``string``, ``decimal(10,2)``, ``struct<a:int,b:string>``."""
        if self.name in {"array", "map"}:
            return f"{self.name}<{','.join(f.type.hive for f in self.fields)}>"
        if self.name == "row":
            hive_members = (
                f"{_quoted(f.name or f'col{i}', _HIVE_QUOTE)}:{f.type.hive}"
                for i, f in enumerate(self.fields)
            )
            return f"struct<{','.join(hive_members)}>"
        if self.name == "varchar":
            return f"varchar({self.parameters[0]})" if self.parameters else "string"
        if self.name.startswith("timestamp"):
            return "timestamp"
        base = _TRINO_TO_HIVE.get(self.name, self.name)
        return f"{base}({','.join(map(str, self.parameters))})" if self.parameters else base


def _quoted(name: str, quote: str) -> str:
    """Quote a member's name where it is no plain identifier: Glue writes ``struct<`200`:string>``."""
    plain = name.replace("_", "a").isalnum() and not name[0].isdigit()
    return name if plain else f"{quote}{name}{quote}"


def simple(name: str, *parameters: int) -> DataType:
    """A type without members: ``simple("decimal", 10, 2)``."""
    return DataType(name=name, parameters=parameters)


def parse_type(text: str) -> DataType:
    """Read a type in Hive's or Trino's spelling; raises ValueError with the place where reading stopped."""
    reader = _Reader(text)
    result = reader.read_type()
    reader.expect_end()
    return result


class _Reader:
    """Recursive descent over ``name``, ``name(1,2)``, ``array<..>``, ``struct<a:..>``, ``row(a ..)``."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def fail(self, expected: str) -> ValueError:
        return ValueError(f"not a data type: {self.text!r} (expected {expected} at character {self.at + 1})")

    def skip(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def peek(self) -> str:
        self.skip()
        return self.text[self.at] if self.at < len(self.text) else ""

    def take(self, wanted: str) -> None:
        if self.peek() not in wanted or not self.peek():
            raise self.fail(" or ".join(repr(c) for c in wanted))
        self.at += 1

    def expect_end(self) -> None:
        if self.peek():
            raise self.fail("the end")

    def word(self) -> str:
        """A bare or quoted name; Hive takes any character but the structural ones in a struct's member."""
        first = self.peek()
        if first and first in '`"':
            end = self.text.find(first, self.at + 1)
            if end < 0:
                raise self.fail("a closing quote")
            name = self.text[self.at + 1 : end]
            self.at = end + 1
            return name
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in "<>(),: \t\n":
            self.at += 1
        if start == self.at:
            raise self.fail("a name")
        return self.text[start : self.at]

    def read_type(self) -> DataType:
        raw = self.word().lower()
        name = _HIVE_TO_TRINO.get(raw, raw)
        if name not in _SIMPLE:
            self.at -= len(raw)
            raise self.fail("a type name")
        if name in {"array", "map"}:
            return self.read_container(name)
        if name == "row":
            return self.read_row()
        parameters = self.read_numbers()
        if name in {"timestamp", "time"}:
            name = self.read_zone(name)
        if name == "decimal" and not parameters:
            parameters = (10, 0) if raw == "decimal" else (38, 0)
        if name == "interval":
            name = f"interval {self.word().lower()} {self.word().lower()} {self.word().lower()}"
        return DataType(name=name, parameters=parameters)

    def read_zone(self, name: str) -> str:
        for phrase in ("with time zone", "without time zone"):
            self.skip()
            if self.text[self.at :].lower().startswith(phrase):
                self.at += len(phrase)
                return f"{name} with time zone" if phrase == "with time zone" else name
        return name

    def read_numbers(self) -> tuple[int, ...]:
        if self.peek() != "(":
            return ()
        self.take("(")
        numbers = []
        while True:
            digits = self.word()
            if not digits.isdigit():
                self.at -= len(digits)
                raise self.fail("a number")
            numbers.append(int(digits))
            if self.peek() != ",":
                break
            self.take(",")
        self.take(")")
        return tuple(numbers)

    def read_container(self, name: str) -> DataType:
        self.take("<(")
        members = [Field(name=None, type=self.read_type())]
        if name == "map":
            self.take(",")
            members.append(Field(name=None, type=self.read_type()))
        self.take(">)")
        return DataType(name=name, fields=tuple(members))

    def read_row(self) -> DataType:
        self.take("<(")
        members = []
        while True:
            start = self.at
            name: str | None = self.word()
            if self.peek() == ":":
                self.take(":")
            elif self.peek() in {",", ")", "(", "<"}:  # an anonymous member: row(integer, varchar(3))
                self.at, name = start, None
            members.append(Field(name=name, type=self.read_type()))
            if self.peek() != ",":
                break
            self.take(",")
        self.take(">)")
        return DataType(name="row", fields=tuple(members))
