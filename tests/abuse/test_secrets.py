"""Keys that arrive here are told by their last four characters, once, and written nowhere."""

from __future__ import annotations

import json
import subprocess
import sys

import boto3
import pytest
from botocore.config import Config

from .raw import exchange, request

REAL = "AKIAZZ7QWERTYUIOPAS2"
TEMPORARY = "ASIAZZ7QWERTYUIOPAS3"
SECRET = "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"
TOKEN = "FwoGZXIvYXdzEBYaDplantedtoken"


@pytest.fixture
def watched(tmp_path):
    """A server whose output is kept: its endpoint, and what it wrote once it has ended."""
    errors = tmp_path / "stderr.txt"
    with errors.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "lakebench.emulator"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stream,
            env={"AWS_ACCESS_KEY_ID": REAL, "AWS_SECRET_ACCESS_KEY": SECRET, "HOME": str(tmp_path)},
        )
        said = process.stdout.readline().decode()
        yield said, errors.read_text
        process.stdin.close()
        process.wait(10)
        said += process.stdout.read().decode()
        process.stdout.close()
        for secret in (REAL, TEMPORARY, SECRET, TOKEN, "Signature="):
            assert secret not in errors.read_text() + said


def test_planted_keys_are_warned_of_once_and_never_written(watched):
    said, errors = watched
    ready = json.loads(said)
    for key in (REAL, TEMPORARY, "AKIALAKEBENCHLOCAL00", "AKIAIOSFODNN7EXAMPLE", "123456789012", "test"):
        session = boto3.Session(
            aws_access_key_id=key,
            aws_secret_access_key=SECRET,
            aws_session_token=TOKEN,
            region_name="us-east-1",
        )
        options = {"endpoint_url": ready["endpoint"], "config": Config(retries={"total_max_attempts": 1})}
        s3 = session.client("s3", **options)
        for _ in range(3):
            s3.list_buckets()
        url = s3.generate_presigned_url("get_object", Params={"Bucket": "none", "Key": "k"})
        exchange(ready["port"], request("GET", url.removeprefix(ready["endpoint"]), {"Authorization": None}))
    old = {"Authorization": f"AWS {REAL}:signature"}
    exchange(ready["port"], request("GET", "/", old))
    bad = {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={REAL}/20261123/us-east-1/glue/aws4_request, Signature=0"
    }
    for body in (b"{{{", b"[]", b'{"DatabaseInput": 1}'):
        for target in ("AWSGlue.CreateDatabase", f"AWSGlue.{REAL}", "AWSGlue.ListBlueprints"):
            exchange(ready["port"], request("POST", f"/{REAL}", {**bad, "X-Amz-Target": target}, body))
    written = errors()
    assert written.count("ending in PAS2") == 1
    assert written.count("ending in PAS3") == 1
    assert written.count("looks real") == 2


def test_keys_that_this_server_made_are_its_own(server, capfd):
    iam = server.client("iam")
    iam.create_user(UserName="u")
    made = iam.create_access_key(UserName="u")["AccessKey"]["AccessKeyId"]
    role = "arn:aws:iam::123456789012:role/r"
    lent = server.client("sts").assume_role(RoleArn=role, RoleSessionName="session")["Credentials"][
        "AccessKeyId"
    ]
    for key in (made, lent):
        session = boto3.Session(aws_access_key_id=key, aws_secret_access_key="x", region_name="us-east-1")
        session.client("s3", endpoint_url=server.endpoint).list_buckets()
    assert "looks real" not in capfd.readouterr().err


def test_a_log_line_cannot_be_forged_or_steer_a_terminal(watched):
    said, errors = watched
    port = json.loads(said)["port"]
    for path in (b"/odd\x1b[2Jx", b"/odd\x9b31m", b"/odd\rlakebench: forged"):
        target = b"X-Amz-Target: AWSGlue.ListBlueprints\x1b[31m\r\n"
        exchange(
            port,
            b"POST " + path + b" HTTP/1.1\r\nHost: localhost\r\n" + target + b"Content-Length: 0\r\n\r\n",
        )
    assert not set(errors()) & {"\x1b", "\x9b", "\r"}
