"""Suites of the user's own: what a file gives, and how its mistakes are told."""

from __future__ import annotations

import pytest

from lakebench.bench.suite_file import read_suite, suite_of
from lakebench.bench.suites import VENTAS
from lakebench.errors import ConfigError

GOOD = """\
data = "ventas"

[queries.books]
sql = "SELECT count(*) FROM {table} WHERE categoria = {category} AND cantidad > {least}"
parameters = { category = "L'ibros", least = 2 }
rows = 1

[queries.best]
file = "best.sql"
"""


@pytest.fixture
def suite_file(tmp_path):
    (tmp_path / "best.sql").write_text("SELECT max(total)\nFROM {table};\n", encoding="utf-8")

    def write(text):
        path = tmp_path / "mine.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_queries_come_from_texts_and_files_with_parameters_as_literals(suite_file):
    suite = suite_of(str(suite_file(GOOD)))
    assert suite.queries == {
        "books": "SELECT count(*) FROM {table} WHERE categoria = 'L''ibros' AND cantidad > 2",
        "best": "SELECT max(total)\nFROM {table}",
    }
    assert (suite.name, suite.tables, suite.expected) == ("mine", VENTAS.tables, {"books": 1})


def test_braces_that_are_no_name_are_left_alone(suite_file):
    sql = "SELECT '[0-9]{3} {\\\"a\\\": 1}' FROM {table}"
    suite = read_suite(suite_file(f'[queries.a]\nsql = "{sql}"\n'))
    assert suite.queries["a"] == sql.replace('\\"', '"')


@pytest.mark.parametrize(
    ("old", "new", "message", "hint"),
    [
        (
            'data = "ventas"',
            'data = "venta"',
            "mine.toml:1: data: 'venta' is no data set",
            "did you mean ventas?",
        ),
        ('data = "ventas"', 'date = "ventas"', "mine.toml:1: date: unknown key", "did you mean data?"),
        ("rows = 1", "row = 1", "mine.toml:6: queries.books.row: unknown key", "did you mean rows?"),
        ("rows = 1", "rows = -1", "mine.toml:6: queries.books.rows: -1 is neither a number of rows", ""),
        ("rows = 1", "rows = true", "mine.toml:6: queries.books.rows: True is neither a number of rows", ""),
        ("least = 2", "least = [2]", "mine.toml:5: queries.books.parameters.least: [2] is no text", ""),
        ("least = 2", "table = 2", "mine.toml:5: queries.books.parameters.table: is a table's name", ""),
        ("{least}", "{last}", "line 1: {last} is neither a parameter nor a table", "did you mean least?"),
        ("> {least}", "> 2", "{least} is not used", ""),
        ("FROM {table}", "FROM ventas", "{table} is not used", ""),
        ('file = "best.sql"', 'file = "bst.sql"', "mine.toml:9: queries.best.file:", ""),
        ('file = "best.sql"', "file = 3", "mine.toml:9: queries.best.file: 3 is no text", ""),
        ('file = "best.sql"', "rows = 1", "mine.toml:8: queries.best: a query has either sql or file", ""),
        ("rows = 1", "rows = = 1", "(at line 6", ""),
    ],
)
def test_a_mistake_is_told_with_file_line_and_key(suite_file, old, new, message, hint):
    assert old in GOOD
    with pytest.raises(ConfigError) as refused:
        read_suite(suite_file(GOOD.replace(old, new)))
    assert message in str(refused.value)
    assert hint in (refused.value.hint or "")


@pytest.mark.parametrize("text", ["", "queries = 3", "[queries]"])
def test_a_suite_without_queries_is_refused(suite_file, text):
    with pytest.raises(ConfigError, match="a suite needs queries"):
        read_suite(suite_file(text))


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"gone\.toml cannot be read"):
        suite_of(str(tmp_path / "gone.toml"))


TABLES = """\
[tables.orders]
location = "s3://lake/raw/orders/"
bucketed_by = "id"

[tables.people]
table = "sales.people"

[partitioned.parquet_by_region]
orders = ["region"]

[queries.one]
sql = "SELECT count(*) FROM {orders}, {people} WHERE day = {day}"
parameters = { day = 2025-01-31 }
rows = [["a", 1.5, true]]
"""


def test_tables_that_are_there_and_rows_that_are_expected(suite_file):
    suite = read_suite(suite_file(TABLES))
    orders, people = suite.tables
    assert (suite.data, str(orders.location), orders.bucketed_by) == (None, "s3://lake/raw/orders/", "id")
    assert people.entry == ("sales", "people")
    assert suite.queries == {"one": "SELECT count(*) FROM {orders}, {people} WHERE day = DATE '2025-01-31'"}
    assert suite.expected == {"one": (("a", 1.5, True),)}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[tables.orders]", 'data = "logs"\n[tables.orders]', "mine.toml:1: data: a suite has either data or tables"),
        ("location =", "place =", "mine.toml:2: tables.orders.place: unknown key"),
        ("s3://lake/raw", "lake/raw", "mine.toml:2: tables.orders.location: "),
        ('bucketed_by = "id"', 'table = "a.b"', "mine.toml:1: tables.orders: a table has either location or table"),
        ('"sales.people"', '"people"', "mine.toml:6: tables.people.table: 'people' is no DATABASE.TABLE"),
        ('"sales.people"', "7", "mine.toml:6: tables.people.table: 7 is no text"),
        ("{people}", "people", "mine.toml:5: tables.people: no query names {people}"),
        ("[tables.people]", "[tables.People]", "mine.toml:5: tables.People: a name has a-z"),
        ('orders = ["region"]', 'oders = ["region"]', "mine.toml:9: partitioned.parquet_by_region.oders: unknown key"),
        ('["region"]', '["a", "b", "c"]', "mine.toml:9: partitioned.parquet_by_region.orders: ['a', 'b', 'c'] is no"),
        ("parquet_by_region", "parquet_snappy", "mine.toml:8: partitioned.parquet_snappy: the name is taken"),
        ('[["a", 1.5, true]]', '[["a"], ["b", 1]]', "mine.toml:14: queries.one.rows: ['b', 1] is no row of as many"),
        ('[["a", 1.5, true]]', '[[{}]]', "mine.toml:14: queries.one.rows: {} is no text, number or boolean"),
        ("2025-01-31", "2025-01-31T00:00:00Z", "mine.toml:13: queries.one.parameters.day: "),
    ],
)  # fmt: skip
def test_a_mistake_in_tables_is_told_with_file_line_and_key(suite_file, old, new, message):
    assert old in TABLES
    with pytest.raises(ConfigError) as refused:
        read_suite(suite_file(TABLES.replace(old, new, 1)))
    assert message in str(refused.value)
