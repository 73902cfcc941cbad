"""A small lake for the tests of the SQL room: tables as values, and a real DuckDB that holds their rows."""

from __future__ import annotations

import duckdb

from lakebench.catalog import Column, S3Uri, SerDe, Storage, Table, parse_type
from lakebench.emulator.engine.udfs.registering import register_called
from lakebench.sql import (
    from_duckdb_type,
    macros,
    parse,
    resolve,
    result_columns,
    result_text,
    result_types,
    to_duckdb,
)

_STORAGE = Storage(
    location=S3Uri("lake", "t/"),
    input_format="",
    output_format="",
    serde=SerDe(library="org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"),
)


def column(name: str, hive_type: str) -> Column:
    return Column(name=name, type=parse_type(hive_type))


def table(
    name: str, columns: dict[str, str], keys: dict[str, str] | None = None, database: str = "db"
) -> Table:
    return Table(
        database=database,
        name=name,
        columns=tuple(column(n, t) for n, t in columns.items()),
        partition_keys=tuple(column(n, t) for n, t in (keys or {}).items()),
        storage=_STORAGE,
    )


def view(name: str, text: str) -> Table:
    return Table(
        database="db", name=name, columns=(), storage=_STORAGE, table_type="VIRTUAL_VIEW", view_text=text
    )


class Lake:
    """Tables with their rows; runs Athena's SQL on DuckDB as the engine would."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("SET integer_division=true; SET TimeZone='UTC'")
        for statement in macros():
            self.connection.execute(statement)
        self._functions: set[str] = set()
        self.tables: dict[tuple[str, str], Table] = {}
        self.rows: dict[str, str] = {}

    def add(self, added: Table, rows: str = "") -> None:
        self.tables[added.database, added.name] = added
        self.rows[added.name] = rows

    def lookup(self, database: str, name: str) -> Table | None:
        return self.tables.get((database, name))

    def has(self, database: str) -> bool:
        return any(d == database for d, _ in self.tables)

    def resolve(self, sql: str):
        return resolve(parse(sql), self.lookup, self.has, "db")

    def describe(self, written: str) -> list[tuple[str, ...]]:
        """DuckDB's names and types of a query in its own words."""
        register_called(self.connection, written, self._functions)
        return self.connection.execute(f"DESCRIBE {written}").fetchall()

    def run(self, sql: str) -> tuple[tuple[str, ...], list[tuple[str | None, ...]]]:
        """Names and texts of the result, as Athena's result file has them."""
        resolved = self.resolve(sql)
        for scan in resolved.scans:
            self.connection.execute(
                f"CREATE OR REPLACE TEMP VIEW {scan.scan_id} AS {self.rows[scan.table.name]}"
            )
        written = to_duckdb(resolved.tree)
        described = self.describe(written)
        names = [f"c{at}" for at in range(len(described))]
        known = [t if t is not None and t.name != "unknown" else None for t in result_types(resolved.tree)]
        types = [t or from_duckdb_type(row[1]) for t, row in zip(known, described, strict=True)]
        texts = [result_text(name, t) for name, t in zip(names, types, strict=True)]
        shown = f"SELECT {', '.join(texts)} FROM ({written}) AS result({', '.join(names)})"
        register_called(self.connection, shown, self._functions)
        rows = self.connection.execute(shown).fetchall()
        return result_columns(resolved.tree), rows
