"""A service driven by botocore's model, without HTTP: a WSGI environment in, a response out."""

import gzip
import io
import json
from datetime import UTC, datetime

import pytest

from lakebench.emulator.wire.bodies import MAX_DOCUMENT
from lakebench.emulator.wire.http import request_from_wsgi
from lakebench.emulator.wire.json_service import JsonService
from lakebench.emulator.wire.provider import Provider, ServiceError

AUTHORIZATION = "AWS4-HMAC-SHA256 Credential={key}/20261123/eu-south-2/athena/aws4_request, SignedHeaders=host, Signature=0"


def _ask(
    operations,
    operation,
    body,
    *,
    service="athena",
    key="AKIALAKEBENCHLOCAL00",
    coding=None,
    falls_through=False,
):
    provider = Provider(service=service, operations=operations, falls_through=falls_through)
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    prefix = {"athena": "AmazonAthena", "glue": "AWSGlue"}[service]
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/",
        "HTTP_X_AMZ_TARGET": f"{prefix}.{operation}",
        "HTTP_AUTHORIZATION": AUTHORIZATION.format(key=key) if key else "",
        "CONTENT_LENGTH": str(len(data)),
        "wsgi.input": io.BytesIO(data),
    }
    if coding:
        environ["HTTP_CONTENT_ENCODING"] = coding
    response = JsonService(provider).answer(request_from_wsgi(environ))
    if response is None:
        return None
    return response.status, dict(response.headers), json.loads(b"".join(response.body))


def _echo(context, parameters):
    return {"QueryExecutionId": json.dumps(parameters), "Foreign": 1}


START = {"StartQueryExecution": _echo}
GOOD = {"QueryString": "SELECT 1", "ClientRequestToken": "t" * 32}


def _refusal(operations, operation, body, **options):
    status, headers, answer = _ask(operations, operation, body, **options)
    assert headers["x-amzn-ErrorType"] == answer["__type"]
    return status, answer["__type"], answer.get("Message") or answer.get("message")


def test_an_operation_gets_parameters_and_answers_what_the_model_knows():
    status, headers, answer = _ask(START, "StartQueryExecution", {**GOOD, "Unknown": 1, "WorkGroup": None})
    assert (status, list(answer)) == (200, ["QueryExecutionId"])
    assert json.loads(answer["QueryExecutionId"]) == GOOD
    assert headers["Content-Type"] == "application/x-amz-json-1.1"
    assert len(headers["x-amzn-RequestId"]) == 36


@pytest.mark.parametrize(
    ("key", "account"),
    [("AKIALAKEBENCHLOCAL00", "123456789012"), ("000011112222", "000011112222"), (None, "123456789012")],
)
def test_the_account_is_the_access_key_when_it_has_twelve_digits(key, account):
    seen = []

    def remember(context, parameters):
        seen.append(context)
        return {}

    _ask({"StartQueryExecution": remember}, "StartQueryExecution", GOOD, key=key)
    assert (seen[0].account_id, seen[0].operation) == (account, "StartQueryExecution")
    assert seen[0].region == ("eu-south-2" if key else "us-east-1")


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b'"x"', b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_refused(body):
    assert _refusal(START, "StartQueryExecution", body)[:2] == (400, "SerializationException")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"QueryString": 7}, "NUMBER_VALUE can not be converted to a String at 'queryString'"),
        ({"QueryString": True}, "TRUE_VALUE can not be converted to a String at 'queryString'"),
        (
            {"ResultConfiguration": "x"},
            "STRING_VALUE can not be converted to a structure at 'resultConfiguration'",
        ),
        (
            {"ExecutionParameters": "x"},
            "STRING_VALUE can not be converted to a list at 'executionParameters'",
        ),
        (
            {"ResultConfiguration": {"OutputLocation": []}},
            "Start of list can not be converted to a String at 'resultConfiguration.outputLocation'",
        ),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(body, said):
    assert _refusal(START, "StartQueryExecution", {**GOOD, **body}) == (400, "SerializationException", said)


@pytest.mark.parametrize(
    ("operation", "body", "said"),
    [
        (
            "StartQueryExecution",
            {},
            "1 validation error detected: Value at 'queryString' failed to satisfy constraint: Member must not be null",
        ),
        (
            "ListQueryExecutions",
            {"MaxResults": 51},
            "1 validation error detected: Value at 'maxResults' failed to satisfy constraint: "
            "Member must have value less than or equal to 50",
        ),
        (
            "GetQueryResults",
            {"QueryExecutionId": "x" * 129, "MaxResults": 0},
            "2 validation errors detected: Value at 'queryExecutionId' failed to satisfy constraint: "
            "Member must have length less than or equal to 128; Value at 'maxResults' failed to satisfy "
            "constraint: Member must have value greater than or equal to 1",
        ),
        (
            "StartQueryExecution",
            {**GOOD, "ResultConfiguration": {"EncryptionConfiguration": {"EncryptionOption": "ROT13"}}},
            "1 validation error detected: Value at 'resultConfiguration.encryptionConfiguration.encryptionOption' "
            "failed to satisfy constraint: Member must satisfy enum value set: [SSE_S3, SSE_KMS, CSE_KMS]",
        ),
    ],
)
def test_a_value_out_of_bounds_is_refused_in_the_words_of_aws(operation, body, said):
    status, code, message = _refusal({operation: _echo}, operation, body)
    assert (status, code) == (400, "InvalidRequestException")
    assert message == said


def test_glue_says_the_same_with_its_own_exception():
    body = {"Name": "", "Role": "r", "Targets": {}}
    status, code, _ = _refusal({"CreateCrawler": _echo}, "CreateCrawler", body, service="glue")
    assert (status, code) == (400, "InvalidInputException")


def test_an_operation_that_nobody_answers_is_refused_and_one_that_does_not_exist_is_unknown():
    assert _refusal(START, "BatchGetNamedQuery", {})[:2] == (400, "InvalidRequestException")
    assert _refusal(START, "NoSuchThing", {})[:2] == (400, "UnknownOperationException")


def test_what_falls_through_and_other_services_are_left_alone():
    table = {"DatabaseName": "d", "Name": "t"}
    assert _ask({}, "GetTable", table, service="glue", falls_through=True) is None


def test_a_service_error_carries_its_members():
    def refuse(context, parameters):
        raise ServiceError("InvalidRequestException", "no such thing", AthenaErrorCode="INVALID_INPUT")

    answer = _ask({"StartQueryExecution": refuse}, "StartQueryExecution", GOOD)[2]
    assert answer == {
        "__type": "InvalidRequestException",
        "Message": "no such thing",
        "AthenaErrorCode": "INVALID_INPUT",
    }


def test_an_error_outside_the_model_is_still_an_answer():
    def refuse(context, parameters):
        raise ServiceError("StrangeException", "strange", status=409)

    assert _refusal({"StartQueryExecution": refuse}, "StartQueryExecution", GOOD) == (
        409,
        "StrangeException",
        "strange",
    )


def test_timestamps_are_seconds_and_nothing_is_null():
    def get(context, parameters):
        moment = datetime(2026, 11, 23, 6, 0, 0, 123456, tzinfo=UTC)
        status = {"State": "RUNNING", "SubmissionDateTime": moment, "CompletionDateTime": None, "Odd": 1}
        return {"QueryExecution": {"QueryExecutionId": "i", "Query": None, "Status": status}}

    answer = _ask({"GetQueryExecution": get}, "GetQueryExecution", {"QueryExecutionId": "i"})[2]
    status = {"State": "RUNNING", "SubmissionDateTime": 1795413600.123}
    assert answer == {"QueryExecution": {"QueryExecutionId": "i", "Status": status}}


def test_a_gzip_body_is_read_and_a_bomb_is_not():
    packed = gzip.compress(json.dumps(GOOD).encode())
    assert _ask(START, "StartQueryExecution", packed, coding="gzip")[0] == 200
    bomb = gzip.compress(b" " * (4 * MAX_DOCUMENT))
    assert _refusal(START, "StartQueryExecution", bomb, coding="gzip")[0] == 413
    assert _refusal(START, "StartQueryExecution", b"no gzip", coding="gzip")[1] == "SerializationException"
