"""Workers are killed, die, run out of time and memory; the engine goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
import regex

from lakebench.emulator.engine.engine import DuckDbEngine
from lakebench.emulator.engine.process import WorkerDied, WorkerProcess, WorkerSettings
from lakebench.emulator.engine.protocol import Cancellation, RowsSink
from lakebench.emulator.engine.udfs.raising import OutOfTime
from lakebench.emulator.engine.udfs.timed import TimedPattern
from lakebench.errors import LaunchError, QueryCancelled, QueryFailed

ENDLESS = (
    "SELECT count(*) FROM UNNEST(sequence(1, 10000)) AS a(x) "
    "CROSS JOIN UNNEST(sequence(1, 10000)) AS b(y) CROSS JOIN UNNEST(sequence(1, 10000)) AS c(z) "
    "WHERE x * y + z = -1"
)
BACKTRACKING = "SELECT regexp_like(rpad('', 60, 'a') || '!', '^(a|a)*$')"
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


def children_of(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task")
    return [int(child) for task in path.iterdir() for child in (task / "children").read_text().split()]


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


class Running:
    """A query in a thread of its own, and how it ended."""

    def __init__(self, lake, sql: str) -> None:
        self.cancellation = Cancellation()
        self.error: Exception | None = None
        request = lake.request(sql)

        def run() -> None:
            try:
                lake.engine.run(request, self.cancellation)
            except (QueryFailed, QueryCancelled) as error:
                self.error = error

        self.thread = threading.Thread(target=run, daemon=True)
        self.thread.start()

    def end(self) -> Exception | None:
        self.thread.join(20)
        assert not self.thread.is_alive()
        return self.error


def busy_worker(before: set[int], seconds: float = 60) -> int:
    """The child of this process, among those that have started, that uses CPU from now on."""
    until = time.monotonic() + seconds
    used = {pid: cpu_seconds(pid) for pid in children_of(os.getpid()) if is_running(pid)}
    while time.monotonic() < until:
        time.sleep(0.02)
        for pid, seconds_before in used.items():
            if pid not in before and is_running(pid) and cpu_seconds(pid) - seconds_before > 0.08:
                return pid
    raise AssertionError("no worker is busy")


@linux_only
def test_a_cancelled_query_ends_its_worker_and_the_next_one_works(make_lake):
    """How soon it ends is a figure: benchmarks/bench_latency.py."""
    others = set(children_of(os.getpid()))
    lake = make_lake(workers=1)
    lake.rows("SELECT 1")  # a worker that still starts is busy as well
    query = Running(lake, ENDLESS)
    worker = busy_worker(others)
    query.cancellation.cancel()
    error = query.end()
    assert isinstance(error, QueryCancelled)
    assert str(error) == "Query cancelled by user"
    assert not is_running(worker)
    assert lake.rows("SELECT 1") == [["1"]]


@linux_only
def test_a_worker_killed_in_mid_query_fails_the_query_and_the_next_one_works(make_lake):
    others = set(children_of(os.getpid()))
    lake = make_lake(workers=1)
    lake.rows("SELECT 1")
    query = Running(lake, ENDLESS)
    os.kill(busy_worker(others), signal.SIGKILL)
    error = query.end()
    assert isinstance(error, QueryFailed)
    assert error.code == "GENERIC_INTERNAL_ERROR"
    assert lake.rows("SELECT 2") == [["2"]]


def test_a_query_cancelled_while_it_queues_never_runs(make_lake):
    lake = make_lake(workers=1)
    first = Running(lake, ENDLESS)
    time.sleep(0.3)
    second = Running(lake, "SELECT 1")
    time.sleep(0.1)
    second.cancellation.cancel()
    assert isinstance(second.end(), QueryCancelled)
    first.cancellation.cancel()
    assert isinstance(first.end(), QueryCancelled)


def test_a_cancellation_after_the_end_harms_nobody(lake):
    cancellation = Cancellation()
    lake.run("SELECT 1", cancellation=cancellation)
    cancellation.cancel()
    assert lake.rows("SELECT 1") == [["1"]]


def test_a_query_that_was_cancelled_before_it_came_is_not_run(lake):
    cancellation = Cancellation()
    cancellation.cancel()
    with pytest.raises(QueryCancelled):
        lake.run("SELECT 1", cancellation=cancellation)
    assert lake.rows("SELECT 1") == [["1"]]


def test_a_query_over_its_time_fails_and_the_next_one_works(make_lake):
    lake = make_lake(workers=1, query_timeout=1.0)
    lake.rows("SELECT 1")
    with pytest.raises(QueryFailed, match="Query timeout"):
        lake.run(ENDLESS)
    assert lake.rows("SELECT 3") == [["3"]]


@linux_only
def test_a_function_in_python_that_takes_long_ends_with_its_query(make_lake):
    """Backtracking that would take days: StopQueryExecution ends it, and so does the query's own time."""
    lake = make_lake(workers=1, query_timeout=1.0)
    with pytest.raises(QueryFailed, match="Query timeout"):
        lake.run(BACKTRACKING)
    before = set(children_of(os.getpid()))
    patient = make_lake(workers=1)
    assert patient.rows("SELECT 1") == [["1"]]
    query = Running(patient, BACKTRACKING)
    busy_worker(before)
    query.cancellation.cancel()
    assert isinstance(query.end(), QueryCancelled)
    assert patient.rows("SELECT 1") == [["1"]]


def test_a_pattern_that_takes_too_long_on_a_value_is_not_tried_on_it_again():
    pattern = TimedPattern(regex.compile("^(a|a)*$"), seconds=0.05)
    endless = "a" * 60 + "!"
    for find in (pattern.search, lambda text: list(pattern.finditer(text))):
        with pytest.raises(OutOfTime, match="EXCEEDED_TIME_LIMIT"):
            find(endless)
    pattern.seconds = 1e9  # a further try would not end
    with pytest.raises(OutOfTime):
        pattern.search(endless)
    assert pattern.search("aaa") is not None


def test_a_query_over_its_memory_fails_at_once_and_the_next_one_works(make_lake):
    lake = make_lake(workers=1, memory_limit=256 << 20)
    lake.rows("SELECT 1")
    started = time.monotonic()
    with pytest.raises(QueryFailed) as failure:
        lake.run(
            "SELECT array_agg(x) AS a FROM UNNEST(sequence(1, 10000)) AS s(x) "
            "CROSS JOIN UNNEST(sequence(1, 10000)) AS u(y)"
        )
    assert failure.value.code == "EXCEEDED_LOCAL_MEMORY_LIMIT"
    assert failure.value.message == "Query exhausted resources at this scale factor"
    assert time.monotonic() - started < 20
    assert lake.rows("SELECT 4") == [["4"]]


def test_queries_run_side_by_side_on_several_workers(make_lake):
    lake = make_lake(workers=2)
    queries = [Running(lake, f"SELECT sum(x) FROM UNNEST(sequence(1, {n})) AS s(x)") for n in range(1, 21)]
    assert [query.end() for query in queries] == [None] * 20


def test_closing_cancels_what_runs_and_leaves_nothing(make_lake, tmp_path):
    lake = make_lake(workers=2)
    lake.rows("SELECT 1")
    query = Running(lake, ENDLESS)
    time.sleep(0.3)
    lake.engine.close()
    assert isinstance(query.end(), QueryFailed | QueryCancelled)
    assert list((tmp_path / "scratch-0").iterdir()) == []
    with pytest.raises(QueryCancelled):
        lake.run("SELECT 1")


@linux_only
def test_workers_killed_while_they_start_are_all_replaced(make_lake):
    before = set(children_of(os.getpid()))

    def workers() -> set[int]:
        return {pid for pid in set(children_of(os.getpid())) - before if is_running(pid)}

    def until_there_are(number: int) -> set[int]:
        deadline = time.monotonic() + 60
        while len(found := workers()) != number:
            assert time.monotonic() < deadline, f"{len(found)} workers"
            time.sleep(0.005)
        return found

    lake = make_lake(workers=2)
    killed = until_there_are(2)
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    while any(is_running(pid) for pid in killed):
        time.sleep(0.005)
    assert lake.rows("SELECT 1") == [["1"]]
    until_there_are(2)


def test_a_worker_that_is_gone_writes_into_no_file_that_was_opened_since(tmp_path):
    settings = WorkerSettings(
        threads=1,
        memory_limit=1 << 28,
        address_space=None,
        spill_limit=1 << 28,
        file_size=1 << 28,
        open_files=256,
        retire_resident=1 << 28,
        macros=(),
    )
    worker = WorkerProcess(tmp_path / "worker", settings)
    worker.open()
    worker.dispose()
    files = [(tmp_path / f"{number}").open("wb") for number in range(8)]  # these take the lowest descriptors
    with pytest.raises(WorkerDied):
        worker.end_execution()
    for file in files:
        file.close()
    assert [(tmp_path / f"{number}").stat().st_size for number in range(8)] == [0] * 8


def test_closing_between_the_answer_and_the_result_file_fails_the_query(make_lake, tmp_path):
    lake = make_lake(workers=1)

    class ClosesWhenUsed(type(Path())):
        """A place for the result at which the engine closes, when the file is about to move there."""

        def __fspath__(self) -> str:
            lake.engine.close()
            return super().__fspath__()

    with pytest.raises(QueryFailed, match="ended unexpectedly"):
        lake.run("SELECT 1", RowsSink(path=ClosesWhenUsed(tmp_path / "result.csv")))
    assert list((tmp_path / "scratch-0").iterdir()) == []


@linux_only
def test_closing_leaves_no_process(make_lake):
    before = set(children_of(os.getpid()))
    lake = make_lake(workers=2)
    lake.rows("SELECT 1")
    lake.engine.close()
    assert set(children_of(os.getpid())) <= before


@linux_only
def test_workers_end_by_themselves_when_the_server_is_killed(tmp_path):
    script = textwrap.dedent(f"""
        import pathlib, sys, threading, time
        from lakebench.emulator.engine.engine import DuckDbEngine
        from lakebench.emulator.engine.protocol import Cancellation, QueryRequest, RowsSink
        from lakebench.sql import parse, resolve
        root = pathlib.Path({str(tmp_path)!r})
        engine = DuckDbEngine(root / "scratch", workers=2)
        def run(sql, name):
            tree = resolve(parse(sql), lambda d, n: None, lambda n: True, "db").tree
            sink = RowsSink(path=root / name)
            engine.run(QueryRequest(execution_id="x", sql=sql, tree=tree, scans=(), sink=sink), Cancellation())
        run("SELECT 1", "a"), run("SELECT 1", "b")
        threading.Thread(target=run, args=({ENDLESS!r}, "c")).start()
        time.sleep(0.5)
        print("ready", flush=True)
        time.sleep(60)
    """)
    server = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    assert server.stdout.readline() == "ready\n"
    workers = children_of(server.pid)
    assert len(workers) == 2
    server.kill()
    server.wait()
    server.stdout.close()
    until = time.monotonic() + 5
    while any(is_running(pid) for pid in workers) and time.monotonic() < until:
        time.sleep(0.02)
    assert [pid for pid in workers if is_running(pid)] == []


def test_a_scratch_directory_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(LaunchError, match="cannot use the scratch directory"):
        DuckDbEngine(tmp_path / "file" / "scratch")


def test_objects_on_another_file_system_are_refused_clearly(lake):
    elsewhere = Path("/dev/shm")
    if not elsewhere.is_dir() or elsewhere.stat().st_dev == lake.root.stat().st_dev:
        pytest.skip("needs a second file system")
    lake.table("t", "text", "a int", {"x": b"1\n"})
    with tempfile.NamedTemporaryFile(dir=elsewhere) as other:
        other.write(b"1\n")
        other.flush()
        (file,) = lake.files["t"]
        lake.files["t"] = (replace(file, path=Path(other.name)),)
        with pytest.raises(QueryFailed, match="s3://lake/t/x cannot be linked") as failure:
            lake.run("SELECT a FROM t")
    assert "one file system" in (failure.value.hint or "")
