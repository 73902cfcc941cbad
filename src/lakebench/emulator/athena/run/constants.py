"""Values of a query's constants, before its objects are known: the engine is asked as for any query."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NoReturn

from sqlglot import exp

from lakebench.catalog import DataType
from lakebench.emulator.athena.run.context import RunContext
from lakebench.emulator.engine.protocol import QueryRequest, RowsSink
from lakebench.errors import QueryFailed
from lakebench.metering.conditions import is_stable
from lakebench.metering.constants import Constants
from lakebench.metering.domains import Value
from lakebench.metering.evaluation import CannotEvaluate, Evaluator


@dataclass(frozen=True, slots=True)
class EngineConstants:
    """Literals are read as they stand; anything else is run as ``SELECT`` of it."""

    context: RunContext

    def value(self, node: exp.Expr) -> Value | None:
        """The value; None for NULL, for what needs a row, and for what fails."""
        plain = Constants(Evaluator(_cannot, _cannot)).value(node)
        if plain is not None or not is_stable(node) or node.find(exp.Column) is not None:
            return plain
        path = self.context.scratch / f"{self.context.execution_id}.constant"
        request = QueryRequest(
            execution_id=self.context.execution_id,
            sql=self.context.sql,
            tree=exp.select(node.copy()),
            scans=(),
            sink=RowsSink(path=path),
        )
        try:
            outcome = self.context.engine.run(request, self.context.execution.cancellation)
            [_, row] = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
        except (QueryFailed, ValueError):
            return None
        finally:
            path.unlink(missing_ok=True)
        return _read(row, outcome.columns[0].type)


def _cannot(_: Any) -> NoReturn:
    raise CannotEvaluate("it is no literal")


def _read(row: Sequence[str], data_type: DataType) -> Value | None:
    """The text of a result file as a value; an empty row is NULL."""
    if not row:
        return None
    if data_type.name in {"varchar", "char"}:
        return row[0].encode()
    try:
        if data_type.name in {"date", "timestamp"}:
            return datetime.fromisoformat(row[0])
        return Decimal(row[0] == "true") if data_type.name == "boolean" else Decimal(row[0])
    except (ValueError, ArithmeticError):
        return None
