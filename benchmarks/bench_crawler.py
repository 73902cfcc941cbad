"""Crawls: many objects, one large object, and what a listing holds in memory."""

import subprocess
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

SALES = b"id,day,total\n1,2024-01-01,2.5\n2,2024-01-02,3.5\n"
_GIB = 1 << 30
_LISTING = """
import resource, sys, tempfile, uuid
from pathlib import Path
from lakebench.catalog import S3Uri
from lakebench.emulator.crawler.listing import list_target
from lakebench.emulator.crawler.spec import S3Target
from lakebench.emulator.moto.mount import MotoMount
from lakebench.emulator.moto.objects import MotoObjectStore
from lakebench.emulator.storage.data_dir import DataDir
from lakebench.emulator.storage.ledger import open_ledger
from moto.s3.models import s3_backends

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()

root = DataDir.open(Path(tempfile.mkdtemp())).__enter__()
moto = MotoMount(open_ledger(root, durable=False))
store = MotoObjectStore(moto, "123456789012")
s3_backends["123456789012"]["aws"].create_bucket("lake", "us-east-1")
for at in range(int(sys.argv[1])):
    store.put_bytes(S3Uri("lake", f"t/d={at % 200:03d}/{at:06d}.csv"), b"a,b\\n1,2\\n")
before = resident()
listing = list_target(S3Target(path=S3Uri("lake", "t/")), store, lambda: None)
print((resident() - before) >> 10, len(listing.folder.folders))
"""


class _Crawler:
    def __init__(self, server, s3):
        self.s3, self.glue = s3, server.client("glue")
        self.bucket = f"crawl-{uuid.uuid4().hex[:8]}"
        s3.create_bucket(Bucket=self.bucket)
        self.database = f"db_{uuid.uuid4().hex[:8]}"
        self.glue.create_crawler(
            Name=self.bucket,
            Role="r",
            DatabaseName=self.database,
            Targets={"S3Targets": [{"Path": f"s3://{self.bucket}/t/"}]},
        )

    def run(self):
        began = time.monotonic()
        self.glue.start_crawler(Name=self.bucket)
        while (found := self.glue.get_crawler(Name=self.bucket)["Crawler"])["State"] != "READY":
            time.sleep(0.01)
        assert found["LastCrawl"]["Status"] == "SUCCEEDED", found
        return time.monotonic() - began


def bench_crawl_of_many_objects(server, s3, benchmark, figure, size):
    """10,000 objects in 200 partitions, first seen and then unchanged."""
    count = size(10_000, 40)
    crawler = _Crawler(server, s3)

    def put(at):
        s3.put_object(Bucket=crawler.bucket, Key=f"t/d={at % 200:03d}/{at:05d}.csv", Body=SALES)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(put, range(count)))
    first = crawler.run()
    again = benchmark.pedantic(crawler.run, rounds=1)
    figure(f"crawl of {count:,} objects in 200 partitions", f"{first:.2f} s", "under 5 s")
    figure("the same, unchanged", f"{again:.2f} s", "under 5 s")


class _Lines:
    """A CSV of so many bytes as a file that is never whole in memory."""

    def __init__(self, size):
        self.left, self.block = size, SALES[13:] * (1 << 15)

    def read(self, wanted=-1):
        taken = min(self.left, len(self.block) if wanted < 0 else wanted)
        self.left -= taken
        return (self.block * (taken // len(self.block) + 1))[:taken]


@pytest.mark.skipif(
    not Path("/proc/self/io").exists(), reason="the system does not count what a process reads"
)
def bench_bytes_read_of_a_large_object(server, s3, benchmark, figure, size):
    """A CSV of 1 GB: the crawl reads its beginning."""
    crawler = _Crawler(server, s3)
    s3.upload_fileobj(_Lines(size(_GIB, 2 << 20)), crawler.bucket, "t/a.csv")
    io = Path(f"/proc/{server.pid}/io")
    before = _characters_read(io)
    benchmark.pedantic(crawler.run, rounds=1)
    figure("read while crawling a 1 GB CSV", f"{(_characters_read(io) - before) / 1e6:.2f} MB", "under 5 MB")


def _characters_read(io):
    return int(io.read_text().split()[1])


def bench_memory_of_a_listing(benchmark, figure, size):
    """100,000 objects listed, in a process of their own; what moto holds of them is there before."""
    script = [sys.executable, "-c", _LISTING]

    def listed(count):
        done = subprocess.run([*script, str(count)], capture_output=True, text=True, check=True)
        return int(done.stdout.split()[0])

    least, most = size(10_000, 200), size(100_000, 400)
    few = listed(least)
    many = benchmark.pedantic(listed, args=(most,), rounds=1)
    figure(f"memory that listing {least:,} objects adds", f"{few / 1024:.1f} MB", "-")
    figure(f"memory that listing {most:,} objects adds", f"{many / 1024:.1f} MB", "flat: under 20 MB")
