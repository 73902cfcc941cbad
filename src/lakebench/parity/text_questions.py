"""Questions about text objects, which count by their size: what a LIMIT and a failure leave of it."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

from lakebench.parity.question_data import texts
from lakebench.parity.questions import Answer, Question, QuestionTable

exactly = Answer.exactly
_STORED = "ROW FORMAT DELIMITED FIELDS TERMINATED BY ','"


def text_questions() -> Iterator[Question]:
    """Make them."""
    lines = [f"{number},{text}\n" for number, text in enumerate(texts(20_000, 40, seed=7))]
    halves = ["".join(lines[:10_000]).encode(), "".join(lines[10_000:]).encode()]
    first, both = len(halves[0]), len(halves[0]) + len(halves[1])
    table = QuestionTable(
        name="two_texts",
        columns="n bigint, t string",
        stored=_STORED,
        objects=(("0.csv", halves[0]), ("1.csv", halves[1])),
    )
    yield Question(
        id="text_limit",
        asks="What does LIMIT without ORDER BY read of plain text?",
        why="It depends on timing on AWS; we count the first object that has enough rows, up to 32 MB of it.",
        tables=(table,),
        sql="SELECT n FROM two_texts LIMIT 3",
        answers=(
            exactly("A", "the first object, whole", first),
            Answer(letter="B", means="less than one object", least=1, most=first - 1),
            Answer(letter="C", means="more than one object", least=first + 1, most=both - 1),
            exactly("D", "both objects", both),
        ),
    )
    packed = gzip.compress(halves[0], mtime=0)
    gzipped = QuestionTable(
        name="gzip_text", columns="n bigint, t string", stored=_STORED, objects=(("0.csv.gz", packed),)
    )
    yield Question(
        id="gzip_limit",
        asks="And of gzip, which cannot be split?",
        why="We count the object whole; a reader that stops early may have read less.",
        tables=(gzipped,),
        sql="SELECT n FROM gzip_text LIMIT 3",
        answers=(
            exactly("A", "the object, whole", len(packed)),
            Answer(letter="B", means="less", least=1, most=len(packed) - 1),
        ),
    )
    bad = b"".join(halves[:1]) + b"x,last\n"
    failing = QuestionTable(
        name="bad_text", columns="n string, t string", stored=_STORED, objects=(("0.csv", bad),)
    )
    yield Question(
        id="failed_query",
        asks="What does a query report that fails at the last row?",
        why="Failed queries are free, so it costs nothing to ask; what they report is not published.",
        tables=(failing,),
        sql="SELECT sum(cast(n AS bigint)) AS n FROM bad_text",
        answers=(
            exactly("A", "what it read: the object", len(bad)),
            exactly("B", "0", 0),
            Answer(letter="C", means="a part of the object", least=1, most=len(bad) - 1),
        ),
    )
