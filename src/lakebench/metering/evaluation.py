"""Evaluating expressions that need no table: what constants and conditions on partition keys come to.

Only an engine knows Trino's functions, so both roads put them to one as SQL over constants: the emulator to a
worker, the harness to an engine in its own process (``metering.evaluator``). Neither reads an object for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlglot import exp


class CannotEvaluate(Exception):
    """The engine refused or failed it: nothing is known of its value."""


@dataclass(frozen=True, slots=True)
class Evaluator:
    """``translate`` writes a tree in Athena's dialect for the engine; ``ask`` runs statements.

    ``ask`` answers the rows of the last statement and raises CannotEvaluate; ``translate`` may raise
    ValueError.
    """

    translate: Callable[[exp.Expr], str]
    ask: Callable[[Sequence[str]], list[list[Any]]]
