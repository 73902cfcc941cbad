"""A data type is one value with two spellings: Hive's in the catalogue, Trino's in queries."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakebench.catalog import DataType, Field, parse_type

CASES = json.loads((Path(__file__).parents[1] / "cases/catalog/types.json").read_text())


@pytest.mark.parametrize(("hive", "trino"), CASES["both"])
def test_a_type_is_read_and_written_in_both_spellings(hive, trino):
    value = parse_type(hive)
    assert value.trino == trino
    assert value.hive == hive
    assert parse_type(trino) == value


@pytest.mark.parametrize(("text", "trino"), CASES["read_only"])
def test_looser_spellings_are_understood(text, trino):
    assert parse_type(text).trino == trino


@pytest.mark.parametrize(("text", "expected"), CASES["refused"])
def test_what_is_no_type_is_refused_with_the_place(text, expected):
    with pytest.raises(ValueError, match="not a data type") as caught:
        parse_type(text)
    assert expected in str(caught.value)
    assert "at character" in str(caught.value)


NAMES = st.sampled_from(["boolean", "integer", "bigint", "double", "real", "varchar", "varbinary", "date"])
SIMPLE = NAMES.map(lambda name: DataType(name=name))
MEMBER = st.text("abcdefghijk_ 0123456789-áñ", min_size=1, max_size=8).filter(
    lambda name: name.strip() == name
)


def _nest(inner):
    array = inner.map(lambda one: DataType(name="array", fields=(Field(name=None, type=one),)))
    mapping = st.tuples(SIMPLE, inner).map(
        lambda two: DataType(name="map", fields=tuple(Field(name=None, type=one) for one in two))
    )
    row = st.lists(st.tuples(MEMBER, inner), min_size=1, max_size=3).map(
        lambda members: DataType(name="row", fields=tuple(Field(name=n, type=t) for n, t in members))
    )
    return array | mapping | row


@given(st.recursive(SIMPLE, _nest, max_leaves=6))
def test_any_type_survives_a_round_trip_through_either_spelling(value):
    assert parse_type(value.hive) == value
    assert parse_type(value.trino) == value
