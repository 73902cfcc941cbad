"""What both sides are given and asked: objects, statements, crawls and queries, in one order.

In every statement ``{lake}`` stands for ``s3://bucket/prefix/lake`` without a slash at its end, and
``{database}`` for the database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from lakebench.bench.layouts import SOURCE_LAYOUT, LayoutSpec
from lakebench.bench.nearest import nearest
from lakebench.bench.suite import Suite, SuiteTable
from lakebench.datagen.data_sets import row_sources
from lakebench.datagen.parts import PartFormat, PartPlan
from lakebench.datagen.source import RowSource
from lakebench.errors import ConfigError
from lakebench.parity.questions import Question

_ROW_BYTES = {"ventas": 180, "logs": 450}  # lines of CSV have some 150 and 330; plans are on the safe side


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """An object below the lake; ``chunks`` makes its bytes anew each time."""

    key: str
    chunks: Callable[[], Iterator[bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeTable:
    """A statement that makes a table; ``seen`` says that the objects it writes are compared (CTAS)."""

    table: str
    sql: str
    seen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A query by name. ``most_bytes`` is what it may scan at most, for the plan of its cost."""

    name: str
    sql: str
    most_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ParityPlan:
    """A suite ready to be asked of any side; ``crawls`` are folders of the lake, by the tables they make."""

    suite: str
    layouts: tuple[str, ...]
    rows: int
    seed: int
    uploads: tuple[Upload, ...]
    tables: tuple[MakeTable, ...]
    asks: tuple[Ask, ...]
    crawls: tuple[str, ...] = ()
    questions: tuple[Question, ...] = field(default=())

    def only(self, names: Sequence[str]) -> ParityPlan:
        """The plan with these queries alone; tables of questions that are not asked are left out.

        Raises ConfigError for a name that it does not have.
        """
        known = [ask.name for ask in self.asks]
        for name in names:
            if name not in known:
                raise ConfigError(
                    f"suite {self.suite} has no query {name!r}", hint=nearest(name, known, "queries")
                )
        questions = tuple(question for question in self.questions if question.id in names)
        needed = {table.name for question in questions for table in question.tables}
        of_questions = {table.name for question in self.questions for table in question.tables}
        gone = of_questions - needed
        return replace(
            self,
            uploads=tuple(one for one in self.uploads if one.key.partition("/")[0] not in gone),
            tables=tuple(one for one in self.tables if one.table not in gone),
            asks=tuple(ask for ask in self.asks if ask.name in names),
            questions=questions,
        )


def plan_of_suite(suite: Suite, layouts: tuple[LayoutSpec, ...], *, rows: int, seed: int) -> ParityPlan:
    """Every query of a suite on every layout, then statements that must fail, alike on both sides.

    Raises ConfigError for a suite of several tables, or of tables that are there already.
    """
    if suite.data is None or len(suite.tables) != 1:
        raise ConfigError(
            f"suite {suite.name} is not of one generated table", hint="validate asks such suites only"
        )
    [table] = suite.tables
    [source] = row_sources(suite.data, rows=rows, scale=None, seed=seed).values()
    source_bytes = rows * _ROW_BYTES[suite.data]
    plain = "cantidad" if "cantidad" in table.columns else next(iter(table.columns))
    return ParityPlan(
        suite=suite.name,
        layouts=tuple(each.name for each in layouts),
        rows=rows,
        seed=seed,
        uploads=tuple(_uploads(source, table, layouts)),
        tables=tuple(_make(table, each) for each in layouts),
        asks=(
            *(
                Ask(
                    name=f"{name} on {layout.name}",
                    sql=sql.replace("{table}", f'"{layout.name}"'),
                    most_bytes=source_bytes * sql.count("{table}"),
                )
                for name, sql in suite.queries.items()
                for layout in layouts
            ),
            *(
                Ask(
                    name=f"error: {name}",
                    sql=sql.replace("{table}", f'"{SOURCE_LAYOUT}"').replace("{column}", plain),
                    most_bytes=0,
                )
                for name, sql in _ERRORS.items()
            ),
        ),
        crawls=(SOURCE_LAYOUT,),
    )


def _uploads(source: RowSource, table: SuiteTable, layouts: tuple[LayoutSpec, ...]) -> Iterator[Upload]:
    part = PartPlan(generator=source, files=1, part_format=PartFormat.CSV)
    yield Upload(key=f"{SOURCE_LAYOUT}/0.csv", chunks=partial(part.chunks, 0, _unheard))
    for layout in layouts:
        if layout.local is not None:
            for number in range(layout.local.file_count(source)):
                chunks = partial(layout.local.chunks, source, number, table.sorted_by, _unheard)
                yield Upload(key=f"{layout.name}/{number:05d}.parquet", chunks=chunks)


def _unheard(_: int) -> None:
    return None


def _make(table: SuiteTable, layout: LayoutSpec) -> MakeTable:
    place = f"{{lake}}/{layout.name}/"
    typed = ", ".join(f"{name} {kind}" for name, kind in table.columns.items())
    if layout.local is not None:
        sql = f"CREATE EXTERNAL TABLE {layout.name} ({typed})\nSTORED AS PARQUET\nLOCATION '{place}'"
        return MakeTable(table=layout.name, sql=sql)
    if layout.name == SOURCE_LAYOUT:
        sql = (
            f"CREATE EXTERNAL TABLE {SOURCE_LAYOUT} ({typed})\n"
            f"ROW FORMAT DELIMITED FIELDS TERMINATED BY ','\nLOCATION '{place}'\n"
            "TBLPROPERTIES ('skip.header.line.count' = '1')"
        )
        return MakeTable(table=layout.name, sql=sql)
    ctas = layout.ctas(
        table=table,
        name=layout.name,
        source=f'"{SOURCE_LAYOUT}"',
        columns=list(table.columns),
        location=place,
    )
    return MakeTable(table=layout.name, sql=ctas, seen=True)


# Failed queries are free on AWS (facts/athena.md 1.6), so errors can be compared for nothing.
_ERRORS = {
    "missing table": "SELECT * FROM no_such_table",
    "missing database": "SELECT * FROM no_such_database.t",
    "missing column": "SELECT no_such_column FROM {table}",
    "missing function": "SELECT no_such_function(1)",
    "wrong types": "SELECT 1 + 'one'",
    "division by zero": "SELECT 1 / 0",
    "bad cast": "SELECT cast('one' AS integer)",
    "not grouped": "SELECT {column}, count(*) FROM {table}",
    "bad syntax": "SELECT FROM WHERE",
}
