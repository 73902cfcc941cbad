"""Questions about what is read of a Parquet object: gaps, columns, dictionaries, bloom filters, indexes."""

from __future__ import annotations

from collections.abc import Iterator

from lakebench.parity.question_data import ParquetObject, numbers, parquet, texts
from lakebench.parity.questions import Answer, Question, QuestionTable

exactly = Answer.exactly


def parquet_questions() -> Iterator[Question]:
    """Make them."""
    yield _gap(
        "gap_small",
        "Does the gap between two projected column chunks count, when it is short (100 KB)?",
        rows=2_000,
        width=50,
    )
    yield _gap(
        "gap_wide",
        "And a gap of more than 1 MB, which Trino does not read over?",
        rows=24_000,
        width=60,
    )
    yield _nothing_passes()
    yield _one_group_passes()
    yield _dictionary_miss()
    yield _bloom_miss()
    yield _page_index()
    yield _null_column()
    yield _nested_member()


def table_of(name: str, columns: str, *objects: ParquetObject) -> QuestionTable:
    """A table over Parquet objects."""
    named = tuple((f"{number}.parquet", each.data) for number, each in enumerate(objects))
    return QuestionTable(name=name, columns=columns, stored="STORED AS PARQUET", objects=named)


def _gap(id_: str, asks: str, *, rows: int, width: int) -> Question:
    import pyarrow as pa

    made = parquet(pa.table({"a": numbers(rows), "between": texts(rows, width), "b": numbers(rows, seed=1)}))
    both = made.read("a", "b")
    return Question(
        id=id_,
        asks=asks,
        why="Trino joins reads that are less than 1 MB apart (AbstractParquetDataSource) and counts what "
        "lies between them; objects up to 3 MB it reads whole. The published figures of Athena have no gap.",
        tables=(table_of(id_, "a bigint, between string, b bigint", made),),
        sql=f"SELECT sum(a % 1000) AS a, sum(b % 1000) AS b FROM {id_}",
        answers=(
            exactly("A", "the gap does not count, nor does the footer", both),
            exactly("B", "the gap counts", made.chunk("b").end - made.chunk("a").start),
            exactly("C", "the object counts whole", made.size),
        ),
    )


def _even(rows: int, *, seed: int = 0) -> list[int]:
    return [2 * number for number in range(seed, seed + rows)]


def _nothing_passes() -> Question:
    import pyarrow as pa

    rows = 4_000
    made = parquet(pa.table({"k": _even(rows), "v": texts(rows, 20)}))
    return Question(
        id="nothing_passes",
        asks="Do columns beside the filter's count in a row group where no row passes?",
        why="Statistics keep the row group, no row of it passes. Trino reads the other columns lazily; the "
        "published figures of Athena do not tell.",
        tables=(table_of("nothing_passes", "k bigint, v string", made),),
        sql=f"SELECT max(v) AS v FROM nothing_passes WHERE k = {rows + 1}",
        answers=(
            exactly("A", "only the filter's column counts", made.read("k")),
            exactly("B", "all columns of the query count", made.read("k", "v")),
            exactly("C", "nothing counts", 0),
            exactly("D", "the object counts whole", made.size),
        ),
    )


def _one_group_passes() -> Question:
    import pyarrow as pa

    rows = 2_000
    keys = [*_even(rows), *(number + 1 for number in _even(rows))]
    table = pa.table({"k": keys, "v": texts(2 * rows, 20)})
    made = parquet(table, row_group_size=rows)
    keys_read, first = made.read("k"), made.chunk("v").size
    return Question(
        id="one_group_passes",
        asks="And when one of two row groups has a row that passes?",
        why="As nothing_passes: whether the decision is made for each row group or for the object.",
        tables=(table_of("one_group_passes", "k bigint, v string", made),),
        sql=f"SELECT max(v) AS v FROM one_group_passes WHERE k = {rows}",
        answers=(
            exactly("A", "the other columns count in that row group alone", keys_read + first),
            exactly("B", "the other columns count in both", made.read("k", "v")),
            exactly("C", "the object counts whole", made.size),
        ),
    )


def _dictionary_miss() -> Question:
    import pyarrow as pa

    rows = 6_000
    words = texts(40, 24, seed=2)
    kinds = [f"k{words[number % 40]}" for number in range(rows)]
    made = parquet(pa.table({"k": kinds, "v": texts(rows, 20)}), use_dictionary=["k"])
    low, high = min(kinds), max(kinds)
    missing = f"{low[:-1]}g"  # after the minimum, before the next one: hexadecimal digits end at f
    place = made.chunk("k")
    if not low < missing < high:
        raise AssertionError("the missing value lies between minimum and maximum")
    return Question(
        id="dictionary_miss",
        asks="Does a dictionary without the value prune a row group, and does reading it count?",
        why="Trino looks into dictionaries when all pages of a chunk use one (PredicateUtils), and counts "
        "the dictionary page when it does so, then once more with the chunk.",
        tables=(table_of("dictionary_miss", "k string, v string", made),),
        sql=f"SELECT max(v) AS v FROM dictionary_miss WHERE k = '{missing}'",
        answers=(
            exactly("A", "it does not prune: the filter's column counts", place.size),
            exactly("B", "it prunes, and the dictionary page counts", place.dictionary),
            exactly("C", "it prunes for free", 0),
            exactly("D", "it does not prune, and the dictionary counts twice", place.size + place.dictionary),
            exactly("E", "all columns of the query count", made.read("k", "v")),
        ),
    )


def _bloom_miss() -> Question:
    import pyarrow as pa

    rows = 4_000
    keys = sorted(numbers(rows, seed=3))
    made = parquet(
        pa.table({"k": keys, "v": texts(rows, 20)}), bloom_filter_options={"k": {"ndv": rows, "fpp": 0.001}}
    )
    place = made.chunk("k")
    missing = (keys[rows // 2] + keys[rows // 2 + 1]) // 2
    return Question(
        id="bloom_miss",
        asks="Does a bloom filter without the value prune a row group of a table that is no Iceberg table?",
        why="Trino reads bloom filters for equality since 2023; AWS documents none for Hive tables.",
        tables=(table_of("bloom_miss", "k bigint, v string", made),),
        sql=f"SELECT max(v) AS v FROM bloom_miss WHERE k = {missing}",
        answers=(
            exactly("A", "it is not used: the filter's column counts", place.size),
            exactly("B", "it prunes for free", 0),
            exactly("C", "it prunes, and its bytes count", place.bloom),
            exactly("D", "it does not prune, and its bytes count", place.size + place.bloom),
            exactly("E", "all columns of the query count", made.read("k", "v")),
        ),
    )


def _page_index() -> Question:
    import pyarrow as pa

    rows = 20_000
    made = parquet(
        pa.table({"k": list(range(rows)), "v": texts(rows, 20)}),
        write_page_index=True,
        data_page_size=8_192,
        write_batch_size=256,
    )
    whole = made.read("k", "v")
    return Question(
        id="page_index",
        asks="Does the page index lower what counts of a table that is no Iceberg table?",
        why="AWS announced column indexes for Iceberg tables in November 2025, and none for Hive tables.",
        tables=(table_of("page_index", "k bigint, v string", made),),
        sql=f"SELECT max(v) AS v FROM page_index WHERE k = {rows // 2}",
        answers=(
            exactly("A", "it is not used: both chunks count", whole),
            Answer(letter="B", means="only pages count that may match", least=1, most=made.read("k") - 1),
            Answer(letter="C", means="pages of the other column alone", least=made.read("k"), most=whole - 1),
            exactly("D", "the object counts whole", made.size),
        ),
    )


def _null_column() -> Question:
    import pyarrow as pa

    rows = 3_000
    nothing = pa.array([None] * rows, pa.string())
    made = parquet(pa.table({"k": numbers(rows, seed=4), "v": nothing}))
    return Question(
        id="null_column",
        asks="Does a chunk of NULLs alone count?",
        why="It has a few bytes; the engine may tell from its statistics that there is nothing to read.",
        tables=(table_of("null_column", "k bigint, v string", made),),
        sql="SELECT count(v) AS v, sum(k % 1000) AS k FROM null_column",
        answers=(
            exactly("A", "it counts", made.read("k", "v")),
            exactly("B", "it does not", made.read("k")),
            exactly("C", "the object counts whole", made.size),
        ),
    )


def _nested_member() -> Question:
    import pyarrow as pa

    rows = 3_000
    made = parquet(
        pa.table(
            {"s": [{"a": one, "b": two} for one, two in zip(numbers(rows), texts(rows, 30), strict=True)]}
        )
    )
    return Question(
        id="nested_member",
        asks="Does one member of a struct count alone?",
        why="AWS: only the nested fields that are needed are read (release notes of engine version 2).",
        tables=(table_of("nested_member", "s struct<a:bigint,b:string>", made),),
        sql="SELECT sum(s.a % 1000) AS a FROM nested_member",
        answers=(
            exactly("A", "the member alone", made.read("s.a")),
            exactly("B", "all of the struct", made.read("s.a", "s.b")),
            exactly("C", "the object counts whole", made.size),
        ),
    )
