"""What the server asks of the worker, what it answers, and how a conversion fails; no library is imported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

PLACE_HOLDER = "$none"
"""A column of the copy that no query reads: Parquet has no rows without columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionRequest:
    """One object: ``path`` is read, ``target`` is written.

    ``columns`` are the table's columns that the query names, each with its ordinal in the table.
    ``by_position`` finds them so in the object and not by name. ``label`` names the object in errors;
    ``reader_schema`` is Avro's, as JSON.
    """

    kind: str
    path: str
    target: str
    label: str
    columns: tuple[tuple[str, int], ...]
    by_position: bool = False
    reader_schema: str | None = None

    def to_wire(self) -> dict[str, Any]:
        """As the worker gets it."""
        return asdict(self)

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> ConversionRequest:
        """Back from to_wire()'s JSON."""
        columns = tuple((name, ordinal) for name, ordinal in wire["columns"])
        return cls(**{**wire, "columns": columns})


@dataclass(frozen=True, slots=True, kw_only=True)
class Stripe:
    """The compressed bytes of one stripe by node."""

    sizes: Mapping[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """What is known of a copy beside its rows.

    ``nodes`` are the nodes above and of each leaf of the copy, by the leaf's path there; ``names`` what a
    node is called in reports. ``kinds`` tells for each column how the object calls it and its type. Empty
    for a format whose objects count whole.
    """

    nodes: Mapping[tuple[str, ...], tuple[int, ...]] = field(default_factory=dict)
    names: Mapping[int, str] = field(default_factory=dict)
    kinds: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    stripes: tuple[Stripe, ...] = ()

    def to_wire(self) -> dict[str, Any]:
        """As JSON can carry it."""
        return {
            "nodes": [[list(path), list(nodes)] for path, nodes in self.nodes.items()],
            "names": list(self.names.items()),
            "kinds": {name: list(kind) for name, kind in self.kinds.items()},
            "stripes": [list(stripe.sizes.items()) for stripe in self.stripes],
        }

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> Copy:
        """Back from to_wire()'s JSON."""
        return cls(
            nodes={tuple(path): tuple(nodes) for path, nodes in wire["nodes"]},
            names=dict(wire["names"]),
            kinds={name: (path, kind) for name, (path, kind) in wire["kinds"].items()},
            stripes=tuple(Stripe(sizes=dict(sizes)) for sizes in wire["stripes"]),
        )


class Unreadable(Exception):
    """The object is not what its table says, in Athena's code and words."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
