"""EXPLAIN: the plan as text; nothing is read, nothing is scanned.

The plan lists the operators of the query over its table scans, in the indentation of Trino's text plans.
Its wording is our own: Athena's names fragments, exchanges and estimates of its cluster.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from lakebench.emulator.athena.columns import ColumnInfo
from lakebench.emulator.athena.run.context import RunContext
from lakebench.emulator.athena.run.query import resolve_query
from lakebench.emulator.athena.run.text_result import TextResult
from lakebench.sql.resolved import ResolvedQuery
from lakebench.sql.statement import Explain

_OPERATORS = (
    ("limit", "Limit"),
    ("order", "Sort"),
    ("distinct", "Distinct"),
    ("qualify", "Qualify"),
    ("having", "Having"),
    ("group", "Aggregate"),
    ("where", "Filter"),
)


def explain(context: RunContext, statement: Explain) -> TextResult:
    """One row a line of the plan under the heading ``Query Plan`` (measured)."""
    resolved = resolve_query(context, statement.query)
    plan = "\n".join(["Fragment 0 [SINGLE]", *_query(resolved.tree, resolved, 1)]) + "\n\n"
    column = ColumnInfo(name="Query Plan", type="varchar", precision=len(plan), scale=0, case_sensitive=True)
    lines = ("Query Plan", *(plan + "\n").split("\n"))
    return TextResult(lines=lines, columns=(column,), has_header=True)


def _query(tree: exp.Expr, resolved: ResolvedQuery, depth: int) -> Iterator[str]:
    indent = "    " * depth
    if isinstance(tree, exp.SetOperation):
        yield f"{indent}- {type(tree).__name__}"
        yield from _query(tree.left, resolved, depth + 1)
        yield from _query(tree.right, resolved, depth + 1)
        return
    if isinstance(tree, exp.Subquery):
        yield from _query(tree.this, resolved, depth)
        return
    if isinstance(tree, exp.Select):
        yield f"{indent}- Output[{', '.join(_text(item) for item in tree.expressions)}]"
        for key, name in _OPERATORS:
            part = tree.args.get(key)
            if part is not None:
                yield f"{indent}    - {name}[{_text(part)}]"
    yield from _scans(tree, resolved, depth + 1)


def _scans(tree: exp.Expr, resolved: ResolvedQuery, depth: int) -> Iterator[str]:
    indent = "    " * depth
    tables = {scan.scan_id: scan.table for scan in resolved.scans}
    for node in tree.find_all(exp.Table):
        table = tables.get(node.name)
        if table is not None:
            columns = ", ".join(column.name for column in (*table.columns, *table.partition_keys))
            yield f"{indent}- TableScan[table = awsdatacatalog:{table.database}:{table.name}] => [{columns}]"


def _text(node: exp.Expr) -> str:
    return " ".join(node.sql(dialect="athena").split())
