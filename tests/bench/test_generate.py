"""Generating into S3: all files or none."""

from __future__ import annotations

import uuid
from contextlib import contextmanager

import pytest

from lakebench.bench.generate import generate_parts
from lakebench.catalog.s3 import S3Uri
from lakebench.client import local_session
from lakebench.client.s3 import list_objects
from lakebench.datagen import VentasGenerator
from lakebench.datagen.parts import PartFormat, PartPlan
from lakebench.errors import ClientError

PLAN = PartPlan(generator=VentasGenerator(rows=300, seed=7), files=3, part_format=PartFormat.CSV_GZ)


class Counting:
    """A watcher that presses Ctrl-C once so many rows are written."""

    def __init__(self, break_after=None):
        self.rows, self._break_after = 0, break_after

    @contextmanager
    def step(self, step, total=None):
        def advance(units):
            self.rows += units
            if self.rows == self._break_after:
                raise KeyboardInterrupt

        yield advance

    def note(self, text):
        raise AssertionError(text)


@pytest.fixture
def session(server):
    return local_session(server.endpoint)


@pytest.fixture
def place():
    return S3Uri(f"gen-{uuid.uuid4().hex[:8]}", "raw/ventas")


def test_every_file_is_stored_as_it_is_made(session, place):
    watch = Counting()
    stored = generate_parts(session, PLAN, place, watch)
    assert watch.rows == 300
    assert [each.place.key for each in stored] == [f"raw/ventas/part-0000{n}.csv.gz" for n in range(3)]
    for number, each in enumerate(stored):
        body = session.s3.get_object(Bucket=each.place.bucket, Key=each.place.key)["Body"].read()
        assert body == b"".join(PLAN.chunks(number, lambda _: None))


def test_an_interruption_leaves_no_file(session, place):
    with pytest.raises(KeyboardInterrupt):
        generate_parts(session, PLAN, place, Counting(break_after=200))
    assert list(list_objects(session, place)) == []


def test_a_place_with_objects_is_refused_and_left_as_it_is(session, place):
    first = generate_parts(session, PLAN, place, Counting())
    with pytest.raises(ClientError, match="holds objects already"):
        generate_parts(session, PLAN, place, Counting())
    assert [each.place for each in list_objects(session, place)] == [each.place for each in first]
