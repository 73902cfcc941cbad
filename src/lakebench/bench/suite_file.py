"""A suite of the user's own: a TOML file that names queries over the data of a suite that lakebench has.

Everything wrong in it is told with the file, the line and the key.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lakebench.bench.layouts import nearest
from lakebench.bench.suites import SUITES, Suite, find_suite
from lakebench.errors import ConfigError

_SUITE_KEYS = ("data", "queries")
_QUERY_KEYS = ("sql", "file", "parameters", "rows")
_PLACE = re.compile(r"\{([A-Za-z_]\w*)\}")
_TABLE = "table"


def suite_of(text: str) -> Suite:
    """The suite of a name, or of a path that ends in ``.toml``. Raises ConfigError."""
    return read_suite(Path(text)) if text.endswith(".toml") else find_suite(text)


def read_suite(path: Path) -> Suite:
    """Read a suite file: ``data`` and ``[queries.NAME]`` with ``sql`` or ``file``, ``parameters``, ``rows``.

    ``{table}`` stands for the table of a layout, ``{name}`` for a parameter as a literal. Raises ConfigError.
    """
    text = _text_of(path, f"the suite {path}")
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}") from error
    reader = _Reader(path=path, text=text)
    reader.known(document, _SUITE_KEYS, "")
    data = document.get("data", "ventas")
    names = [each.name for each in SUITES]
    if data not in names:
        raise reader.error("data", f"{data!r} is no data set", nearest(str(data), names, "data sets"))
    queries = document.get("queries")
    if not isinstance(queries, dict) or not queries:
        raise reader.error("queries", "a suite needs queries", "write [queries.NAME] with sql or file")
    texts: dict[str, str] = {}
    expected: dict[str, int] = {}
    for name, query in queries.items():
        texts[name] = reader.query(name, query)
        if "rows" in query:
            expected[name] = query["rows"]
    return Suite(name=path.stem, columns=find_suite(str(data)).columns, queries=texts, expected_rows=expected)


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

    def query(self, name: str, query: Any) -> str:
        """The statement of a query, its parameters put in."""
        at = f"queries.{name}"
        if not isinstance(query, dict):
            raise self.error(at, "a query is a table", f"write [{at}]")
        self.known(query, _QUERY_KEYS, f"{at}.")
        rows = query.get("rows", 0)
        if type(rows) is not int or rows < 0:
            raise self.error(f"{at}.rows", f"{rows!r} is no number of rows")
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
            sql, where = query["sql"], f"{self.path}: {at}.sql"
        return _filled(sql, where, self._literals(at, query.get("parameters", {}))).strip().rstrip(";")

    def _literals(self, at: str, parameters: Any) -> dict[str, str]:
        if not isinstance(parameters, dict):
            raise self.error(f"{at}.parameters", "parameters are a table of names and values")
        found = {}
        for name, value in parameters.items():
            literal = _literal(value)
            if literal is None or name == _TABLE:
                raise self.error(
                    f"{at}.parameters.{name}",
                    "table is the layout's" if name == _TABLE else f"{value!r} is no text, number or boolean",
                )
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


def _literal(value: Any) -> str | None:
    """SQL's text of a value; None for one that has none here. A text is never mistaken for ``{table}``."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float) and abs(value) < float("inf"):
        return repr(value)
    if isinstance(value, str) and f"{{{_TABLE}}}" not in value:
        return "'" + value.replace("'", "''") + "'"
    return None


def _filled(sql: str, where: str, literals: dict[str, str]) -> str:
    names = [*literals, _TABLE]
    used = {match[1] for match in _PLACE.finditer(sql)}
    for match in _PLACE.finditer(sql):
        if match[1] not in names:
            line = sql.count("\n", 0, match.start()) + 1
            raise ConfigError(
                f"{where}: line {line}: {match[0]} is no parameter",
                hint=nearest(match[1], names, "parameters"),
            )
    for name in names:
        if name not in used:
            raise ConfigError(f"{where}: {{{name}}} is not used in the statement")
    return _PLACE.sub(lambda match: literals.get(match[1], match[0]), sql)
