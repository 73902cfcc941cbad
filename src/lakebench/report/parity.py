"""A validation as a document, for a person, and as JSON, for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from lakebench.parity.comparing import AnsweredQuestion, Compared, Difference, Parity, Verdict
from lakebench.parity.questions import UNCLEAR
from lakebench.report.document import Document, ReportTable

_SHOWN = 160


def parity_document(parity: Parity) -> Document:
    """What was answered, every query's bytes on both sides, and each difference with its cause."""
    validation = parity.validation
    other = validation.other
    sides = f"local against {other.kind} of {other.asked:%Y-%m-%d} ({other.engine or 'no engine told'})"
    tables = [_queries(parity)]
    if parity.answered:
        tables.insert(0, _questions(parity))
    if any(one.differences for one in parity.compared):
        tables.append(_differences(parity))
    return Document(
        title=f"{validation.suite}: {sides}: {summary(parity)}",
        tables=tuple(tables),
        notes=tuple(_notes(parity)),
    )


def parity_json(parity: Parity) -> str:
    """The judgement for programs; the record has what both sides answered."""
    document = {
        "schema": "lakebench.parity",
        "schema_version": 1,
        "validation": parity.validation.validation_id,
        "suite": parity.validation.suite,
        "verdict": parity.verdict.value,
        "questions": [
            {
                "id": one.question.id,
                "asks": one.question.asks,
                "answers": {answer.letter: answer.means for answer in one.question.answers},
                "rule": one.question.rule.letter,
                "local": one.local,
                "other": one.other,
                "scanned_bytes": one.scanned_bytes,
            }
            for one in parity.answered
        ],
        "compared": [
            {
                "name": one.name,
                "verdict": one.verdict.value,
                "local_bytes": one.local_bytes,
                "other_bytes": one.other_bytes,
                "differences": [_difference(each) for each in one.differences],
            }
            for one in parity.compared
        ],
        "notes": list(parity.notes),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def summary(parity: Parity) -> str:
    """In a few words how many of what was compared are what."""
    counts = dict.fromkeys(Verdict, 0)
    for one in parity.compared:
        counts[one.verdict] += 1
    return ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count)


def _difference(one: Difference) -> dict[str, Any]:
    cause = one.cause
    return {
        "aspect": one.aspect,
        "local": one.local,
        "other": one.other,
        "cause": None
        if cause is None
        else {"name": cause.name, "words": cause.words, "source": cause.source, "exact": cause.exact},
    }


def _questions(parity: Parity) -> ReportTable:
    return ReportTable(
        title="Questions",
        header=("Question", "Asked", "Our rule", "Bytes there", "Answered"),
        rows=tuple(
            (
                one.question.id,
                one.question.asks,
                f"{one.question.rule.letter}: {one.question.rule.means}",
                f"{one.scanned_bytes:,}",
                _answer(one),
            )
            for one in parity.answered
        ),
        words=frozenset({0, 1, 2, 4}),
    )


def _answer(one: AnsweredQuestion) -> str:
    if one.other == UNCLEAR:
        return UNCLEAR
    means = next(answer.means for answer in one.question.answers if answer.letter == one.other)
    return f"{one.other}, as our rule" if one.other == one.question.rule.letter else f"{one.other}: {means}"


def _queries(parity: Parity) -> ReportTable:
    return ReportTable(
        title="Compared",
        header=("Query or table", "Bytes here", "Bytes there", "Difference", "Verdict"),
        rows=tuple(_compared(one) for one in parity.compared),
        words=frozenset({0, 4}),
    )


def _compared(one: Compared) -> tuple[str, ...]:
    if one.local_bytes is None or one.other_bytes is None:
        return (one.name, "", "", "", one.verdict.value)
    difference = one.other_bytes - one.local_bytes
    return (
        one.name,
        f"{one.local_bytes:,}",
        f"{one.other_bytes:,}",
        f"{difference:+,}" if difference else "",
        one.verdict.value,
    )


def _differences(parity: Parity) -> ReportTable:
    rows: list[tuple[str, ...]] = []
    for one in parity.compared:
        if one.differences:
            rows.append((one.name,))
            rows += [
                (f"  {each.aspect}", _cut(each.local), _cut(each.other), _cause(each))
                for each in one.differences
            ]
    return ReportTable(
        title="Differences",
        header=("Aspect", "Here", "There", "Cause"),
        rows=tuple(rows),
        words=frozenset({0, 1, 2, 3}),
    )


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"


def _cause(one: Difference) -> str:
    if one.cause is None:
        return "unexplained"
    return one.cause.name if one.cause.exact else f"{one.cause.name} (to be expected, not exact)"


def _notes(parity: Parity) -> Iterator[str]:
    yield (
        "Rows are compared in any order and by type, doubles to one part in a billion; bytes exactly. A "
        "cause is exact when it gives the other side's figure to the byte."
    )
    causes = {
        each.cause.name: each.cause
        for one in parity.compared
        for each in one.differences
        if each.cause is not None
    }
    for cause in causes.values():
        yield f"{cause.name}: {cause.words} ({cause.source})."
    yield from parity.notes
