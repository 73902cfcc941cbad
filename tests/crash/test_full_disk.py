"""A disk without any room left: what needs room is refused, and deletions go on, because room was kept for them."""

import json
import os
import shutil
import signal
import subprocess
import sys

import pytest
from botocore.exceptions import ClientError

from .conftest import Clients

BLOCK = b"x" * (1 << 20)


def _refused(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"]


@pytest.fixture
def full(host):
    """A lake whose disk became full after it was filled."""
    place = host.new_directory()
    child = host.start(place, engine=False)
    s3, glue = child.lake.s3, child.lake.glue
    for bucket in ("lake", "versions", "empty"):
        s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket="versions", VersioningConfiguration={"Status": "Enabled"})
    for key in "abc":
        s3.put_object(Bucket="lake", Key=key, Body=b"body")
    child.lake.memory["version"] = s3.put_object(Bucket="versions", Key="v", Body=b"1")["VersionId"]
    child.lake.memory["upload"] = s3.create_multipart_upload(Bucket="lake", Key="u")["UploadId"]
    glue.create_database(DatabaseInput={"Name": "db"})
    glue.create_table(DatabaseName="db", TableInput={"Name": "t"})
    child.plan(kind="full")
    yield child.lake
    child.kill()
    shutil.rmtree(place)


def test_what_needs_room_is_refused(full):
    assert _refused(full.s3.put_object, Bucket="lake", Key="new", Body=b"x") == "InternalError"
    assert _refused(full.s3.copy_object, Bucket="lake", Key="new", CopySource="lake/a") == "InternalError"
    table = {"DatabaseName": "db", "TableInput": {"Name": "u"}}
    assert _refused(full.glue.create_table, **table) in {"InternalServiceException", "InternalError"}
    assert len(full.s3.list_objects_v2(Bucket="lake")["Contents"]) == 3


DELETIONS = {
    "an object": lambda lake: lake.s3.delete_object(Bucket="lake", Key="a"),
    "several objects": lambda lake: lake.s3.delete_objects(
        Bucket="lake", Delete={"Objects": [{"Key": "a"}, {"Key": "b"}]}
    ),
    "an object that keeps its versions": lambda lake: lake.s3.delete_object(Bucket="versions", Key="v"),
    "a version": lambda lake: lake.s3.delete_object(
        Bucket="versions", Key="v", VersionId=lake.memory["version"]
    ),
    "an upload": lambda lake: lake.s3.abort_multipart_upload(
        Bucket="lake", Key="u", UploadId=lake.memory["upload"]
    ),
    "a bucket": lambda lake: lake.s3.delete_bucket(Bucket="empty"),
    "a table": lambda lake: lake.glue.delete_table(DatabaseName="db", Name="t"),
    "a database": lambda lake: lake.glue.delete_database(Name="db"),
}


def test_everything_can_be_deleted(full):
    for delete in DELETIONS.values():
        delete(full)
    assert [one["Key"] for one in full.s3.list_objects_v2(Bucket="lake")["Contents"]] == ["c"]
    assert full.glue.get_databases()["DatabaseList"] == []
    # What was freed is the reserve's first: it is there for the next deletion, and not for a put.
    assert _refused(full.s3.put_object, Bucket="lake", Key="new", Body=b"x") == "InternalError"
    full.s3.delete_object(Bucket="lake", Key="c")


class SmallDisk:
    """A file system of 40 MB of this test's own, and one server after the other on it."""

    ENTER = ("unshare", "--user", "--map-root-user", "--mount")
    SCRIPT = 'mount -t tmpfs -o size=40m tmpfs "$0" && "$@" && exec "$@"'

    def __init__(self, place):
        command = [*self.ENTER, "sh", "-c", self.SCRIPT, str(place)]
        command += [sys.executable, "-m", "lakebench.emulator", "--workers", "1", "--data-dir", str(place)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._clients = Clients()

    @classmethod
    def possible(cls, place):
        command = [*cls.ENTER, "mount", "-t", "tmpfs", "tmpfs", str(place)]
        return (
            shutil.which("unshare")
            and subprocess.run(command, check=False, capture_output=True).returncode == 0
        )

    def lake(self):
        self._said = json.loads(self._process.stdout.readline())
        return self._clients.lake(self._said["endpoint"])

    def next_server(self):
        os.kill(self._said["pid"], signal.SIGTERM)
        return self.lake()

    def close(self):
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


@pytest.fixture
def small_disk(tmp_path):
    if not SmallDisk.possible(tmp_path):
        pytest.skip("no file system can be mounted here: no user namespaces")
    disk = SmallDisk(tmp_path)
    yield disk
    disk.close()


def _fill(s3, prefix):
    """Put objects of a megabyte, and then of a byte, until there is no room for either; their keys."""
    keys = []
    for body in (BLOCK, b"x"):
        while True:
            key = f"{prefix}{len(keys):06d}"
            try:
                s3.put_object(Bucket="lake", Key=key, Body=body)
            except ClientError:
                break
            keys.append(key)
    return keys


def test_a_file_system_that_is_full_can_be_emptied_through_the_server(small_disk):
    s3 = small_disk.lake().s3
    s3.create_bucket(Bucket="lake")
    keys = _fill(s3, "a")
    assert len(keys) > 20
    for key in keys[10:]:
        s3.delete_object(Bucket="lake", Key=key)
    assert [one["Key"] for one in s3.list_objects_v2(Bucket="lake")["Contents"]] == keys[:10]
    keys = keys[:10] + _fill(s3, "b")
    # The next server starts on the full disk, with all that was there, and can empty it.
    s3 = small_disk.next_server().s3
    found = [
        one["Key"]
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket="lake")
        for one in page["Contents"]
    ]
    assert found == keys
    for start in range(0, len(keys), 1000):
        wanted = [{"Key": key} for key in keys[start : start + 1000]]
        assert "Errors" not in s3.delete_objects(Bucket="lake", Delete={"Objects": wanted})
    s3.put_object(Bucket="lake", Key="new", Body=BLOCK)
