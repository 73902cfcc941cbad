"""``lakebench config show``: the settings as every command takes them, and who gave each."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

LAKEBENCH = Path(sys.executable).parent / "lakebench"
FILE = 'target = "staging"\n[targets.staging]\nkind = "local"\nendpoint = "http://127.0.0.1:9"\n'


@pytest.fixture
def run(tmp_path):
    tmp_path.joinpath("lakebench.toml").write_text(FILE, encoding="utf-8")
    environ = {name: value for name, value in os.environ.items() if not name.startswith("LAKEBENCH_")}

    def run(*arguments, **variables):
        command = [LAKEBENCH, *arguments]
        return subprocess.run(
            command, cwd=tmp_path, env=environ | variables, capture_output=True, text=True, check=False
        )

    return run


def test_each_setting_is_a_line_with_its_origin(run):
    lines = run("config", "show", "--origin", LAKEBENCH_REGION="eu-west-1").stdout.splitlines()
    told = {line.split()[0]: line for line in lines}
    assert told["target"].endswith("lakebench.toml: target")
    assert told["endpoint"].endswith("lakebench.toml: targets.staging.endpoint")
    assert told["region"].split() == ["region", "eu-west-1", "LAKEBENCH_REGION"]
    assert told["bucket"].split() == ["bucket", "-", "not", "set"]


def test_json_is_for_programs(run):
    shown = json.loads(run("config", "show", "--json", "--target", "local").stdout)
    assert shown["target"] == {"value": "local", "origin": "--target"}
    assert shown["role"] == {"value": None, "origin": "not set"}


def test_other_commands_take_the_same_target(run):
    failed = run("sql", "SELECT 1")
    assert failed.returncode == 1
    assert "http://127.0.0.1:9" in failed.stderr


def test_a_wrong_key_stops_every_command_before_it_begins(run, tmp_path):
    tmp_path.joinpath("lakebench.toml").write_text("regoin = 'x'\n", encoding="utf-8")
    failed = run("estimate", "SELECT 1")
    assert (failed.returncode, failed.stdout) == (1, "")
    assert "unknown key regoin" in failed.stderr
    assert "did you mean region?" in failed.stderr
