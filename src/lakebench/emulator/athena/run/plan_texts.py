"""A plan as EXPLAIN writes it: text, JSON, Graphviz and IO, in Trino's shapes (Trino: sql/explain).

Estimates are Trino's word for "not known", NaN, since nothing is estimated here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from lakebench.catalog import Table
from lakebench.emulator.athena.run.plan import PlanNode

_NOT_KNOWN = dict.fromkeys(
    ("outputRowCount", "outputSizeInBytes", "cpuCost", "maxMemory", "networkCost"), "NaN"
)


def as_text(root: PlanNode, *, fragments: bool, measured: Mapping[str, str] | None = None) -> str:
    """One line a node, children further in; ``measured`` has a line for a scan by its id."""
    depth = 1 if fragments else 0
    lines = ["Fragment 0 [SINGLE]"] if fragments else []
    lines += _lines(root, depth, measured or {})
    return "\n".join(lines) + "\n\n"


def _lines(node: PlanNode, depth: int, measured: Mapping[str, str]) -> Iterator[str]:
    indent = "    " * depth
    told = ", ".join(f"{key} = {value}" for key, value in node.descriptor.items())
    symbols = ", ".join(f"{name}:{kind}" for name, kind in node.outputs)
    yield f"{indent}- {node.name}[{told}] => [{symbols}]"
    if node.scan_id in measured:
        yield f"{indent}      {measured[node.scan_id]}"
    for detail in node.details:
        yield f"{indent}      {detail}"
    for child in node.children:
        yield from _lines(child, depth + 1, measured)


def as_json(root: PlanNode, *, fragments: bool, measured: Mapping[str, str] | None = None) -> str:
    """The tree as Trino's JSON plan; by the number of its fragment where there are fragments."""
    numbers = iter(range(1, 1_000_000))
    tree = _json(root, numbers, measured or {})
    return json.dumps({"0": tree} if fragments else tree, indent=2, separators=(",", " : "))


def _json(node: PlanNode, numbers: Iterator[int], measured: Mapping[str, str]) -> dict[str, Any]:
    number = str(next(numbers))
    details = [measured[node.scan_id]] if node.scan_id in measured else []
    return {
        "id": number,
        "name": node.name,
        "descriptor": dict(node.descriptor),
        "outputs": [{"symbol": name, "type": kind} for name, kind in node.outputs],
        "details": [*details, *node.details],
        "estimates": [_NOT_KNOWN],
        "children": [_json(child, numbers, measured) for child in node.children],
    }


def as_graphviz(root: PlanNode, *, fragments: bool) -> str:
    """A graph for ``dot``: a box a node, arrows to the children."""
    kind = "distributed_plan" if fragments else "logical_plan"
    cluster = "cluster_0" if fragments else "cluster_graphviz_plan"
    lines = [f"digraph {kind} {{", f"subgraph {cluster} {{", 'label = "SINGLE"']
    nodes = {id(node): f"plannode_{at}" for at, node in enumerate(root.walk(), start=1)}
    edges: list[str] = []
    for node in root.walk():
        told = ", ".join(f"{key} = {value}" for key, value in node.descriptor.items())
        label = _escaped(f"{node.name}[{told}]")
        lines.append(f'{nodes[id(node)]}[label="{{{label}}}", style="rounded, filled", shape=record];')
        edges += [f"{nodes[id(node)]} -> {nodes[id(child)]};" for child in node.children]
    return "\n".join([*lines, "}", *edges, "}"]) + "\n"


def _escaped(text: str) -> str:
    return "".join(f"\\{sign}" if sign in '\\"{}|<>' else sign for sign in text)


def as_io(inputs: list[Table], output: tuple[str, str] | None) -> str:
    """Which tables are read and written; constraints are not derived here."""
    tables = {(table.database, table.name) for table in inputs}
    plan: dict[str, Any] = {
        "inputTableColumnInfos": [
            {
                "table": _table(*name),
                "constraint": {"none": False, "columnConstraints": []},
                "estimate": _NOT_KNOWN,
            }
            for name in sorted(tables)
        ]
    }
    if output is not None:
        plan["outputTable"] = _table(*output)
    plan["estimate"] = _NOT_KNOWN
    return json.dumps(plan, indent=2, separators=(",", " : "))


def _table(database: str, name: str) -> dict[str, Any]:
    return {"catalog": "awsdatacatalog", "schemaTable": {"schema": database, "table": name}}
