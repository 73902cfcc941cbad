"""The command as a user types it: words, exit codes and no tracebacks."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

COMMAND = str(Path(sys.executable).parent / "lakebench")


def _run(*arguments, **environment):
    env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "COLUMNS": "200", **environment}
    return subprocess.run(
        [COMMAND, *arguments], capture_output=True, text=True, env=env, check=False, timeout=60
    )


@pytest.fixture
def serving(tmp_path):
    started = []

    def serve(*arguments):
        process = subprocess.Popen(
            [COMMAND, "serve", "--port", "0", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        lines = []
        for line in process.stdout:
            lines.append(line.rstrip("\n"))
            if line == "Ready.\n":
                return process, lines
        pytest.fail(f"no server: {lines} {process.stderr.read()}")

    yield serve
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def test_the_version_is_printed():
    assert re.fullmatch(r"lakebench \d+\.\d+\.\d+\n", _run("--version").stdout)


def test_help_lists_the_verbs_and_completion():
    done = _run("--help")
    assert done.returncode == 0
    for word in ("demo", "serve", "env", "--install-completion"):
        assert word in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["serv"], "Did you mean 'serve'?"),
        (["serve", "--prot", "1"], "--port"),
        (["env", "--shel", "fish"], "--shell"),
        (["serve", "--port", "99999"], "Input should be less than or equal to 65535"),
        (["serve", "--ephemeral", "--data-dir", "x"], "leave out one of --ephemeral and --data-dir"),
    ],
)
def test_wrong_usage_names_what_was_meant(arguments, said):
    done = _run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_a_launch_error_is_two_lines_and_exit_code_1():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = _run("serve", "--port", str(port))
    assert (done.returncode, done.stdout) == (1, "")
    error, hint = done.stderr.splitlines()
    assert error == f"error: port {port} of 127.0.0.1 is in use"
    assert hint.startswith("hint: ")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_prints_how_to_use_it_and_ends_cleanly_on_a_signal(serving, number):
    process, lines = serving()
    endpoint = re.search(r"http://127\.0\.0\.1:(\d+)", lines[0])
    assert lines[1] == "Data is ephemeral: all of it is gone when the server ends."
    assert lines[2] == f'Point a shell at it:  eval "$(lakebench env --port {endpoint[1]})"'
    with urllib.request.urlopen(f"{endpoint[0]}/_lakebench/health") as answer:
        assert json.loads(answer.read())["ephemeral"] is True
    process.send_signal(number)
    assert process.wait(timeout=60) == 0
    assert process.stderr.read() == ""


def test_serve_says_what_lasts_in_a_data_dir(serving, tmp_path):
    _, lines = serving("--data-dir", str(tmp_path))
    assert lines[1] == f"Everything is kept in {tmp_path}: the next start with --data-dir goes on from there."


def test_serve_warns_when_others_can_reach_it(serving):
    process, _ = serving("--host", "0.0.0.0")
    process.terminate()
    process.wait()
    assert "can be reached from other machines" in process.stderr.read()


def test_env_in_a_shell_points_past_real_profiles_and_overrides():
    script = f'eval "$({COMMAND} env --port 4777)"; env'
    done = subprocess.run(
        ["bash", "-euc", script],
        capture_output=True,
        text=True,
        check=True,
        env={
            "PATH": os.environ["PATH"],
            "AWS_PROFILE": "production",
            "AWS_SESSION_TOKEN": "real",
            "AWS_ENDPOINT_URL_DYNAMODB": "http://elsewhere",
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
        },
    )
    variables = dict(line.split("=", 1) for line in done.stdout.splitlines() if line.startswith("AWS_"))
    assert variables == {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:4777",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "AKIALAKEBENCHLOCAL00",
        "AWS_SECRET_ACCESS_KEY": "lakebench-local-is-no-secret",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@pytest.mark.parametrize(
    ("shell", "line"),
    [
        ("fish", "set -gx AWS_ENDPOINT_URL http://127.0.0.1:4566"),
        ("powershell", "$Env:AWS_ENDPOINT_URL = 'http://127.0.0.1:4566'"),
        ("bash", "export AWS_ENDPOINT_URL=http://127.0.0.1:4566"),
    ],
)
def test_env_speaks_other_shells(shell, line):
    assert line in _run("env", "--shell", shell).stdout.splitlines()


def test_env_speaks_json():
    assert json.loads(_run("env", "--json").stdout)["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4566"
