"""S3 in few verbs: make a bucket, send a stream in flat memory, list, fetch, remove."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lakebench.catalog.s3 import ARCHIVE_CLASSES, S3Uri
from lakebench.client.call import CallFailed, aws_call
from lakebench.client.session import AwsSession
from lakebench.errors import ClientError

PART_BYTES = 8 * 1024 * 1024
"""Size of the first parts of a multipart upload; S3 takes 5 MiB to 5 GiB a part and 10,000 parts."""

_PARTS_PER_SIZE = 1_000  # part size doubles after so many, so that 10,000 parts hold 5 TiB and more
_READ_BYTES = 1024 * 1024
_DELETE_BATCH = 1_000

Progress = Callable[[int], None]
"""Called with the number of bytes just moved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """An object in S3: where it lies, how many bytes it has, its storage class and its ETag."""

    place: S3Uri
    size: int
    storage_class: str = "STANDARD"
    etag: str = ""

    @property
    def readable(self) -> bool:
        """Whether Athena reads objects of its class."""
        return self.storage_class not in ARCHIVE_CLASSES


def ensure_bucket(session: AwsSession, bucket: str) -> bool:
    """Make the bucket unless it is there already; True if it was made. Raises ClientError."""
    if bucket_exists(session, bucket):
        return False
    create_bucket(session, bucket)
    return True


def bucket_exists(session: AwsSession, bucket: str) -> bool:
    """Whether there is such a bucket that we may see. Raises ClientError, also for one in another region."""
    with aws_call("s3:HeadBucket", bucket):
        try:
            session.s3.head_bucket(Bucket=bucket)
        except session.s3.exceptions.ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
                raise
            return False
    return True


def bucket_region(session: AwsSession, bucket: str) -> str:
    """The region that a bucket is in. Raises ClientError, with 404 for one that is not there.

    AWS: HeadBucket answers ``x-amz-bucket-region``; botocore follows a bucket into its region by itself.
    """
    with aws_call("s3:HeadBucket", bucket):
        answer = session.s3.head_bucket(Bucket=bucket)
    return str(answer.get("BucketRegion") or session.region)


def create_bucket(session: AwsSession, bucket: str, tags: Mapping[str, str] | None = None) -> None:
    """Make a bucket in the session's region, and tag it. Raises ClientError."""
    options: dict[str, Any] = {}
    if session.region != "us-east-1":  # AWS: CreateBucket refuses us-east-1 as a LocationConstraint
        options["CreateBucketConfiguration"] = {"LocationConstraint": session.region}
    with aws_call("s3:CreateBucket", bucket):
        session.s3.create_bucket(Bucket=bucket, **options)
    if tags:
        tag_set = [{"Key": key, "Value": value} for key, value in tags.items()]
        with aws_call("s3:PutBucketTagging", bucket):
            session.s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tag_set})


def upload_stream(
    session: AwsSession,
    place: S3Uri,
    chunks: Iterable[bytes],
    progress: Progress | None = None,
    *,
    metadata: Mapping[str, str] | None = None,
) -> StoredObject:
    """Store the bytes of ``chunks`` as one object, holding one part in memory at a time.

    ``metadata`` is kept with it (x-amz-meta-...).

    Up to PART_BYTES go in one PutObject, more in a multipart upload, which is aborted if anything goes
    wrong on the way (Ctrl-C too), so that no half object is seen or paid for. Raises ClientError.
    """
    report = progress or _silent
    kept: dict[str, Any] = {"Metadata": dict(metadata)} if metadata else {}
    parts = _parts(chunks)
    first = next(parts, b"")
    second = next(parts, None)
    if second is None:
        with aws_call("s3:PutObject", str(place)):
            session.s3.put_object(Bucket=place.bucket, Key=place.key, Body=first, **kept)
        report(len(first))
        return StoredObject(place=place, size=len(first))
    with aws_call("s3:CreateMultipartUpload", str(place)):
        answer = session.s3.create_multipart_upload(Bucket=place.bucket, Key=place.key, **kept)
    upload = {"Bucket": place.bucket, "Key": place.key, "UploadId": answer["UploadId"]}
    try:
        size = _send_parts(session, upload, place, _chain(first, second, parts), report)
    except BaseException:
        with suppress(ClientError), aws_call("s3:AbortMultipartUpload", str(place)):
            session.s3.abort_multipart_upload(**upload)
        raise
    return StoredObject(place=place, size=size)


def upload_requests(size: int) -> int:
    """How many requests at most an upload of so many bytes makes."""
    return 1 if size <= PART_BYTES else 2 + -(-size // PART_BYTES)


def list_objects(session: AwsSession, prefix: S3Uri) -> Iterator[StoredObject]:
    """Every object below a prefix, in key order, page after page. Raises ClientError."""
    with aws_call("s3:ListBucket", str(prefix)):
        pages = session.s3.get_paginator("list_objects_v2").paginate(Bucket=prefix.bucket, Prefix=prefix.key)
        for page in pages:
            for entry in page.get("Contents", []):
                yield StoredObject(
                    place=S3Uri(prefix.bucket, entry["Key"]),
                    size=entry["Size"],
                    storage_class=entry.get("StorageClass", "STANDARD"),
                    etag=entry.get("ETag", ""),
                )


def read_stream(session: AwsSession, stored: StoredObject) -> Iterator[bytes]:
    """The bytes of a listed object in blocks; ClientError if it is another one by now."""
    with aws_call("s3:GetObject", str(stored.place)):
        body = session.s3.get_object(
            Bucket=stored.place.bucket,
            Key=stored.place.key,
            **({"IfMatch": stored.etag} if stored.etag else {}),
        )["Body"]
        with body:
            yield from body.iter_chunks(_READ_BYTES)


def metadata_of(session: AwsSession, place: S3Uri) -> Mapping[str, str]:
    """What is kept with an object (x-amz-meta-...), by lower-case names. Raises ClientError."""
    with aws_call("s3:GetObject", str(place)):
        found: Mapping[str, str] = session.s3.head_object(Bucket=place.bucket, Key=place.key)["Metadata"]
    return found


def download(session: AwsSession, place: S3Uri, path: Path, progress: Progress | None = None) -> int:
    """Write an object to a new local file in flat memory; the number of bytes. Raises ClientError, OSError.

    The file appears under its name only when it is whole.
    """
    report = progress or _silent
    partial = path.with_name(path.name + ".part")
    size = 0
    with aws_call("s3:GetObject", str(place)):
        body = session.s3.get_object(Bucket=place.bucket, Key=place.key)["Body"]
        try:
            with body, partial.open("wb") as file:
                for chunk in body.iter_chunks(_READ_BYTES):
                    file.write(chunk)
                    size += len(chunk)
                    report(len(chunk))
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    return size


def delete_prefix(session: AwsSession, prefix: S3Uri) -> int:
    """Delete every object below a prefix; how many there were. Raises ClientError."""
    deleted = 0
    batch: list[dict[str, str]] = []
    for stored in list_objects(session, prefix):
        batch.append({"Key": stored.place.key})
        if len(batch) == _DELETE_BATCH:
            deleted += _delete(session, prefix, batch)
            batch = []
    return deleted + _delete(session, prefix, batch)


def delete_objects(session: AwsSession, places: Sequence[S3Uri]) -> None:
    """Delete objects by their places; one that is gone already is no error. Raises ClientError."""
    by_bucket: dict[str, list[dict[str, str]]] = {}
    for place in places:
        by_bucket.setdefault(place.bucket, []).append({"Key": place.key})
    for bucket, keys in by_bucket.items():
        for first in range(0, len(keys), _DELETE_BATCH):
            _delete(session, S3Uri(bucket), keys[first : first + _DELETE_BATCH])


def delete_bucket(session: AwsSession, bucket: str) -> None:
    """Delete an empty bucket; one that is gone already is no error. Raises ClientError."""
    with suppress_code("NoSuchBucket"), aws_call("s3:DeleteBucket", bucket):
        session.s3.delete_bucket(Bucket=bucket)


class suppress_code:  # noqa: N801 - reads as contextlib.suppress does
    """Let CallFailed of the given AWS error codes pass without a sound."""

    def __init__(self, *codes: str) -> None:
        self._codes = codes

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        return isinstance(error, CallFailed) and error.code in self._codes


def _silent(_: int) -> None:
    return None


def _chain(first: bytes, second: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield second
    yield from rest


def _parts(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Cut and join chunks into parts of PART_BYTES, twice that after 1,000 parts, and so on."""
    buffer = bytearray()
    made = 0
    size = PART_BYTES
    for chunk in chunks:
        buffer += chunk
        while len(buffer) > size:
            yield bytes(memoryview(buffer)[:size])
            del buffer[:size]
            made += 1
            size = PART_BYTES << (made // _PARTS_PER_SIZE)
    if buffer:
        yield bytes(buffer)


def _send_parts(
    session: AwsSession, upload: dict[str, str], place: S3Uri, parts: Iterator[bytes], report: Progress
) -> int:
    sent: list[dict[str, Any]] = []
    size = 0
    for number, part in enumerate(parts, start=1):
        with aws_call("s3:UploadPart", str(place)):
            answer = session.s3.upload_part(**upload, PartNumber=number, Body=part)
        sent.append({"PartNumber": number, "ETag": answer["ETag"]})
        size += len(part)
        report(len(part))
    with aws_call("s3:CompleteMultipartUpload", str(place)):
        session.s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": sent})
    return size


def _delete(session: AwsSession, prefix: S3Uri, batch: list[dict[str, str]]) -> int:
    if not batch:
        return 0
    with aws_call("s3:DeleteObject", str(prefix)):
        answer = session.s3.delete_objects(Bucket=prefix.bucket, Delete={"Objects": batch, "Quiet": True})
    if failed := answer.get("Errors"):
        place = S3Uri(prefix.bucket, str(failed[0].get("Key")))
        raise ClientError(f"s3:DeleteObject on {place} failed: {failed[0].get('Message')}")
    return len(batch)
