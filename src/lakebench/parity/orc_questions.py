"""Questions about ORC, of which nobody has published a measurement."""

from __future__ import annotations

from collections.abc import Iterator

from lakebench.parity.question_data import OrcObject, numbers, orc, texts
from lakebench.parity.questions import Answer, Question, QuestionTable

exactly = Answer.exactly

_WHY = (
    "No measurement of ORC is public. Trino reads objects up to 8 MB whole and counts them so; by analogy "
    "with Parquet only the streams of the columns would count."
)


def orc_questions() -> Iterator[Question]:
    """Make them; all read one object of several stripes, whose column a is in order."""
    import pyarrow as pa

    rows, batches = 2_000, []
    for number in range(15):
        begin = number * rows
        columns = {
            "a": list(range(begin, begin + rows)),
            "b": numbers(rows, seed=number),
            "t": texts(rows, 12, seed=number),
        }
        batches.append(pa.table(columns))
    made = orc(batches, stripe_size=131_072)
    table = QuestionTable(
        name="orc_stripes",
        columns="a bigint, b bigint, t string",
        stored="STORED AS ORC",
        objects=(("0.orc", made.data),),
    )
    yield _columns(table, made)
    yield _count(table, made)
    yield _pruned(table, made)


def _columns(table: QuestionTable, made: OrcObject) -> Question:
    streams = made.read("b")
    return Question(
        id="orc_columns",
        asks="Which bytes of an ORC object count when one column is read?",
        why=_WHY,
        tables=(table,),
        sql=f"SELECT sum(b % 1000) AS b FROM {table.name}",
        answers=(
            exactly("A", "the data streams of the column, neither indexes nor footers", streams),
            Answer(letter="B", means="indexes or footers too", least=streams + 1, most=made.size - 1),
            exactly("C", "the object counts whole", made.size),
        ),
    )


def _count(table: QuestionTable, made: OrcObject) -> Question:
    return Question(
        id="orc_count",
        asks="What does count(*) of an ORC table scan?",
        why=_WHY,
        tables=(table,),
        sql=f"SELECT count(*) AS c FROM {table.name}",
        answers=(
            exactly("A", "nothing", 0),
            Answer(letter="B", means="footers, or some column", least=1, most=made.size - 1),
            exactly("C", "the object counts whole", made.size),
        ),
    )


def _pruned(table: QuestionTable, made: OrcObject) -> Question:
    last = made.stripes[-1]
    kept, whole = last["a"] + last["b"], made.read("a", "b")
    return Question(
        id="orc_stripe_statistics",
        asks="Do stripe statistics leave stripes out?",
        why=f"{_WHY} Trino prunes by statistics of the file, of stripes, and of 10,000 rows.",
        tables=(table,),
        sql=f"SELECT sum(b % 1000) AS b FROM {table.name} WHERE a >= 29999",
        answers=(
            exactly("A", "only the streams of the stripe that may match", kept),
            exactly("B", "the streams of all stripes", whole),
            Answer(letter="C", means="less than the stripe that may match", least=0, most=kept - 1),
            Answer(letter="D", means="indexes or footers too", least=kept + 1, most=whole - 1),
            Answer(letter="E", means="more than all streams", least=whole + 1, most=made.size),
        ),
    )
