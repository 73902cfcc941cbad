"""Figures that were published from real accounts (facts/athena.md 3), rebuilt with objects of those sizes."""

from __future__ import annotations

import gzip
import uuid

import pyarrow as pa
import pytest

from .lake import TEXT_SERDE, Lake, parquet

JSON_SERDE = {
    "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
    "SerdeInfo": {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe"},
}
NAME = [("name", "string")]
DAY = [("day", "string")]
V2 = [3_408_184, *[3_408_661] * 6, 3_408_664]
V3 = [3_408_166, *[3_408_597] * 5, 3_408_599]
V4 = [3_921_456, 3_922_322, 3_921_495]


def lines(size: int) -> bytes:
    """JSON lines of exactly this many bytes."""
    line = b'{"name": "' + b"x" * 200 + b'"}\n'
    count = size // len(line) - 1
    rest = size - count * len(line) - len(b'{"name": ""}\n')
    return line * count + b'{"name": "' + b"y" * rest + b'"}\n'


@pytest.fixture(scope="module")
def lake(server):
    return Lake(server, f"vectors-{uuid.uuid4().hex[:8]}")


def days(lake: Lake, name: str, sizes: list[int]) -> None:
    """One partition an object of JSON lines, and one folder that is not registered."""
    objects = {f"d{at}": lines(size) for at, size in enumerate(sizes)}
    assert [len(body) for body in objects.values()] == sizes
    values = {key: [key] for key in objects}
    lake.table(name, objects, columns=NAME, serde=JSON_SERDE, keys=DAY, partitions=values)
    lake.put({f"{name}/unregistered/x": lines(5000)})


def cutoff(lake: Lake, limit: int) -> str:
    name = f"wg-{uuid.uuid4().hex[:8]}"
    settings = {"BytesScannedCutoffPerQuery": limit, "EnforceWorkGroupConfiguration": False}
    lake.athena.create_work_group(Name=name, Configuration=settings)
    return name


def test_v1_small_parquet_objects_count_their_chunks_and_no_footer(lake):
    objects = {
        name: parquet(pa.table({"id": [1, 2, 3], "name": list(letters)}), compression="zstd")
        for name, letters in (("1", "abc"), ("2", "def"))
    }
    lake.table("v1", objects, columns=[("id", "bigint"), *NAME])
    total = 0
    for body in objects.values():
        group = pa.parquet.read_metadata(pa.BufferReader(body)).row_group(0)
        total += sum(group.column(at).total_compressed_size for at in range(2))
    assert lake.scanned("SELECT * FROM v1") == total < sum(map(len, objects.values()))


def test_v2_json_lines_count_byte_for_byte_and_an_unregistered_folder_nothing(lake):
    days(lake, "v2", V2)
    assert lake.scanned("SELECT count(*) FROM v2") == 27_268_814
    assert lake.scanned("SELECT count(*) FROM v2 WHERE day = 'd0'") == 3_408_184


def test_v3_the_cutoff_ends_the_wide_query_at_exactly_its_own_bytes(lake):
    days(lake, "v3", V3)
    assert lake.scanned("SELECT count(*) FROM v3") == 23_859_750
    workgroup = cutoff(lake, 10_485_760)
    wide = lake.run("SELECT count(*) FROM v3", workgroup)
    assert wide["Status"]["State"] == "CANCELLED"
    assert wide["Status"]["StateChangeReason"] == "Bytes scanned limit was exceeded"
    assert wide["Statistics"]["DataScannedInBytes"] == 10_485_760
    narrow = lake.run("SELECT count(*) FROM v3 WHERE day = 'd0'", workgroup)
    assert narrow["Status"]["State"] == "SUCCEEDED"
    assert narrow["Statistics"]["DataScannedInBytes"] == 3_408_166


def test_v4_another_account_another_cutoff(lake):
    days(lake, "v4", V4)
    workgroup = cutoff(lake, 10_716_697)
    wide = lake.run("SELECT count(*) FROM v4", workgroup)
    assert (wide["Status"]["State"], wide["Statistics"]["DataScannedInBytes"]) == ("CANCELLED", 10_716_697)
    narrow = lake.run("SELECT count(*) FROM v4 WHERE day = 'd2'", workgroup)
    assert (narrow["Status"]["State"], narrow["Statistics"]["DataScannedInBytes"]) == ("SUCCEEDED", 3_921_495)


def test_v5_what_reads_no_data_costs_nothing(lake):
    body = parquet(pa.table({"name": ["a", "b"]}))
    lake.table("v5", {"p": body}, columns=NAME, keys=DAY, partitions={"p": ["p"]})
    for sql in (
        "SELECT count(*) FROM v5",
        "SELECT day, count(*) FROM v5 GROUP BY day",
        "SELECT DISTINCT day FROM v5",
        "SELECT 1",
        "EXPLAIN SELECT name FROM v5",
        "SHOW TABLES",
        "SHOW PARTITIONS v5",
        "DESCRIBE v5",
        "MSCK REPAIR TABLE v5",
        "CREATE VIEW v5_view AS SELECT name FROM v5",
        "DROP VIEW v5_view",
        f"CREATE TABLE v5_made WITH (external_location='s3://{lake.bucket}/v5_made/') AS SELECT 'x' AS name",
        "INSERT INTO v5_made VALUES ('y')",
        "DROP TABLE v5_made",
    ):
        assert lake.scanned(sql) == 0, sql


def test_r1_however_gzip_is_split_its_bytes_are_the_same(lake):
    members = [gzip.compress(f"row {at}\n".encode() * 500, mtime=0) for at in range(20)]
    for ways in (1, 10, 20):
        step = 20 // ways
        objects = {f"{at:02d}.gz": b"".join(members[at : at + step]) for at in range(0, 20, step)}
        lake.table(f"r1_{ways}", objects, columns=NAME, serde=TEXT_SERDE)
        assert lake.scanned(f"SELECT count(*) FROM r1_{ways}") == sum(map(len, members))


def test_r2_unload_costs_what_its_query_costs(lake):
    lake.table("r2", {"1.csv": b"a\nb\n" * 1000}, columns=NAME, serde=TEXT_SERDE)
    unload = f"UNLOAD (SELECT name FROM r2) TO 's3://{lake.bucket}/r2_out/' WITH (format='PARQUET')"
    assert lake.scanned(unload) == lake.scanned("SELECT name FROM r2") == 4000


def test_r3_two_days_cost_the_sum_of_two_days(lake):
    objects = {f"d{at}.gz": gzip.compress(f"{at}\n".encode() * 9000, mtime=0) for at in (1, 2, 3)}
    values = {name: [name] for name in objects}
    lake.table("r3", objects, columns=NAME, serde=TEXT_SERDE, keys=DAY, partitions=values)
    one = lake.scanned("SELECT count(*) FROM r3 WHERE day = 'd1.gz'")
    two = lake.scanned("SELECT count(*) FROM r3 WHERE day IN ('d1.gz', 'd2.gz')")
    assert (one, two) == (len(objects["d1.gz"]), len(objects["d1.gz"]) + len(objects["d2.gz"]))


def test_r4_a_sorted_table_costs_less_than_an_unsorted_one_and_both_less_than_the_object(lake):
    keys = list(range(20_000))
    shuffled = [key * 7919 % 20_000 for key in keys]
    scanned = {}
    for name, order in (("r4_sorted", keys), ("r4_unsorted", shuffled)):
        rows = pa.table(
            {"i_item_id": order} | {f"c{at}": [f"{at} {key}" for key in order] for at in range(21)}
        )
        body = parquet(rows, row_group_size=2000)
        columns = [("i_item_id", "bigint"), *((f"c{at}", "string") for at in range(21))]
        lake.table(name, {"item": body}, columns=columns)
        place = f"s3://{lake.bucket}/{name}/item"
        sql = f"""SELECT c0 FROM {name} WHERE i_item_id = 9000 AND "$path" = '{place}'"""
        scanned[name] = lake.scanned(sql)
        assert scanned[name] * 4 < len(body)
    assert scanned["r4_sorted"] * 1.8 < scanned["r4_unsorted"], "856.44 KB against 1.6 MB on AWS"


def test_r5_compressed_text_costs_its_compressed_size(lake):
    body = b"some text,1\n" * 20_000
    packed = gzip.compress(body, mtime=0)
    lake.table("r5_csv", {"1.csv": body}, columns=NAME, serde=TEXT_SERDE)
    lake.table("r5_gzip", {"1.csv.gz": packed}, columns=NAME, serde=TEXT_SERDE)
    assert lake.scanned("SELECT count(*) FROM r5_csv") == len(body)
    assert lake.scanned("SELECT count(*) FROM r5_gzip") == len(packed)


def test_r6_one_hour_of_json_costs_its_object_alone(lake):
    objects = {f"h{at:02d}": lines(size) for at, size in enumerate([29_124, *[29_123] * 94])}
    values = {key: [key] for key in objects}
    lake.table("r6", objects, columns=NAME, serde=JSON_SERDE, keys=DAY, partitions=values)
    everything = lake.scanned("SELECT count(*) FROM r6")
    hour = lake.scanned("SELECT count(*) FROM r6 WHERE day = 'h00'")
    assert (everything, hour) == (sum(map(len, objects.values())), 29_124)
    assert everything / hour == pytest.approx(27.02 * 1024 / 284.42, rel=0.03), "27.02 MB against 284.42 KB"


def test_r7_compressed_partitioned_and_columnar_each_cost_less_than_what_came_before(lake):
    days_of = {f"d{at}": [f"{at},{row},{row * 7919 % 6007}" for row in range(4000)] for at in range(6)}
    texts = {name: "\n".join(rows).encode() + b"\n" for name, rows in days_of.items()}
    packed = {f"{name}.gz": gzip.compress(text, mtime=0) for name, text in texts.items()}
    three = [("a", "bigint"), ("b", "bigint"), ("c", "bigint")]
    lake.table("r7_raw", texts, columns=three, serde=TEXT_SERDE)
    lake.table("r7_gzip", packed, columns=three, serde=TEXT_SERDE)
    by_day = {name: [name[:2]] for name in packed}
    lake.table("r7_days", packed, columns=three, serde=TEXT_SERDE, keys=DAY, partitions=by_day)
    columnar = {
        name: parquet(pa.table(dict(zip("abc", map(list, zip(*rows, strict=True)), strict=True))))
        for name, rows in ((n, [tuple(map(int, r.split(","))) for r in rs]) for n, rs in days_of.items())
    }
    by_day = {name: [name] for name in columnar}
    lake.table("r7_parquet", columnar, columns=three, keys=DAY, partitions=by_day)
    raw = lake.scanned("SELECT count(a) FROM r7_raw WHERE a = 3")
    compressed = lake.scanned("SELECT count(a) FROM r7_gzip WHERE a = 3")
    one_day = lake.scanned("SELECT count(a) FROM r7_days WHERE day = 'd3'")
    parquet_day = lake.scanned("SELECT count(a) FROM r7_parquet WHERE day = 'd3'")
    assert (raw, compressed) == (sum(map(len, texts.values())), sum(map(len, packed.values())))
    assert one_day == len(packed["d3.gz"])
    assert 0 < parquet_day < one_day < compressed < raw


def test_the_cutoff_ends_a_query_before_it_opens_an_object(lake):
    """What would fail when it is read is never read: the plan knows that it is too much."""
    lake.table("broken", {"1": b"no JSON\n" * 1_500_000}, columns=NAME, serde=JSON_SERDE)
    assert lake.run("SELECT name FROM broken")["Status"]["State"] == "FAILED"
    ended = lake.run("SELECT name FROM broken", cutoff(lake, 10_485_760))
    assert ended["Status"]["State"] == "CANCELLED"
    assert ended["Statistics"]["DataScannedInBytes"] == 10_485_760


def test_the_cutoff_ends_a_query_whose_bytes_only_its_run_tells(lake):
    days(lake, "joined", V4)
    sql = "SELECT count(*) FROM joined a JOIN (SELECT DISTINCT day FROM joined) b ON a.day = b.day"
    ended = lake.run(sql, cutoff(lake, 10_716_697))
    assert (ended["Status"]["State"], ended["Statistics"]["DataScannedInBytes"]) == ("CANCELLED", 10_716_697)


def test_runtime_statistics_have_a_stage_for_the_rows_and_one_a_table_scan(lake):
    rows = pa.table({"id": list(range(1000)), "name": ["x"] * 1000})
    lake.table("staged", {"1": parquet(rows, row_group_size=250)}, columns=[("id", "bigint"), *NAME])
    execution = lake.run("SELECT id FROM staged WHERE id < 300")
    told = lake.athena.get_query_runtime_statistics(QueryExecutionId=execution["QueryExecutionId"])
    statistics = told["QueryRuntimeStatistics"]
    scanned = execution["Statistics"]["DataScannedInBytes"]
    assert statistics["Rows"]["InputBytes"] == scanned > 0
    assert (statistics["Rows"]["InputRows"], statistics["Rows"]["OutputRows"]) == (500, 300)
    assert statistics["Rows"]["OutputBytes"] == len('"id"\n') + sum(len(f'"{n}"\n') for n in range(300))
    stage = statistics["OutputStage"]
    assert (stage["StageId"], stage["State"], stage["QueryStagePlan"]["RemoteSources"]) == (
        0,
        "FINISHED",
        ["1"],
    )
    [scan] = stage["SubStages"]
    assert scan["QueryStagePlan"]["Name"] == "TableScan"
    assert scan["QueryStagePlan"]["Identifier"] == f"awsdatacatalog:{lake.database}:staged"
    assert (scan["InputBytes"], scan["InputRows"]) == (scanned, 500)


def test_a_query_without_a_table_has_a_stage_for_its_rows_alone(lake):
    execution = lake.run("SELECT 1 AS one")
    told = lake.athena.get_query_runtime_statistics(QueryExecutionId=execution["QueryExecutionId"])
    statistics = told["QueryRuntimeStatistics"]
    assert statistics["Rows"] == {"InputRows": 0, "InputBytes": 0, "OutputRows": 1, "OutputBytes": 10}
    assert (statistics["OutputStage"]["State"], statistics["OutputStage"]["SubStages"]) == ("FINISHED", [])
