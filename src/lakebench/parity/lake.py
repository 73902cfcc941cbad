"""Makes a plan's lake on one side, under the names of a run, and takes it away again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from lakebench.bench.guarded import Guard
from lakebench.bench.resources import ResourceKind
from lakebench.catalog.s3 import S3Uri
from lakebench.client import glue, s3
from lakebench.client.crawl import crawl_prefix
from lakebench.client.session import AwsSession
from lakebench.errors import ClientError
from lakebench.parity.plan import ParityPlan, Upload


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What a run calls its things. ``prefix`` is empty or ends in a slash.

    ``makes_bucket`` False needs a bucket that is there. ``role`` is the crawler's; without one nothing is
    crawled. ``dpu_hour_usd`` is what its time is billed.
    """

    bucket: str
    database: str
    crawler: str
    prefix: str = ""
    makes_bucket: bool = True
    role: str | None = None
    dpu_hour_usd: Decimal = Decimal(0)

    @property
    def root(self) -> S3Uri:
        """Below it lies all that the run stores."""
        return S3Uri(self.bucket, self.prefix)

    @property
    def lake(self) -> str:
        """What ``{lake}`` stands for."""
        return f"s3://{self.bucket}/{self.prefix}lake"

    @property
    def results(self) -> S3Uri:
        """Where Athena writes results."""
        return S3Uri(self.bucket, f"{self.prefix}results/")

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
    """The lake of one side; everything it makes is told to ``guard`` first."""

    def __init__(self, session: AwsSession, names: Names, guard: Guard) -> None:
        self._session = session
        self._names = names
        self._guard = guard

    def make(self, plan: ParityPlan) -> str:
        """Bucket, database, objects; a digest of all that was stored. Raises ClientError."""
        session, names, guard = self._session, self._names, self._guard
        self._make_bucket()
        with guard.making(ResourceKind.OBJECTS, str(names.root)):
            pass  # whatever comes to lie there from here on
        if glue.database_exists(session, names.database):
            raise ClientError(
                f"database {names.database} is there already", hint="a validation makes its own"
            )
        with guard.making(ResourceKind.DATABASE, names.database):
            glue.create_database(session, names.database, guard.tags)
        return self._upload(plan)

    def crawl(self, folder: str) -> tuple[str, ...]:
        """Crawl a folder of the lake; the names of the tables that came of it. Raises ClientError."""
        session, names = self._session, self._names
        if names.role is None:
            return ()
        spec = glue.CrawlerSpec(
            name=names.crawler,
            database=names.database,
            path=S3Uri.parse(f"{names.lake}/{folder}/"),
            role=names.role,
            table_prefix="crawled_",
            tags=self._guard.tags,
        )
        with self._guard.making(ResourceKind.CRAWLER, spec.name):
            glue.create_crawler(session, spec)
        outcome = crawl_prefix(session, spec, database=names.database)
        self._guard.charge(outcome.dpu_hours * names.dpu_hour_usd)
        glue.delete_crawler(session, spec.name)
        return tuple(sorted(found.table.name for found in outcome.tables))

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
        with self._guard.making(ResourceKind.BUCKET, names.bucket):
            s3.create_bucket(session, names.bucket, self._guard.tags)

    def _upload(self, plan: ParityPlan) -> str:
        digest = hashlib.sha256()
        for upload in plan.uploads:
            place = S3Uri.parse(f"{self._names.lake}/{upload.key}")
            digest.update(f"{upload.key}\n".encode())
            s3.upload_stream(self._session, place, _heard(upload, digest.update))
        return digest.hexdigest()


def _heard(upload: Upload, hear: Callable[[bytes], None]) -> Iterator[bytes]:
    for chunk in upload.chunks():
        hear(chunk)
        yield chunk
