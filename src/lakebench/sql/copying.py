"""A copy of a tree that shares what nothing changes: notes are copied one level deep, values not at all.

sqlglot's own copy goes through ``copy.deepcopy`` for each node's notes, which is most of its time.
"""

from __future__ import annotations

from typing import TypeVar

from sqlglot import exp

_Tree = TypeVar("_Tree", bound=exp.Expr)


def copied(tree: _Tree) -> _Tree:
    """The same tree in new nodes."""
    root = type(tree)()
    waiting: list[tuple[exp.Expr, exp.Expr]] = [(tree, root)]
    while waiting:
        old, new = waiting.pop()
        notes = getattr(old, "_meta", None)
        if notes is not None:
            new.meta.update(notes)
        for key, value in old.args.items():
            if isinstance(value, exp.Expr):
                waiting.append((value, _below(new, key, value)))
                new.args[key] = waiting[-1][1]
            elif isinstance(value, list):
                new.args[key] = _copied_list(new, key, value, waiting)
            else:
                new.args[key] = value
    return root


def _below(parent: exp.Expr, key: str, value: exp.Expr, index: int | None = None) -> exp.Expr:
    made = type(value)()
    made.parent, made.arg_key, made.index = parent, key, index
    return made


def _copied_list(
    parent: exp.Expr, key: str, values: list[object], waiting: list[tuple[exp.Expr, exp.Expr]]
) -> list[object]:
    made: list[object] = []
    for index, value in enumerate(values):
        if isinstance(value, exp.Expr):
            waiting.append((value, _below(parent, key, value, index)))
            made.append(waiting[-1][1])
        else:
            made.append(value)
    return made
