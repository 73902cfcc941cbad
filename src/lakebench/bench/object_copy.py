"""Copies objects from one target to another, some at a time, each whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from threading import Event

from lakebench.bench.watch import Step, Watcher
from lakebench.catalog.s3 import S3Uri
from lakebench.client import s3
from lakebench.client.s3 import StoredObject
from lakebench.client.session import AwsSession
from lakebench.errors import ClientError

SOURCE_MARK = "lakebench-source"
"""Kept with each copy (x-amz-meta-lakebench-source): the ETag of the object that it is a copy of."""

_AT_ONCE = 8


class _Stopped(ClientError):
    """A copy was told to stop; the reason is another's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """An object, and the place that it is copied to."""

    source: StoredObject
    to: S3Uri


def copy_objects(source: AwsSession, to: AwsSession, copies: Sequence[Copy], watch: Watcher) -> None:
    """Copy them all; an error or Ctrl-C stops the others, and leaves those that are whole.

    Raises ClientError, also for an object that is no longer what was listed.
    """
    stop = Event()
    for session in (source, to):
        _ = session.s3  # made before threads share it
    total = sum(copy.source.size for copy in copies)
    with watch.step(Step.COPY, total) as advance, ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        running = [pool.submit(_copy, source, to, copy, stop, advance) for copy in copies]
        try:
            for done in as_completed(running):
                done.result()
        except BaseException:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def is_copy_of(session: AwsSession, place: S3Uri, source: StoredObject) -> bool:
    """Whether what lies at a place was copied from this very object."""
    return s3.metadata_of(session, place).get(SOURCE_MARK) == _mark(source)


def _copy(
    source: AwsSession, to: AwsSession, copy: Copy, stop: Event, advance: Callable[[int], None]
) -> None:
    chunks = _until(stop, s3.read_stream(source, copy.source), advance)
    stored = s3.upload_stream(to, copy.to, chunks, metadata={SOURCE_MARK: _mark(copy.source)})
    if stored.size != copy.source.size:
        raise ClientError(
            f"{copy.source.place} had {copy.source.size:,} bytes when it was listed, now {stored.size:,}",
            hint="the same command lists it anew",
        )


def _until(stop: Event, chunks: Iterator[bytes], advance: Callable[[int], None]) -> Iterator[bytes]:
    for chunk in chunks:
        if stop.is_set():
            raise _Stopped("another copy failed")
        yield chunk
        advance(len(chunk))


def _mark(source: StoredObject) -> str:
    return source.etag.strip('"')
