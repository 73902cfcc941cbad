"""S3's meaning as a table of calls: what each must answer, and what must be there after it.

The groups are those of the core of ceph's s3-tests (objects, listings, multipart, ranges, copies, conditional
requests, versions), which is not packaged; cases, names and values are our own. Sources: AWS's API reference
of each call, conditional-requests, conditional-writes, checking-object-integrity.

A case is a list of calls: operation, arguments, what is expected (an error's code, or members of the answer), and
names for members that later calls use. ``$bucket`` is a bucket of the case's own.
"""

import json
import uuid
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

CASES = json.loads((Path(__file__).parents[1] / "cases" / "moto" / "s3_calls.json").read_text())

TOO_MANY = [{"Key": str(number)} for number in range(1001)]


@pytest.fixture(scope="module")
def plain_s3(server):
    """A client that adds no checksum by itself."""
    return server.client("s3", config=Config(request_checksum_calculation="when_required"))


@pytest.mark.parametrize("case", CASES, ids=[f"{one['group']}: {one['case']}" for one in CASES])
def test_calls_answer_as_s3(plain_s3, case):
    known = {"bucket": f"case-{uuid.uuid4().hex[:12]}", "thousand_and_one": TOO_MANY}
    plain_s3.create_bucket(Bucket=known["bucket"])
    for operation, arguments, expected, saved in case["calls"]:
        answer = _answer(plain_s3, operation, _filled(arguments, known), known["bucket"])
        wanted = _filled(expected, known)
        if isinstance(wanted, str):
            assert answer == wanted, operation
            continue
        assert isinstance(answer, dict), f"{operation} {arguments} answered {answer}"
        assert {name: _told(answer, name) for name in wanted} == wanted, operation
        for name, path in saved.items():
            found = answer
            for member in path.split("."):
                found = found[member]
            known[name] = found


def _answer(s3, operation, arguments, bucket):
    try:
        answer = getattr(s3, operation)(**{"Bucket": bucket, **arguments})
    except ClientError as error:
        return error.response["Error"]["Code"]
    if "Body" in answer:
        answer["Body"] = answer["Body"].read().decode()
    return answer


def _told(answer, name):
    """A member of an answer, or what the table's own names mean."""
    versions = answer.get("Versions", [])
    match name:
        case "Status" if "ResponseMetadata" in answer and "Status" not in answer:
            return answer["ResponseMetadata"]["HTTPStatusCode"]
        case "Keys":
            return [one["Key"] for one in answer.get("Contents", [])]
        case "PartSizes":
            return [one["Size"] for one in answer.get("Parts", [])]
        case "UploadKeys":
            return [one["Key"] for one in answer.get("Uploads", [])]
        case "VersionSizes":
            return [one["Size"] for one in versions]
        case "VersionIds":
            return [one["VersionId"] for one in versions]
        case "Latest":
            return [one["IsLatest"] for one in versions]
        case "Markers":
            return [one["Key"] for one in answer.get("DeleteMarkers", [])]
        case "Prefixes":
            return [one["Prefix"] for one in answer.get("CommonPrefixes", [])]
        case "TagSet" | "Deleted" if answer.get(name):
            return sorted(answer[name], key=lambda one: one["Key"])
        case "CopyObjectResult":
            return {"ETag": answer[name]["ETag"]}
    return answer.get(name)


def _filled(value, known):
    if isinstance(value, dict):
        return {key: _filled(one, known) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, known) for one in value]
    if not isinstance(value, str):
        return value
    if value.startswith("time:"):
        return parsedate_to_datetime(value.removeprefix("time:"))
    if value.startswith("part5m:"):
        return value[-1].encode() * (5 << 20)
    if value.startswith("$bucket"):
        return known["bucket"] + value.removeprefix("$bucket")
    return known[value[1:]] if value.startswith("$") else value
