"""Web pages and foreign names stay outside; a bucket's own CORS rules open that bucket alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lakebench import Server

from .raw import exchange, request

CASES = json.loads((Path(__file__).parents[1] / "cases/abuse/door.json").read_text())
DOORS = {
    "health": ("GET", "/_lakebench/health", "s3", {}),
    "s3": ("GET", "/", "s3", {}),
    "athena": ("POST", "/", "athena", {"X-Amz-Target": "AmazonAthena.ListWorkGroups"}),
    "moto": ("POST", "/", "glue", {"X-Amz-Target": "AWSGlue.GetDatabases"}),
}
RULES = [
    {"AllowedOrigins": ["http://app.example", "https://*.trusted.example"], "AllowedMethods": ["GET", "PUT"]},
    {"AllowedOrigins": ["http://reader.example"], "AllowedMethods": ["GET"], "AllowedHeaders": ["*"]},
]


@pytest.fixture(scope="module")
def open_bucket(server):
    s3 = server.client("s3")
    s3.create_bucket(Bucket="open")
    s3.create_bucket(Bucket="shut")
    s3.put_object(Bucket="open", Key="k", Body=b"for them")
    s3.put_bucket_cors(Bucket="open", CORSConfiguration={"CORSRules": RULES})
    return "open"


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("case", CASES, ids=[case["why"] for case in CASES])
def test_who_may_come_in(server, door, case):
    method, path, service, headers = DOORS[door]
    answer = exchange(server.port, request(method, path, {**headers, **case["headers"]}, service=service))
    if case["status"] == "local":
        assert answer.status not in {403, 421}
        return
    assert answer.status == case["status"], answer.body
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert answer.seconds < 5


@pytest.mark.parametrize(
    ("method", "origin", "extra", "status"),
    [
        ("GET", "http://app.example", {}, 200),
        ("GET", "https://a.trusted.example", {}, 200),
        ("GET", "http://reader.example", {}, 200),
        ("PUT", "http://app.example", {}, 200),
        ("PUT", "http://reader.example", {}, 403),
        ("DELETE", "http://app.example", {}, 403),
        ("GET", "http://app.example.evil.example", {}, 403),
        ("GET", "https://trusted.example.evil.example", {}, 403),
        ("GET", "http://evil.example", {}, 403),
        ("POST", "http://app.example", {}, 403),
        ("GET", "http://app.example", {"X-Amz-Target": "AmazonAthena.ListWorkGroups"}, 403),
        ("OPTIONS", "http://evil.example", {"Access-Control-Request-Method": "PUT"}, 403),
        ("OPTIONS", "http://reader.example", {"Access-Control-Request-Method": "DELETE"}, 403),
    ],
)
def test_a_bucket_opens_itself_by_its_own_rules(server, open_bucket, method, origin, extra, status):
    headers = {"Origin": origin, "Sec-Fetch-Site": "cross-site", **extra}
    answer = exchange(server.port, request(method, f"/{open_bucket}/k", headers))
    assert answer.status == status, answer.body
    if status == 403:
        assert "access-control-allow-origin" not in answer.headers


def test_a_rule_of_one_bucket_opens_no_other_place(server, open_bucket):
    for path in (
        "/shut/k",
        "/",
        "/_lakebench/health",
        f"/?x=/{open_bucket}",
        f"/{open_bucket}/?Action=ListUsers",
    ):
        answer = exchange(server.port, request("GET", path, {"Origin": "http://app.example"}))
        assert answer.status == 403, path


def test_a_form_of_another_site_changes_nothing(server, open_bucket):
    for path in (
        "/moto-api/reset",
        "/_lakebench/reset",
        "/",
        f"/{open_bucket}",
        "/?Action=CreateUser&UserName=eve",
    ):
        form = {"Origin": "http://evil.example", "Content-Type": "application/x-www-form-urlencoded"}
        body = b"Action=CreateUser&UserName=eve&Version=2010-05-08"
        answer = exchange(server.port, request("POST", path, {**form, "Authorization": None}, body))
        assert answer.status == 403
    assert server.client("iam").list_users()["Users"] == []
    assert server.client("s3").get_object(Bucket=open_bucket, Key="k")["ETag"]


def test_control_routes_change_nothing_without_the_token_of_the_run(server):
    for method in ("GET", "POST", "PUT", "DELETE"):
        for path in (
            "/_lakebench/reset",
            "/_lakebench/",
            "/moto-api/reset",
            "/moto-api/data.json",
            "/moto-api",
        ):
            answer = exchange(server.port, request(method, path))
            needs_token = method == "POST" and path.endswith("/reset")
            assert answer.status == (403 if needs_token else 404), (method, path)
    assert exchange(server.port, request("POST", "/_lakebench/health")).status == 404


def test_a_name_that_the_user_adds_is_answered():
    with Server(allow_hosts=["lake.test"]) as server:
        for host, status in (
            ("lake.test", 200),
            ("b.lake.test:1", 404),
            ("evil.test", 421),
            ("xlake.test", 421),
        ):
            assert exchange(server.port, request("GET", "/", {"Host": host})).status == status, host
