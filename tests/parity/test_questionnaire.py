"""The questions to AWS: each tells its answers apart, is cheap, and is answered here by our rule."""

from __future__ import annotations

import os
from decimal import Decimal
from itertools import combinations
from pathlib import Path

import pytest

from lakebench.bench.guarded import unguarded
from lakebench.bench.money import Money
from lakebench.client import local_session
from lakebench.parity.asking import ask_side
from lakebench.parity.lake import Names
from lakebench.parity.questionnaire import plan_of_questions, questions
from lakebench.report.parity_page import questions_page
from lakebench.report.progress import watcher_for
from lakebench.report.words import Language

PAGE = Path(__file__).parents[2] / "docs/athena-questions.md"
BILLED_AT_LEAST = 10 << 20
QUESTIONS = questions()
IDS = [question.id for question in QUESTIONS]


@pytest.fixture(scope="module")
def local(server):
    """The local side of the whole suite."""
    from rich.console import Console

    names = Names(bucket="parity-questions", database="parity_questions", crawler="parity-questions")
    watch = watcher_for(Console(quiet=True), Language.EN)
    session = local_session(server.endpoint)
    with unguarded(session, watch) as guard:
        return ask_side(session, plan_of_questions(), names, guard, watch)


@pytest.mark.parametrize("question", QUESTIONS, ids=IDS)
def test_no_number_is_two_answers(question):
    for one, other in combinations(question.answers, 2):
        assert one.most < other.least or other.most < one.least, (one, other)
    letters = [answer.letter for answer in question.answers]
    assert letters == sorted(set(letters))


@pytest.mark.parametrize("question", QUESTIONS, ids=IDS)
def test_every_answer_is_billed_the_minimum(question):
    assert max(answer.most for answer in question.answers) <= BILLED_AT_LEAST


def test_all_questions_cost_less_than_a_cent():
    money = Money("us-east-1")
    assert sum(money.billed_usd(question.answers[-1].most) for question in QUESTIONS) < Decimal("0.01")
    assert len(set(IDS)) == len(IDS) >= 20


@pytest.mark.parametrize("question", QUESTIONS, ids=IDS)
def test_the_local_side_answers_by_our_rule(local, question):
    found = next(query for query in local.queries if query.name == question.id)
    assert found.state == ("FAILED" if question.id == "failed_query" else "SUCCEEDED"), found.error
    assert found.scanned_bytes == question.rule.most, found
    assert local.settled[question.id] == question.rule.letter


def test_the_page_lists_what_the_suite_asks():
    """UPDATE_PAGES=1 writes it anew."""
    page = questions_page(QUESTIONS)
    if os.environ.get("UPDATE_PAGES"):
        PAGE.write_text(page, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page
