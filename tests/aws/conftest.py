"""An account of AWS that is not: a proxy that poses as it, before a server of our own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lakebench import Server

from .posing import PosingAws, Weather

LAKEBENCH = Path(sys.executable).parent / "lakebench"


@pytest.fixture(scope="module")
def account(tmp_path_factory):
    """One account for the module; each test begins with fair weather and no calls."""
    with Server() as server:
        posing = PosingAws(server.endpoint, tmp_path_factory.mktemp("posing"))
        yield posing
        posing.close()


@pytest.fixture
def aws(account):
    account.weather = Weather()
    account.calls.clear()
    account.refused.clear()
    return account


@pytest.fixture
def lakebench(aws, tmp_path):
    """Runs the command as someone with this account would, in a folder of its own."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}

    def run(*arguments, **variables):
        return subprocess.run(
            [LAKEBENCH, *arguments],
            cwd=tmp_path,
            env=kept | {"HOME": str(tmp_path), "COLUMNS": "120"} | aws.variables() | variables,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run
