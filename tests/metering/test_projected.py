"""Conditions choose projected partitions before any place is listed."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlglot import exp

from lakebench.catalog import Column, S3Uri, SerDe, Storage, Table, parse_type
from lakebench.errors import QueryFailed
from lakebench.metering.conditions import ScanConditions, conjuncts
from lakebench.metering.constants import Constants
from lakebench.metering.evaluation import CannotEvaluate, Evaluator
from lakebench.metering.projected import projected_partitions

NOW = datetime(2024, 3, 15)  # noqa: DTZ001 - the moment is of UTC


def literals_only(_: object) -> str:
    raise CannotEvaluate("no engine here")


def partitions(
    keys: dict[str, str], properties: dict[str, str], condition: str | None
) -> list[tuple[str, ...]]:
    table = Table(
        database="db",
        name="t",
        columns=(),
        partition_keys=tuple(Column(name=name, type=parse_type(kind)) for name, kind in keys.items()),
        parameters={"projection.enabled": "true", **properties},
        storage=Storage(
            location=S3Uri("lake", "t/"), input_format="", output_format="", serde=SerDe(library="")
        ),
    )
    found = ScanConditions(
        name="t",
        conditions=tuple(conjuncts(exp.condition(condition, dialect="athena") if condition else None)),
        alone=True,
        constant=False,
        used=frozenset(),
        keys=frozenset(),
    )
    constant = Constants(Evaluator(literals_only, literals_only)).value
    return [values for values, _ in projected_partitions(table, found, constant, NOW)]


HOURS = {
    "projection.h.type": "date",
    "projection.h.format": "yyyy/MM/dd/HH",
    "projection.h.range": "2015/01/01/00,2024/12/31/23",
    "projection.h.interval": "1",
    "projection.h.interval.unit": "HOURS",
}
NUMBERS = {"projection.n.type": "integer", "projection.n.range": "0,9999999999"}


def test_a_day_of_ten_years_of_hours_is_24_partitions():
    chosen = partitions({"h": "string"}, HOURS, "t.h >= '2020/03/01' AND t.h < '2020/03/02'")
    assert (chosen[0], chosen[-1], len(chosen)) == (("2020/03/01/00",), ("2020/03/01/23",), 24)


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("t.h = '2020/03/01/05'", [("2020/03/01/05",)]),
        ("t.h = '2020-03-01'", []),
        ("t.h = '2030/01/01/00'", []),
        ("t.h IN ('2020/03/01/05', '2020/03/01/06', 'x')", [("2020/03/01/05",), ("2020/03/01/06",)]),
    ],
)
def test_equality_finds_partitions_without_going_through_them(condition, found):
    assert partitions({"h": "string"}, HOURS, condition) == found


def test_a_range_of_billions_serves_equality_and_refuses_all():
    assert partitions({"n": "bigint"}, NUMBERS, "t.n = 4815162342") == [("4815162342",)]
    with pytest.raises(QueryFailed) as failure:
        partitions({"n": "bigint"}, NUMBERS, "t.n > 5")
    assert failure.value.reason == (
        "HIVE_EXCEEDED_PARTITION_LIMIT: Query over table 'db.t' can potentially read more than 1000000 partitions"
    )


def test_an_integer_of_text_is_compared_as_text():
    properties = {"projection.n.type": "integer", "projection.n.range": "1,20", "projection.n.digits": "2"}
    assert partitions({"n": "string"}, properties, "t.n = '7'") == []
    assert partitions({"n": "string"}, properties, "t.n = '07'") == [("07",)]
    assert partitions({"n": "int"}, properties, "t.n = 7") == [("07",)]


def test_several_keys_are_multiplied_in_the_order_of_the_table():
    properties = {
        "projection.a.type": "enum",
        "projection.a.values": "x,y",
        "projection.n.type": "integer",
        "projection.n.range": "1,3",
    }
    keys = {"a": "string", "n": "int"}
    assert partitions(keys, properties, "t.n > 1") == [("x", "2"), ("x", "3"), ("y", "2"), ("y", "3")]
    assert len(partitions(keys, properties, None)) == 6


@pytest.mark.parametrize("condition", [None, "t.u > 'a'", "t.u <> 'a'"])
def test_an_injected_key_without_equality_is_refused(condition):
    with pytest.raises(QueryFailed, match="must have only"):
        partitions({"u": "string"}, {"projection.u.type": "injected"}, condition)
