"""docs/athena-questions.md, written from the questions themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lakebench.parity.questions import Answer, Question

_HEAD = """# The questions to AWS

`lakebench validate athena-questions --aws --max-usd 0.01` asks these {count} queries of an account and of a
local server, over objects of a few hundred kilobytes that it makes, and says for each which answer the
scanned bytes are. Answers of one question are disjoint: a number is one of them, or it is unclear. Each query
scans less than 10 MB, so that AWS bills its minimum, {count} times 0.00005 USD in us-east-1. The first
answer, A, is our rule today; where nobody has published a measurement it is a choice, and the answer of an
account will replace it.

Not asked, because bytes do not tell or a query would not be cheap: whether a query that scans 0 bytes is
billed the minimum and whether a TB is 2^40 bytes (the day's bill tells), prices of regions, text above one
split (it takes objects of more than 64 MB), and delete files of Iceberg tables: lakebench reads none.

This page is generated: `UPDATE_PAGES=1 python -m pytest tests/parity/test_questionnaire.py`.
"""


def questions_page(questions: Sequence[Question]) -> str:
    """The page."""
    parts = [_HEAD.format(count=len(questions)), *map(_section, questions)]
    return "\n".join(parts)


def _section(question: Question) -> str:
    rows = "\n".join(
        f"| {answer.letter} | {answer.means} | {_bytes(answer)} |" for answer in question.answers
    )
    return (
        f"## {question.id}\n\n{question.asks}\n\n{question.why}\n\n```sql\n{question.sql}\n```\n\n"
        f"{''.join(_tables(question))}| answer | means | bytes |\n|---|---|---:|\n{rows}\n"
    )


def _tables(question: Question) -> Iterator[str]:
    for table in question.tables:
        sizes = ", ".join(f"{len(data):,}" for _, data in table.objects)
        yield f"Over `{table.name} ({table.columns})`, {table.stored.lower()}, objects of {sizes} bytes.\n\n"


def _bytes(answer: Answer) -> str:
    if answer.least == answer.most:
        return f"{answer.least:,}"
    return f"{answer.least:,} to {answer.most:,}"
