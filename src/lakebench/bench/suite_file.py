"""A suite of the user's own: a TOML file that names tables, queries over them, and what they must give.

Everything wrong in it is told with the file, the line and the key.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from lakebench.bench.layouts import layouts_of
from lakebench.bench.nearest import nearest
from lakebench.bench.suite import Cell, Expected, Suite, SuiteTable
from lakebench.bench.suites import SUITE_NAMES, find_suite
from lakebench.catalog.s3 import S3Uri
from lakebench.errors import ConfigError

_SUITE_KEYS = ("data", "tables", "partitioned", "queries")
_TABLE_KEYS = ("location", "table", "bucketed_by")
_QUERY_KEYS = ("sql", "file", "parameters", "rows")
_PLACE = re.compile(r"\{([A-Za-z_]\w*)\}")
_NAME = re.compile(r"[a-z_][a-z0-9_]*")
_MOST_KEYS = 2


def suite_of(text: str, *, scale: float | None = None) -> Suite:
    """The suite of a name, or of a path that ends in ``.toml``. Raises ConfigError."""
    return read_suite(Path(text), scale=scale) if text.endswith(".toml") else find_suite(text, scale=scale)


def read_suite(path: Path, *, scale: float | None = None) -> Suite:
    """Read a suite file: ``data`` or ``[tables.NAME]``, ``[queries.NAME]``, ``[partitioned.LAYOUT]``.

    ``{NAME}`` stands for a table of a layout (``{table}`` where there is one that is generated) or for a
    parameter as a literal. Raises ConfigError.
    """
    text = _text_of(path, f"the suite {path}")
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}") from error
    reader = _Reader(path=path, text=text)
    reader.known(document, _SUITE_KEYS, "")
    base = _data(reader, document, scale)
    queries = document.get("queries")
    if not isinstance(queries, dict) or not queries:
        raise reader.error("queries", "a suite needs queries", "write [queries.NAME] with sql or file")
    names = [table.name for table in base.tables]
    texts = {name: reader.query(name, query, names) for name, query in queries.items()}
    for name in names if base.data is None else ():
        if not any(f"{{{name}}}" in sql for sql in texts.values()):
            raise reader.error(f"tables.{name}", f"no query names {{{name}}}")
    expected = {
        name: reader.expected(name, query["rows"]) for name, query in queries.items() if "rows" in query
    }
    suite = replace(base.of_queries(texts), name=path.stem, expected=expected)
    return _with_partitions(reader, document.get("partitioned", {}), suite)


def _data(reader: _Reader, document: Mapping[str, Any], scale: float | None) -> Suite:
    """A suite with the tables of the file, and no queries of its own."""
    tables = document.get("tables")
    if tables is None:
        data = document.get("data", SUITE_NAMES[0])
        if data not in SUITE_NAMES:
            raise reader.error(
                "data", f"{data!r} is no data set", nearest(str(data), SUITE_NAMES, "data sets")
            )
        return find_suite(str(data), scale=scale)
    if "data" in document:
        raise reader.error("data", "a suite has either data or tables")
    if not isinstance(tables, dict) or not tables:
        raise reader.error("tables", "tables are named", "write [tables.NAME] with location or table")
    found = tuple(reader.table(name, table) for name, table in tables.items())
    return Suite(name="", data=None, tables=found, queries={})


def _with_partitions(reader: _Reader, layouts: Any, suite: Suite) -> Suite:
    if not isinstance(layouts, dict):
        raise reader.error("partitioned", "layouts are named", "write [partitioned.parquet_by_region]")
    known, tables = layouts_of(suite), {table.name: table for table in suite.tables}
    added: dict[str, Mapping[str, tuple[str, ...]]] = {}
    for name, keys in layouts.items():
        at = f"partitioned.{name}"
        if _NAME.fullmatch(name) is None or name in known:
            raise reader.error(at, "the name is taken" if name in known else "a name has a-z, 0-9 and _")
        if not isinstance(keys, dict) or not keys:
            raise reader.error(
                at, "a layout is a table", f'write [{at}] with {suite.tables[0].name} = ["KEY"]'
            )
        reader.known(keys, tuple(tables), f"{at}.")
        added[name] = {table: reader.keys(f"{at}.{table}", tables[table], keys[table]) for table in keys}
    return replace(suite, partitioned={**added, **suite.partitioned})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """Checks the values of one file."""

    path: Path
    text: str

    def error(self, key: str, message: str, hint: str | None = None) -> ConfigError:
        """An error at a dotted key, with the line that it is first written on."""
        return ConfigError(f"{self.path}:{self._line(key)}: {key}: {message}", hint=hint)

    def known(self, table: dict[str, Any], keys: tuple[str, ...], prefix: str) -> None:
        for key in table:
            if key not in keys:
                raise self.error(f"{prefix}{key}", "unknown key", nearest(key, keys, "keys"))

    def table(self, name: str, table: Any) -> SuiteTable:
        """A table that is there."""
        at = f"tables.{name}"
        if _NAME.fullmatch(name) is None:
            raise self.error(at, "a name has a-z, 0-9 and _, and begins with no digit")
        if not isinstance(table, dict):
            raise self.error(at, "a table is a table", f"write [{at}]")
        self.known(table, _TABLE_KEYS, f"{at}.")
        for key, value in table.items():
            if not isinstance(value, str) or not value:
                raise self.error(f"{at}.{key}", f"{value!r} is no text")
        if ("location" in table) == ("table" in table):
            raise self.error(at, "a table has either location or table")
        location = entry = None
        if "location" in table:
            try:
                location = S3Uri.parse(table["location"]).as_prefix
            except ValueError as error:
                raise self.error(f"{at}.location", str(error)) from error
        else:
            database, dot, own = table["table"].partition(".")
            if not (database and dot and own):
                raise self.error(f"{at}.table", f"{table['table']!r} is no DATABASE.TABLE")
            entry = (database, own)
        return SuiteTable(name=name, location=location, entry=entry, bucketed_by=table.get("bucketed_by"))

    def keys(self, at: str, table: SuiteTable, keys: Any) -> tuple[str, ...]:
        """The partition keys of a table in a layout."""
        if not isinstance(keys, list) or not 1 <= len(keys) <= _MOST_KEYS:
            raise self.error(at, f"{keys!r} is no list of one or two columns")
        for key in keys:
            if not isinstance(key, str) or (table.columns and key not in table.columns):
                hint = nearest(str(key), list(table.columns), "columns") if table.columns else None
                raise self.error(at, f"{key!r} is no column", hint)
        return tuple(keys)

    def query(self, name: str, query: Any, tables: Sequence[str]) -> str:
        """The statement of a query, its parameters put in."""
        at = f"queries.{name}"
        if not isinstance(query, dict):
            raise self.error(at, "a query is a table", f"write [{at}]")
        self.known(query, _QUERY_KEYS, f"{at}.")
        if ("sql" in query) == ("file" in query):
            raise self.error(at, "a query has either sql or file")
        key = "sql" if "sql" in query else "file"
        if not isinstance(query[key], str):
            raise self.error(f"{at}.{key}", f"{query[key]!r} is no text")
        if key == "file":
            place = self.path.parent / query["file"]
            said = f"{self.path}:{self._line(f'{at}.file')}: {at}.file"
            sql, where = _text_of(place, said), str(place)
        else:
            sql, where = query["sql"], f"{self.path}:{self._line(f'{at}.sql')}: {at}.sql"
        literals = self._literals(at, query.get("parameters", {}), tables)
        return _filled(sql, where, literals, tables).strip().rstrip(";")

    def expected(self, name: str, rows: Any) -> Expected:
        """How many rows a query gives, or which."""
        at = f"queries.{name}.rows"
        if type(rows) is int and rows >= 0:
            return rows
        if not isinstance(rows, list):
            raise self.error(at, f"{rows!r} is neither a number of rows nor a list of rows")
        found: list[tuple[Cell, ...]] = []
        for row in rows:
            if not isinstance(row, list) or len(row) != len(rows[0]):
                raise self.error(at, f"{row!r} is no row of as many cells as the first")
            for cell in row:
                if not isinstance(cell, str | int | float):
                    raise self.error(at, f"{cell!r} is no text, number or boolean")
            found.append(tuple(row))
        return tuple(found)

    def _literals(self, at: str, parameters: Any, tables: Sequence[str]) -> dict[str, str]:
        if not isinstance(parameters, dict):
            raise self.error(f"{at}.parameters", "parameters are a table of names and values")
        found = {}
        for name, value in parameters.items():
            literal = _literal(value, tables)
            if literal is None or name in tables:
                what = (
                    "is a table's name"
                    if name in tables
                    else f"{value!r} is no text, number, boolean, date or timestamp"
                )
                raise self.error(f"{at}.parameters.{name}", what)
            found[name] = literal
        return found

    def _line(self, key: str) -> int:
        """The first line, from the query's heading on, that writes the key's last word; 1 if none does."""
        words, lines, begin = key.split("."), self.text.splitlines(), 0
        for depth, word in enumerate(words):
            found = _first_line(
                lines, begin, re.compile(rf"(^|[\s.\[{{,\"']){re.escape(word)}($|[\s.\]=\"'])").search
            )
            if found is None:
                return begin + 1 if depth else 1
            begin = found
        return begin + 1


def _first_line(lines: list[str], begin: int, matches: Callable[[str], object]) -> int | None:
    return next((number for number in range(begin, len(lines)) if matches(lines[number])), None)


def _text_of(path: Path, what: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{what}: {path} cannot be read: {error}") from error


def _literal(value: Any, tables: Sequence[str]) -> str | None:
    """SQL's text of a value; None for one that has none here. A text is never mistaken for a table."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float) and abs(value) < float("inf"):
        return repr(value)
    if isinstance(value, datetime):
        return None if value.tzinfo else f"TIMESTAMP '{value:%Y-%m-%d %H:%M:%S.%f}'"
    if isinstance(value, date):
        return f"DATE '{value:%Y-%m-%d}'"
    if isinstance(value, str) and not any(f"{{{table}}}" in value for table in tables):
        return "'" + value.replace("'", "''") + "'"
    return None


def _filled(sql: str, where: str, literals: dict[str, str], tables: Sequence[str]) -> str:
    names = [*literals, *tables]
    used = {match[1] for match in _PLACE.finditer(sql)}
    for match in _PLACE.finditer(sql):
        if match[1] not in names:
            line = sql.count("\n", 0, match.start()) + 1
            raise ConfigError(
                f"{where}: line {line}: {match[0]} is neither a parameter nor a table",
                hint=nearest(match[1], names, "names"),
            )
    for name in literals:
        if name not in used:
            raise ConfigError(f"{where}: {{{name}}} is not used in the statement")
    if used.isdisjoint(tables):
        listed = " or ".join(f"{{{name}}}" for name in tables)
        raise ConfigError(f"{where}: {listed} is not used in the statement")
    return _PLACE.sub(lambda match: literals.get(match[1], match[0]), sql)
