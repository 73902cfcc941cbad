"""A server's life: start, health, refusals, and an end that leaves nothing."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

import lakebench
from lakebench import Server
from lakebench.errors import LaunchError

PARENT = """
import sys, time
from lakebench import Server
server = Server().start()
print(server.pid, server.data_dir, flush=True)
time.sleep(600)
"""


def _get(url):
    with urllib.request.urlopen(url, timeout=5) as answer:
        return json.loads(answer.read())


def _alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def _children(pid):
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(child) for child in (task / "children").read_text().split()]
    return found + [grandchild for child in found for grandchild in _children(child)]


def _wait_until(condition, seconds=5.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def test_health_says_what_runs(server):
    health = _get(f"{server.endpoint}/_lakebench/health")
    assert health["status"] == "running"
    assert health["version"] == lakebench.__version__
    assert {"s3", "glue", "athena"} <= set(health["services"])
    assert (health["pid"], health["data_dir"]) == (server.pid, str(server.data_dir))


@pytest.mark.parametrize(
    "path", ["/_lakebench/reset", "/moto-api/", "/moto-api/reset", "/moto-api/data.json"]
)
def test_the_state_is_not_reset_without_the_token_of_the_run(server, path):
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(urllib.request.Request(server.endpoint + path, method="POST"))
    assert caught.value.code == (403 if path.endswith("reset") else 404)


def test_sts_and_iam_are_motos(server):
    assert server.client("sts").get_caller_identity()["Account"] == "123456789012"
    assert server.client("iam").list_users()["Users"] == []


def test_glue_keeps_tables(server):
    glue = server.client("glue")
    glue.create_database(DatabaseInput={"Name": "shop"})
    table = {"Name": "t", "StorageDescriptor": {"Columns": [{"Name": "a", "Type": "int"}]}}
    glue.create_table(DatabaseName="shop", TableInput=table)
    columns = glue.get_table(DatabaseName="shop", Name="t")["Table"]["StorageDescriptor"]["Columns"]
    assert columns == [{"Name": "a", "Type": "int"}]
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.get_table(DatabaseName="shop", Name="u")


def test_what_nobody_implements_is_refused_without_a_traceback(server):
    unbuilt = {
        server.client("athena").list_system_table_statuses: 400,
        server.client("glue").list_blueprints: 400,
        server.client("lakeformation").list_transactions: 501,
    }
    for call, status in unbuilt.items():
        with pytest.raises(ClientError) as caught:
            call()
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
        assert "Traceback" not in str(caught.value)
        assert "<html" not in str(caught.value)


def test_two_servers_share_nothing(server):
    server.client("s3").create_bucket(Bucket="mine")
    with Server() as other:
        assert other.port != server.port
        assert other.client("s3").list_buckets()["Buckets"] == []
        assert other.data_dir != server.data_dir


def test_the_environment_points_a_process_at_the_server(server):
    server.client("s3").create_bucket(Bucket="seen-by-env")
    code = "import boto3; print([b['Name'] for b in boto3.client('s3').list_buckets()['Buckets']])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", **server.environment},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "seen-by-env" in done.stdout


def test_a_second_server_on_a_data_dir_is_refused_by_pid(tmp_path):
    with Server(data_dir=tmp_path) as first, pytest.raises(LaunchError, match=f"in use .* pid {first.pid}"):
        Server(data_dir=tmp_path).start()


def test_a_taken_port_is_refused_with_a_way_out():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(LaunchError, match=f"port {port} of 127.0.0.1 is in use") as caught:
            Server(port=port).start()
    assert "--port 0" in caught.value.hint


def test_a_data_dir_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(LaunchError, match="cannot be written"):
        Server(data_dir=tmp_path / "file" / "dir").start()


def test_a_child_that_dies_while_it_starts_is_told_with_its_last_words(tmp_path, monkeypatch):
    code = "import os, sys; sys.stderr.write('no more memory\\n'); sys.stderr.flush(); os.abort()"
    (tmp_path / "sitecustomize.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(LaunchError, match=r"by SIGABRT; it last said:\nno more memory$"):
        Server().start()


def test_payloads_without_an_index_are_moved_aside_and_kept(tmp_path):
    with Server(data_dir=tmp_path) as first:
        s3 = first.client("s3")
        s3.create_bucket(Bucket="lake")
        s3.put_object(Bucket="lake", Key="k", Body=b"precious")
    (tmp_path / "index.db").unlink()
    with Server(data_dir=tmp_path) as second:
        assert second.client("s3").list_buckets()["Buckets"] == []
        [lost] = [path for path in (tmp_path / "lost").rglob("*") if path.is_file()]
        assert lost.read_bytes() == b"precious"
        assert len(second.notes) == 1
        assert str(lost.parents[1]) in second.notes[0]


def test_a_stopped_server_leaves_no_process_and_no_file():
    server = Server().start()
    pid, place = server.pid, server.data_dir
    processes = [pid, *_children(pid)]
    assert len(processes) >= 3, "the server and its workers"
    started = time.monotonic()
    server.stop()
    assert time.monotonic() - started < 3
    assert not any(_alive(one) for one in processes)
    assert not place.exists()
    with pytest.raises(LaunchError, match="not running"):
        server.endpoint  # noqa: B018


def test_the_end_of_the_parent_is_the_end_of_the_server():
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    try:
        pid, place = parent.stdout.readline().split()
        processes = [int(pid), *_children(int(pid))]
        parent.kill()
        parent.wait()
        assert _wait_until(lambda: not any(_alive(one) for one in processes))
        assert not Path(place).exists()
    finally:
        parent.kill()
        parent.wait()
        parent.stdout.close()


def test_what_a_killed_server_left_is_swept_by_the_next():
    server = Server().start()
    place, processes = server.data_dir, _children(server.pid)
    os.kill(server.pid, signal.SIGKILL)
    server.stop()
    assert place.exists()
    with Server():
        assert not place.exists()
    assert _wait_until(lambda: not any(_alive(one) for one in processes))


def test_a_client_of_the_server_looks_at_nothing_of_the_users_aws_set_up(server, monkeypatch, tmp_path):
    """Neither a profile that does not exist, nor a variable that points elsewhere, nor real-looking keys."""
    (tmp_path / "config").write_text("[default]\nregion = eu-west-3\nendpoint_url = http://127.0.0.1:1\n")
    for name, value in {
        "AWS_PROFILE": "nobody",
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1",
        "AWS_ACCESS_KEY_ID": "111122223333",
        "HTTP_PROXY": "http://127.0.0.1:1",
    }.items():
        monkeypatch.setenv(name, value)
    assert server.client("sts").get_caller_identity()["Account"] == "123456789012"
    assert "Buckets" in server.client("s3").list_buckets()


BUSY = """
import time
from lakebench.emulator.launch import Grace
from lakebench.emulator.storage.data_dir import DataDir

with DataDir.temporary() as data_dir, Grace(data_dir) as grace:
    print(data_dir.root, flush=True)
    grace.begin()
    time.sleep(60)  # as a statement in analysis, which nothing can interrupt
"""


def test_closing_that_takes_too_long_is_given_up_and_leaves_no_ephemeral_data():
    done = subprocess.run(
        [sys.executable, "-c", BUSY], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0
    assert "still in analysis" in done.stderr
    assert not Path(done.stdout.strip()).exists()
