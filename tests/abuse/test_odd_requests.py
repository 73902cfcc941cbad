"""Requests that no client sends: an answer in five seconds, no 5xx but 501, and the server stays as it was."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest

from .raw import exchange, request

CASES = json.loads((Path(__file__).parents[1] / "cases/abuse/odd_requests.json").read_text())
SMUGGLING = json.loads((Path(__file__).parents[1] / "cases/abuse/smuggling.json").read_text())
REPEATED = re.compile(r"\{([^{}]+)\*(\d+)\}")
SECONDS = 5
METHODS = ("GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "PROPFIND")
PATHS = (
    "/", "/odd", "/odd/there", "/odd?acl", "/odd?tagging", "/odd?lifecycle", "/odd?policy", "/odd?versioning", "/odd?uploads",
    "/odd?delete", "/odd?cors", "/odd?website", "/odd?notification", "/odd?encryption", "/odd?object-lock", "/odd/there?retention",
    "/odd/there?legal-hold", "/odd/there?restore", "/odd/there?select&select-type=2", "/odd/there?torrent", "/odd/there?attributes",
    "/odd/there?tagging", "/odd/there?uploads", "/no-such-bucket/k",
)  # fmt: skip
BODIES = {"none": b"", "garbage": b"\x00\xff<a>{}", "xml": b"<a/>", "json": b"{}"}
SERVICES = ("s3", "athena", "glue", "sts", "iam", "sqs", "lambda", "dynamodb", "none-such")


@pytest.fixture(scope="module")
def port(server):
    s3 = server.client("s3")
    s3.create_bucket(Bucket="odd")
    s3.put_object(Bucket="odd", Key="there", Body=b"0123456789")
    return server.port


def expanded(text: str) -> bytes:
    """``{x*3}`` is ``xxx``."""
    return REPEATED.sub(lambda found: found.group(1) * int(found.group(2)), text).encode("latin-1")


def check(answer, what):
    assert answer.seconds < SECONDS, what
    assert answer.status < 500 or answer.status in {501, 505}, (what, answer.status, answer.body[:300])
    assert b"Traceback" not in answer.body, what
    assert b"root:x:" not in answer.body, what
    assert b"<html" not in answer.body.lower(), what


@pytest.mark.parametrize("case", CASES, ids=[case["why"] for case in CASES])
def test_an_odd_request_is_answered(port, case):
    check(exchange(port, expanded(case["send"])), case["why"])
    health = exchange(port, request("GET", "/_lakebench/health"))
    assert health.status == 200


@pytest.mark.parametrize("method", METHODS)
def test_any_method_on_any_path_with_any_body_is_answered(port, method):
    odd = []
    for path in PATHS:
        for name, body in BODIES.items():
            if method == "DELETE" and path == "/odd/there":
                continue
            answer = exchange(port, request(method, path, body=body))
            try:
                check(answer, (method, path, name))
            except AssertionError as error:
                odd.append(str(error).splitlines()[0])
    assert not odd, "\n".join(odd)


@pytest.mark.parametrize("case", SMUGGLING, ids=[case["why"] for case in SMUGGLING])
def test_no_request_is_smuggled_in_the_body_of_another(port, case):
    """A request whose end can be read in two ways is refused, and its connection closed."""
    hidden = "PUT /odd/smuggled HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
    for body in (f"0\r\n\r\n{hidden}", hidden, f"{len(hidden):x}\r\n{hidden}\r\n0\r\n\r\n"):
        for path in ("POST /odd/there?uploads", "PUT /odd/carrier", "GET /odd"):
            head = f"{path} HTTP/1.1\r\nHost: localhost\r\n{case['head']}\r\n\r\n"
            answer = exchange(port, (head + body).encode("latin-1"))
            check(answer, case["why"])
            assert answer.body.count(b"HTTP/1.1 ") == 0, answer.body
    assert exchange(port, request("HEAD", "/odd/smuggled")).status == 404


@pytest.mark.parametrize("service", SERVICES)
def test_any_service_with_any_body_is_answered(port, service):
    for body in BODIES.values():
        for target in (
            None,
            "AmazonAthena.ListWorkGroups",
            "AWSGlue.GetTables",
            "DynamoDB_20120810.Scan",
            "X.Y",
        ):
            headers = {"X-Amz-Target": target}
            answer = exchange(port, request("POST", "/", headers, body, service=service))
            check(answer, (service, target, body))


@pytest.mark.parametrize(
    "target", ["AmazonAthena.ListWorkGroups", "AWSGlue.GetDatabases", "AWSGlue.GetCrawlers"]
)
@pytest.mark.parametrize("size", [9 << 20, 200 << 20])
def test_a_packed_bomb_is_refused_quickly(port, target, size):
    bomb = gzip.compress(b'{"a": "' + b" " * size + b'"}', 6)
    headers = {"X-Amz-Target": target, "Content-Encoding": "gzip"}
    answer = exchange(port, request("POST", "/", headers, bomb, service="glue"))
    assert answer.status == 413
    assert answer.seconds < 2


@pytest.mark.parametrize("target", ["AmazonAthena.ListWorkGroups", "AWSGlue.GetDatabases"])
def test_a_body_over_the_limit_is_refused(port, target):
    answer = exchange(port, request("POST", "/", {"X-Amz-Target": target}, b" " * (9 << 20), service="glue"))
    assert answer.status == 413


def test_small_gzip_bodies_are_read_by_moto_too(port):
    body = gzip.compress(b"{}")
    headers = {"X-Amz-Target": "AWSGlue.GetDatabases", "Content-Encoding": "gzip"}
    answer = exchange(port, request("POST", "/", headers, body, service="glue"))
    assert (answer.status, json.loads(answer.body)["DatabaseList"]) == (200, [])
