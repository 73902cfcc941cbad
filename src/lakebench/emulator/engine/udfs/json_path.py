"""The path language of SQL/JSON: texts become trees (Trino: functions/json, "JSON path language")."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from lakebench.emulator.engine.udfs.raising import raised

_TOKEN = re.compile(
    r"""\s+ | (?P<string>"(?:[^"]|"")*")
      | (?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
      | (?P<variable>\$[A-Za-z_]\w*) | (?P<word>[A-Za-z_]\w*)
      | (?P<sign>\.\.|<=|>=|<>|==|!=|&&|\|\||[$@.*\[\],?()!<>+\-/%])""",
    re.VERBOSE,
)
_METHODS = {"double", "ceiling", "floor", "abs", "size", "type", "keyvalue", "datetime"}
_COMPARISONS = {"==": "=", "=": "=", "<>": "<>", "!=": "<>", "<": "<", ">": ">", "<=": "<=", ">=": ">="}


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A part of a path: what it is, the parts below it, a name or a value of its own."""

    kind: str
    parts: tuple[Node, ...] = ()
    value: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """A whole path; a lax one unwraps arrays and passes over what is not there."""

    lax: bool
    root: Node


@lru_cache(maxsize=256)
def parsed(text: str) -> Path:
    """The tree of a path; INVALID_PATH for what is none."""
    return _Reader(text).path()


class _Reader:
    """Recursive descent over the tokens."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[tuple[str, str]] = []
        self.at = 0
        place = 0
        while place < len(text):
            found = _TOKEN.match(text, place)
            if found is None:
                raise self.error(text[place])
            place = found.end()
            if found.lastgroup:
                self.tokens.append((found.lastgroup, found[0]))

    def error(self, what: str) -> ValueError:
        """The failure for a token in the wrong place."""
        return raised("INVALID_PATH", f"mismatched input '{what}' in the JSON path '{self.text[:200]}'")

    def peek(self, ahead: int = 0) -> tuple[str, str]:
        at = self.at + ahead
        return self.tokens[at] if at < len(self.tokens) else ("end", "<EOF>")

    def take(self, text: str) -> bool:
        kind, found = self.peek()
        if kind == "string" or found != text:
            return False
        self.at += 1
        return True

    def expect(self, text: str) -> None:
        if not self.take(text):
            raise self.error(self.peek()[1])

    def path(self) -> Path:
        mode = self.peek()[1]
        if mode not in {"lax", "strict"}:
            raise raised("INVALID_PATH", f"mismatched input '{mode}' expecting {{'lax', 'strict'}}")
        self.at += 1
        root = self.expression()
        if self.peek()[0] != "end":
            raise self.error(self.peek()[1])
        return Path(lax=mode == "lax", root=root)

    def expression(self) -> Node:
        left = self.product()
        while self.peek()[1] in {"+", "-"} and self.peek()[0] == "sign":
            sign = self.tokens[self.at][1]
            self.at += 1
            left = Node(kind="binary", parts=(left, self.product()), value=sign)
        return left

    def product(self) -> Node:
        left = self.signed()
        while self.peek()[1] in {"*", "/", "%"} and self.peek()[0] == "sign":
            sign = self.tokens[self.at][1]
            self.at += 1
            left = Node(kind="binary", parts=(left, self.signed()), value=sign)
        return left

    def signed(self) -> Node:
        for sign in "+-":
            if self.take(sign):
                return Node(kind="unary", parts=(self.signed(),), value=sign)
        return self.accessors(self.primary())

    def primary(self) -> Node:
        kind, text = self.peek()
        self.at += 1
        if kind == "string":
            return Node(kind="literal", value=_unquoted(text))
        if kind == "number":
            value: Any = int(text) if text.isdigit() else Decimal(text)
            return Node(kind="literal", value=float(text) if "e" in text.lower() else value)
        if kind == "variable":
            return Node(kind="variable", value=text[1:])
        if text in {"true", "false", "null"}:
            return Node(kind="literal", value={"true": True, "false": False, "null": None}[text])
        if text in {"$", "@", "last"}:
            return Node(kind={"$": "context", "@": "current", "last": "last"}[text])
        if text == "(":
            inner = self.expression()
            self.expect(")")
            return inner
        raise self.error(text)

    def accessors(self, node: Node) -> Node:
        while True:
            if self.take(".."):
                node = Node(kind="descendants", parts=(node,), value=self.name())
            elif self.take("."):
                node = self.member(node)
            elif self.take("["):
                node = self.elements(node)
            elif self.take("?"):
                self.expect("(")
                node = Node(kind="filter", parts=(node, self.predicate()))
                self.expect(")")
            else:
                return node

    def name(self) -> str:
        kind, text = self.peek()
        self.at += 1
        if kind == "string":
            return _unquoted(text)
        if kind != "word":
            raise self.error(text)
        return text

    def member(self, node: Node) -> Node:
        if self.take("*"):
            return Node(kind="members", parts=(node,))
        word = self.peek()[1]
        if self.peek()[0] == "word" and word in _METHODS and self.peek(1)[1] == "(":
            self.at += 2
            if word == "datetime" and self.peek()[0] == "string":
                self.at += 1
            self.expect(")")
            return Node(kind="method", parts=(node,), value=word)
        return Node(kind="member", parts=(node,), value=self.name())

    def elements(self, node: Node) -> Node:
        if self.take("*"):
            self.expect("]")
            return Node(kind="elements", parts=(node,))
        ranges: list[Node] = []
        while True:
            first = self.expression()
            last = (self.expression(),) if self.take("to") else ()
            ranges.append(Node(kind="range", parts=(first, *last)))
            if not self.take(","):
                break
        self.expect("]")
        return Node(kind="subscript", parts=(node, *ranges))

    def predicate(self) -> Node:
        left = self.conjunction()
        while self.take("||"):
            left = Node(kind="or", parts=(left, self.conjunction()))
        return left

    def conjunction(self) -> Node:
        left = self.negation()
        while self.take("&&"):
            left = Node(kind="and", parts=(left, self.negation()))
        return left

    def negation(self) -> Node:
        if self.take("!"):
            return Node(kind="not", parts=(self.negation(),))
        if self.take("exists"):
            self.expect("(")
            inner = Node(kind="exists", parts=(self.expression(),))
            self.expect(")")
            return inner
        if self.peek()[1] == "(" and self.peek()[0] == "sign":
            nested = self.nested()
            if nested is not None:
                return nested
        return self.comparison()

    def nested(self) -> Node | None:
        """A predicate in parentheses, None if the parentheses hold a value."""
        start = self.at
        self.at += 1
        try:
            inner = self.predicate()
            self.expect(")")
        except ValueError:
            self.at = start
            return None
        if self.take("is"):
            self.expect("unknown")
            return Node(kind="is unknown", parts=(inner,))
        return inner

    def comparison(self) -> Node:
        left = self.expression()
        kind, text = self.peek()
        if kind == "sign" and text in _COMPARISONS:
            self.at += 1
            return Node(kind="compare", parts=(left, self.expression()), value=_COMPARISONS[text])
        if self.take("starts"):
            self.expect("with")
            return Node(kind="starts with", parts=(left, self.primary()))
        if self.take("like_regex"):
            pattern = self.primary()
            if self.take("flag"):
                raise raised("NOT_SUPPORTED", "Flags of like_regex in a JSON path are not supported yet")
            return Node(kind="like_regex", parts=(left, pattern))
        raise self.error(text)


def _unquoted(text: str) -> str:
    return text[1:-1].replace('""', '"')
