"""The schema of a Parquet file: its columns as relations need them, its leaves as metering counts them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lakebench.metering.footer import Leaf

Node = Sequence[Any]
"""Name, number of children, DuckDB's type, Parquet's physical type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileColumn:
    """A top-level column of a file: its name there, DuckDB's type for it, Parquet's physical type."""

    name: str
    type: str
    physical: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSchema:
    """A file's columns and its leaves, both in order.

    ``shape`` is equal for files that are read together.
    """

    in_order: tuple[FileColumn, ...]
    leaves: tuple[Leaf, ...]
    shape: str

    @property
    def columns(self) -> Mapping[str, FileColumn]:
        """By lower-case name; of names that differ in case alone the first is taken."""
        found: dict[str, FileColumn] = {}
        for column in self.in_order:
            found.setdefault(column.name.lower(), column)
        return found


def read_schema(nodes: Sequence[Node]) -> FileSchema:
    """The schema of parquet_schema()'s rows of one file, depth first with the root."""
    subtrees = list(_subtrees(nodes))
    columns = [
        FileColumn(name=name, type=duck, physical=physical or "group")
        for name, _, duck, physical in (subtree[0] for subtree in subtrees)
    ]
    leaves = tuple(leaf for subtree in subtrees for leaf in _leaves(subtree, ()))
    # DuckDB finds columns by name, so their order makes no shape.
    return FileSchema(
        in_order=tuple(columns), leaves=leaves, shape=repr(sorted(map(list, map(list, subtrees))))
    )


def _subtrees(nodes: Sequence[Node]) -> Iterator[Sequence[Node]]:
    at = 1
    while at < len(nodes):
        end = _after(nodes, at)
        yield nodes[at:end]
        at = end


def _leaves(subtree: Sequence[Node], above: tuple[str, ...]) -> Iterator[Leaf]:
    name, children, duck, _ = subtree[0]
    path = (*above, name)
    if not children:
        yield Leaf(path=tuple(part.lower() for part in path), name=".".join(path), type=duck)
    at = 1
    while at < len(subtree):
        end = _after(subtree, at)
        yield from _leaves(subtree[at:end], path)
        at = end


def _after(nodes: Sequence[Node], at: int) -> int:
    """Where the node's subtree ends."""
    pending = 1
    while pending:
        pending += nodes[at][1] - 1
        at += 1
    return at
