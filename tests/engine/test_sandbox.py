"""SQL that reached a worker's DuckDB by mistake still touches nothing outside its scratch directory.

Athena's own SQL never gets that far; these statements are put into the worker directly.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from lakebench.emulator.engine.process import StatementFailed, WorkerProcess, WorkerSettings

ESCAPES = json.loads((Path(__file__).parents[1] / "cases/engine/escapes.json").read_text())
SETTINGS = WorkerSettings(
    threads=1,
    memory_limit=256 << 20,
    address_space=(2 << 30) if sys.platform == "linux" else None,
    spill_limit=1 << 30,
    file_size=64 << 20,
    open_files=256,
    retire_resident=1 << 30,
    macros=(),
)


@pytest.fixture(scope="module")
def worker(tmp_path_factory):
    root = tmp_path_factory.mktemp("sandbox")
    process = WorkerProcess(root / "worker", SETTINGS)
    (root / "secret").write_text("secret")
    (root / "worker2").mkdir()
    (root / "worker2/secret").write_text("secret")
    (root / "worker/link").symlink_to(root / "secret")
    process.open()
    yield process
    process.dispose()


@pytest.mark.parametrize("statement", ESCAPES)
def test_a_statement_that_reaches_out_is_refused(worker, statement):
    text = statement.replace("{scratch}", str(worker.scratch)).replace(
        "{outside}", str(worker.scratch.parent)
    )
    before = sorted(worker.scratch.parent.iterdir())
    try:
        rows = worker.execute([text])
    except StatementFailed:
        rows = []
    assert rows == []
    assert sorted(worker.scratch.parent.iterdir()) == before


def test_the_worker_reads_and_writes_its_own_directory(worker):
    target = worker.scratch / "runs" / "x.csv"
    worker.execute([f"COPY (SELECT 1 AS a) TO '{target}'"])
    assert worker.execute([f"SELECT a FROM read_csv('{target}')"]) == [[1]]


def test_the_worker_sees_no_environment_of_the_server(worker, monkeypatch):
    environment = Path(f"/proc/{worker.pid}/environ")
    if not environment.exists():
        pytest.skip("looks into /proc")
    names = {entry.partition(b"=")[0] for entry in environment.read_bytes().split(b"\0") if entry}
    assert names == {b"HOME", b"TMPDIR", b"LC_ALL"}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits address space")
def test_a_huge_value_fails_at_once_and_the_worker_lives(worker):
    with pytest.raises(StatementFailed) as failure:
        worker.execute(["SELECT length(repeat('x', 4000000000))"])
    assert failure.value.kind == "OutOfMemoryException"
    assert worker.execute(["SELECT 1"]) == [[1]]


def test_a_file_over_the_size_limit_fails_the_statement(worker):
    with pytest.raises(StatementFailed):
        worker.execute(
            [f"COPY (SELECT repeat('x', 1000) FROM range(200000)) TO '{worker.scratch}/runs/big.csv'"]
        )
    assert worker.execute(["SELECT 1"]) == [[1]]
