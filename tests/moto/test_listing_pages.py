"""Walks over the index read it in pages that grow; what they show does not depend on where a page ends."""

import pytest

from lakebench.emulator.moto.key_store import VERSION
from lakebench.emulator.moto.listing import following, version_rows
from lakebench.emulator.storage.ledger import memory_ledger


@pytest.fixture(scope="module")
def state():
    """1,500 keys below ``k/``, one of them with 200 versions, and the keys just before and after that prefix."""
    store = memory_ledger().state
    names = [b"k", b"k.", *(b"k/%04d" % number for number in range(1500)), b"k0", b"\xff", b"\xff\xff"]
    for name in names:
        for part in range(200 if name == b"k/0010" else 1):
            store.put(VERSION, "bucket", name, part, value=b"{}")
    store.put(VERSION, "another", b"k/0000", 0, value=b"{}")
    return store


def _found(state, prefix, start=b""):
    return [(row.name, row.part) for row in version_rows(state, "bucket", prefix, start)]


@pytest.mark.parametrize("prefix", [b"", b"k", b"k/", b"k/0010", b"k/00", b"k/1", b"k0", b"\xff", b"none"])
@pytest.mark.parametrize("start", [b"", b"k/0010", b"k/0010\0", b"k/0063", b"k/0319", b"k1"])
def test_a_walk_shows_every_version_with_the_prefix_once_and_in_order(state, prefix, start):
    every = [(row.name, row.part) for row in state.all(VERSION, "bucket")]
    assert _found(state, prefix, start) == [
        one for one in every if one[0].startswith(prefix) and one[0] >= start
    ]


@pytest.mark.parametrize(
    ("prefix", "after"), [(b"k/", b"k0"), (b"a\xff\xff", b"b"), (b"\xff", None), (b"", None)]
)
def test_what_follows_a_prefix_is_the_least_name_beyond_it(prefix, after):
    assert following(prefix) == after
