"""The README is executed: its shell session, its Python, and what it says they print."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lakebench import Server

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
TIMES = re.compile(r"^ *Run time +.*$|\d+ ms|\d+\.\d+ sec", flags=re.MULTILINE)
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


def _after(code: str) -> str:
    """The unlabelled block that follows this one: what it prints."""
    following = BLOCKS[[text for _, text in BLOCKS].index(code) + 1]
    assert following[0] == "", "the block after this one is no output"
    return following[1]


def _block(language: str, containing: str) -> str:
    [code] = [text for label, text in BLOCKS if label == language and containing in text]
    return code


def _run(command, environment):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    watched = {name: os.environ[name] for name in ("PYTHONPATH", "LAKEBENCH_TEST_ATTEMPTS")}
    done = subprocess.run(
        command,
        env={"HOME": "/nonexistent", **watched, **environment, "PATH": path},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def fresh():
    with Server() as running:
        yield running


def test_the_shell_and_boto3_session_prints_what_the_readme_says(fresh):
    shell = _block("sh", "aws s3 mb")
    assert 'eval "$(lakebench env)"' in shell, "the documented way is the environment"
    shell = shell.replace("lakebench env", f"lakebench env --port {fresh.port}")
    assert _run(["bash", "-euo", "pipefail", "-c", shell], {}).endswith(_after(_block("sh", "aws s3 mb")))

    code = _block("python", "start_query_execution")
    assert "endpoint_url" not in code
    point = f'eval "$(lakebench env --port {fresh.port})"; exec "$0" -c "$1"'
    assert _run(["bash", "-c", point, sys.executable, code], {}) == _after(code)

    command = _block("sh", "lakebench sql").replace(
        "lakebench sql", f"lakebench sql --endpoint {fresh.endpoint}"
    )
    printed = _run(["bash", "-c", command.rstrip() + " 2>&1"], {})
    assert TIMES.sub("", printed) == TIMES.sub("", _after(_block("sh", "lakebench sql")))


def test_the_library_door_prints_what_the_readme_says():
    code = _block("python", "with Server()")
    assert _run([sys.executable, "-c", code], {}) == _after(code)


def test_every_link_to_a_file_leads_somewhere():
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_demo_still_prints_the_readmes_figures():
    """Bytes and dollars are the same on every machine; times are not compared."""
    shown = README.partition("<!-- demo:begin -->\n```\n")[2].partition("```\n<!-- demo:end -->")[0]
    assert "Data scanned" in shown
    printed = _run(["lakebench", "demo"], {"HOME": "/nonexistent"})
    assert TIMES.sub("", printed.strip()) == TIMES.sub("", shown.strip())
