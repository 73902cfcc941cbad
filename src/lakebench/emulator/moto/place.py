"""Which bucket and key a request to S3 names."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from urllib.parse import unquote

from moto.s3.responses import S3Response
from werkzeug.datastructures import EnvironHeaders

from lakebench.emulator.wire.http import Request


@dataclass(frozen=True, slots=True)
class Place:
    """A bucket, and a key in it; both are empty where the request names none."""

    bucket: str
    key: str


def place_of(request: Request) -> Place:
    """The bucket in the host's name or the path's first part, as moto reads it, and the key after it."""
    path = request.raw_path
    if path.startswith(("http://", "https://")):
        path = "/" + path.split("/", 3)[3] if path.count("/") >= 3 else "/"
    path = path[1:] if path.startswith("/") else path
    if names_bucket_in_host(request):
        return Place((request.header("host") or "").partition(".")[0], unquote(path))
    bucket, _, key = path.partition("/")
    return Place(unquote(bucket), unquote(key))


def names_bucket_in_host(request: Request) -> bool:
    """Whether the bucket is the first label of the host's name."""
    url = f"http://{request.header('host') or 'localhost'}/"
    asked = SimpleNamespace(headers=EnvironHeaders(request.environ), url=url)
    return bool(S3Response.subdomain_based_buckets(asked))
