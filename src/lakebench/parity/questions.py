"""A question to AWS about how it counts: what it may answer, in bytes, and what our rule is today."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One way to count: its letter, what it would mean, and the bytes that then are scanned, a range."""

    letter: str
    means: str
    least: int
    most: int

    @classmethod
    def exactly(cls, letter: str, means: str, size: int) -> Answer:
        """An answer of one number."""
        return cls(letter=letter, means=means, least=size, most=size)

    def fits(self, scanned: int) -> bool:
        """Whether so many bytes are this answer."""
        return self.least <= scanned <= self.most


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionTable:
    """A table of a question: its objects' bytes by name, its columns in Hive's words, how it is stored."""

    name: str
    columns: str
    stored: str
    objects: tuple[tuple[str, bytes], ...]

    def ddl(self) -> str:
        """The statement that makes it."""
        return (
            f"CREATE EXTERNAL TABLE {self.name} ({self.columns})\n{self.stored}\n"
            f"LOCATION '{{lake}}/{self.name}/'"
        )

    def chunks(self, data: bytes) -> Callable[[], Iterator[bytes]]:
        """An object as an upload reads it."""
        return lambda: iter((data,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of AWS, and how its bytes answer.

    ``why`` says what is known and where from. The first of ``answers`` is our rule today; their ranges are
    disjoint, so that a number is one answer or none.
    """

    id: str
    asks: str
    why: str
    tables: tuple[QuestionTable, ...]
    sql: str
    answers: tuple[Answer, ...]

    @property
    def rule(self) -> Answer:
        """Our rule today."""
        return self.answers[0]

    def settle(self, scanned: int) -> Answer | None:
        """The answer that so many bytes are; None for none of them: unclear."""
        return next((answer for answer in self.answers if answer.fits(scanned)), None)
