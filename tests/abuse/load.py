"""Many clients at once: mixed S3, Glue and Athena work whose every answer is checked, with figures."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import linear_regression
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError

from .chaos import Chaos, is_expected

_WARM_SHARE = 0.4


@dataclass
class Figures:
    """What a load showed. ``growth`` is of the server's resident bytes and descriptors after warm-up.

    ``spared`` are the requests and queries that a full disk or a killed worker cost, as they may.
    """

    seconds: float
    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failures: list[str] = field(default_factory=list)
    samples: list[tuple[float, int, int]] = field(default_factory=list)
    spared: Counter[str] = field(default_factory=Counter)

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
            f"failures {len(self.failures)}; borne: {dict(self.spared)}"
        )
        return "\n".join(lines)


class Refused(Exception):
    """The server could not: its disk is full, and nothing has changed."""


class Worker:
    """One client: what it wrote it reads, and nobody else's work changes it.

    A ``patient`` one bears that requests are refused for a full disk and queries lost with their worker, and
    holds the server to its word that nothing of them has happened.
    """

    def __init__(
        self, server: Any, number: int, figures: Figures, lock: threading.Lock, *, patient: bool
    ) -> None:
        self._patient = patient
        self._number, self._figures, self._lock = number, figures, lock
        self._chance = random.Random(number)
        self._database, self._bucket = f"load_{number}", f"load-{number}"
        self._kept: dict[str, bytes] = {}
        self._rows: dict[str, int] = {}
        self._columns: dict[str, Any] = {}
        self._inserted = 0
        self.connect(server)

    def connect(self, server: Any) -> None:
        """Work with this server from now on."""
        once = {"config": Config(retries={"total_max_attempts": 1, "mode": "standard"})}
        self._s3, self._glue, self._athena = (
            server.client(name, **once) for name in ("s3", "glue", "athena")
        )

    def prepare(self) -> None:
        self._s3.create_bucket(Bucket=self._bucket)
        self._glue.create_database(DatabaseInput={"Name": self._database})
        for name in ("t", "w"):
            self._query(
                f"CREATE EXTERNAL TABLE {name} (n bigint, x string) ROW FORMAT DELIMITED "
                f"FIELDS TERMINATED BY ',' LOCATION 's3://{self._bucket}/{name}/'"
            )

    def run(self, until: float) -> None:
        work = [
            *(self._put, self._get, self._get, self._list, self._delete, self._append, self._count),
            *(self._tables, self._insert),
        ]
        try:
            while time.monotonic() < until:
                step = self._chance.choice(work)
                started = time.monotonic()
                try:
                    step()
                except Refused as refused:
                    self._bear(str(refused))
                    continue
                with self._lock:
                    self._figures.times[step.__name__.strip("_")].append(time.monotonic() - started)
        except Exception as error:  # noqa: BLE001 (a client's failure is a figure)
            self._figures.failures.append(f"client {self._number}: {type(error).__name__}: {error}"[:500])

    def check(self) -> None:
        """Nothing that was acknowledged is lost, nothing that was refused is there."""
        self._list()
        for key, body in self._kept.items():
            assert self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read() == body, key
        self._count()
        assert self._answer("SELECT count(*) FROM w") == self._inserted
        found = self._glue.get_tables(DatabaseName=self._database)["TableList"]
        columns = {one["Name"]: one["StorageDescriptor"]["Columns"] for one in found}
        assert {name: columns[name] for name in columns if name not in {"t", "w"}} == self._columns

    def _put(self) -> None:
        key = f"k/{self._chance.randrange(30)}"
        body = self._chance.randbytes(self._chance.choice([10, 1000, 50_000]))
        self._change(self._s3.put_object, Bucket=self._bucket, Key=key, Body=body)
        self._kept[key] = body

    def _delete(self) -> None:
        if self._kept and self._chance.random() < 0.5:
            key = self._chance.choice(list(self._kept))
            self._change(self._s3.delete_object, Bucket=self._bucket, Key=key)
            del self._kept[key]

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
        self._change(self._s3.put_object, Bucket=self._bucket, Key=key, Body=body)
        self._rows[key] = rows

    def _count(self) -> None:
        found = self._answer("SELECT count(*) FROM t")
        assert found == sum(self._rows.values()), (found, self._rows)

    def _insert(self) -> None:
        """An INSERT that fails has written nothing, one that succeeds all of it."""
        if self._chance.random() < 0.5:
            assert self._answer("SELECT count(*) FROM w") == self._inserted
        elif self._query("INSERT INTO w SELECT n, 'x' FROM UNNEST(sequence(1, 10)) s(n)") is not None:
            self._inserted += 10

    def _tables(self) -> None:
        name = f"g{self._chance.randrange(5)}"
        columns = [{"Name": f"c{n}", "Type": "int"} for n in range(self._chance.randrange(1, 9))]
        table = {"Name": name, "StorageDescriptor": {"Columns": columns}}
        change = self._glue.update_table if name in self._columns else self._glue.create_table
        self._change(change, DatabaseName=self._database, TableInput=table)
        self._columns[name] = columns
        found = self._glue.get_table(DatabaseName=self._database, Name=name)["Table"]
        assert found["StorageDescriptor"]["Columns"] == columns

    def _change(self, call: Callable[..., Any], **arguments: Any) -> Any:
        """Call what takes room; raises Refused where it may be refused for that."""
        try:
            return call(**arguments)
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            if not self._patient or status not in {500, 503} or "disk" not in str(error):
                raise
            raise Refused(f"{call.__name__} refused") from error

    def _bear(self, what: str) -> None:
        with self._lock:
            self._figures.spared[what] += 1

    def _answer(self, sql: str) -> int:
        """The first number of the answer; asked again while workers and disk fail it."""
        while True:
            try:
                if (found := self._query(sql)) is not None:
                    return found
            except Refused as refused:
                self._bear(str(refused))
            time.sleep(0.05)

    def _query(self, sql: str) -> int | None:
        """The first number of the answer, 0 without one; None when its worker was killed or the disk full."""
        started = self._change(
            self._athena.start_query_execution,
            QueryString=sql,
            QueryExecutionContext={"Database": self._database},
            ResultConfiguration={"OutputLocation": f"s3://{self._bucket}/results/"},
        )["QueryExecutionId"]
        while True:
            found = self._athena.get_query_execution(QueryExecutionId=started)["QueryExecution"]
            status = found["Status"]
            if status["State"] not in {"QUEUED", "RUNNING"}:
                break
            time.sleep(0.02)
        total = found["Statistics"]["TotalExecutionTimeInMillis"]
        assert 0 < total < 1000 * (self._figures.seconds + 120), found["Statistics"]
        assert status["SubmissionDateTime"] <= status["CompletionDateTime"], status
        if status["State"] != "SUCCEEDED":
            assert self._patient, status
            assert is_expected(status), status
            self._bear("queries lost")
            return None
        rows = self._athena.get_query_results(QueryExecutionId=started)["ResultSet"]["Rows"]
        return int(rows[1]["Data"][0]["VarCharValue"]) if len(rows) > 1 else 0


def run_load(
    server: Any, *, clients: int, seconds: float, chaos: Chaos | None = None
) -> tuple[Figures, list[Worker]]:
    """Run the clients for so long, with what goes wrong around them; raises AssertionError when something acknowledged is lost.

    The clients are answered too, to check once more after a restart.
    """
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
    return figures, workers


def _usage(pid: int) -> tuple[int, int]:
    process = Path(f"/proc/{pid}")
    if not process.exists():
        return 0, 0
    pages = int((process / "statm").read_text().split()[1])
    return pages * 4096, len(list((process / "fd").iterdir()))
