"""Asks a plan of one side: makes its lake, asks every query once, looks at the tables, keeps what it saw."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from lakebench.bench.guarded import Guard
from lakebench.bench.watch import Step, Watcher
from lakebench.client import s3
from lakebench.client.athena import QueryContext, QueryEnd, ResultColumn, end_of_query, result_texts
from lakebench.client.call import CallFailed
from lakebench.client.glue import get_table
from lakebench.client.session import AwsSession
from lakebench.errors import ClientError
from lakebench.parity.counts import counts_of
from lakebench.parity.lake import Names, ParityLake
from lakebench.parity.plan import MakeTable, ParityPlan
from lakebench.parity.questions import UNCLEAR
from lakebench.parity.record import AskedQuery, SeenTable, Side
from lakebench.parity.shapes import file_shape

KEPT_ROWS = 1_000
"""Up to so many rows of an answer are kept; of more, only their digest."""

_REFUSAL = "InvalidRequestException"
_OF_THE_RUN = frozenset({"transient_lastDdlTime", "presto_query_id", "trino_query_id", "CRAWL_RUN_ID"})
_VARIES = "{varies}"


def ask_side(session: AwsSession, plan: ParityPlan, names: Names, guard: Guard, watch: Watcher) -> Side:
    """Ask everything of one side, within a block that takes away what was made.

    Raises ClientError when a call fails, when a table cannot be made, and when the guard's limit is passed.
    """
    return _Asking(session, plan, names, guard, watch).side()


class _Asking:
    """Holds what every step of one side needs."""

    def __init__(
        self, session: AwsSession, plan: ParityPlan, names: Names, guard: Guard, watch: Watcher
    ) -> None:
        self._session = session
        self._plan = plan
        self._names = names
        self._guard = guard
        self._watch = watch
        self._context = QueryContext(database=names.database, output=names.results, workgroup=guard.workgroup)
        self._lake = ParityLake(session, names, guard)
        self._engine = ""

    def side(self) -> Side:
        plan, asked = self._plan, datetime.now(UTC)
        with self._watch.step(Step.LAYOUTS, len(plan.tables)) as advance:
            given = self._lake.make(plan)
            made: list[AskedQuery] = []
            for table in plan.tables:
                made += self._make(table)
                advance(1)
        tables = [
            self._seen(name, crawled=True) for folder in plan.crawls for name in self._lake.crawl(folder)
        ]
        tables += [self._seen(table.table, crawled=False) for table in plan.tables if table.seen]
        with self._watch.step(Step.MEASURE, len(plan.asks)) as advance:
            for ask in plan.asks:
                made.append(self._asked(ask.name, ask.sql))
                advance(1)
        return Side(
            kind=self._session.kind.value,
            region=self._session.region,
            engine=self._engine,
            asked=asked,
            given=given,
            queries=tuple(made),
            tables=tuple(tables),
            settled=self._settled(made),
        )

    def _make(self, table: MakeTable) -> Iterator[AskedQuery]:
        """Make a table; a CTAS is asked as a query is, DDL only has to succeed. Raises ClientError."""
        found = self._asked(f"CTAS {table.table}", table.sql)
        if found.state != "SUCCEEDED":
            raise ClientError(f"table {table.table} cannot be made: {found.error}\n  in: {table.sql}")
        if table.seen:
            yield found

    def _asked(self, name: str, sql: str) -> AskedQuery:
        statement = self._names.filled(sql)
        try:
            end = end_of_query(self._session, statement, self._context)
        except CallFailed as error:
            if error.code != _REFUSAL:
                raise
            return _refused(name, self._names.hidden(error.text))
        self._engine = self._engine or end.engine
        scanned = end.run.statistics.scanned_bytes
        if end.state != "FAILED":
            self._guard.spend(end.run)
        found = AskedQuery(
            name=name,
            state=end.state,
            error=None if end.reason is None else self._names.hidden(end.reason),
            error_type=end.error_type,
            statement_type=end.run.statement_type,
            columns=(),
            row_count=0,
            rows=(),
            digest="",
            scanned_bytes=scanned,
            engine_ms=end.run.statistics.engine_ms,
            counts=counts_of(self._session, statement, database=self._names.database),
        )
        return self._with_rows(found, end)

    def _with_rows(self, found: AskedQuery, end: QueryEnd) -> AskedQuery:
        if end.state != "SUCCEEDED":
            return found
        columns, texts = result_texts(self._session, end.run.execution_id)
        rows, digests, count = [], [], 0
        for row in texts:
            count += 1
            digests.append(hashlib.sha256(repr(row).encode()).digest())
            if count <= KEPT_ROWS:
                rows.append(row)
        return replace(
            found,
            columns=columns,
            row_count=count,
            rows=tuple(rows) if count <= KEPT_ROWS else None,
            digest=hashlib.sha256(b"".join(sorted(digests))).hexdigest(),
        )

    def _seen(self, name: str, *, crawled: bool) -> SeenTable:
        session, names = self._session, self._names
        table = get_table(session, names.database, name)
        place = table.storage.location
        stored = () if crawled or place is None else tuple(s3.list_objects(session, place.as_prefix))
        serde = table.storage.serde
        return SeenTable(
            name=name,
            crawled=crawled,
            columns=tuple(ResultColumn(name=one.name, type=one.hive) for one in table.columns),
            partition_keys=tuple(ResultColumn(name=one.name, type=one.hive) for one in table.partition_keys),
            input_format=table.storage.input_format,
            serde=serde.library,
            serde_parameters={key: names.hidden(value) for key, value in sorted(serde.parameters.items())},
            parameters={
                key: _VARIES if key in _OF_THE_RUN else names.hidden(value)
                for key, value in sorted(table.parameters.items())
            },
            files=tuple(file_shape(session, one) for one in stored if one.size),
        )

    def _settled(self, queries: list[AskedQuery]) -> dict[str, str]:
        scanned = {query.name: query.scanned_bytes for query in queries}
        found = {}
        for question in self._plan.questions:
            answer = question.settle(scanned[question.id])
            found[question.id] = UNCLEAR if answer is None else answer.letter
        return found


def _refused(name: str, text: str) -> AskedQuery:
    return AskedQuery(
        name=name,
        state="REFUSED",
        error=text,
        error_type=None,
        statement_type="",
        columns=(),
        row_count=0,
        rows=(),
        digest="",
        scanned_bytes=0,
        engine_ms=0,
        counts=None,
    )
