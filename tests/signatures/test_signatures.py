"""``--verify-signatures``: what is signed by a known key, now, for this request is answered, nothing else.

S3's codes: "Error responses"; JSON services': each CommonErrors page; AWS: create-signed-request,
sigv4-streaming, sigv4-streaming-trailers.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
from datetime import UTC, datetime, timedelta
from io import BytesIO
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from lakebench import Server
from lakebench.emulator.signatures.keys import KeyRing, SigningKey
from lakebench.emulator.signatures.verifier import SignatureVerifier
from lakebench.emulator.wire.http import request_from_wsgi
from lakebench.environment import ACCESS_KEY_ID, SECRET_ACCESS_KEY

LOCAL = (ACCESS_KEY_ID, SECRET_ACCESS_KEY)
FILED = ("AKFILED", "filed/secret+1")
TOLD = ("AKTOLD", "told")
EMPTY = hashlib.sha256().hexdigest()
CHUNKED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
LIST = {"X-Amz-Target": "AmazonAthena.ListWorkGroups", "Content-Type": "application/x-amz-json-1.1"}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    keys = tmp_path_factory.mktemp("keys") / "credentials"
    keys.write_text(
        f"[one]\naws_access_key_id = {FILED[0]}\naws_secret_access_key = {FILED[1]}\n", encoding="utf-8"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAKEBENCH_SIGNING_KEYS", ":".join(TOLD))
        with Server(verify_signatures=True, signing_keys=keys) as running:
            running.client("s3").create_bucket(Bucket="bkt")
            running.client("s3").put_object(Bucket="bkt", Key="k", Body=b"here")
            yield running


def client(server, service, keys, token=None, **options):
    return boto3.client(
        service,
        endpoint_url=server.endpoint,
        region_name="us-east-1",
        aws_access_key_id=keys[0],
        aws_secret_access_key=keys[1],
        aws_session_token=token,
        config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 0}, **options),
    )


def signed(server, method, path, body=b"", *, keys=LOCAL, service="s3", at=None, headers=None, expires=None):
    """A request signed by botocore at a time of ours."""
    kind = S3SigV4Auth if service == "s3" else SigV4Auth
    signer = kind(Credentials(*keys), service, "us-east-1")
    if expires is not None:
        signer = SigV4QueryAuth(Credentials(*keys), service, "us-east-1", expires=expires)
        signer.payload = lambda _: "UNSIGNED-PAYLOAD"
    request = AWSRequest(method=method, url=server.endpoint + path, data=body, headers=dict(headers or {}))
    moment = (at or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
    request.context["timestamp"] = moment
    if "X-Amz-Content-SHA256" in request.headers:
        signer.payload = lambda _: request.headers["X-Amz-Content-SHA256"]
    signer._modify_request_before_signing(request)
    canonical = signer.canonical_request(request)
    signer._inject_signature_to_request(
        request, signer.signature(signer.string_to_sign(request, canonical), request)
    )
    return request


def send(server, method, url, headers, body=b""):
    parts = urlsplit(url)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), body, dict(headers))
    answer = connection.getresponse()
    said = answer.read().decode()
    connection.close()
    return answer.status, said


def sent(server, request, *, body=None):
    return send(server, request.method, request.url, request.headers, request.data if body is None else body)


@pytest.mark.parametrize("keys", [LOCAL, FILED, TOLD], ids=["local", "file", "variable"])
def test_known_keys_are_answered_by_every_service(server, keys):
    s3 = client(server, "s3", keys)
    for key in ("plain", "a b/ñ?#%2e//~", "x" * 200):
        s3.put_object(Bucket="bkt", Key=key, Body=b"body", Metadata={"my_key": "a  b"})
        assert s3.get_object(Bucket="bkt", Key=key)["Body"].read() == b"body"
    s3.put_object_tagging(Bucket="bkt", Key="plain", Tagging={"TagSet": [{"Key": "t", "Value": "v w"}]})
    assert s3.list_objects_v2(Bucket="bkt", Prefix="a b/", Delimiter="%")["KeyCount"] == 1
    s3.delete_objects(Bucket="bkt", Delete={"Objects": [{"Key": "plain"}]})
    assert client(server, "athena", keys).list_work_groups()["WorkGroups"]
    assert "DatabaseList" in client(server, "glue", keys).get_databases()
    assert client(server, "sts", keys).get_caller_identity()["Account"] == "123456789012"


def test_keys_that_iam_and_sts_issued_are_known_until_they_end(server):
    iam, sts = client(server, "iam", LOCAL), client(server, "sts", LOCAL)
    iam.create_user(UserName="u")
    made = iam.create_access_key(UserName="u")["AccessKey"]
    keys = (made["AccessKeyId"], made["SecretAccessKey"])
    assert client(server, "s3", keys).list_buckets()["Buckets"]
    iam.update_access_key(UserName="u", AccessKeyId=keys[0], Status="Inactive")
    assert refused(client(server, "s3", keys).list_buckets) == ("InvalidAccessKeyId", 403)
    role = sts.assume_role(RoleArn="arn:aws:iam::123456789012:role/r", RoleSessionName="session")[
        "Credentials"
    ]
    keys, token = (role["AccessKeyId"], role["SecretAccessKey"]), role["SessionToken"]
    assert client(server, "s3", keys, token).list_buckets()["Buckets"]
    assert client(server, "athena", keys, token).list_work_groups()["WorkGroups"]
    assert refused(client(server, "s3", keys).list_buckets) == ("InvalidToken", 400)
    assert refused(client(server, "s3", keys, token + "x").list_buckets) == ("InvalidToken", 400)
    assert refused(client(server, "glue", keys).get_databases) == ("UnrecognizedClientException", 400)


@pytest.mark.parametrize(
    ("service", "path", "code"), [("s3", "/bkt/k", "ExpiredToken"), ("athena", "/", "ExpiredTokenException")]
)
def test_a_session_whose_end_has_come_is_told_so(server, service, path, code):
    key = SigningKey(secret="x", token="session", expires=datetime.now(UTC) - timedelta(seconds=1))
    verifier = SignatureVerifier(
        keys=KeyRing(configured={"AKOLD": key}, issued=lambda _: None), is_upload=bool
    )
    request = signed(server, "GET", path, keys=("AKOLD", "x", "session"), service=service)
    sent_headers = {
        f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers.items()
    }
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "HTTP_HOST": "localhost", **sent_headers}
    environ |= {"wsgi.input": BytesIO(), "CONTENT_LENGTH": "0", "QUERY_STRING": "", "REQUEST_URI": path}
    answer = verifier.answer(request_from_wsgi(environ))
    assert answer is not None
    assert answer.status == 400
    assert code in b"".join(answer.body).decode()


def test_a_form_with_a_policy_is_refused_as_unsigned(server):
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    form = b'--x\r\nContent-Disposition: form-data; name="key"\r\n\r\nformed\r\n--x--\r\n'
    status, said = send(server, "POST", "/bkt", headers, form)
    assert (status, "<Code>AccessDenied</Code>" in said) == (403, True)


def test_a_streaming_hash_in_the_query_alone_lets_no_unchecked_body_in(server):
    path = f"/bkt/queried?X-Amz-Content-Sha256={CHUNKED}"
    request = signed(server, "PUT", path, expires=60)
    status, said = send(server, "PUT", request.url, {}, b"anything")
    assert (status, "InvalidArgument" in said) == (400, True)


@pytest.mark.parametrize(
    ("keys", "s3", "json", "query"),
    [
        (
            ("AKNOBODY", "x"),
            ("InvalidAccessKeyId", 403),
            ("UnrecognizedClientException", 400),
            ("InvalidClientTokenId", 403),
        ),
        (
            (ACCESS_KEY_ID, "wrong"),
            ("SignatureDoesNotMatch", 403),
            ("InvalidSignatureException", 400),
            ("SignatureDoesNotMatch", 403),
        ),
    ],
    ids=["foreign key", "wrong secret"],
)
def test_foreign_keys_and_wrong_secrets_are_refused_in_the_words_of_the_service(
    server, keys, s3, json, query
):
    assert refused(client(server, "s3", keys).list_buckets) == s3
    assert refused(client(server, "athena", keys).list_work_groups) == json
    assert refused(client(server, "glue", keys).get_databases) == json
    assert refused(client(server, "sts", keys).get_caller_identity) == query


def refused(call):
    with pytest.raises(ClientError) as caught:
        call()
    told = caught.value.response
    return told["Error"]["Code"], told["ResponseMetadata"]["HTTPStatusCode"]


def test_s3_shows_what_it_calculated_and_never_the_right_signature(server):
    request = signed(server, "GET", "/bkt/k", keys=(ACCESS_KEY_ID, "wrong"))
    right = signed(server, "GET", "/bkt/k").headers["Authorization"].rpartition("=")[2]
    status, said = sent(server, request)
    assert status == 403
    assert "<StringToSign>AWS4-HMAC-SHA256\n" in said
    assert "<CanonicalRequest>GET\n/bkt/k\n" in said
    assert right not in said
    assert SECRET_ACCESS_KEY not in said


@pytest.mark.parametrize("change", ["method", "path", "query", "body", "header", "host"])
def test_a_request_that_was_changed_after_signing_is_refused(server, change):
    request = signed(server, "PUT", "/bkt/changed?partNumber=1", b"right", headers={"X-Amz-Meta-A": "1"})
    method, url, body, headers = "PUT", request.url, b"right", dict(request.headers.items())
    match change:
        case "method":
            method = "DELETE"
        case "path":
            url = url.replace("changed", "other")
        case "query":
            url += "&x=y"
        case "body":
            body = b"wrong"
        case "header":
            headers["X-Amz-Meta-A"] = "2"
        case "host":
            headers["Host"] = "localhost"
    status, said = send(server, method, url, headers, body)
    expected = "XAmzContentSHA256Mismatch" if change == "body" else "SignatureDoesNotMatch"
    assert f"<Code>{expected}</Code>" in said
    assert status in {400, 403}
    assert send(server, "HEAD", *_head(server, "/bkt/changed"))[0] == 404


def _head(server, path):
    request = signed(server, "HEAD", path)
    return request.url, request.headers


def test_headers_of_amazon_that_were_not_signed_are_refused(server):
    request = signed(server, "GET", "/bkt/k")
    status, said = send(
        server, "GET", request.url, {**dict(request.headers.items()), "X-Amz-Copy-Source": "bkt/other"}
    )
    assert status == 403
    assert "<HeadersNotSigned>x-amz-copy-source</HeadersNotSigned>" in said


def test_bodies_of_json_services_and_of_s3_documents_are_under_the_signature(server):
    request = signed(server, "POST", "/", b"{}", service="athena", headers=LIST)
    assert sent(server, request)[0] == 200
    status, said = sent(server, request, body=b'{"MaxResults": 1}')
    assert (status, "InvalidSignatureException" in said) == (400, True)
    request = signed(server, "POST", "/bkt?delete", b"<Delete/>")
    status, said = sent(server, request, body=b"<Delete><Object><Key>k</Key></Object></Delete>")
    assert (status, "XAmzContentSHA256Mismatch" in said) == (400, True)
    assert client(server, "s3", LOCAL).get_object(Bucket="bkt", Key="k")["Body"].read() == b"here"


@pytest.mark.parametrize(
    ("minutes", "s3", "json"),
    [
        (-20, "RequestTimeTooSkewed", "Signature expired"),
        (20, "RequestTimeTooSkewed", "Signature not yet current"),
        (-10, None, "Signature expired"),
        (10, None, "Signature not yet current"),
        (-3, None, None),
        (3, None, None),
    ],
)
def test_clocks_may_differ_by_15_minutes_for_s3_and_by_5_for_others(server, minutes, s3, json):
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    status, said = sent(server, signed(server, "GET", "/bkt/k", at=at))
    assert (status, said) == (200, "here") if s3 is None else s3 in said
    status, said = sent(server, signed(server, "POST", "/", b"{}", service="athena", at=at, headers=LIST))
    assert status == 200 if json is None else (status == 400 and json in said)


def test_presigned_urls_hold_until_they_expire(server):
    s3 = client(server, "s3", LOCAL, signature_version="s3v4")
    url = s3.generate_presigned_url("get_object", {"Bucket": "bkt", "Key": "k"}, ExpiresIn=60)
    assert send(server, "GET", url, {}) == (200, "here")
    put = s3.generate_presigned_url("put_object", {"Bucket": "bkt", "Key": "new"}, ExpiresIn=60)
    assert send(server, "PUT", put, {}, b"by url")[0] == 200
    assert "SignatureDoesNotMatch" in send(server, "GET", put, {})[1]
    assert "SignatureDoesNotMatch" in send(server, "GET", url.replace("/k?", "/new?"), {})[1]
    past = datetime.now(UTC) - timedelta(hours=1)
    request = signed(server, "GET", "/bkt/k", at=past, expires=60)
    status, said = send(server, "GET", request.url, {})
    assert status == 403
    assert "<Code>AccessDenied</Code><Message>Request has expired</Message>" in said
    longer = signed(server, "GET", "/bkt/k", at=past, expires=7200).url
    assert send(server, "GET", longer, {}) == (200, "here")
    assert "SignatureDoesNotMatch" in send(server, "GET", longer.replace("=7200", "=7201"), {})[1]
    early = signed(server, "GET", "/bkt/k", at=datetime.now(UTC) + timedelta(hours=1), expires=60).url
    assert "Request is not yet valid" in send(server, "GET", early, {})[1]


@pytest.mark.parametrize(
    ("path", "headers", "status", "code"),
    [
        ("/bkt/k", {}, 403, "AccessDenied"),
        ("/bkt/k?AWSAccessKeyId=x&Signature=y&Expires=9999999999", {}, 400, "InvalidRequest"),
        ("/bkt/k", {"Authorization": "AWS x:y"}, 400, "InvalidRequest"),
        ("/bkt/k", {"Authorization": "AWS4-ECDSA-P256-SHA256 Credential=x"}, 400, "InvalidRequest"),
        ("/bkt/k", {"Authorization": "AWS4-HMAC-SHA256 Credential=x"}, 400, "AuthorizationHeaderMalformed"),
        ("/bkt/k?X-Amz-Algorithm=AWS4-HMAC-SHA256", {}, 400, "AuthorizationQueryParametersError"),
    ],
)
def test_unsigned_requests_and_other_ways_of_signing_are_refused(server, path, headers, status, code):
    found = send(server, "GET", path, headers)
    assert found[0] == status
    assert f"<Code>{code}</Code>" in found[1]


def test_unsigned_requests_of_json_services_miss_their_token(server):
    status, said = send(server, "POST", "/", LIST, b"{}")
    assert status == 400
    assert "MissingAuthenticationTokenException" in said


def test_health_needs_no_signature_and_control_needs_its_token(server):
    assert send(server, "GET", "/_lakebench/health", {})[0] == 200
    assert send(server, "POST", "/_lakebench/reset", {})[0] == 403


def chunked(request, *, chunks, spoil=None, trailer=b""):
    """The body in signed chunks; ``spoil`` is the number of a chunk whose bytes are changed after signing."""
    stamp = request.headers["X-Amz-Date"]
    key = f"AWS4{SECRET_ACCESS_KEY}".encode()
    for part in (stamp[:8], "us-east-1", "s3", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    head = f"{stamp}\n{stamp[:8]}/us-east-1/s3/aws4_request"
    previous = request.headers["Authorization"].rpartition("=")[2]
    body = b""
    for number, chunk in enumerate([*chunks, b""]):
        text = f"AWS4-HMAC-SHA256-PAYLOAD\n{head}\n{previous}\n{EMPTY}\n{hashlib.sha256(chunk).hexdigest()}"
        previous = hmac.new(key, text.encode(), "sha256").hexdigest()
        sent_bytes = b"X" * len(chunk) if number == spoil else chunk
        end = b"" if trailer and not chunk else b"\r\n"
        body += f"{len(chunk):x};chunk-signature={previous}\r\n".encode() + sent_bytes + end
    if trailer:
        hashed = hashlib.sha256(trailer + b"\n").hexdigest()
        text = f"AWS4-HMAC-SHA256-TRAILER\n{head}\n{previous}\n{hashed}"
        previous = hmac.new(key, text.encode(), "sha256").hexdigest()
        wrong = "0" * 64 if spoil == "trailer" else previous
        body += trailer + b"\r\nx-amz-trailer-signature:" + wrong.encode() + b"\r\n\r\n"
    return body


@pytest.mark.parametrize("spoil", [None, 0, 1])
def test_signed_chunks_are_checked_one_by_one(server, spoil):
    chunks = [b"a" * 65536, b"b" * 100]
    size = str(sum(map(len, chunks)))
    headers = {"X-Amz-Content-SHA256": CHUNKED, "X-Amz-Decoded-Content-Length": size}
    path = f"/bkt/chunks-{spoil}"
    request = signed_streaming(server, path, headers)
    status, said = sent(server, request, body=chunked(request, chunks=chunks, spoil=spoil))
    assert (status, "SignatureDoesNotMatch" in said) == ((200, False) if spoil is None else (403, True))
    assert send(server, "HEAD", *_head(server, path))[0] == (200 if spoil is None else 404)


@pytest.mark.parametrize("spoil", [None, "trailer"])
def test_signed_trailers_are_checked(server, spoil):
    headers = {
        "X-Amz-Content-SHA256": f"{CHUNKED}-TRAILER",
        "X-Amz-Decoded-Content-Length": "5",
        "X-Amz-Trailer": "x-amz-checksum-crc32",
    }
    request = signed_streaming(server, "/bkt/trailers", headers)
    body = chunked(request, chunks=[b"hello"], spoil=spoil, trailer=b"x-amz-checksum-crc32:NhCmhg==")
    status, said = sent(server, request, body=body)
    assert (status, "SignatureDoesNotMatch" in said) == ((200, False) if spoil is None else (403, True))


def signed_streaming(server, path, headers):
    signer_headers = dict(headers)
    kind = S3SigV4Auth(Credentials(*LOCAL), "s3", "us-east-1")
    request = AWSRequest(method="PUT", url=server.endpoint + path, headers=signer_headers)
    request.context["timestamp"] = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    request.headers["X-Amz-Date"] = request.context["timestamp"]
    text = kind.string_to_sign(request, kind.canonical_request(request))
    kind._inject_signature_to_request(request, kind.signature(text, request))
    return request


def test_without_the_switch_signatures_are_not_looked_at(tmp_path):
    with Server() as open_server:
        s3 = client(open_server, "s3", ("AKNOBODY", "x"))
        assert s3.list_buckets()["Buckets"] == []
