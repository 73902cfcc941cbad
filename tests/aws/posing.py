"""A server that poses as AWS: the names, the TLS and the signatures of the real one, and its bad days.

Clients reach it as a company's proxy: ``HTTPS_PROXY`` leads every connection here, ``AWS_CA_BUNDLE`` trusts
its certificates, and the product's code knows nothing of it. Each request must carry a SigV4 signature by the
one key there is, made anew here with botocore's own signer. What passes goes on to a lakebench server.
"""

from __future__ import annotations

import http.client
import json
import socketserver
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from xml.sax.saxutils import escape

import boto3
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ACCESS_KEY, SECRET_KEY = "AKIAPOSINGASAWS00001", "a/secret+that/never+shows/in+any+output0"
REGION = "us-east-1"
ELSEWHERE = "eu-west-1"
"""The region of buckets that are in another one."""
NAMES = tuple(
    f"*{part}.amazonaws.com"
    for part in ("", f".{REGION}", f".s3.{REGION}", ".s3", f".{ELSEWHERE}", f".s3.{ELSEWHERE}")
)
_HOPS = frozenset({"connection", "keep-alive", "proxy-connection", "transfer-encoding", "host", "expect"})


@dataclass(slots=True)
class Weather:
    """What goes wrong, by operation as IAM names it (``athena:StartQueryExecution``), and how often."""

    denied: set[str] = field(default_factory=set)
    denied_if: dict[str, Callable[[Asked], bool]] = field(default_factory=dict)
    """Whether a call is denied, decided by what it asks."""
    throttled: dict[str, int] = field(default_factory=dict)
    expired: bool = False
    crawler_turns: int = 0
    """How often GetCrawler still says RUNNING after a crawl."""
    doctored: dict[str, Callable[[dict[str, Any]], None]] = field(default_factory=dict)
    """Edits an operation's answer before it goes out: an AWS that counts or says otherwise."""
    expires_at: str | None = None
    """The call at which the session's token has expired, and stays so."""
    short_pages: bool = False
    """Listings and results come two at a time."""
    elsewhere: set[str] = field(default_factory=set)
    """Buckets of another region."""
    unreachable: set[str] = field(default_factory=set)
    """Services that the region does not have."""
    held: set[str] = field(default_factory=set)
    """Calls that get no answer, until the weather changes."""


class PosingAws:
    """The proxy and the account behind it; ``calls`` are the operations that came, in their order."""

    def __init__(self, endpoint: str, folder: Path) -> None:
        self.weather = Weather()
        self.calls: list[str] = []
        self.refused: list[str] = []
        self.asked: list[Asked] = []
        self.ca_bundle = folder / "ca.pem"
        self._behind = urlsplit(endpoint).netloc
        self._context = _server_context(folder, self.ca_bundle)
        self._lock = threading.Lock()
        handler = type("Tunnel", (_Tunnel,), {"posing": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def proxy(self) -> str:
        """What HTTPS_PROXY says; a local session may have it as its endpoint."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def variables(self) -> dict[str, str]:
        """The environment of someone with an account here."""
        return {
            "HTTPS_PROXY": self.proxy,
            "AWS_CA_BUNDLE": str(self.ca_bundle),
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def answer(self, asked: Asked) -> Answered:
        """Let it pass, or refuse as AWS would."""
        operation = asked.operation
        with self._lock:
            self.calls.append(operation)
            self.asked.append(asked)
        if operation in self.weather.held:
            while operation in self.weather.held:
                time.sleep(0.01)
            return _refuse(asked, 503, "ServiceUnavailable", "The one who asked is gone")
        refusal = self._refusal(asked, operation)
        if refusal is not None:
            with self._lock:
                self.refused.append(operation)
            return refusal
        behind = _short_page(asked, operation) if self.weather.short_pages else asked
        answered = self._slowly(operation, _forward(self._behind, behind))
        return self._doctored(operation, self._told_otherwise(asked, operation, answered))

    def client(self, service: str) -> Any:
        """A client that sees the account from behind, without being noted."""
        return boto3.client(
            service,
            endpoint_url=f"http://{self._behind}",
            region_name=REGION,
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
        )

    def buckets(self) -> list[str]:
        """The buckets of the account."""
        return [bucket["Name"] for bucket in self.client("s3").list_buckets()["Buckets"]]

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _refusal(self, asked: Asked, operation: str) -> Answered | None:
        if self.weather.expired or self._has_expired():
            return _refuse(
                asked, 400, "ExpiredToken", "The security token included in the request is expired"
            )
        if asked.tunnelled and not asked.is_signed():
            return _refuse(asked, 403, "SignatureDoesNotMatch", "The signature does not match")
        if asked.service == "s3" and asked.bucket in self.weather.elsewhere and ELSEWHERE not in asked.host:
            return _redirect(asked)
        if operation in self.weather.denied or self._is_denied(asked, operation):
            text = f"User: arn:aws:iam::123456789012:user/me is not authorized to perform: {operation}"
            code = "AccessDenied" if asked.service in {"s3", "sts"} else "AccessDeniedException"
            return _refuse(asked, 403 if asked.service == "s3" else 400, code, text)
        with self._lock:
            left = self.weather.throttled.get(operation, 0)
            self.weather.throttled[operation] = max(left - 1, 0)
        if left:
            code = "SlowDown" if asked.service == "s3" else "ThrottlingException"
            return _refuse(asked, 503 if asked.service == "s3" else 400, code, "Rate exceeded")
        return None

    def _is_denied(self, asked: Asked, operation: str) -> bool:
        decide = self.weather.denied_if.get(operation)
        return decide is not None and decide(asked)

    def _has_expired(self) -> bool:
        return self.weather.expires_at in self.calls

    def _told_otherwise(self, asked: Asked, operation: str, answered: Answered) -> Answered:
        """HeadBucket tells the region of a bucket that is elsewhere."""
        if operation != "s3:HeadBucket" or asked.bucket not in self.weather.elsewhere:
            return answered
        others = [one for one in answered.headers if one[0].lower() != "x-amz-bucket-region"]
        return replace(answered, headers=[*others, ("x-amz-bucket-region", ELSEWHERE)])

    def _slowly(self, operation: str, answered: Answered) -> Answered:
        if operation != "glue:GetCrawler" or self.weather.crawler_turns <= 0:
            return answered
        told = json.loads(answered.body)
        if told.get("Crawler", {}).get("State") == "READY" and "LastCrawl" in told["Crawler"]:
            self.weather.crawler_turns -= 1
            told["Crawler"]["State"] = "STOPPING"
            return Answered(status=answered.status, headers=answered.headers, body=json.dumps(told).encode())
        return answered

    def _doctored(self, operation: str, answered: Answered) -> Answered:
        edit = self.weather.doctored.get(operation)
        if edit is None or answered.status != 200:
            return answered
        told = json.loads(answered.body)
        edit(told)
        return Answered(status=answered.status, headers=answered.headers, body=json.dumps(told).encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A response: status, headers as they go out, the whole body."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as it came out of the tunnel; ``host`` is the AWS name it was sent to.

    One that did not come through a tunnel is of a local session that has this as its endpoint: it is noted
    and passed on, whoever signed it.
    """

    tunnelled: bool
    method: str
    host: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        """A header's value, or an empty text."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    @property
    def service(self) -> str:
        """As in the endpoint's name: s3, glue, athena, sts."""
        labels = self.host.split(".")
        return "s3" if "s3" in labels else labels[0]

    @property
    def operation(self) -> str:
        """The operation as IAM writes it; S3's are told by method and path, enough to tell them apart."""
        if target := self.header("X-Amz-Target"):
            return f"{self.service}:{target.rpartition('.')[2]}"
        if self.service == "sts":
            return f"sts:{dict(parse_qsl(self.body.decode()))['Action']}"
        return _s3_operation(self.method, self.path_of_bucket, dict(parse_qsl(self._query, True)))

    @property
    def bucket(self) -> str:
        """The bucket of a request to S3."""
        return self.path_of_bucket.lstrip("/").partition("/")[0]

    @property
    def path_of_bucket(self) -> str:
        """The path with the bucket in front, also where the host names the bucket."""
        bucket, found, _ = self.host.partition(".s3.")
        path = urlsplit(self.target).path
        return f"/{bucket}{path}" if found else path

    @property
    def _query(self) -> str:
        return urlsplit(self.target).query

    @property
    def target_behind(self) -> str:
        """The request's target for a server that knows buckets by path."""
        return self.path_of_bucket + (f"?{self._query}" if self._query else "")

    def is_signed(self) -> bool:
        """Whether its Authorization is what botocore's signer makes of it with our key."""
        given = self.header("Authorization")
        if not given.startswith(f"AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/"):
            return False
        named = given.partition("SignedHeaders=")[2].partition(",")[0].split(";")
        scope = given.partition("Credential=")[2].partition(",")[0].split("/")
        request = AWSRequest(
            method=self.method,
            url=f"https://{self.host}{self.target}",
            headers={name: self.header(name) for name in named if name != "host"},
            data=self.body,
        )
        request.context["timestamp"] = self.header("X-Amz-Date")
        signer = S3SigV4Auth if self.service == "s3" else SigV4Auth
        auth = signer(Credentials(ACCESS_KEY, SECRET_KEY), scope[3], scope[2])
        canonical = _canonical(auth, request, named, self.header("X-Amz-Content-SHA256"))
        return auth.signature(auth.string_to_sign(request, canonical), request) == given.rpartition("=")[2]


def _name_of_scope(authorization: str) -> str:
    """The AWS name that a request to a local endpoint would have gone to, by the scope of its signature."""
    scope = authorization.partition("Credential=")[2].partition(",")[0].split("/")
    return f"{scope[3]}.{REGION}.amazonaws.com" if len(scope) > 3 else f"unknown.{REGION}.amazonaws.com"


def _canonical(auth: SigV4Auth, request: AWSRequest, named: list[str], payload: str) -> str:
    """botocore's canonical request over just the headers that were signed."""
    headers = auth.headers_to_sign(request)
    for name in set(headers) - set(named):
        del headers[name]
    return "\n".join(
        [
            request.method,
            auth._normalize_url_path(urlsplit(request.url).path),
            auth.canonical_query_string(request),
            auth.canonical_headers(headers) + "\n",
            auth.signed_headers(headers),
            payload or auth.payload(request),
        ]
    )


def _s3_operation(method: str, path: str, query: dict[str, str]) -> str:
    bucket, _, key = path.lstrip("/").partition("/")
    what = "Object" if key else "Bucket" if bucket else "Buckets"
    if "uploads" in query:
        return "s3:CreateMultipartUpload"
    if "uploadId" in query:
        return {"PUT": "s3:UploadPart", "POST": "s3:CompleteMultipartUpload"}.get(method, "s3:AbortUpload")
    if "delete" in query:
        return "s3:DeleteObjects"
    if "tagging" in query:
        return f"s3:{method.capitalize()}{what}Tagging"
    if method == "GET" and not key:
        return "s3:ListBucket" if bucket else "s3:ListAllMyBuckets"
    return f"s3:{ {'PUT': 'Put' if key else 'Create'}.get(method, method.capitalize()) }{what}".replace(
        " ", ""
    )


def _forward(behind: str, asked: Asked) -> Answered:
    connection = http.client.HTTPConnection(behind, timeout=60)
    connection.putrequest(asked.method, asked.target_behind, skip_accept_encoding=True)
    for name, value in asked.headers:
        if name.lower() not in _HOPS and name.lower() != "content-length":
            connection.putheader(name, value)
    connection.putheader("Content-Length", str(len(asked.body)))
    connection.endheaders(asked.body)
    got = connection.getresponse()
    body = got.read()
    headers = [(name, value) for name, value in got.getheaders() if name.lower() not in _HOPS]
    connection.close()
    return Answered(status=got.status, headers=headers, body=body)


def _short_page(asked: Asked, operation: str) -> Asked:
    """The same request for two rows at most; a token leads on."""
    if operation == "s3:ListBucket":
        return replace(asked, target=f"{asked.target}&max-keys=2")
    if operation in {"glue:GetPartitions", "glue:GetTables", "athena:GetQueryResults"}:
        wanted = json.loads(asked.body)
        return replace(
            asked, body=json.dumps(wanted | {"MaxResults": min(wanted.get("MaxResults", 2), 2)}).encode()
        )
    return asked


def _redirect(asked: Asked) -> Answered:
    """S3's answer to a request that came to another region than the bucket's."""
    text = "<Error><Code>PermanentRedirect</Code><Message>Use the specified endpoint</Message></Error>"
    headers = [("Content-Type", "application/xml"), ("x-amz-bucket-region", ELSEWHERE)]
    return Answered(status=301, headers=headers, body=b"" if asked.method == "HEAD" else text.encode())


def _refuse(asked: Asked, status: int, code: str, message: str) -> Answered:
    if asked.service in {"s3", "sts"}:
        inner = f"<Code>{code}</Code><Message>{escape(message)}</Message>"
        wrapped = f"<Error>{inner}</Error>"
        text = wrapped if asked.service == "s3" else f"<ErrorResponse>{wrapped}</ErrorResponse>"
        kind = "application/xml"
    else:
        text, kind = json.dumps({"__type": code, "message": message}), "application/x-amz-json-1.1"
    body = b"" if asked.method == "HEAD" else text.encode()
    return Answered(status=status, headers=[("Content-Type", kind)], body=body)


class _Tunnel(BaseHTTPRequestHandler):
    """CONNECT, then TLS, then requests one after another in the same connection."""

    protocol_version = "HTTP/1.1"
    posing: PosingAws
    tunnel = ""

    def do_CONNECT(self) -> None:
        self.tunnel = self.path.rpartition(":")[0]
        if self.tunnel.partition(".")[0] in self.posing.weather.unreachable:
            self.send_error(502)
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.flush()
        try:
            inner = self.posing._context.wrap_socket(self.connection, server_side=True)
        except (ssl.SSLError, OSError):
            self.close_connection = True
            return
        self.connection = self.request = inner
        self.rfile, self.wfile = inner.makefile("rb"), socketserver._SocketWriter(inner)
        self.close_connection = False

    def _serve(self) -> None:
        asked = Asked(
            method=self.command,
            host=self.tunnel or _name_of_scope(self.headers.get("Authorization", "")),
            tunnelled=bool(self.tunnel),
            target=self.path,
            headers=list(self.headers.items()),
            body=self._body(),
        )
        answered = self.posing.answer(asked)
        self.send_response_only(answered.status)
        for name, value in answered.headers:
            if name.lower() != "content-length" or self.command == "HEAD":
                self.send_header(name, value)
        if self.command != "HEAD":
            self.send_header("Content-Length", str(len(answered.body)))
        elif not any(name.lower() == "content-length" for name, _ in answered.headers):
            self.send_header("Content-Length", "0")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answered.body)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _serve  # noqa: N815 (names of http.server)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            blocks = []
            while size := int(self.rfile.readline().partition(b";")[0], 16):
                blocks.append(self.rfile.read(size))
                self.rfile.readline()
            while self.rfile.readline().strip():
                pass
            return b"".join(blocks)
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def log_message(self, *_: object) -> None:
        return


def _server_context(folder: Path, ca_bundle: Path) -> ssl.SSLContext:
    """A certificate for AWS's names by an authority of our own, valid for a day."""
    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority = _certificate("A proxy's authority", authority_key, None, authority_key, ca=True)
    key = ec.generate_private_key(ec.SECP256R1())
    leaf = _certificate("AWS's names", key, authority, authority_key, ca=False)
    ca_bundle.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    chain, secret = folder / "names.pem", folder / "names.key"
    chain.write_bytes(leaf.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, secret)
    return context


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Certificate | None,
    signer: ec.EllipticCurvePrivateKey,
    *,
    ca: bool,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    building = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer is not None else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
    )
    if not ca:
        names = x509.SubjectAlternativeName([x509.DNSName(one) for one in NAMES])
        building = building.add_extension(names, critical=False)
    return building.sign(signer, hashes.SHA256())
