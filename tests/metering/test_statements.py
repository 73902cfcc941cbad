"""What statements of each kind cost, and that they cost the same every time."""

from __future__ import annotations

import gzip
import uuid

import pyarrow as pa
import pytest

from .lake import COLUMNS, TEXT_SERDE, Lake, forms, parquet, sales
from .roads import Expected, Footers

TEXT = {
    "a.csv": b"1,x\n2,y\n",
    "b.csv.gz": gzip.compress(b"3,z\n" * 500, mtime=0),
    "c.csv.zst": pa.compress(b"4,w\n" * 800, codec="zstd", asbytes=True),
    "d.GZ": b"5,plain although its name says otherwise\n",
    "e": b"6,no extension\n",
    "sub/f.csv": b"7,in a folder\n",
    "_skipped.csv": b"8,never read\n",
    ".hidden": b"9,never read\n",
    "empty.csv": b"",
}
READ = ("a.csv", "b.csv.gz", "c.csv.zst", "d.GZ", "e", "sub/f.csv")


@pytest.fixture(scope="module")
def lake(server):
    lake = Lake(server, f"kinds-{uuid.uuid4().hex[:8]}")
    lake.table("mixed", TEXT, columns=[("n", "int"), ("s", "string")], serde=TEXT_SERDE)
    rows = sales()
    objects = forms(rows.slice(0, 4000))["snappy"]
    lake.table("sales", objects)
    thirds = {str(at): parquet(rows.slice(at, 1500), row_group_size=500) for at in range(0, 6000, 1500)}
    lake.table("many", thirds)
    few = {"1": parquet(pa.table({"id": [2001, 2002, 5001], "qty": pa.array([1, 2, 3], pa.int32())}))}
    lake.table("few", few, columns=[("id", "bigint"), ("qty", "int")])
    return lake


@pytest.fixture(scope="module")
def footers(lake):
    return {
        name: Footers({key.rpartition("/")[2]: body for key, body in lake.objects(f"{name}/").items()})
        for name in ("sales", "many", "few")
    }


@pytest.mark.parametrize("sql", ["SELECT count(*) FROM mixed", "SELECT s FROM mixed WHERE n = 77"])
def test_text_of_every_kind_counts_its_stored_size_and_hidden_names_nothing(lake, sql):
    assert lake.scanned(sql) == sum(len(TEXT[name]) for name in READ)


def test_a_statement_that_writes_costs_what_it_reads(lake, footers):
    place = f"s3://{lake.bucket}/copy/"
    source = footers["sales"].bytes(Expected("sales", reads=["id", "note"]))
    ctas = f"CREATE TABLE copy WITH (external_location='{place}') AS SELECT id, note FROM sales"
    assert lake.scanned(ctas) == source
    assert lake.scanned("INSERT INTO copy SELECT id, note FROM sales") == source
    some = Expected.of({"reads": ["note"], "domain": {"id": [[None, 99]]}})
    assert lake.scanned("INSERT INTO copy SELECT id, note FROM sales WHERE id < 100") == footers[
        "sales"
    ].bytes(some)


def test_what_ctas_wrote_costs_what_its_footers_say(lake):
    place = f"s3://{lake.bucket}/parted/"
    options = f"external_location='{place}', write_compression='ZSTD', partitioned_by=ARRAY['tiny']"
    lake.scanned(f"CREATE TABLE parted WITH ({options}) AS SELECT id, note, address, tiny FROM sales")
    written = lake.objects("parted/")
    third = Footers({key: body for key, body in written.items() if "tiny=2/" in key})
    assert lake.scanned("SELECT note FROM parted WHERE tiny = 2 AND id > 0") == third.bytes(
        Expected.of({"reads": ["note"], "domain": {"id": [[1, None]]}})
    )
    assert lake.scanned("SELECT address.city FROM parted") == Footers(written).bytes(
        Expected("", reads=["address.city"])
    )


def test_a_failed_query_reports_what_its_plan_reads(lake):
    execution = lake.run("SELECT 1 / (id - id) FROM sales")
    assert execution["Status"]["State"] == "FAILED"
    assert execution["Statistics"]["DataScannedInBytes"] == lake.scanned("SELECT id FROM sales") > 0


STEADY = [
    "SELECT a.note FROM many a JOIN few b ON a.id = b.id",
    "SELECT a.note FROM many a JOIN few b ON a.id = b.id AND a.qty = b.qty WHERE a.small > 5",
    "SELECT note FROM many WHERE qty = 7 AND small = 3 AND city < 'B'",
    "SELECT note FROM many WHERE qty = 77 AND price = 1000.0",
    "SELECT id, note FROM many LIMIT 700",
    "SELECT city, count(DISTINCT note) FROM many WHERE id % 7 = 0 GROUP BY city ORDER BY 2 DESC LIMIT 3",
]


@pytest.mark.parametrize("sql", STEADY)
def test_the_same_query_on_the_same_objects_costs_the_same_on_twenty_runs(lake, sql):
    assert len({lake.scanned(sql) for _ in range(20)}) == 1


def test_all_columns_are_those_of_the_table(lake, footers):
    assert lake.scanned("SELECT * FROM many") == footers["many"].bytes(
        Expected("many", reads=[name for name, _ in COLUMNS])
    )
