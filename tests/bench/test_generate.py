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
from lakebench.datagen.data_sets import DataSet
from lakebench.datagen.parts import PartFormat, PartPlan, part_plans
from lakebench.errors import ClientError

PLAN = PartPlan(generator=VentasGenerator(rows=300, seed=7), files=3, part_format=PartFormat.CSV_GZ)
PLANS = {"": PLAN}


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
    made = generate_parts(session, PLANS, place, watch)
    assert watch.rows == made.rows == 300
    assert [each.place.key for each in made.objects] == [f"raw/ventas/part-0000{n}.csv.gz" for n in range(3)]
    for number, each in enumerate(made.objects):
        body = session.s3.get_object(Bucket=each.place.bucket, Key=each.place.key)["Body"].read()
        assert body == b"".join(PLAN.chunks(number, lambda _: None))


@pytest.mark.parametrize("workers", [1, 3])
def test_an_interruption_leaves_no_file(session, place, workers):
    with pytest.raises(KeyboardInterrupt):
        generate_parts(session, PLANS, place, Counting(break_after=200), workers=workers)
    assert list(list_objects(session, place)) == []


@pytest.mark.parametrize("data_set", list(DataSet))
def test_the_bytes_are_the_same_whatever_the_workers(session, place, data_set):
    scale, rows = (0.001, None) if data_set is DataSet.TPCH else (None, 400)
    plans = part_plans(data_set, PartFormat.CSV, rows=rows, scale=scale, seed=7, files=3)
    few = ("", "region", "supplier")  # each file of TPC-H is a run of its generator
    plans = {folder: plan for folder, plan in plans.items() if folder in few}
    bodies = []
    for workers in (1, 4):
        below = place.child(f"w{workers}/")
        made = generate_parts(session, plans, below, Counting(), workers=workers)
        bodies.append(
            {
                each.place.key.removeprefix(below.key): session.s3.get_object(
                    Bucket=each.place.bucket, Key=each.place.key
                )["Body"].read()
                for each in made.objects
            }
        )
    assert bodies[0] == bodies[1]
    assert len(bodies[0]) == (1 + 3 if data_set is DataSet.TPCH else 3)  # region is one file


def test_a_place_with_objects_is_refused_and_left_as_it_is(session, place):
    first = generate_parts(session, PLANS, place, Counting())
    with pytest.raises(ClientError, match="holds objects already"):
        generate_parts(session, PLANS, place, Counting())
    assert [each.place for each in list_objects(session, place)] == [each.place for each in first.objects]
