"""Expressions: every node is known by its class, every name is found, every function is allowed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from lakebench.catalog import DataType
from lakebench.errors import QueryFailed
from lakebench.sql.errors import TOO_LARGE, check_arguments, column_not_found, unsupported
from lakebench.sql.rules import RULES
from lakebench.sql.scope import Output, Scope
from lakebench.sql.types import type_of

SubqueryResolver = Callable[[exp.Query, Scope], Sequence[Output]]


# ``a OR b OR c ...`` leans to the left, a level a term: these are walked down without recursion.
_CHAINS = (exp.And, exp.Or, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.DPipe)


MAX_CHAIN = 900
"""Terms of a sum or concatenation; engines take AND and OR flat, and everything else a level a term."""


class Expressions:
    """Resolves the expressions of one statement in place and notes their types (``types.type_of``)."""

    def __init__(self, subquery: SubqueryResolver) -> None:
        self.subquery = subquery
        self._lambdas: list[dict[str, DataType | None]] = []
        self._ready: exp.Expr | None = None

    def resolve(self, node: exp.Expr, scope: Scope) -> DataType | None:
        """Resolve a node and all below it; gives its type, None where that is not known.

        A column that a row's member follows is replaced by another node: see ``of``.
        """
        chain: list[exp.Expr] = []
        while isinstance(node, _CHAINS) and isinstance(node.this, _CHAINS):
            chain.append(node)
            node = node.this
        if len(chain) > MAX_CHAIN and not isinstance(chain[0], exp.Connector):
            raise QueryFailed("STACK_OVERFLOW", TOO_LARGE)
        found = self._resolve_one(node, scope)
        for above in reversed(chain):
            self._ready = above.this
            found = self._resolve_one(above, scope)
        return found

    def _resolve_one(self, node: exp.Expr, scope: Scope) -> DataType | None:
        if node.meta_get("resolved"):
            return type_of(node)
        known = RULES.get(type(node))
        if known is None:
            raise unsupported(node)
        rule, allowed = known
        check_arguments(node, allowed)
        found = rule(self, node, scope)
        if found is not None:
            node.meta["type"] = found
        return found

    def resolve_all(self, nodes: Sequence[exp.Expr], scope: Scope) -> None:
        """Resolve several, from left to right."""
        for node in list(nodes):
            self.resolve(node, scope)

    def of(self, node: exp.Expr, key: str, scope: Scope) -> DataType | None:
        """Resolve an argument of a node; gives the type of what then stands there."""
        if node.args[key] is self._ready:
            self._ready = None
        else:
            self.resolve(node.args[key], scope)
        return type_of(node.args[key])

    def parameter(self, node: exp.Identifier) -> DataType | None:
        """The type of a lambda's parameter; COLUMN_NOT_FOUND for any other bare name."""
        name = node.name.lower()
        for names in reversed(self._lambdas):
            if name in names:
                return names[name]
        raise column_not_found(node, name)

    def resolve_lambda(
        self, node: exp.Lambda, parameters: Sequence[DataType | None], scope: Scope
    ) -> DataType | None:
        """Resolve a lambda's body with its parameters' types."""
        names = [p.name.lower() for p in node.expressions]
        if len(names) != len(parameters):
            raise unsupported(node, f"A lambda of {len(names)} parameters here")
        self._lambdas.append(dict(zip(names, parameters, strict=True)))
        try:
            return self.of(node, "this", scope)
        finally:
            self._lambdas.pop()
