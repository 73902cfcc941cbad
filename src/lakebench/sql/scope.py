"""What names mean at a place in a query: relations, their fields, and the scopes around them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from sqlglot import exp

from lakebench.catalog import DataType
from lakebench.errors import QueryFailed


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A column that a query or relation gives: its name to the user, its name in our tree, its type.

    ``named`` is False for ``_col0`` and the like: a result shows such a name, no query can say it.
    """

    name: str
    ref: str
    type: DataType | None
    hidden: bool = False
    named: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeField:
    """An output as it is seen from outside: a relation's column, or what USING merged of several."""

    output: Output
    relation: str | None
    merged: tuple[ScopeField, ...] = ()

    def column(self) -> exp.Expr:
        """What stands for it in the tree, resolved."""
        if self.merged:
            return self._common()
        made = exp.Column(
            this=exp.Identifier(this=self.output.ref, quoted=True),
            table=exp.Identifier(this=self.relation, quoted=True) if self.relation else None,
        )
        if self.output.type is not None:
            made.meta["type"] = self.output.type
        return made

    def _common(self) -> exp.Expr:
        """The first of the merged columns that is not NULL, in the type that they have in common."""
        columns = [field.column() for field in self.merged]
        made: exp.Expr = columns[0]
        if len(columns) > 1:
            made = exp.Anonymous(this="coalesce", expressions=columns)
        elif self.merged[0].output.type != self.output.type:
            made = exp.Cast(this=columns[0], to=exp.DataType.build("unknown"))  # its type is noted below
        if self.output.type is not None:
            made.meta["type"] = self.output.type
        return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """Something in FROM: its name to the user (None for none), its name in our tree, its columns.

    ``path`` is catalogue and database of a base table that has no alias.
    """

    name: str | None
    ref: str
    outputs: tuple[Output, ...]
    path: tuple[str, ...] = ()

    @property
    def fields(self) -> list[ScopeField]:
        """Its columns as fields."""
        return [ScopeField(output=o, relation=self.ref) for o in self.outputs]


@dataclass(slots=True)
class Scope:
    """The relations of one SELECT, and the scope around it."""

    parent: Scope | None = None
    relations: list[Relation] = field(default_factory=list)
    fields: list[ScopeField] = field(default_factory=list)

    def add(self, relation: Relation) -> None:
        """Join a relation to those that are there."""
        self.relations.append(relation)
        self.fields.extend(relation.fields)

    def merge(self, merged: Sequence[ScopeField], right: Scope) -> None:
        """Join by USING: the merged columns come first, then the left's, then the right's (Trino's order).

        The merged columns belong to no relation any more: ``t.k`` and ``t.*`` do not reach them.
        """
        names = {field.output.name for field in merged}
        rest = [f for f in [*self.fields, *right.fields] if f.output.name not in names]
        for relation in [*self.relations, *right.relations]:
            outputs = tuple(o for o in relation.outputs if o.hidden or o.name not in names)
            if any(f.relation == relation.ref for f in [*self.fields, *right.fields]):
                self._replace(relation, replace(relation, outputs=outputs))
        self.fields = [*merged, *rest]

    def _replace(self, old: Relation, new: Relation) -> None:
        if old in self.relations:
            self.relations[self.relations.index(old)] = new
        else:
            self.relations.append(new)

    def include(self, other: Scope) -> None:
        """Join another scope's relations."""
        self.relations.extend(other.relations)
        self.fields.extend(other.fields)

    def column(self, field: ScopeField) -> exp.Expr:
        """What stands in the tree for a field of this scope."""
        made = field.column()
        for column in made.find_all(exp.Column):
            column.meta["scope"] = id(self)
        return made

    def refs(self) -> set[str]:
        """The tree names in use here and around."""
        around = self.parent.refs() if self.parent else set()
        return around | {relation.ref for relation in self.relations}

    def lookup(self, names: Sequence[str]) -> tuple[ScopeField, int, Scope] | None:
        """Find a dotted name: the field, how many parts named it (the rest are row members), whose it is."""
        scope: Scope | None = self
        while scope is not None:
            found = scope.lookup_here(names)
            if found is not None:
                return (*found, scope)
            scope = scope.parent
        return None

    def lookup_here(self, names: Sequence[str]) -> tuple[ScopeField, int] | None:
        """The same without the scopes around."""
        for parts in range(min(3, len(names) - 1), 0, -1):
            relations = [r for r in self.relations if _is_named(r, names[:parts])]
            hits = [
                f for r in relations for f in r.fields if f.output.named and f.output.name == names[parts]
            ]
            if hits:
                return _only(hits, names), parts + 1
        hits = [f for f in self.fields if f.output.named and f.output.name == names[0]]
        return (_only(hits, names), 1) if hits else None

    def named(self, names: Sequence[str]) -> Relation | None:
        """The relation of ``t.*``; also of a scope around, as Trino has it."""
        scope: Scope | None = self
        while scope is not None:
            for relation in scope.relations:
                if _is_named(relation, names):
                    return relation
            scope = scope.parent
        return None


def _is_named(relation: Relation, names: Sequence[str]) -> bool:
    if relation.name is None or relation.name != names[-1]:
        return False
    before = tuple(names[:-1])
    return not before or (bool(relation.path) and relation.path[-len(before) :] == before)


def _only(hits: list[ScopeField], names: Sequence[str]) -> ScopeField:
    if len(hits) > 1:
        raise QueryFailed("AMBIGUOUS_NAME", f"Column '{'.'.join(names)}' is ambiguous")
    return hits[0]


def unique(wanted: str, taken: Iterable[str]) -> str:
    """``wanted``, or the first ``wanted_1``, ``wanted_2``, ... that is not taken."""
    used = taken if isinstance(taken, set) else set(taken)
    name, count = wanted, 0
    while name in used:
        count += 1
        name = f"{wanted}_{count}"
    return name
