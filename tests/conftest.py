"""What the suites share: one running server, boto3 clients pointed at it, a bucket for each test."""

import importlib.util
import os
import tempfile
import uuid
from pathlib import Path

import pytest

from lakebench import Server

OFFLINE = Path(__file__).parent / "offline"
ATTEMPTS = "LAKEBENCH_TEST_ATTEMPTS"


def pytest_configure(config):
    """Watch this process and all that it starts: nothing leaves this machine (tests/offline)."""
    if ATTEMPTS in os.environ:
        return  # make test, or a process of pytest-xdist: watched already
    handle, log = tempfile.mkstemp(prefix="lakebench-attempts-")
    os.close(handle)
    config.stash[_LOG] = Path(log)
    path = os.pathsep.join(filter(None, (str(OFFLINE), os.environ.get("PYTHONPATH"))))
    os.environ.update({ATTEMPTS: log, "PYTHONPATH": path})
    spec = importlib.util.spec_from_file_location("lakebench_offline", OFFLINE / "sitecustomize.py")
    spec.loader.exec_module(importlib.util.module_from_spec(spec))


_LOG = pytest.StashKey[Path]()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    """One attempt fails the run."""
    log = session.config.stash.get(_LOG, None)
    if log is not None and log.read_text() and not session.exitstatus:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter, config):
    """Name what tried to leave."""
    log = config.stash.get(_LOG, None)
    for line in dict.fromkeys(log.read_text().splitlines()) if log is not None else ():
        terminalreporter.write_line(f"left this machine, or tried to: {line}", red=True)


def pytest_unconfigure(config):
    """Remove the notes."""
    log = config.stash.get(_LOG, None)
    if log is not None:
        log.unlink(missing_ok=True)


@pytest.fixture(scope="session")
def server():
    """A server of this test run, on a free port."""
    with Server() as running:
        yield running


@pytest.fixture(scope="session")
def s3(server):
    return server.client("s3")


@pytest.fixture(scope="session")
def glue(server):
    return server.client("glue")


@pytest.fixture(scope="session")
def athena(server):
    return server.client("athena")


@pytest.fixture
def bucket(s3):
    """The name of a fresh bucket."""
    name = f"test-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name)
    return name
