"""Many clients at once: mixed S3, Glue and Athena work whose every answer is checked, with figures."""

from __future__ import annotations

import random
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from statistics import linear_regression
from typing import Any

from .chaos import LOST, Chaos

_WARM_SHARE = 0.4


@dataclass
class Figures:
    """What a load showed. ``growth`` is of the server's resident bytes and descriptors after warm-up."""

    seconds: float
    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failures: list[str] = field(default_factory=list)
    samples: list[tuple[float, int, int]] = field(default_factory=list)
    lost: int = 0

    @property
    def operations(self) -> int:
        return sum(map(len, self.times.values()))

    def growth(self) -> tuple[int, int]:
        """Resident bytes and descriptors: the end's median less the median after warm-up."""
        after = [sample for sample in self.samples if sample[0] > self.seconds * _WARM_SHARE]
        part = max(1, len(after) // 3)
        first, last = after[:part], after[-part:]
        return (
            sorted(s[1] for s in last)[part // 2] - sorted(s[1] for s in first)[part // 2],
            sorted(s[2] for s in last)[part // 2] - sorted(s[2] for s in first)[part // 2],
        )

    def slopes(self) -> tuple[float, float]:
        """Resident bytes and descriptors gained a minute after warm-up, by least squares."""
        after = [sample for sample in self.samples if sample[0] > self.seconds * _WARM_SHARE]
        times = [sample[0] / 60 for sample in after]
        resident, descriptors = (
            linear_regression(times, [sample[column] for sample in after]).slope for column in (1, 2)
        )
        return resident, descriptors

    def __str__(self) -> str:
        rss, descriptors = self.growth()
        lines = [
            f"{self.operations} operations in {self.seconds:.0f} s: {self.operations / self.seconds:.0f}/s"
        ]
        for name, times in sorted(self.times.items()):
            ordered = sorted(times)
            p50, p99 = (ordered[int(len(ordered) * share)] * 1000 for share in (0.5, 0.99))
            lines.append(f"  {name:8} {len(ordered):6}  p50 {p50:6.1f} ms  p99 {p99:6.1f} ms")
        end, (by_minute, opened) = self.samples[-1], self.slopes()
        lines.append(
            f"  resident {end[1] >> 20} MB ({rss / 2**20:+.1f} MB after warm-up, "
            f"{by_minute / 2**20:+.2f} MB a minute)"
        )
        lines.append(
            f"  descriptors {end[2]} ({descriptors:+d} after warm-up, {opened:+.2f} a minute), "
            f"queries lost with their worker {self.lost}, failures {len(self.failures)}"
        )
        return "\n".join(lines)


class Worker:
    """One client: what it wrote it reads, and nobody else's work changes it."""

    def __init__(
        self, server: Any, number: int, figures: Figures, lock: threading.Lock, *, patient: bool
    ) -> None:
        self._patient = patient
        self._s3, self._glue, self._athena = (server.client(name) for name in ("s3", "glue", "athena"))
        self._number, self._figures, self._lock = number, figures, lock
        self._chance = random.Random(number)
        self._database, self._bucket = f"load_{number}", f"load-{number}"
        self._kept: dict[str, bytes] = {}
        self._rows: dict[str, int] = {}

    def prepare(self) -> None:
        self._s3.create_bucket(Bucket=self._bucket)
        self._glue.create_database(DatabaseInput={"Name": self._database})
        self._query(
            f"CREATE EXTERNAL TABLE t (n bigint, x string) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' "
            f"LOCATION 's3://{self._bucket}/t/'"
        )

    def run(self, until: float) -> None:
        work = [self._put, self._get, self._get, self._list, self._append, self._count, self._tables]
        try:
            while time.monotonic() < until:
                step = self._chance.choice(work)
                started = time.monotonic()
                step()
                with self._lock:
                    self._figures.times[step.__name__.strip("_")].append(time.monotonic() - started)
        except Exception as error:  # noqa: BLE001 (a client's failure is a figure)
            self._figures.failures.append(f"client {self._number}: {type(error).__name__}: {error}"[:500])

    def check(self) -> None:
        """Nothing that was acknowledged is lost."""
        for key, body in self._kept.items():
            assert self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read() == body, key
        self._count()

    def _put(self) -> None:
        key = f"k/{self._chance.randrange(30)}"
        body = self._chance.randbytes(self._chance.choice([10, 1000, 50_000]))
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=body)
        self._kept[key] = body

    def _get(self) -> None:
        if self._kept:
            key = self._chance.choice(list(self._kept))
            assert self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read() == self._kept[key], key

    def _list(self) -> None:
        found = self._s3.list_objects_v2(Bucket=self._bucket, Prefix="k/").get("Contents", [])
        assert {one["Key"] for one in found} == set(self._kept)

    def _append(self) -> None:
        key = f"t/{self._chance.randrange(20)}.csv"
        rows = self._chance.randrange(1, 50)
        body = b"".join(b"%d,text\n" % n for n in range(rows))
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=body)
        self._rows[key] = rows

    def _count(self) -> int:
        found = self._query("SELECT count(*) FROM t")
        assert found == sum(self._rows.values()), (found, self._rows)
        return found

    def _tables(self) -> None:
        name = f"g{self._chance.randrange(5)}"
        columns = [{"Name": f"c{n}", "Type": "int"} for n in range(self._chance.randrange(1, 9))]
        table = {"Name": name, "StorageDescriptor": {"Columns": columns}}
        try:
            self._glue.create_table(DatabaseName=self._database, TableInput=table)
        except self._glue.exceptions.AlreadyExistsException:
            self._glue.update_table(DatabaseName=self._database, TableInput=table)
        found = self._glue.get_table(DatabaseName=self._database, Name=name)["Table"]
        assert found["StorageDescriptor"]["Columns"] == columns

    def _query(self, sql: str) -> int:
        """The first number of the answer; a query whose worker was killed is asked again, as it tells to."""
        while True:
            status, found = self._query_once(sql)
            if status["State"] == "SUCCEEDED":
                return found
            assert self._patient, status
            assert LOST in status["StateChangeReason"], status
            with self._lock:
                self._figures.lost += 1

    def _query_once(self, sql: str) -> tuple[dict[str, Any], int]:
        started = self._athena.start_query_execution(
            QueryString=sql,
            QueryExecutionContext={"Database": self._database},
            ResultConfiguration={"OutputLocation": f"s3://{self._bucket}/results/"},
        )["QueryExecutionId"]
        while True:
            status = self._athena.get_query_execution(QueryExecutionId=started)["QueryExecution"]["Status"]
            if status["State"] not in {"QUEUED", "RUNNING"}:
                break
            time.sleep(0.02)
        if status["State"] != "SUCCEEDED":
            return status, 0
        rows = self._athena.get_query_results(QueryExecutionId=started)["ResultSet"]["Rows"]
        return status, int(rows[1]["Data"][0]["VarCharValue"]) if len(rows) > 1 else 0


def run_load(server: Any, *, clients: int, seconds: float, chaos: Chaos | None = None) -> Figures:
    """Run the clients for so long, with what goes wrong around them; raises AssertionError when something acknowledged is lost."""
    figures, lock = Figures(seconds), threading.Lock()
    workers = [Worker(server, number, figures, lock, patient=chaos is not None) for number in range(clients)]
    for worker in workers:
        worker.prepare()
    if chaos is not None:
        chaos.prepare()
    started = time.monotonic()
    disturber = None if chaos is None else chaos.start(started + seconds)
    threads = [
        threading.Thread(target=worker.run, args=(started + seconds,), daemon=True) for worker in workers
    ]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        now = time.monotonic() - started
        assert now < seconds + 60, "a client hangs"
        figures.samples.append((now, *_usage(server.pid)))
        time.sleep(0.25)
    if disturber is not None and chaos is not None:
        disturber.join(60)
        chaos.check()
    if not figures.failures:
        for worker in workers:
            worker.check()
    return figures


def _usage(pid: int) -> tuple[int, int]:
    process = Path(f"/proc/{pid}")
    if not process.exists():
        return 0, 0
    pages = int((process / "statm").read_text().split()[1])
    return pages * 4096, len(list((process / "fd").iterdir()))
