"""What the benchmarks share: a running server, and a table of figures printed at the end."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from pathlib import Path

import pytest

from lakebench import Server

FIGURES = pytest.StashKey[list[tuple[str, str, str]]]()
SMOKE = os.environ.get("LAKEBENCH_BENCH") == "smoke"
"""A run that only shows that every benchmark works: everything small, every round once."""

BYTES = Path(__file__).parent / "bytes.json"


def pytest_configure(config):
    config.stash[FIGURES] = []


@pytest.fixture
def figure(request):
    """Record one figure: what was measured, its value with unit, and what we aim at."""

    def record(what: str, value: str, aim: str) -> None:
        request.config.stash[FIGURES].append((what, value, aim))

    return record


@pytest.fixture(scope="session")
def size():
    """A number by the kind of run: the whole one, or the one that a smoke run has."""

    def choose(whole, smoke):
        return smoke if SMOKE else whole

    return choose


class _Quiet:
    """A watcher of runs that shows nothing."""

    @contextmanager
    def step(self, _step, _total=None):
        yield lambda _: None

    def note(self, text):
        raise AssertionError(text)


@pytest.fixture
def quiet():
    return _Quiet()


@pytest.fixture
def same_bytes(request):
    """Compare bytes with the committed ones, which are those of a smoke run: they have no noise."""

    def compare(found: dict[str, int]) -> None:
        if not SMOKE:
            return
        known = json.loads(BYTES.read_text())
        if os.environ.get("UPDATE_PAGES"):
            BYTES.write_text(json.dumps({**known, request.node.name: found}, indent=2) + "\n")
            return
        assert found == known[request.node.name], (
            "bytes changed; if they may, UPDATE_PAGES=1 writes them anew"
        )

    return compare


def pytest_terminal_summary(terminalreporter, config):
    rows = config.stash[FIGURES]
    if not rows:
        return
    width = max(len(what) for what, _, _ in rows)
    terminalreporter.section("figures (never asserted: this machine, this run)")
    for what, value, aim in rows:
        terminalreporter.write_line(f"{what:<{width}}  {value:>14}   aim: {aim}")


@pytest.fixture(scope="session")
def server():
    with Server() as running:
        yield running


@pytest.fixture(scope="session")
def athena(server):
    return server.client("athena")


@pytest.fixture(scope="session")
def s3(server):
    return server.client("s3")


@pytest.fixture(scope="session")
def bucket(s3):
    s3.create_bucket(Bucket="bench")
    return "bench"


class ProcessTree:
    """A process and its descendants, read from /proc: their memory and their CPU time."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def pids(self) -> list[int]:
        parents = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    parents[int(entry.name)] = int(
                        entry.joinpath("stat").read_text().rsplit(")", 1)[1].split()[1]
                    )
                except OSError:
                    continue  # it ended while we looked
        found = [self.pid]
        for pid in found:
            found.extend(child for child, parent in parents.items() if parent == pid)
        return found

    def resident_bytes(self) -> int:
        pages = (int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in self.pids())
        return sum(pages) * os.sysconf("SC_PAGE_SIZE")

    def cpu_seconds(self, pids: list[int]) -> float:
        """CPU time that these processes used so far; one that ended counts no more."""
        total = 0
        for pid in pids:
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            total += int(fields[11]) + int(fields[12])
        return total / os.sysconf("SC_CLK_TCK")


@pytest.fixture(scope="session")
def process_tree():
    """Makes a ProcessTree of a pid."""
    return ProcessTree


@pytest.fixture(scope="session")
def glue(server):
    return server.client("glue")
