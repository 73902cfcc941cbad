"""EXPLAIN and EXPLAIN ANALYZE (AWS: athena-explain-statement; Trino: sql/explain)."""

from __future__ import annotations

from collections.abc import Callable

from lakebench.errors import QueryFailed, StatementRefused
from lakebench.sql.cursor import UNSUPPORTED, Cursor
from lakebench.sql.statement import (
    CreateTableAs,
    Explain,
    ExplainAnalyze,
    Explained,
    ExplainFormat,
    ExplainType,
    InsertInto,
    Query,
    Statement,
    Unload,
)

_OPTION_WORDS = {"FORMAT", "TYPE"}


def parse_explain(head: Cursor, parse: Callable[[int], Statement]) -> Explain | ExplainAnalyze:
    """Read from the word after EXPLAIN on; ``parse`` reads what is explained from an offset of the text."""
    analyze = head.take("ANALYZE")
    verbose = analyze and head.take("VERBOSE")
    kind, layout = _options(head)
    if head.done:
        raise StatementRefused(UNSUPPORTED)
    explained = _explained(parse(head.next().start))
    if analyze:
        if layout is ExplainFormat.GRAPHVIZ:
            raise QueryFailed("NOT_SUPPORTED", "EXPLAIN ANALYZE only supports TEXT and JSON format")
        return ExplainAnalyze(explained=explained, verbose=verbose, layout=layout or ExplainFormat.TEXT)
    if kind is ExplainType.IO:
        if layout not in {None, ExplainFormat.JSON}:
            raise QueryFailed("NOT_SUPPORTED", "EXPLAIN (TYPE IO) is given in JSON format only")
        layout = ExplainFormat.JSON
    return Explain(
        explained=explained, kind=kind or ExplainType.DISTRIBUTED, layout=layout or ExplainFormat.TEXT
    )


def _options(head: Cursor) -> tuple[ExplainType | None, ExplainFormat | None]:
    word = head.peek(1)
    if not head.sees("(") or word is None or word.text.upper() not in _OPTION_WORDS:
        return None, None
    kind: ExplainType | None = None
    layout: ExplainFormat | None = None
    head.expect("(")
    while True:
        if head.take("FORMAT"):
            layout = ExplainFormat(_one_of(head, *ExplainFormat))
        elif head.take("TYPE"):
            kind = ExplainType(_one_of(head, *ExplainType))
        else:
            head.fail("'FORMAT'", "'TYPE'")
        if not head.take(","):
            break
    head.expect(")")
    return kind, layout


def _one_of(head: Cursor, *words: str) -> str:
    for word in words:
        if head.take(word):
            return word
    return head.fail(*(f"'{word}'" for word in sorted(words)))


def _explained(statement: Statement) -> Explained:
    if isinstance(statement, Query | InsertInto | CreateTableAs | Unload):
        return statement
    raise QueryFailed(
        "NOT_SUPPORTED", "EXPLAIN is supported for SELECT, INSERT, CREATE TABLE AS and UNLOAD only"
    )
