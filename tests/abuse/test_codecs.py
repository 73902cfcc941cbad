"""Damaged, lying and bomb-like objects in every codec of every format: the query fails alone, the server stays small.

A query over such an object either succeeds (the damage is where nobody looks) or fails with Athena's words for bad
data; the crawler leaves such an object out.
"""

from __future__ import annotations

import random
import re

import pytest

from lakebench import Server

from .lies import lies
from .packed import KINDS, bomb, damaged, packed, stored_as, suffix
from .probe import CANARY, LONG, Prober, fill_lake
from .watching import crawl, watched

ROWS = [(str(n), f"name {n % 7}") for n in range(600)]
DAMAGED = 60 if LONG else 6
BOMB = (1 << 30) if LONG else (192 << 20)
SLOW = {"a gzip header without end", "a CSV line of 20 MB in quotes", "an ORC footer that is a bomb"}
LIES = {what: lie for what, lie in lies().items() if LONG or what not in SLOW}
BAD_DATA = re.compile(r"HIVE_BAD_DATA|HIVE_CURSOR_ERROR|HIVE_CANNOT_OPEN_SPLIT")
OF_ITS_SIZE = re.compile(rf"{BAD_DATA.pattern}|EXCEEDED_|NOT_SUPPORTED")
PYTHON = re.compile(
    r"Traceback|NoneType|\bKeyError|IndexError|StopIteration|list index|unpack requires|not subscriptable"
    r"|need to install|codec can't|Arrow|pyarrow|cramjam|struct\.|bytes-like"
)


long_only = pytest.mark.skipif(not LONG, reason="minutes of packing and unpacking: make abuse-long")


@pytest.fixture(scope="module")
def prober(tmp_path_factory):
    guard = tmp_path_factory.mktemp("guard")
    (guard / "secret.txt").write_text(f"{CANARY},{CANARY}\n")
    with Server() as server:
        prober = Prober(server, "codecs-bucket", guard)
        fill_lake(prober)
        yield prober


def put_table(prober, name, kind, ending, body):
    prober.s3.put_object(Bucket=prober.bucket, Key=f"{name}/x.{ending}", Body=body)
    made = prober.run(
        f"CREATE EXTERNAL TABLE {name} (id string, x string) {stored_as(kind)} "
        f"LOCATION 's3://{prober.bucket}/{name}/'"
    )
    assert made.state == "SUCCEEDED", made


def check_failures(prober, outcomes, allowed):
    prober.check(outcomes)
    failed = [one for one in outcomes if one.state == "FAILED"]
    odd = [one for one in failed if not allowed.match(one.text) or PYTHON.search(one.text)]
    assert not odd, "\n".join(map(str, odd[:20]))
    return failed


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_object_is_bad_data_in_any_codec(prober, kind):
    chance = random.Random(f"codec {kind}")
    good = packed(kind, ROWS)
    plain = kind.replace("/", "_").replace("-", "_")
    names = [f"d_{plain}_{n}" for n in range(DAMAGED + 1)]
    with watched(prober):
        for n, name in enumerate(names):
            put_table(prober, name, kind, suffix(kind), damaged(good, chance) if n < DAMAGED else good)
        outcomes = prober.run_all(
            f"SELECT {items} FROM {name}" for name in names for items in ("id, x", "max(x), count(id)")
        )
        check_failures(prober, outcomes, BAD_DATA)
    assert f"'{len(ROWS)}'" in outcomes[-1].seen, outcomes[-1]  # the last is whole


@long_only
@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if kind.partition("/")[2] not in {"none", "null", "uncompressed"}]
)
def test_a_bomb_costs_its_query_at_most_in_any_codec(prober, kind):
    name = f"b_{kind.replace('/', '_').replace('-', '_')}"
    with watched(prober):
        put_table(prober, name, kind, suffix(kind), bomb(kind, BOMB))
        outcomes = prober.run_all(
            [f"SELECT max(length(id)) FROM {name}", f"SELECT count(*) FROM {name} WHERE x > id"]
        )
        check_failures(prober, outcomes, OF_ITS_SIZE)


@pytest.mark.parametrize("what", LIES)
def test_an_object_that_lies_about_its_size_costs_its_query_at_most(prober, what):
    kind, ending, body = LIES[what]
    name = f"l_{list(LIES).index(what)}"
    with watched(prober):
        put_table(prober, name, kind, ending, body)
        outcomes = prober.run_all(f"SELECT {items} FROM {name}" for items in ("id", "count(*)", "x, id"))
        check_failures(prober, outcomes, OF_ITS_SIZE)


def test_damaged_lying_and_bomb_like_objects_are_crawled(prober):
    """In folders of their own: those that cannot be read make no table, and no crawl fails or hangs for them."""
    chance = random.Random("crawled codecs")
    objects = {f"lie{n}/x.{ending}": body for n, (_, ending, body) in enumerate(lies().values())}
    for n, kind in enumerate(KINDS):
        objects[f"good{n}/x.{suffix(kind)}"] = packed(kind, ROWS)
        objects[f"damaged{n}/x.{suffix(kind)}"] = damaged(packed(kind, ROWS), chance)
        if kind.partition("/")[2] not in {"none", "null", "uncompressed"} and (LONG or n % 4 == 0):
            objects[f"bomb{n}/x.{suffix(kind)}"] = bomb(kind, BOMB if LONG else 64 << 20)
    with watched(prober):
        for key, body in objects.items():
            prober.s3.put_object(Bucket=prober.bucket, Key=f"crawled/{key}", Body=body)
        assert crawl(prober, "hostile", "crawled/", 120) == "SUCCEEDED"
    tables = {
        table["Name"]
        for page in prober.glue.get_paginator("get_tables").paginate(DatabaseName="db_hostile")
        for table in page["TableList"]
    }
    # Hadoop's LZ4 has no magic number, and only the engine goes by the name alone.
    assert {f"good{n}" for n, kind in enumerate(KINDS) if kind != "csv/lz4-hadoop"} <= tables
