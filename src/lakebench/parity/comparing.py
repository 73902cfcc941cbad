"""Compares the two sides of a validation: each query and table, aspect by aspect, with differences' causes.

A pure function of the record, so that a record that was kept can be judged again without any side.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum

from lakebench.client.athena import ResultColumn, Row, Value, typed_row
from lakebench.parity.causes import LIMIT, PARALLEL, WRITER, Cause, byte_causes
from lakebench.parity.questions import UNCLEAR, Question
from lakebench.parity.record import AskedQuery, SeenTable, Validation
from lakebench.parity.shapes import FileShape

_RELATIVE_TOLERANCE = 1e-9  # sums of doubles differ in the last digits with the order of the rows
_SHOWN = 3


class Verdict(StrEnum):
    """What a comparison came to: nothing differs, all differences have a known cause, or some have none."""

    SAME = "same"
    EXPLAINED = "explained"
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One aspect in which two sides differ, as each has it in words; ``cause`` None is unexplained."""

    aspect: str
    local: str
    other: str
    cause: Cause | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A query or table on both sides; bytes are None for a table."""

    name: str
    local_bytes: int | None
    other_bytes: int | None
    differences: tuple[Difference, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst of its differences."""
        if not self.differences:
            return Verdict.SAME
        unexplained = any(one.cause is None for one in self.differences)
        return Verdict.UNEXPLAINED if unexplained else Verdict.EXPLAINED


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredQuestion:
    """A question with what each side answers: a letter, or unclear."""

    question: Question
    local: str
    other: str
    scanned_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Parity:
    """A whole validation, judged."""

    validation: Validation
    compared: tuple[Compared, ...]
    answered: tuple[AnsweredQuestion, ...]
    notes: tuple[str, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst of all."""
        verdicts = {one.verdict for one in self.compared}
        for verdict in (Verdict.UNEXPLAINED, Verdict.EXPLAINED):
            if verdict in verdicts:
                return verdict
        return Verdict.SAME


def compare_sides(validation: Validation, questions: Sequence[Question] = ()) -> Parity:
    """Judge a validation; ``questions`` are those of its suite."""
    by_id = {question.id: question for question in questions}
    others = {query.name: query for query in validation.other.queries}
    tables = {(table.crawled, table.name): table for table in validation.other.tables}
    compared, notes = [], []
    for query in validation.local.queries:
        if query.name in others:
            compared.append(_query(query, others.pop(query.name), by_id.get(query.name)))
        else:
            notes.append(f"{query.name} was asked of the local side alone.")
    notes += [f"{name} was asked of the other side alone." for name in others]
    for table in validation.local.tables:
        there = tables.get((table.crawled, table.name))
        if there is not None:
            compared.append(_table(table, there))
        elif table.crawled:
            notes.append(f"{table.name}: not crawled on the other side, so its schema is not compared.")
        else:
            notes.append(f"{table.name} was seen on the local side alone.")
    if validation.local.given != validation.other.given:
        notes.append("The two sides were given different objects: another version of a library wrote them.")
    return Parity(
        validation=validation,
        compared=tuple(compared),
        answered=tuple(_answered(validation, questions)),
        notes=tuple(notes),
    )


def _answered(validation: Validation, questions: Sequence[Question]) -> Iterator[AnsweredQuestion]:
    scanned = {query.name: query.scanned_bytes for query in validation.other.queries}
    for question in questions:
        if question.id in validation.other.settled:
            yield AnsweredQuestion(
                question=question,
                local=validation.local.settled.get(question.id, UNCLEAR),
                other=validation.other.settled[question.id],
                scanned_bytes=scanned[question.id],
            )


def _query(local: AskedQuery, other: AskedQuery, question: Question | None) -> Compared:
    return Compared(
        name=local.name,
        local_bytes=local.scanned_bytes,
        other_bytes=other.scanned_bytes,
        differences=tuple(_query_differences(local, other, question)),
    )


def _query_differences(
    local: AskedQuery, other: AskedQuery, question: Question | None
) -> Iterator[Difference]:
    if local.state != other.state:
        yield Difference(aspect="state", local=_ended(local), other=_ended(other), cause=None)
        return
    if local.error != other.error:
        yield Difference(
            aspect="error text", local=local.error or "none", other=other.error or "none", cause=None
        )
    for aspect, one, two in (
        ("error type", local.error_type, other.error_type),
        ("statement type", local.statement_type, other.statement_type),
        ("columns", _columns(local.columns), _columns(other.columns)),
    ):
        if one != two:
            yield Difference(aspect=aspect, local=str(one), other=str(two), cause=None)
    if local.columns == other.columns:
        yield from _row_differences(local, other)
    if local.scanned_bytes != other.scanned_bytes:
        yield Difference(
            aspect="bytes scanned",
            local=f"{local.scanned_bytes:,}",
            other=f"{other.scanned_bytes:,}",
            cause=_cause_of_bytes(local, other, question),
        )


def _cause_of_bytes(local: AskedQuery, other: AskedQuery, question: Question | None) -> Cause | None:
    if question is not None:
        answer = question.settle(other.scanned_bytes)
        if answer is None:
            return None
        return Cause(
            name=f"answer {answer.letter} of {question.id}",
            words=answer.means,
            source="this validation: the question is answered",
            exact=answer.least == answer.most,
        )
    return next(byte_causes(local, other), None)


def _ended(query: AskedQuery) -> str:
    return query.state if query.error is None else f"{query.state}: {query.error}"


def _columns(columns: Sequence[ResultColumn]) -> str:
    return ", ".join(f"{column.name} {column.type}" for column in columns)


def _row_differences(local: AskedQuery, other: AskedQuery) -> Iterator[Difference]:
    if local.row_count != other.row_count:
        yield Difference(
            aspect="row count", local=f"{local.row_count:,}", other=f"{other.row_count:,}", cause=None
        )
    elif local.rows is None or other.rows is None:
        if local.digest != other.digest:
            yield Difference(
                aspect="rows", local="other rows", other="by the digest of all of them", cause=None
            )
    else:
        here, there = _left_over(local, other)
        if here or there:
            yield Difference(aspect="rows", local=_shown(here), other=_shown(there), cause=_row_cause(other))


def _row_cause(other: AskedQuery) -> Cause | None:
    """Which rows a LIMIT without ORDER BY gives is nobody's promise."""
    return LIMIT if other.counts is not None and other.counts.limited else None


def _left_over(local: AskedQuery, other: AskedQuery) -> tuple[list[Row], list[Row]]:
    """The rows of either side that the other does not have, in any order; doubles may differ a little."""
    here = Counter(local.rows or ())
    there = Counter(other.rows or ())
    only_here = [typed_row(local.columns, row) for row in (here - there).elements()]
    only_there = [typed_row(other.columns, row) for row in (there - here).elements()]
    left = []
    for row in only_here:
        twin = next((one for one in only_there if _same_row(row, one)), None)
        if twin is None:
            left.append(row)
        else:
            only_there.remove(twin)
    return left, only_there


def _same_row(one: Row, other: Row) -> bool:
    return all(_same(left, right) for left, right in zip(one, other, strict=True))


def _same(one: Value, other: Value) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=_RELATIVE_TOLERANCE) or (
            math.isnan(one) and math.isnan(other)
        )
    return one == other


def _shown(rows: Sequence[Row]) -> str:
    more = f" and {len(rows) - _SHOWN:,} more" if len(rows) > _SHOWN else ""
    return "; ".join("(" + ", ".join(map(_cell, row)) + ")" for row in rows[:_SHOWN]) + more or "no such row"


def _cell(value: Value) -> str:
    return "NULL" if value is None else str(value)


def _table(local: SeenTable, other: SeenTable) -> Compared:
    return Compared(
        name=f"table {local.name}",
        local_bytes=None,
        other_bytes=None,
        differences=tuple(_table_differences(local, other)),
    )


def _table_differences(local: SeenTable, other: SeenTable) -> Iterator[Difference]:
    for name in ("columns", "partition_keys", "input_format", "serde", "serde_parameters"):
        one, two = getattr(local, name), getattr(other, name)
        if one != two:
            words = (_columns(one), _columns(two)) if name in {"columns", "partition_keys"} else (one, two)
            yield Difference(
                aspect=name.replace("_", " "), local=str(words[0]), other=str(words[1]), cause=None
            )
    keys = {**local.parameters, **other.parameters}
    for key in sorted(keys):
        one, two = local.parameters.get(key, "absent"), other.parameters.get(key, "absent")
        if one != two:
            yield Difference(aspect=f"parameter {key}", local=one, other=two, cause=None)
    yield from _file_differences(local.files, other.files)


def _file_differences(local: Sequence[FileShape], other: Sequence[FileShape]) -> Iterator[Difference]:
    if len(local) != len(other):
        yield Difference(aspect="files", local=str(len(local)), other=str(len(other)), cause=PARALLEL)
    for field in fields(FileShape):
        if field.name == "size":
            one, two = sum(file.size for file in local), sum(file.size for file in other)
            here, there = f"{one:,} bytes", f"{two:,} bytes"
        elif field.name in {"rows", "groups"}:
            one, two = _total(local, field.name), _total(other, field.name)
            here, there = f"{one:,}", f"{two:,}"
        else:
            here, there = _values(local, field.name), _values(other, field.name)
        if here != there:
            cause = WRITER if field.name in {"size", "writer", "groups"} else None
            yield Difference(
                aspect=f"files: {field.name.replace('_', ' ')}", local=here, other=there, cause=cause
            )


def _total(files: Sequence[FileShape], name: str) -> int:
    return sum(getattr(file, name) or 0 for file in files)


def _values(files: Sequence[FileShape], name: str) -> str:
    """What the files have, each value once."""
    return "; ".join(sorted({str(getattr(file, name)) for file in files}))
