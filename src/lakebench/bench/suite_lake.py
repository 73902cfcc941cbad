"""The tables of a run: generated rows that are uploaded or tables that are there, and each layout of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import groupby

from lakebench.bench.guarded import Guard
from lakebench.bench.layouts import IN_PLACE, SOURCE_LAYOUT, LayoutSpec
from lakebench.bench.resources import ResourceKind
from lakebench.bench.run_result import Layout, QuerySample
from lakebench.bench.suite import Suite, SuiteTable
from lakebench.bench.watch import Advance, Step, Watcher
from lakebench.catalog.s3 import S3Uri
from lakebench.client import glue, s3
from lakebench.client.athena import QueryContext, QueryRun, result_rows, run_query
from lakebench.client.poll import Poll
from lakebench.client.session import AwsSession
from lakebench.datagen.parts import PartFormat, PartPlan
from lakebench.datagen.source import RowSource
from lakebench.errors import ClientError

_CRAWL_ROLE = "lakebench-bench"  # a local server asks no role whether it may read
_CRAWLED = "source__"
_LOCAL_POLL = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class LakePlan:
    """Where a run makes its tables, and of what; ``sources`` are the generated ones by the suite's table.

    All objects lie below ``place``, in a bucket that must be new unless ``makes_bucket`` is False.
    """

    suite: Suite
    layouts: tuple[LayoutSpec, ...]
    sources: Mapping[str, RowSource]
    place: S3Uri
    makes_bucket: bool
    database: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Origin:
    """What the layouts of a table are made of: its quoted name, its columns, and where its objects lie."""

    quoted: str
    columns: tuple[str, ...]
    location: S3Uri


class SuiteLake:
    """Makes the tables; ``rows`` is how many they have in all once they are made."""

    def __init__(
        self,
        session: AwsSession,
        plan: LakePlan,
        watch: Watcher,
        guard: Guard,
    ) -> None:
        self._session = session
        self._plan = plan
        self._watch = watch
        self._guard = guard
        self.context = QueryContext(
            database=plan.database,
            output=plan.place.child("results/"),
            workgroup=guard.workgroup,
            # A local query is seen soon after its end, and asking costs next to nothing.
            poll=Poll() if guard.on_aws else Poll(longest=_LOCAL_POLL),
        )
        self._origins: dict[str, _Origin] = {}
        self.rows = 0

    def make(self) -> None:
        """Make bucket, database and every table; raises ClientError."""
        session, plan = self._session, self._plan
        self._make_bucket()
        if glue.database_exists(session, plan.database):
            raise ClientError(
                f"database {plan.database} is there already", hint="a run makes its own database"
            )
        with self._making(ResourceKind.DATABASE, plan.database):
            glue.create_database(session, plan.database, self._guard.tags)
        if plan.suite.data is not None:
            self._upload()
        else:
            self._find()
        tables = len(plan.layouts) * len(plan.suite.tables)
        with self._watch.step(Step.LAYOUTS, tables) as advance:
            for layout in plan.layouts:
                for table in plan.suite.tables:
                    self._make_table(layout, table)
                    advance(1)

    def _make_bucket(self) -> None:
        session, plan, bucket = self._session, self._plan, self._plan.place.bucket
        if s3.bucket_exists(session, bucket):
            if plan.makes_bucket:
                raise ClientError(f"bucket {bucket} is there already", hint="a run makes its own bucket")
        elif plan.makes_bucket:
            with self._making(ResourceKind.BUCKET, bucket):
                s3.create_bucket(session, bucket, self._guard.tags)
        else:
            raise ClientError(
                f"there is no bucket {bucket}", hint="make it, or leave it out: the run makes its own"
            )
        with self._making(ResourceKind.OBJECTS, str(plan.place)):
            pass  # whatever comes to lie there from here on

    def names(self, layout: LayoutSpec) -> Mapping[str, str]:
        """The quoted names of a layout's tables, by the suite's."""
        if layout.name == IN_PLACE:
            return {name: origin.quoted for name, origin in self._origins.items()}
        suite = self._plan.suite
        return {table.name: f'"{layout.table_name(suite, table)}"' for table in suite.tables}

    def layout(self, spec: LayoutSpec, samples: Sequence[QuerySample]) -> Layout:
        """What lies in S3; the row groups of each table are those of the widest scan."""
        places = (
            [origin.location for origin in self._origins.values()]
            if spec.name == IN_PLACE
            else [self._plan.place.child(f"lake/{spec.name}/")]
        )
        objects = [each for place in places for each in s3.list_objects(self._session, place)]
        scans = sorted(
            (scan.table, scan.row_groups.total or 0)
            for sample in samples
            if sample.layout == spec.name
            for scan in sample.scans
        )
        groups = sum(
            max(total for _, total in group) for _, group in groupby(scans, key=lambda scan: scan[0])
        )
        return Layout(
            name=spec.name,
            data_format=_FORMATS.get(spec.data_format, spec.data_format.lower()),
            stored_bytes=sum(each.size for each in objects),
            objects=len(objects),
            row_groups=groups or None,
        )

    def _making(self, kind: ResourceKind, name: str) -> AbstractContextManager[None]:
        return self._guard.making(kind, name)

    def _place(self, layout: LayoutSpec, table: SuiteTable) -> S3Uri:
        own = "" if len(self._plan.suite.tables) == 1 else f"{table.name}/"
        return self._plan.place.child(f"lake/{layout.name}/{own}")

    def _upload(self) -> None:
        """The generated rows as CSV, which is the source layout."""
        plan, source = self._plan, self._plan.layouts[0]
        with self._watch.step(Step.UPLOAD, sum(one.rows for one in plan.sources.values())) as advance:
            for table in plan.suite.tables:
                place = self._place(source, table)
                part = PartPlan(generator=plan.sources[table.name], files=1, part_format=PartFormat.CSV)
                chunks = part.chunks(0, self._counted(advance))
                s3.upload_stream(self._session, place.child("0.csv"), chunks)
                quoted = f'"{source.table_name(plan.suite, table)}"'
                self._origins[table.name] = _Origin(
                    quoted=quoted, columns=tuple(table.columns), location=place
                )

    def _counted(self, advance: Advance) -> Advance:
        def told(rows: int) -> None:
            self.rows += rows
            advance(rows)

        return told

    def _find(self) -> None:
        """The tables that are there: looked up in the catalogue, or crawled into the run's database."""
        with self._watch.step(Step.CRAWL):
            for table in self._plan.suite.tables:
                database, name = table.entry or (self._plan.database, self._crawled(table))
                entry = glue.get_table(self._session, database, name)
                if entry.storage.location is None:
                    raise ClientError(f"{database}.{name} has no objects: it is a view")
                self._origins[table.name] = _Origin(
                    quoted=f"{_quoted(database)}.{_quoted(name)}",
                    columns=tuple(each.name for each in (*entry.columns, *entry.partition_keys)),
                    location=entry.storage.location.as_prefix,
                )
                self.rows += self._count(table)

    def _count(self, table: SuiteTable) -> int:
        sql = f"SELECT count(*) FROM {self._origins[table.name].quoted}"  # noqa: S608 (a quoted name)
        run = self._run(sql)
        ((rows,),) = result_rows(self._session, run.execution_id)
        return int(str(rows))

    def _run(self, sql: str) -> QueryRun:
        run = run_query(self._session, sql, self.context)
        self._guard.spend(run)
        return run

    def _crawled(self, table: SuiteTable) -> str:
        """The one table that a crawler makes of the objects below a location."""
        place, database = table.location, self._plan.database
        if place is None:
            raise AssertionError("a table has an entry or a location")
        if not s3.bucket_exists(self._session, place.bucket) or not next(
            s3.list_objects(self._session, place), None
        ):
            raise ClientError(f"table {table.name}: there are no objects below {place}")
        prefix = f"{_CRAWLED}{table.name}__"
        spec = glue.CrawlerSpec(
            name=f"{database}_{table.name}",
            database=database,
            path=place,
            role=_CRAWL_ROLE,
            table_prefix=prefix,
        )
        with self._making(ResourceKind.CRAWLER, spec.name):
            glue.create_crawler(self._session, spec)
        glue.run_crawler(self._session, spec.name)
        found = [name for name in glue.list_table_names(self._session, database) if name.startswith(prefix)]
        if len(found) != 1:
            listed = ", ".join(name.removeprefix(prefix) for name in found) or "none"
            raise ClientError(
                f"table {table.name}: the objects below {place} are {len(found)} tables, not one: {listed}",
                hint="name the location of one of them",
            )
        return found[0]

    def _make_table(self, layout: LayoutSpec, table: SuiteTable) -> None:
        if layout.name == IN_PLACE:
            return
        plan, place = self._plan, self._place(layout, table)
        name = layout.table_name(plan.suite, table)
        with self._making(ResourceKind.TABLE, f"{plan.database}.{name}"):
            source = plan.sources.get(table.name)
            if layout.local is not None and source is not None:
                for number in range(layout.local.file_count(source)):
                    chunks = layout.local.chunks(source, number, table.sorted_by, lambda _: None)
                    s3.upload_stream(self._session, place.child(f"{number:05d}.parquet"), chunks)
            self._run(self._statement(layout, table, name, str(place)))

    def _statement(self, layout: LayoutSpec, table: SuiteTable, name: str, place: str) -> str:
        origin = self._origins[table.name]
        typed = ", ".join(f"{column} {kind}" for column, kind in table.columns.items())
        if layout.local is not None:
            return f"CREATE EXTERNAL TABLE {name} ({typed})\nSTORED AS PARQUET\nLOCATION '{place}'"
        if layout.name == SOURCE_LAYOUT and self._plan.suite.data is not None:
            return (
                f"CREATE EXTERNAL TABLE {name} ({typed})\n"
                f"ROW FORMAT DELIMITED FIELDS TERMINATED BY '{table.delimiter}'\nLOCATION '{place}'\n"
                "TBLPROPERTIES ('skip.header.line.count' = '1')"
            )
        return layout.ctas(
            table=table, name=name, source=origin.quoted, columns=origin.columns, location=place
        )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


_FORMATS = {"TEXTFILE": "csv", "AS IT IS": "source"}
