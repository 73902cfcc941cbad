"""The plan of a statement as a tree: operators over table scans, told in Trino's names.

It says what the resolved query says, in the order in which Trino would run it; Athena's fragments, exchanges
and estimates are its cluster's and are not made up here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from lakebench.catalog import Table
from lakebench.sql.resolve import result_columns, result_types
from lakebench.sql.resolved import ResolvedQuery

Outputs = tuple[tuple[str, str], ...]
"""Names of symbols and their Trino types."""

_UNKNOWN = "unknown"
_OPERATORS = (
    ("limit", "Limit", "count"),
    ("order", "Sort", "orderBy"),
    ("distinct", "Distinct", ""),
    ("having", "Filter", "filterPredicate"),
    ("group", "Aggregate", "keys"),
    ("where", "Filter", "filterPredicate"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanNode:
    """One operator: ``details`` are lines below its own; ``scan_id`` is empty but for table scans."""

    name: str
    descriptor: Mapping[str, str] = field(default_factory=dict)
    outputs: Outputs = ()
    details: tuple[str, ...] = ()
    children: tuple[PlanNode, ...] = ()
    scan_id: str = ""

    def walk(self) -> Iterator[PlanNode]:
        """This node and all below it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()


def plan_of(resolved: ResolvedQuery) -> PlanNode:
    """The plan of a query: an Output over its operators."""
    names = result_columns(resolved.tree)
    kinds = result_types(resolved.tree)
    outputs = tuple((name, kind.trino if kind else _UNKNOWN) for name, kind in zip(names, kinds, strict=True))
    tables = {scan.scan_id: scan.table for scan in resolved.scans}
    below = tuple(_query(resolved.tree, tables, outputs))
    return PlanNode(
        name="Output", descriptor={"columnNames": f"[{', '.join(names)}]"}, outputs=outputs, children=below
    )


def writing(root: PlanNode, name: str, target: str) -> PlanNode:
    """The plan of a statement that writes what a query gives."""
    rows: Outputs = (("rows", "bigint"),)
    writer = PlanNode(name="TableWriter", descriptor={"target": target}, outputs=rows, children=root.children)
    commit = PlanNode(name=name, descriptor={"target": target}, outputs=rows, children=(writer,))
    return PlanNode(name="Output", descriptor={"columnNames": "[rows]"}, outputs=rows, children=(commit,))


def _query(tree: exp.Expr, tables: Mapping[str, Table], outputs: Outputs) -> Iterator[PlanNode]:
    if isinstance(tree, exp.Subquery):
        yield from _query(tree.this, tables, outputs)
    elif isinstance(tree, exp.SetOperation):
        sides = [node for side in (tree.left, tree.right) for node in _query(side, tables, outputs)]
        yield PlanNode(name=type(tree).__name__, outputs=outputs, children=tuple(sides))
    elif isinstance(tree, exp.Select):
        yield from _select(tree, tables, outputs)


def _select(tree: exp.Select, tables: Mapping[str, Table], outputs: Outputs) -> Iterator[PlanNode]:
    below = tuple(_sources(tree, tables))
    projected = [_text(item) for item in tree.expressions]
    steps = [(name, key, tree.args.get(part)) for part, name, key in _OPERATORS]
    if not below:
        below = (PlanNode(name="Values", outputs=outputs, details=(f"({', '.join(projected)})",)),)
    for name, key, part in reversed(steps):
        if part is not None:
            descriptor = {key: _text(part)} if key else {}
            below = (PlanNode(name=name, descriptor=descriptor, outputs=_outputs(below), children=below),)
    if tree.args.get("from_") is None:
        yield from below
        return
    yield PlanNode(name="Project", outputs=outputs, details=tuple(projected), children=below)


def _sources(tree: exp.Select, tables: Mapping[str, Table]) -> Iterator[PlanNode]:
    source = tree.args.get("from_")
    if source is None:
        return
    found = tuple(_relation(source.this, tables))
    for join in tree.args.get("joins") or []:
        found = (_join(join, (*found, *_relation(join.this, tables))),)
    yield from found


def _join(join: exp.Join, children: tuple[PlanNode, ...]) -> PlanNode:
    on = join.args.get("on")
    using = join.args.get("using") or []
    crossed = on is None and not using
    kind = "CrossJoin" if crossed else f"{(join.side or 'INNER').capitalize()}Join"
    criteria = _text(on) if on is not None else ", ".join(_text(name) for name in using)
    return PlanNode(
        name=kind,
        descriptor={"criteria": criteria} if criteria else {},
        outputs=_outputs(children),
        children=children,
    )


def _relation(node: exp.Expr, tables: Mapping[str, Table]) -> Iterator[PlanNode]:
    if isinstance(node, exp.Table):
        table = tables.get(node.name)
        if table is not None:
            yield _scan(node, table)
    elif isinstance(node, exp.Subquery) and isinstance(node.this, exp.Table):
        yield from _relation(node.this, tables)
        for join in node.this.args.get("joins") or []:
            yield from _relation(join.this, tables)
    elif isinstance(node, exp.Subquery):
        yield from _query(node.this, tables, ())
    elif isinstance(node, exp.Unnest):
        yield PlanNode(name="Unnest", details=tuple(_text(item) for item in node.expressions))
    elif isinstance(node, exp.Values):
        yield PlanNode(name="Values", details=tuple(_text(item) for item in node.expressions))


def _scan(node: exp.Table, table: Table) -> PlanNode:
    """The scan with the columns that the query names."""
    query = node.find_ancestor(exp.Select) or node
    used = {column.name for column in query.find_all(exp.Column) if column.table == node.alias}
    columns = [column for column in table.columns if column.name in used]
    keys = [column for column in table.partition_keys if column.name in used]
    told = [f"{column.name} := {column.name}:{column.hive}:REGULAR" for column in columns]
    told += [f"{column.name} := {column.name}:{column.hive}:PARTITION_KEY" for column in keys]
    return PlanNode(
        name="TableScan",
        descriptor={"table": f"awsdatacatalog:{table.database}:{table.name}"},
        outputs=tuple((column.name, column.type.trino) for column in (*columns, *keys)),
        details=tuple(told),
        scan_id=node.name,
    )


def _outputs(children: Sequence[PlanNode]) -> Outputs:
    return tuple(output for child in children for output in child.outputs)


def _text(node: exp.Expr) -> str:
    return " ".join(node.sql(dialect="athena").split())
