"""An account of AWS that is not: a proxy that poses as it, before a server of our own."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from lakebench import Server
from lakebench.cli import main

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
    account.asked.clear()
    yield account
    account.weather = Weather()


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a command left on the terminal."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def run(aws, tmp_path, monkeypatch, capfd):
    """Runs the command in this process, as someone with this account would, in a folder of its own."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "LAKEBENCH_"))]:
        monkeypatch.delenv(name)
    for name, value in aws.variables().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    def here(*arguments, **variables):
        capfd.readouterr()
        with pytest.MonkeyPatch.context() as patched:
            for name, value in variables.items():
                patched.setenv(name, value)
            patched.setattr(sys, "argv", ["lakebench", *arguments])
            with pytest.raises(SystemExit) as ended:
                main.run()
        out, err = capfd.readouterr()
        return Done(returncode=ended.value.code or 0, stdout=out, stderr=err)

    return here


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
