"""Runs ``lakebench demo`` as a user does: the installed command in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = [str(Path(sys.executable).with_name("lakebench")), "demo"]


@pytest.fixture(scope="session")
def clean_environment():
    """This process's environment without anything that would point the demo elsewhere."""
    ours = ("AWS_", "LAKEBENCH_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


@pytest.fixture(scope="session")
def run_demo(clean_environment, tmp_path_factory):
    """Run the demo with arguments; ``.returncode``, ``.stdout`` and ``.stderr`` as text."""

    def run(*arguments, cwd=None, **variables):
        return subprocess.run(
            [*COMMAND, *arguments],
            cwd=cwd or tmp_path_factory.mktemp("demo"),
            env={**clean_environment, **variables},
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    return run
