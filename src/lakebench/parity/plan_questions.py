"""Questions about how the plan of a query decides what is read: statistics, order, joins, repeated tables."""

from __future__ import annotations

from collections.abc import Iterator

from lakebench.parity.parquet_questions import table_of
from lakebench.parity.question_data import parquet, texts
from lakebench.parity.questions import Answer, Question

exactly = Answer.exactly
_ROWS = 3_000


def plan_questions() -> Iterator[Question]:
    """Make them; one table of two row groups, k in order, serves most."""
    import pyarrow as pa

    keys = list(range(2 * _ROWS))
    v_values = [*texts(_ROWS, 20, seed=5), *texts(_ROWS, 24, seed=6)]  # no chunk is as long as another
    table = pa.table({"k": keys, "v": v_values, "w": texts(2 * _ROWS, 30, seed=8)})
    made = parquet(table, row_group_size=_ROWS)
    two_groups = table_of("two_groups", "k bigint, v string, w string", made)
    other = parquet(pa.table({"k": [_ROWS + 7]}))
    one_key = table_of("one_key", "k bigint", other)
    k, v, w = (made.read(name) for name in ("k", "v", "w"))
    first, second = ({name: made.chunk(name, at).size for name in ("k", "v", "w")} for at in range(2))

    yield Question(
        id="min_max",
        asks="Do statistics answer min() and max()?",
        why="DuckDB answers them without reading; Trino's Parquet reader does not.",
        tables=(two_groups,),
        sql="SELECT min(k) AS low, max(k) AS high FROM two_groups",
        answers=(
            exactly("A", "no: the column counts", k),
            exactly("B", "yes: nothing counts", 0),
            exactly("C", "the object counts whole", made.size),
        ),
    )
    yield Question(
        id="always_true",
        asks="Does a filter that the statistics say is true everywhere make its column count?",
        why="An engine may drop the filter, and then count(*) reads nothing.",
        tables=(two_groups,),
        sql="SELECT count(*) AS c FROM two_groups WHERE k >= 0",
        answers=(
            exactly("A", "yes: the filter's column counts", k),
            exactly("B", "no: nothing counts", 0),
            exactly("C", "the object counts whole", made.size),
        ),
    )
    yield Question(
        id="top_n",
        asks="What does ORDER BY .. LIMIT 1 read of the columns that it does not order by?",
        why="An engine may look for the row first, and fetch its other columns later.",
        tables=(two_groups,),
        sql="SELECT k, v, w FROM two_groups ORDER BY k DESC LIMIT 1",
        answers=(
            exactly("A", "all columns of all row groups", k + v + w),
            exactly("B", "the other columns of one row group", k + second["v"] + second["w"]),
            exactly("C", "one row group", sum(second.values())),
            exactly("D", "the object counts whole", made.size),
        ),
    )
    yield Question(
        id="with_used_twice",
        asks="Does a WITH query that is used twice read its table twice?",
        why="Trino writes it out at each use; nobody has published what Athena counts.",
        tables=(two_groups,),
        sql="WITH t AS (SELECT k FROM two_groups)\n"
        "SELECT (SELECT sum(k) FROM t) AS a, (SELECT max(k) FROM t) AS b",
        answers=(
            exactly("A", "twice", 2 * k),
            exactly("B", "once", k),
            exactly("C", "the object counts whole, twice", 2 * made.size),
            exactly("D", "the object counts whole, once", made.size),
        ),
    )
    yield Question(
        id="join_prunes",
        asks="Do the values of a join's small side leave out row groups of the large one?",
        why="AWS: dynamic filtering since 2021-07; how long a scan waits for the values is not published.",
        tables=(two_groups, one_key),
        sql="SELECT max(f.v) AS v FROM two_groups f JOIN one_key d ON f.k = d.k",
        answers=(
            exactly("A", "yes", second["k"] + second["v"] + other.read("k")),
            exactly("B", "no: both columns count whole", k + v + other.read("k")),
            exactly("C", "only rows are filtered", k + second["v"] + other.read("k")),
            exactly("D", "the objects count whole", made.size + other.size),
        ),
    )
    yield Question(
        id="parquet_limit",
        asks="What does LIMIT without ORDER BY read of a Parquet object?",
        why="It depends on timing on AWS; we count the row groups that were opened, in order.",
        tables=(two_groups,),
        sql="SELECT v FROM two_groups LIMIT 3",
        answers=(
            exactly("A", "the first row group", first["v"]),
            exactly("B", "all row groups", v),
            exactly("C", "the second row group, which was faster", second["v"]),
            exactly("D", "the object counts whole", made.size),
        ),
    )
    yield Question(
        id="nothing_read",
        asks="Is the scan of a query without a table 0?",
        why="Measured as 0. Whether the minimum of 10 MB is billed for it no API tells: the day's bill does "
        "(usage type DataScannedInTB).",
        tables=(),
        sql="SELECT 1 AS one",
        answers=(
            exactly("A", "0 bytes", 0),
            Answer(letter="B", means="something", least=1, most=10 << 20),
        ),
    )
