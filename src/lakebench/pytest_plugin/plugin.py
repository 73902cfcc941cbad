"""What pytest loads at its start: options, fixtures and hooks. Heavy parts are loaded by the fixtures."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lakebench.pytest_plugin.baseline import read_baseline, write_baseline
from lakebench.pytest_plugin.guard import NameGuard

if TYPE_CHECKING:
    from lakebench import Server
    from lakebench.pytest_plugin.lake import Lake, LakeAthena, QueryResult

_PROPERTY = "lakebench_scanned_bytes"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of baselines and of the guard."""
    group = parser.getgroup("lakebench")
    group.addoption("--lakebench-record", metavar="FILE", help="write the bytes that each test scanned")
    group.addoption(
        "--lakebench-compare", metavar="FILE", help="fail a test that scans more than this file says"
    )
    group.addoption("--lakebench-allow-aws", action="store_true", help="let tests reach amazonaws.com")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker and put the guard in place."""
    config.addinivalue_line(
        "markers", "query_budget(max_bytes, max_usd): what the test's queries may scan and cost in all"
    )
    compare = config.getoption("--lakebench-compare")
    try:
        baseline = read_baseline(Path(compare)) if compare else None
    except ValueError as error:
        raise pytest.UsageError(str(error)) from error
    config.pluginmanager.register(Watch(config, baseline), "lakebench-watch")


class Watch:
    """One run of pytest: its guard, and the bytes of its tests."""

    def __init__(self, config: pytest.Config, baseline: dict[str, int] | None) -> None:
        self._baseline = baseline
        self._record = config.getoption("--lakebench-record")
        self._worker = hasattr(config, "workerinput")  # pytest-xdist: the controller writes the file
        self._scanned: dict[str, int] = {}
        self._guard = NameGuard()
        if not config.getoption("--lakebench-allow-aws"):
            self._guard.install()

    def pytest_unconfigure(self) -> None:
        """Take the guard away."""
        self._guard.remove()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """Judge what the test did: fixtures' queries are not counted, only those of its own call."""
        self._guard.stopped.clear()
        athena = _athena(item)
        begun = len(athena.queries) if athena else 0
        try:
            answer = yield
        except Exception as error:
            if self._guard.stopped:
                raise self._stopped() from error
            raise
        if self._guard.stopped:
            raise self._stopped()
        queries = athena.queries[begun:] if athena else []
        arguments = getattr(item, "funcargs", {})
        if queries and ("benchmark" in arguments or "scan_benchmark" in arguments):
            queries = list({query.sql: query for query in queries}.values())  # rounds repeat a statement
        if queries and "benchmark" in arguments:
            _tell(arguments["benchmark"].extra_info, queries)
        if athena is not None:
            item.user_properties.append((_PROPERTY, sum(query.scanned_bytes for query in queries)))
        _judge_budget(item, athena, queries)
        self._judge_baseline(item, queries)
        return answer

    def _stopped(self) -> Exception:
        from lakebench.errors import GuardError

        return GuardError(
            self._guard.message(), hint="use the fixtures athena and lake, or run with --lakebench-allow-aws"
        )

    def _judge_baseline(self, item: pytest.Item, queries: list[QueryResult]) -> None:
        scanned = sum(query.scanned_bytes for query in queries)
        before = (self._baseline or {}).get(item.nodeid)
        if before is not None and scanned > before:
            pytest.fail(
                f"scanned {scanned:,} bytes; the baseline has {before:,} ({scanned - before:+,})",
                pytrace=False,
            )

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect the bytes of tests that passed, of every worker."""
        if report.when == "call" and report.passed:
            for name, value in report.user_properties:
                if name == _PROPERTY:
                    self._scanned[report.nodeid] = int(str(value))

    def pytest_sessionfinish(self) -> None:
        """Write the baseline that was asked for."""
        if self._record and not self._worker:
            write_baseline(Path(self._record), self._scanned)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Name the tests that scan less than their baseline, and those that it does not know."""
        if self._baseline is None:
            return
        for test, scanned in sorted(self._scanned.items()):
            before = self._baseline.get(test)
            if before is None:
                terminalreporter.write_line(f"lakebench: {test} scans {scanned:,} bytes and has no baseline")
            elif scanned < before:
                terminalreporter.write_line(f"lakebench: {test} scans {scanned:,} bytes, {before:,} before")


def _athena(item: pytest.Item) -> LakeAthena | None:
    athena = getattr(item, "funcargs", {}).get("athena")
    if athena is None or type(athena).__module__ != "lakebench.pytest_plugin.lake":
        return None  # a fixture of the project's own with this name
    found: LakeAthena = athena
    return found


def _judge_budget(item: pytest.Item, athena: LakeAthena | None, queries: list[QueryResult]) -> None:
    marker = item.get_closest_marker("query_budget")
    if marker is None:
        return
    from lakebench.errors import LakebenchError
    from lakebench.pytest_plugin.budget import overrun, read_budget

    if athena is None or not queries:
        pytest.fail("query_budget: the test made no query through the fixture athena", pytrace=False)
    try:
        budget = read_budget(*marker.args, **marker.kwargs)
    except (LakebenchError, TypeError, ValueError) as error:
        pytest.fail(f"query_budget: {error}", pytrace=False)
    if said := overrun(budget, queries, athena.lake):
        pytest.fail(said, pytrace=False)


def _tell(extra: dict[str, Any], queries: list[QueryResult]) -> None:
    extra["scanned_bytes"] = sum(query.scanned_bytes for query in queries)
    extra["cost_usd"] = format(sum(query.cost_usd for query in queries), "f")
    extra["objects"] = sum(query.objects for query in queries)
    extra["row_groups"] = sum(query.row_groups for query in queries)


@pytest.fixture(scope="session")
def lakebench_server() -> Iterator[Server]:
    """A server of this test process, on a free port; with pytest-xdist each worker has one."""
    from lakebench import Server

    with Server(durable=False) as server:
        yield server


@pytest.fixture
def lake(lakebench_server: Server) -> Lake:
    """An empty lake: whatever earlier tests made is gone."""
    from lakebench.client import local_session
    from lakebench.client.glue import ensure_database
    from lakebench.client.s3 import ensure_bucket
    from lakebench.client.state import ServerState
    from lakebench.pytest_plugin.lake import Lake

    ServerState(lakebench_server.endpoint).reset()
    lake = Lake(session=local_session(lakebench_server.endpoint))
    ensure_bucket(lake.session, lake.bucket)
    ensure_database(lake.session, lake.database)
    return lake


@pytest.fixture
def athena(lake: Lake) -> LakeAthena:
    """Athena over the lake; ``athena.query(sql)`` gives rows, scanned_bytes, cost_usd and statistics."""
    from lakebench.pytest_plugin.lake import LakeAthena

    return LakeAthena(lake)


@pytest.fixture
def scan_benchmark(athena: LakeAthena, request: pytest.FixtureRequest) -> Callable[[str], QueryResult]:
    """Time a statement with pytest-benchmark and meter it."""
    if not request.config.pluginmanager.hasplugin("benchmark"):
        pytest.fail("scan_benchmark needs pytest-benchmark to be installed", pytrace=False)
    benchmark = request.getfixturevalue("benchmark")

    def measure(sql: str) -> QueryResult:
        result: QueryResult = benchmark(athena.query, sql)
        _tell(benchmark.extra_info, [result])
        return result

    return measure
