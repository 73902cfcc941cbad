"""The statement cases of tests/cases/statements: what is asked, and what comes back.

A file is a scenario of its own database and bucket. ``## form | supported`` heads the cases of a statement
form; ``+ key content`` puts an object. A case is a line, and below it, indented:

- ``@ TYPE SUBTYPE`` what GetQueryExecution calls it, ``-`` for none;
- ``: name type, ...`` the columns of its result;
- ``| text¶`` a row, its values joined by tabs (``\\t``), NULL for none;
- ``! text`` why it failed, ``x text`` why it was refused at start.

A case without rows has none. ``⏎`` is a line feed; ``{db}`` and ``{bucket}`` are the scenario's own;
``<id>``, ``<time>`` and ``<date>`` stand for what differs from run to run. ``?? [..]`` behind a statement are
its ExecutionParameters.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

CASES = Path(__file__).parents[1] / "cases/statements"
LINE_FEED = "⏎"
_WILDCARDS = {
    "<id>": r"[0-9a-f-]{36}",
    "<time>": r"\d{10}",
    "<date>": r"\w{3} \w{3} \d\d \d\d:\d\d:\d\d UTC \d{4}",
    "<ms>": r"\d+",
}


@dataclass(slots=True)
class Case:
    """One statement and what it answers; ``number`` is its line, ``puts`` the objects put before it."""

    form: str
    number: int
    sql: str
    puts: list[tuple[str, str]]
    parameters: tuple[str, ...] = ()
    expected: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A statement form, and whether it is supported or refused."""

    name: str
    state: str


def scenarios() -> list[str]:
    """The names of all files."""
    return sorted(path.stem for path in CASES.glob("*.txt"))


def read_scenario(name: str) -> tuple[list[Form], list[Case]]:
    """The forms and the cases of one file, in order."""
    forms: list[Form] = []
    cases: list[Case] = []
    puts: list[tuple[str, str]] = []
    for number, line in enumerate((CASES / f"{name}.txt").read_text().split("\n"), start=1):
        if line.startswith("## "):
            form, _, state = line.removeprefix("## ").rpartition(" | ")
            forms.append(Form(name=form, state=state))
        elif line.startswith("    "):
            cases[-1].expected.append(line.removeprefix("    "))
        elif line.startswith("+ "):
            _, key, content = line.split(" ", 2)
            puts.append((key, content.replace(LINE_FEED, "\n")))
        elif line and not line.startswith("#"):
            sql, _, values = line.partition(" ?? ")
            parameters = tuple(json.loads(values)) if values else ()
            cases.append(Case(forms[-1].name, number, sql, puts, parameters))
            puts = []
    return forms, cases


def all_forms() -> Iterator[tuple[Form, int]]:
    """Every form with its number of cases, file by file."""
    for name in scenarios():
        forms, cases = read_scenario(name)
        for form in forms:
            yield form, sum(case.form == form.name for case in cases)


def fits(expected: str, given: str) -> bool:
    """Whether a line is the expected one, wildcards apart."""
    pattern = re.escape(expected)
    for sign, wildcard in _WILDCARDS.items():
        pattern = pattern.replace(re.escape(sign), wildcard)
    return re.fullmatch(pattern, given, re.DOTALL) is not None
