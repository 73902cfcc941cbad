"""A start on a data dir that is full: 100,000 objects, and a table with 10,000 partitions."""

import os
import shutil
import sqlite3
import time
import zlib

from lakebench import Server

SMOKE = os.environ.get("LAKEBENCH_BENCH") == "smoke"
OBJECTS = 200 if SMOKE else 100_000
PARTITIONS = 100 if SMOKE else 10_000
STARTS = 1 if SMOKE else 3
TABLE = {
    "Name": "t",
    "PartitionKeys": [{"Name": "p", "Type": "string"}],
    "StorageDescriptor": {"Columns": [{"Name": "c", "Type": "int"}], "Location": "s3://lake/t/"},
}


def _fill(place):
    """One object and the partitions by requests; the other objects are rows and files like the first's."""
    with Server(workers=1, data_dir=place) as server:
        s3, glue = server.client("s3"), server.client("glue")
        s3.create_bucket(Bucket="lake")
        s3.put_object(Bucket="lake", Key="first", Body=b"x", Metadata={"a": "b"})
        glue.create_database(DatabaseInput={"Name": "lake"})
        glue.create_table(DatabaseName="lake", TableInput=TABLE)
        for start in range(0, PARTITIONS, 100):
            wanted = [
                {"Values": [f"{number:06d}"], "StorageDescriptor": {**TABLE["StorageDescriptor"]}}
                for number in range(start, start + 100)
            ]
            glue.batch_create_partition(DatabaseName="lake", TableName="t", PartitionInputList=wanted)
    [first] = [path for path in (place / "objects").rglob("*") if path.is_file()]
    with sqlite3.connect(place / "index.db") as index:
        value = index.execute("SELECT value FROM entity WHERE kind = 's3.version'").fetchone()[0]
        rows = []
        for number in range(OBJECTS - 1):
            name = f"{number * 7919 % OBJECTS:032x}"[::-1]
            target = place / "objects" / name[:2] / name
            target.parent.mkdir(exist_ok=True, mode=0o700)
            shutil.copyfile(first, target)
            checksum = zlib.crc32(value, zlib.crc32(name.encode()))
            rows.append(("s3.version", "lake", f"k/{number:08d}".encode(), 1, value, name, checksum))
        index.executemany("INSERT INTO entity VALUES (?, ?, ?, ?, ?, ?, ?)", rows)


def bench_start_on_a_full_data_dir(figure, tmp_path):
    place = tmp_path / "data"
    _fill(place)
    took = []
    for _ in range(STARTS):
        begun = time.perf_counter()
        with Server(workers=1, data_dir=place) as server:
            s3 = server.client("s3")
            took.append(time.perf_counter() - begun)
            assert s3.list_objects_v2(Bucket="lake", Prefix="k/", MaxKeys=2)["KeyCount"] == 2
            found = server.client("glue").get_partitions(DatabaseName="lake", TableName="t", MaxResults=9)
            assert len(found["Partitions"]) == 9
    with Server(workers=1, data_dir=tmp_path / "empty"):
        pass
    begun = time.perf_counter()
    with Server(workers=1, data_dir=tmp_path / "empty"):
        empty = time.perf_counter() - begun
    figure(f"start with {OBJECTS:,} objects, {PARTITIONS:,} partitions", f"{min(took):.2f} s", "3 s")
    figure("start on an empty data dir", f"{empty:.2f} s", "the smaller part")
