"""``lakebench state`` and ``lakebench doctor``, as they are typed."""

import http.client
import json
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from lakebench import Server

COMMAND = str(Path(sys.executable).with_name("lakebench"))


def _run(*arguments):
    done = subprocess.run(
        [COMMAND, *map(str, arguments)], check=False, capture_output=True, text=True, timeout=60
    )
    return done.returncode, done.stdout, done.stderr


def _ok(*arguments):
    code, out, err = _run(*arguments)
    assert code == 0, err
    return out


def _fill(server, body=b"x"):
    s3, glue, athena = server.client("s3"), server.client("glue"), server.client("athena")
    s3.create_bucket(Bucket="lake")
    s3.put_object(Bucket="lake", Key="a\n", Body=body, Metadata={"m": "n"})
    s3.put_object(Bucket="lake", Key="empty", Body=b"")
    glue.create_database(DatabaseInput={"Name": "lake"})
    glue.create_table(DatabaseName="lake", TableInput={"Name": "t", "StorageDescriptor": {"Columns": []}})
    athena.create_work_group(Name="wg")


def _told(server):
    s3, glue, athena = server.client("s3"), server.client("glue"), server.client("athena")
    return {
        "buckets": [one["Name"] for one in s3.list_buckets()["Buckets"]],
        "objects": {
            one["Key"]: s3.get_object(Bucket="lake", Key=one["Key"])["Body"].read()
            for bucket in s3.list_buckets()["Buckets"]
            for one in s3.list_objects_v2(Bucket=bucket["Name"]).get("Contents", [])
        },
        "tables": [
            one["Name"]
            for database in glue.get_databases()["DatabaseList"]
            for one in glue.get_tables(DatabaseName=database["Name"])["TableList"]
        ],
        "workgroups": [one["Name"] for one in athena.list_work_groups()["WorkGroups"]],
    }


def _files(server):
    return sum(path.is_file() for path in (server.data_dir / "objects").rglob("*"))


EMPTY = {"buckets": [], "objects": {}, "tables": [], "workgroups": ["primary"]}


@pytest.fixture
def server():
    with Server(workers=1) as running:
        yield running


def test_an_export_opens_in_another_server(server, tmp_path):
    _fill(server)
    file = tmp_path / "lake.state"
    _ok("state", "export", file, "--endpoint", server.endpoint)
    assert file.stat().st_mode & 0o777 == 0o600
    with Server(workers=1, data_dir=tmp_path / "data") as other:
        other.client("s3").create_bucket(Bucket="replaced")
        assert _ok("state", "import", file, "--endpoint", other.endpoint) == "2 objects imported\n"
        assert _told(other) == _told(server)
    with Server(workers=1, data_dir=tmp_path / "data") as again:
        assert _told(again) == _told(server)
    assert "No faults." in _ok("doctor", tmp_path / "data")


def test_programs_get_json(server, tmp_path):
    _fill(server)
    file = tmp_path / "lake.state"

    def told(*arguments):
        return json.loads(_ok("state", *arguments, "--json", "--endpoint", server.endpoint))

    assert told("export", file) == {"file": str(file), "bytes": file.stat().st_size}
    assert told("import", file) == {"file": str(file), "objects": 2}
    assert told("snapshot", "one") == {"snapshot": "one"}
    assert told("list") == {"snapshots": ["one"]}
    assert told("restore", "one") == {"snapshot": "one", "objects": 2}
    assert told("delete", "one") == {"snapshot": "one"}
    assert told("reset") == {"status": "reset"}


def test_a_sender_that_goes_away_leaves_nothing_behind(server, tmp_path):
    _fill(server, b"y" * 2_000_000)
    before, files = _told(server), _files(server)
    file = tmp_path / "lake.state"
    _ok("state", "export", file, "--endpoint", server.endpoint)
    data, token = file.read_bytes(), (server.data_dir / "token").read_text()
    connection = http.client.HTTPConnection(server.endpoint.removeprefix("http://"))
    connection.putrequest("POST", "/_lakebench/state/import")
    connection.putheader("X-Lakebench-Token", token)
    connection.putheader("Content-Length", str(len(data)))
    connection.endheaders(data[:-5_000])
    connection.close()
    assert _told(server) == before
    for _ in range(200):
        if _files(server) == files:
            break
        time.sleep(0.05)
    assert _files(server) == files


def test_what_cannot_be_is_said_plainly(server, tmp_path):
    large = tmp_path / "large"
    large.write_bytes(b"no state" * 1_000_000)
    cases = {
        ("export", tmp_path): "is a folder",
        ("export", tmp_path / "no" / "file"): "does not exist",
        ("import", tmp_path / "none"): "there is no file",
        ("import", large): "this is no state of lakebench",
    }
    for arguments, said in cases.items():
        code, _, err = _run("state", *arguments, "--endpoint", server.endpoint)
        assert (code, said in err) == (1, True), err
        assert "Traceback" not in err
    code, _, err = _run("state", "list", "--endpoint", "http://127.0.0.1:1")
    assert code == 1
    assert "no server answers at http://127.0.0.1:1" in err
    code, _, err = _run("state", "list", "--endpoint", "lake")
    assert code == 1
    assert "is no endpoint" in err


def test_a_reset_removes_everything(server):
    _fill(server)
    _ok("state", "reset", "--endpoint", server.endpoint)
    assert _told(server) == EMPTY
    assert _files(server) == 0
    _fill(server)
    assert _told(server)["tables"] == ["t"]


def test_a_snapshot_is_gone_back_to(server):
    _fill(server, b"before")
    before = _told(server)
    _ok("state", "snapshot", "first", "--endpoint", server.endpoint)
    server.client("s3").put_object(Bucket="lake", Key="a\n", Body=b"after")
    server.client("glue").delete_database(Name="lake")
    _ok("state", "restore", "first", "--endpoint", server.endpoint)
    assert _told(server) == before
    _ok("state", "reset", "--endpoint", server.endpoint)
    _ok("state", "restore", "first", "--endpoint", server.endpoint)
    assert _told(server) == before
    assert _ok("state", "list", "--endpoint", server.endpoint) == "first\n"
    _ok("state", "delete", "first", "--endpoint", server.endpoint)
    assert _run("state", "restore", "first", "--endpoint", server.endpoint)[0] == 1


def test_another_format_is_refused_and_nothing_is_lost(server, tmp_path):
    _fill(server)
    before = _told(server)
    file = tmp_path / "lake.state"
    _ok("state", "export", file, "--endpoint", server.endpoint)
    later = file.read_bytes().replace(b'"lakebench_state": 1', b'"lakebench_state": 9')
    file.write_bytes(later)
    code, _, err = _run("state", "import", file, "--endpoint", server.endpoint)
    assert code == 1
    assert "the state has format 9" in err
    assert "this version reads format 1" in err
    assert _told(server) == before


@pytest.mark.parametrize("damage", ["cut", "no state", "changed"])
def test_a_damaged_file_is_refused_and_nothing_is_lost(server, tmp_path, damage):
    _fill(server, b"y" * 100_000)
    before, files = _told(server), _files(server)
    file = tmp_path / "lake.state"
    _ok("state", "export", file, "--endpoint", server.endpoint)
    data = file.read_bytes()
    changed = {
        "cut": data[:60_000],
        "no state": b"hello " * 1000,
        "changed": data.replace(b"empty", b"other").replace(b"ZW1wdHk=", b"b3RoZXI=").replace(b"wg", b"vg"),
    }
    file.write_bytes(changed[damage])
    code, _, err = _run("state", "import", file, "--endpoint", server.endpoint)
    assert code == 1, damage
    assert "state" in err
    assert (_told(server), _files(server)) == (before, files)


@pytest.mark.parametrize("route", ["/_lakebench/reset", "/moto-api/reset", "/_lakebench/state/snapshots/x"])
@pytest.mark.parametrize("token", [None, "", "guess"])
def test_without_the_token_nothing_happens(server, route, token):
    _fill(server)
    headers = {} if token is None else {"X-Lakebench-Token": token}
    request = urllib.request.Request(server.endpoint + route, method="POST", headers=headers)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    assert refused.value.code == 403
    assert "X-Lakebench-Token" in json.load(refused.value)["message"]
    assert _told(server)["buckets"] == ["lake"]


def test_a_snapshots_name_is_no_path(server):
    code, _, err = _run("state", "snapshot", "../../x", "--endpoint", server.endpoint)
    assert code == 1
    assert "a snapshot's name is like" in err


@pytest.fixture
def filled(tmp_path):
    with Server(workers=1, data_dir=tmp_path / "data") as running:
        _fill(running, b"precious")
    return tmp_path / "data"


def _payload(place, size):
    return next(one for one in (place / "objects").rglob("*") if one.is_file() and one.stat().st_size == size)


def test_the_doctor_finds_nothing_wrong_with_a_sound_data_dir(filled):
    assert _ok("doctor", filled).endswith("No faults.\n")
    told = json.loads(_ok("doctor", filled, "--json"))
    assert (told["objects"], told["bytes"], told["faults_left"], told["set_aside"]) == (2, 8, 0, None)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("bytes", "s3://lake/a?: the object's bytes are not what was written"),
        ("missing", "s3://lake/a?: the object's file is missing"),
        ("orphan", "the file belongs to no object"),
        ("row", "the row is not what was written"),
        ("stray", "the row belongs to something that is gone"),
    ],
)
def test_the_doctor_names_what_is_wrong_and_mends_it(filled, damage, said):
    payload = _payload(filled, 8)
    match damage:
        case "bytes":
            payload.write_bytes(b"preciouS")
        case "missing":
            payload.unlink()
        case "orphan":
            payload.with_name("0" * 32).write_bytes(b"?")
        case "row" | "stray":
            where = "value = x'7b7d' WHERE kind = 'glue.table'" if damage == "row" else None
            with sqlite3.connect(filled / "index.db") as index:
                if where:
                    index.execute(f"UPDATE entity SET {where}")
                else:
                    index.execute("DELETE FROM entity WHERE kind = 'glue.database'")
    code, out, _ = _run("doctor", filled)
    assert code == 1
    assert said in out
    assert "set aside in" in _ok("doctor", filled, "--fix")
    assert _ok("doctor", filled).endswith("No faults.\n")
    with Server(workers=1, data_dir=filled) as running:
        assert _told(running)["objects"]["empty"] == b""


def test_the_doctor_tells_of_a_table_without_objects(filled):
    with Server(workers=1, data_dir=filled) as running:
        storage = {"Columns": [], "Location": "s3://lake/nothing/"}
        running.client("glue").create_table(
            DatabaseName="lake", TableInput={"Name": "hollow", "StorageDescriptor": storage}
        )
    out = _ok("doctor", filled)
    assert "note: " in out
    assert "hollow" in out
    assert "there are no objects at its location" in out


def test_the_doctor_waits_for_no_server(filled):
    with Server(workers=1, data_dir=filled):
        code, _, err = _run("doctor", filled)
    assert code == 1
    assert "in use by another server" in err


def test_the_doctor_is_told_a_data_dir(tmp_path):
    code, _, err = _run("doctor", tmp_path)
    assert code == 1
    assert "is no data dir" in err
    assert list(tmp_path.iterdir()) == []
