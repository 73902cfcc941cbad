"""Parquet objects serve the table's schema by name, and say so when they cannot."""

from __future__ import annotations

import decimal

import pyarrow as pa
import pytest

from lakebench.errors import QueryFailed

ODD_VALUES = ["a b", "x=y", "50%", "ñandú/é", "%20", "a+b", "NULL", "..", "'quoted'", None]


def test_columns_are_found_by_name_in_any_case_and_missing_ones_are_null(lake, to_parquet):
    body = to_parquet(pa.table({"B": ["x"], "extra": [1], "A": pa.array([1], pa.int32())}))
    lake.table("t", "parquet", "a bigint; b string; c double", {"one": body})
    assert lake.text("SELECT * FROM t") == '"a","b","c"\n"1","x",\n'


def test_files_of_different_schemas_are_one_table(lake, to_parquet):
    old = to_parquet(pa.table({"id": pa.array([1], pa.int32())}))
    new = to_parquet(pa.table({"name": ["n"], "id": pa.array([2], pa.int64())}))
    lake.table("t", "parquet", "id bigint; name string", {"1": old, "2": new})
    assert lake.text("SELECT id, name FROM t ORDER BY id") == '"id","name"\n"1",\n"2","n"\n'


def test_narrow_numbers_widen(lake, to_parquet):
    body = to_parquet(
        pa.table(
            {
                "i": pa.array([7], pa.int8()),
                "f": pa.array([1.5], pa.float32()),
                "d": pa.array([decimal.Decimal("1.50")], pa.decimal128(9, 2)),
            }
        )
    )
    lake.table("t", "parquet", "i bigint; f double; d decimal(12,4)", {"1": body})
    assert lake.text("SELECT i, f, d FROM t") == '"i","f","d"\n"7","1.5","1.5000"\n'


def test_a_type_that_cannot_serve_fails_when_the_column_is_read(lake, to_parquet):
    body = to_parquet(pa.table({"id": [1.5], "name": ["n"]}))
    lake.table("t", "parquet", "id bigint; name string", {"1": body})
    assert lake.text("SELECT name FROM t") == '"name"\n"n"\n'
    with pytest.raises(QueryFailed) as failure:
        lake.run("SELECT id FROM t")
    assert failure.value.reason == (
        "HIVE_BAD_DATA: Field id's type DOUBLE in parquet file s3://lake/t/1 "
        "is incompatible with type bigint defined in table schema"
    )


def test_partition_values_come_back_as_they_were_registered(lake, to_parquet):
    bodies = {str(at): to_parquet(pa.table({"id": [at]})) for at in range(len(ODD_VALUES))}
    partitions = {str(at): [value] for at, value in enumerate(ODD_VALUES)}
    lake.table("t", "parquet", "id bigint", bodies, keys="k string", partitions=partitions)
    rows = lake.rows("SELECT id, k, k IS NULL FROM t ORDER BY id")
    assert rows == [[str(at), value or "", str(value is None).lower()] for at, value in enumerate(ODD_VALUES)]
    for at, value in enumerate(ODD_VALUES[:-1]):
        quoted = (value or "").replace("'", "''")
        assert lake.rows(f"SELECT id FROM t WHERE k = '{quoted}'") == [[str(at)]]


@pytest.mark.parametrize("where", ["00", "07", "19"])
def test_a_corrupt_page_fails_the_query_and_names_the_object(lake, where, to_parquet):
    good = to_parquet(pa.table({"id": list(range(1000))}))
    bad = bytearray(good)
    bad[4:40] = b"\xff" * 36
    bodies = {f"{at:02d}": good for at in range(20)} | {where: bytes(bad)}
    lake.table("t", "parquet", "id bigint", bodies)
    with pytest.raises(QueryFailed) as failure:
        lake.run("SELECT sum(id) FROM t")
    assert failure.value.code == "HIVE_BAD_DATA"
    assert f"s3://lake/t/{where}" in failure.value.reason
    assert str(lake.root) not in failure.value.reason
    assert lake.rows("SELECT count(*) FROM t") == [["20000"]]


def test_an_object_that_is_gone_fails_the_query_and_names_it(lake, to_parquet):
    lake.table("t", "parquet", "id bigint", {"one": to_parquet(pa.table({"id": [1]}))})
    lake.files["t"][0].path.unlink()
    with pytest.raises(QueryFailed, match="HIVE_CANNOT_OPEN_SPLIT: Error opening Hive split s3://lake/t/one"):
        lake.run("SELECT id FROM t")
