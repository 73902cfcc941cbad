"""Schedules: what an expression means, and that it starts crawlers by a clock the test holds."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lakebench.emulator.glue.cron import parse_cron
from lakebench.emulator.glue.scheduler import Scheduler
from lakebench.errors import ConfigError

CASES = Path(__file__).parents[1] / "cases" / "crawler" / "cron.txt"


def _moment(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _cases():
    for line in CASES.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            yield pytest.param(*(part.strip() for part in line.split("|")), id=line)


@pytest.mark.parametrize(("expression", "after", "wanted"), tuple(_cases()))
def test_an_expression_names_its_next_moment(expression, after, wanted):
    found = parse_cron(expression).next_after(_moment(after))
    assert found == (None if wanted == "never" else _moment(wanted))


@pytest.mark.parametrize(
    ("expression", "named"),
    [
        ("every day", "six fields"),
        ("cron(15 12 * * ?)", "six fields"),
        ("rate(5 minutes)", "six fields"),
        ("cron(60 12 * * ? *)", "minutes '60'"),
        ("cron(0 24 * * ? *)", "hours '24'"),
        ("cron(0 0 0 * ? *)", "day-of-month '0'"),
        ("cron(0 0 1 13 ? *)", "month '13'"),
        ("cron(0 0 ? * 8 *)", "day-of-week '8'"),
        ("cron(0 0 ? * MOO *)", "day-of-week 'MOO'"),
        ("cron(0 0 1 1 ? 1969)", "year '1969'"),
        ("cron(0 0 1 1 1 *)", "?"),
        ("cron(0 0 ? 1 ? *)", "?"),
        ("cron(30-10 0 1 1 ? *)", "before it begins"),
        ("cron(*/0 0 1 1 ? *)", "minutes '0'"),
        ("cron(, 0 1 1 ? *)", "minutes ''"),
    ],
)
def test_an_expression_that_is_not_understood_is_refused_by_field(expression, named):
    with pytest.raises(ConfigError) as refusal:
        parse_cron(expression)
    assert named in refusal.value.message


class Clock:
    """A clock that stands until it is set."""

    def __init__(self):
        self.now = _moment("2026-11-23 07:00")

    def __call__(self):
        return self.now

    def advance(self, **step):
        self.now += timedelta(**step)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def scheduler(clock):
    scheduler = Scheduler(clock)
    yield scheduler
    scheduler.close()


def test_an_alarm_rings_once_when_it_is_due(clock, scheduler):
    rings, rung = [], threading.Event()

    def ring():
        rings.append(clock())
        rung.set()

    scheduler.set("a", parse_cron("cron(15 * * * ? *)"), ring)
    scheduler.fire_due()
    assert rings == []
    clock.advance(hours=3)
    scheduler.fire_due()
    assert rung.wait(5)
    scheduler.fire_due()
    assert rings == [_moment("2026-11-23 10:00")]


def test_the_thread_notices_that_the_clock_has_moved(clock, scheduler):
    rung = threading.Event()
    scheduler.set("a", parse_cron("cron(15 * * * ? *)"), rung.set)
    assert not rung.is_set()
    clock.advance(minutes=20)
    assert rung.wait(5)


def test_a_removed_alarm_is_silent(clock, scheduler):
    rung = threading.Event()
    scheduler.set("a", parse_cron("cron(15 * * * ? *)"), rung.set)
    scheduler.remove("a")
    scheduler.remove("a")
    clock.advance(hours=1)
    scheduler.fire_due()
    assert not rung.is_set()


def test_a_closed_scheduler_takes_no_more(clock, scheduler):
    scheduler.close()
    rung = threading.Event()
    scheduler.set("a", parse_cron("cron(15 * * * ? *)"), rung.set)
    clock.advance(hours=1)
    scheduler.fire_due()
    assert not rung.is_set()
