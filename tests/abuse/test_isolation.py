"""Executions see nothing of each other, files are their owner's alone, and what is killed leaves nothing behind."""

from __future__ import annotations

import os
import signal
import stat
import time
from pathlib import Path

import pytest

from lakebench import Server
from lakebench.emulator.engine.process import StatementFailed, WorkerProcess, WorkerSettings
from lakebench.sql import macros

from .probe import CANARY, Prober, fill_lake

SETTINGS = WorkerSettings(
    threads=1,
    memory_limit=256 << 20,
    address_space=2 << 30,
    spill_limit=1 << 30,
    file_size=64 << 20,
    open_files=256,
    retire_resident=1 << 30,
    macros=tuple(macros()),
)
ENDLESS = (
    "SELECT max(a.x * b.x + c.x) FROM good, UNNEST(sequence(1, 10000)) a(x) "
    "CROSS JOIN UNNEST(sequence(1, 10000)) b(x) CROSS JOIN UNNEST(sequence(1, 10000)) c(x)"
)
PROBES = (
    "SELECT content FROM read_text('{file}')", "SELECT * FROM read_blob('{file}')", "SELECT * FROM read_csv('{file}')",
    "SELECT * FROM '{file}'", "SELECT * FROM glob('{other}/**')", "SELECT * FROM glob('{own}/../*')",
    "SELECT * FROM read_text('{own}/../{name}/runs/**')", "SELECT * FROM read_text('{own}/runs/../../{name}/runs/*')",
    "SELECT * FROM read_text('{own}/to-other/runs/*')", "SELECT * FROM read_csv('{own}/linked.csv')",
    "COPY (SELECT 1) TO '{other}/runs/planted.csv'", "COPY (SELECT 1) TO '{own}/../planted.csv'",
    "COPY (SELECT 1) TO '{own}/to-other/planted.csv'", "ATTACH '{other}/x.db'", "SELECT * FROM read_text('{other}/stderr.txt')",
    "SELECT * FROM read_text('/proc/{pid}/environ')", "SELECT * FROM read_text('/proc/{pid}/root{file}')",
    "SELECT * FROM read_text('/proc/{pid}/cwd/runs')", "EXPORT DATABASE '{other}/e'", "SELECT * FROM read_text('/proc/self/fd/0')",
)  # fmt: skip


@pytest.fixture(scope="module")
def prober(tmp_path_factory):
    """A server whose user lets everybody read what he writes."""
    place = tmp_path_factory.mktemp("isolated")
    before = os.umask(0)
    try:
        with Server(data_dir=place / "data") as server:
            prober = Prober(server, "isolated-bucket", place)
            fill_lake(prober)
            yield prober
    finally:
        os.umask(before)


def running(prober):
    """A query that goes on, and a link of its table's object in its worker's scratch."""
    output = {"OutputLocation": f"s3://{prober.bucket}/results/"}
    context = {"Database": prober.database}
    started = prober.athena.start_query_execution(
        QueryString=ENDLESS, QueryExecutionContext=context, ResultConfiguration=output
    )
    deadline = time.monotonic() + 30
    while not (
        links := [
            p for p in prober.server.data_dir.glob("scratch/engine-*/worker-*/runs/s0/*") if p.is_file()
        ]
    ):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return started["QueryExecutionId"], links[0]


def test_an_execution_sees_no_other_executions_scratch(prober):
    prober.s3.put_object(Bucket=prober.bucket, Key="good/a.csv", Body=f"{CANARY},x\n".encode())
    execution, link = running(prober)
    other = next(parent for parent in link.parents if parent.name.startswith("worker-"))
    pid = next(
        int(task)
        for found in Path(f"/proc/{prober.server.pid}/task").glob("*/children")
        for task in found.read_text().split()
    )
    mine = WorkerProcess(other.parent / "worker-of-another", SETTINGS)
    try:
        mine.open()
        (mine.scratch / "to-other").symlink_to(other)
        (mine.scratch / "linked.csv").symlink_to(link)
        before = sorted(other.rglob("*"))
        for probe in PROBES:
            text = probe
            for mark, value in {
                "file": link,
                "other": other,
                "own": mine.scratch,
                "name": other.name,
                "pid": pid,
            }.items():
                text = text.replace(f"{{{mark}}}", str(value))
            try:
                found = mine.execute([text])
            except StatementFailed:
                found = []
            assert (found, CANARY in str(found)) == ([], False), text
        assert sorted(other.rglob("*")) == before
    finally:
        mine.dispose()
        prober.athena.stop_query_execution(QueryExecutionId=execution)


def test_an_execution_finds_nothing_of_the_one_before_it_on_its_worker(tmp_path):
    worker = WorkerProcess(tmp_path / "worker-0", SETTINGS)
    try:
        worker.open()
        secret = worker.scratch / "runs/s0.csv"
        secret.write_text(f"{CANARY}\n")
        for logged in (False, True):
            worker.execute(
                [f"CREATE OR REPLACE TEMP VIEW s0 AS SELECT * FROM read_csv('{secret}', header = false)",
                 f"CREATE TEMP TABLE kept{logged} AS SELECT * FROM s0", "SET VARIABLE v = 'secret'", "SELECT * FROM s0"],
                logged=logged,
            )  # fmt: skip
            worker.end_execution()
            for probe in (
                "SELECT * FROM s0", f"SELECT * FROM kept{logged}", f"SELECT * FROM temp.main.kept{logged}",
            ):  # fmt: skip
                with pytest.raises(StatementFailed):
                    worker.execute([probe], logged=logged)
            assert worker.execute(["SELECT getvariable('v')"], logged=logged) == [[None]]
            reads = "SELECT count(*) FROM duckdb_logs WHERE contains(message, 's0.csv')"
            assert worker.execute([reads], logged=logged) == [[0]]
            worker.end_execution()
    finally:
        worker.dispose()


def test_all_that_a_server_writes_is_its_owners_alone(prober):
    for sql in (
        "SELECT * FROM good",
        "CREATE TABLE made WITH (format = 'ORC', partitioned_by = ARRAY['p']) AS SELECT id, x AS p FROM good",
        "INSERT INTO target SELECT * FROM good",
        f"UNLOAD (SELECT 1 AS a) TO 's3://{prober.bucket}/u/' WITH (format = 'AVRO')",
    ):
        assert prober.run(sql).state == "SUCCEEDED", sql
    execution, _ = running(prober)
    data_dir = prober.server.data_dir
    modes = {path: path.lstat().st_mode for path in (data_dir, *data_dir.rglob("*"))}
    prober.athena.stop_query_execution(QueryExecutionId=execution)
    assert {f"{path} {stat.filemode(mode)}" for path, mode in modes.items() if mode & 0o077} == set()


def test_what_is_killed_leaves_no_scratch(tmp_path):
    data_dir = tmp_path / "data"
    server = Server(data_dir=data_dir).start()
    prober = Prober(server, "killed-bucket", tmp_path)
    fill_lake(prober)
    execution, link = running(prober)
    prober.athena.stop_query_execution(QueryExecutionId=execution)
    _gone(link.parents[2])
    _, link = running(prober)
    workers = {
        int(one)
        for task in Path(f"/proc/{server.pid}/task").glob("*/children")
        for one in task.read_text().split()
    }
    os.kill(server.pid, signal.SIGKILL)
    server.stop()
    assert link.exists()
    for pid in workers:
        _gone(Path(f"/proc/{pid}"))
    with Server(data_dir=data_dir):
        assert not link.exists()
        assert list(data_dir.glob("tmp/*")) == []
        assert len(list(data_dir.glob("scratch/engine-*"))) == 1


def _gone(path):
    deadline = time.monotonic() + 20
    while path.exists() and "State:\tZ" not in _status(path):
        assert time.monotonic() < deadline, path
        time.sleep(0.02)


def _status(path):
    try:
        return (path / "status").read_text()
    except OSError:
        return ""
