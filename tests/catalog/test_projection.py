"""Partition projection: values by properties (AWS: partition-projection-supported-types), and places."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from lakebench.catalog import Column, S3Uri, SerDe, Storage, Table, parse_type
from lakebench.catalog.projection import (
    InvalidProjection,
    Projected,
    is_projected,
    partition_name,
    projection_of,
)

CASES = json.loads((Path(__file__).parents[1] / "cases/catalog/projections.json").read_text())
NOW = datetime(2024, 3, 15, 10, 20, 30)  # noqa: DTZ001 - the moment is of UTC


def table(keys: dict[str, str], properties: dict[str, str]) -> Table:
    return Table(
        database="db",
        name="t",
        columns=(Column(name="a", type=parse_type("int")),),
        partition_keys=tuple(Column(name=name, type=parse_type(kind)) for name, kind in keys.items()),
        parameters={"projection.enabled": "true", **properties},
        storage=Storage(
            location=S3Uri("lake", "t"), input_format="", output_format="", serde=SerDe(library="")
        ),
    )


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_properties_make_these_values(case):
    properties = {f"projection.k.{name}": value for name, value in case["properties"].items()}
    projected = table({"k": case["type"]}, properties)
    now = datetime.fromisoformat(case["now"])
    if "error" in case:
        with pytest.raises(InvalidProjection) as error:
            projection_of(projected, now)
        assert str(error.value).startswith(f"Column projection for column 'k' failed. {case['error']}")
        return
    [column] = projection_of(projected, now).columns
    values = [value.value for value in column.values()]
    if "count" in case:
        assert (values[0], values[-1], len(values)) == (case["first"], case["last"], case["count"])
    else:
        assert values == case["values"]
    assert column.size == len(values)
    assert all(column.find(value) is not None for value in values[:100])
    assert column.find("no value of it") is None


def test_names_of_properties_and_the_switch_are_read_in_any_case():
    assert is_projected(table({"k": "string"}, {"projection.enabled": "TRUE"}))
    assert not is_projected(table({"k": "string"}, {"projection.enabled": "false"}))
    assert not is_projected(table({}, {}))


def test_without_a_template_places_are_hives_folders():
    properties = {"projection.k.type": "enum", "projection.k.values": "a:b"}
    projection = projection_of(table({"k": "string"}, properties), NOW)
    value = [Projected(value="a:b", place="a:b")]
    assert projection.place(value) == S3Uri("lake", "t/k=a%3Ab/")
    assert projection.placing(escaped=False)(value) == S3Uri("lake", "t/k=a:b/")


def test_a_template_is_filled_in_and_ends_in_a_slash():
    properties = {
        "projection.a.type": "injected",
        "projection.b.type": "integer",
        "projection.b.range": "1,9",
        "storage.location.template": "s3://other/x/${a}/y/${b}",
    }
    projection = projection_of(table({"a": "string", "b": "int"}, properties), NOW)
    values = [Projected(value="k/l", place="k/l"), Projected(value="7", place="7")]
    assert projection.place(values) == S3Uri("other", "x/k/l/y/7/")


def test_a_date_key_has_its_format_in_places():
    properties = {
        "projection.d.type": "date",
        "projection.d.format": "yyyy/MM/dd",
        "projection.d.range": "2024/01/01,NOW",
        "storage.location.template": "s3://lake/t/${d}/",
    }
    projection = projection_of(table({"d": "date"}, properties), NOW)
    found = projection.columns[0].find("2024-01-02")
    assert found is not None
    assert projection.place([found]) == S3Uri("lake", "t/2024/01/02/")


def test_a_template_must_hold_every_key():
    properties = {
        "projection.a.type": "injected",
        "projection.b.type": "injected",
        "storage.location.template": "s3://lake/t/${a}/",
    }
    with pytest.raises(InvalidProjection) as error:
        projection_of(table({"a": "string", "b": "string"}, properties), NOW)
    assert str(error.value) == (
        "Partition projection location template: s3://lake/t/${a}/ is missing partition column: 'b' placeholder"
    )


def test_a_partition_is_named_as_hive_names_it():
    assert partition_name(["a", "b"], ["x/y", None]) == "a=x%2Fy/b=__HIVE_DEFAULT_PARTITION__"
