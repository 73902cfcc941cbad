"""The questions that nobody has answered in public: suite ``athena-questions``.

Each is one query that scans less than 10 MB, so that AWS bills its minimum. All of them ask over data that is
made here, the open points of docs/metering.md in the order of the money at stake.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from lakebench.parity.orc_questions import orc_questions
from lakebench.parity.parquet_questions import parquet_questions
from lakebench.parity.plan import Ask, MakeTable, ParityPlan, Upload
from lakebench.parity.plan_questions import plan_questions
from lakebench.parity.questions import Question, QuestionTable
from lakebench.parity.text_questions import text_questions

QUESTIONS_SUITE = "athena-questions"


@cache
def questions() -> tuple[Question, ...]:
    """All of them; made once, since making them writes their objects."""
    return (*parquet_questions(), *orc_questions(), *plan_questions(), *text_questions())


def plan_of_questions() -> ParityPlan:
    """The suite: a table for each that a question needs, and one query a question."""
    asked = questions()
    tables = {table.name: table for question in asked for table in question.tables}
    return ParityPlan(
        suite=QUESTIONS_SUITE,
        layouts=(),
        rows=0,
        seed=0,
        uploads=tuple(_uploads(tables.values())),
        tables=tuple(MakeTable(table=table.name, sql=table.ddl()) for table in tables.values()),
        asks=tuple(Ask(name=question.id, sql=question.sql, most_bytes=_most(question)) for question in asked),
        questions=asked,
    )


def _uploads(tables: Iterable[QuestionTable]) -> Iterator[Upload]:
    for table in tables:
        for name, data in table.objects:
            yield Upload(key=f"{table.name}/{name}", chunks=table.chunks(data))


def _most(question: Question) -> int:
    """Twice all objects: a table may be read twice."""
    return 2 * sum(len(data) for table in question.tables for _, data in table.objects)
