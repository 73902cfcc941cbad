"""The result of DDL, SHOW, DESCRIBE and EXPLAIN: lines of text, and what GetQueryResults tells of them."""

from __future__ import annotations

from dataclasses import dataclass

from lakebench.emulator.athena.columns import ColumnInfo
from lakebench.emulator.athena.execution import RunResult
from lakebench.emulator.athena.metadata import encode_metadata
from lakebench.emulator.athena.result_location import companion
from lakebench.emulator.athena.run.context import RunContext


@dataclass(frozen=True, slots=True, kw_only=True)
class TextResult:
    """Lines joined by line feeds, without one at the end (facts/athena.md 4, result files).

    ``update_count`` is 0 for SHOW and None for DDL, DESCRIBE, SHOW CREATE TABLE and EXPLAIN, as
    measured. Column-less DDL has no companion but where ``companion`` says so: then it holds the
    execution's id and nothing else (measured for ADD and REPLACE COLUMNS and MSCK).
    """

    lines: tuple[str, ...] = ()
    columns: tuple[ColumnInfo, ...] = ()
    update_count: int | None = None
    has_header: bool = False
    substatement_type: str | None = None
    companion: bool = False


def publish_text(context: RunContext, text: TextResult) -> RunResult:
    """Write ``<id>.txt`` and its companion."""
    context.seal()
    location = context.execution.request.location
    if text.columns or text.companion:
        data = encode_metadata(context.execution_id, text.columns)
        context.put_bytes(companion(location, ".metadata"), data)
    context.put_bytes(location, "\n".join(text.lines).encode())
    return RunResult(
        columns=text.columns,
        update_count=text.update_count,
        has_header=text.has_header,
        rows=len(text.lines),
        substatement_type=text.substatement_type,
    )
