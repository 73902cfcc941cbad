"""Makes a plan's lake on one side, under the names of a run, and takes it away again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from lakebench.bench.cleanup import Cleanup
from lakebench.bench.resources import Resource, ResourceKind
from lakebench.catalog.s3 import S3Uri
from lakebench.client import glue, s3, workgroups
from lakebench.client.athena import QueryContext
from lakebench.client.session import AwsSession
from lakebench.errors import ClientError
from lakebench.parity.plan import ParityPlan, Upload


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What a run calls its things. ``prefix`` is empty or ends in a slash.

    ``makes_bucket`` False needs a bucket that is there. ``own_cutoff_bytes`` makes ``workgroup`` with this
    cutoff. ``role`` is the crawler's; without one nothing is crawled.
    """

    run: str
    bucket: str
    database: str
    prefix: str = ""
    makes_bucket: bool = True
    workgroup: str = "primary"
    own_cutoff_bytes: int | None = None
    role: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def root(self) -> S3Uri:
        """Below it lies all that the run stores."""
        return S3Uri(self.bucket, self.prefix)

    @property
    def lake(self) -> str:
        """What ``{lake}`` stands for."""
        return f"s3://{self.bucket}/{self.prefix}lake"

    @property
    def context(self) -> QueryContext:
        """How queries are asked."""
        output = S3Uri(self.bucket, f"{self.prefix}results/")
        return QueryContext(database=self.database, output=output, workgroup=self.workgroup)

    @property
    def crawler(self) -> str:
        """The crawler's name."""
        return f"lakebench-crawl-{self.run}"

    def filled(self, sql: str) -> str:
        """A statement with this run's names in it."""
        return sql.replace("{lake}", self.lake).replace("{database}", self.database)

    def hidden(self, text: str) -> str:
        """A text of an answer without this run's names, so that two runs can be compared."""
        places = {
            self.lake: "{lake}",
            self.database: "{database}",
            self.crawler: "{crawler}",
            self.bucket: "{bucket}",
        }
        for name, place in places.items():
            text = text.replace(name, place)
        return text


class ParityLake:
    """The lake of one side; everything it makes is told to ``cleanup`` first."""

    def __init__(self, session: AwsSession, names: Names, cleanup: Cleanup) -> None:
        self._session = session
        self._names = names
        self._cleanup = cleanup

    def make(self, plan: ParityPlan) -> str:
        """Bucket, database, workgroup, objects; a digest of all that was stored. Raises ClientError."""
        session, names = self._session, self._names
        if names.own_cutoff_bytes is not None:
            with self._making(ResourceKind.WORKGROUP, names.workgroup):
                workgroups.create_workgroup(
                    session, names.workgroup, cutoff_bytes=names.own_cutoff_bytes, tags=dict(names.tags)
                )
        self._make_bucket()
        with self._making(ResourceKind.OBJECTS, str(names.root)):
            pass  # whatever comes to lie there from here on
        if glue.database_exists(session, names.database):
            raise ClientError(
                f"database {names.database} is there already", hint="a validation makes its own"
            )
        with self._making(ResourceKind.DATABASE, names.database):
            glue.create_database(session, names.database, names.tags)
        return self._upload(plan)

    def crawl(self, folder: str) -> Iterator[str]:
        """Crawl a folder of the lake; the names of the tables that came of it. Raises ClientError."""
        session, names = self._session, self._names
        if names.role is None:
            return
        before = set(glue.list_table_names(session, names.database))
        spec = glue.CrawlerSpec(
            name=names.crawler,
            database=names.database,
            path=S3Uri.parse(f"{names.lake}/{folder}/"),
            role=names.role,
            table_prefix="crawled_",
            tags=names.tags,
        )
        with self._making(ResourceKind.CRAWLER, spec.name):
            glue.create_crawler(session, spec)
        glue.run_crawler(session, spec.name)
        glue.delete_crawler(session, spec.name)
        yield from sorted(set(glue.list_table_names(session, names.database)) - before)

    def _make_bucket(self) -> None:
        session, names = self._session, self._names
        there = s3.bucket_exists(session, names.bucket)
        if names.makes_bucket and there:
            raise ClientError(f"bucket {names.bucket} is there already", hint="a validation makes its own")
        if not names.makes_bucket:
            if not there:
                raise ClientError(
                    f"there is no bucket {names.bucket}",
                    hint="make it, or leave it out: the run makes its own",
                )
            return
        with self._making(ResourceKind.BUCKET, names.bucket):
            s3.create_bucket(session, names.bucket, names.tags)

    def _upload(self, plan: ParityPlan) -> str:
        digest = hashlib.sha256()
        for upload in plan.uploads:
            place = S3Uri.parse(f"{self._names.lake}/{upload.key}")
            digest.update(f"{upload.key}\n".encode())
            s3.upload_stream(self._session, place, _heard(upload, digest.update))
        return digest.hexdigest()

    def _making(self, kind: ResourceKind, name: str) -> AbstractContextManager[None]:
        return self._cleanup.making(Resource(kind=kind, name=name))


def _heard(upload: Upload, hear: Callable[[bytes], None]) -> Iterator[bytes]:
    for chunk in upload.chunks():
        hear(chunk)
        yield chunk
