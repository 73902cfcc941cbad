"""The known disappointments of crawled tables, and what cures each (facts/glue-crawler.md 6)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from lakebench.catalog.table import DataFormat, Table
from lakebench.client.crawl import FoundTable

_DATE = re.compile(r'"?\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"?')
_GENERATED = re.compile(r"col\d+")
_LEADING_ZERO = re.compile(r"[+-]?0\d+")
_PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_]*")


def advice(found: FoundTable, lines: Sequence[str], values: Mapping[str, Sequence[str]]) -> list[str]:
    """What to know before querying the table, each with its cure; ``values`` are first ones by column."""
    table = found.table
    return [*_of_the_place(table), *_of_text(table, lines), *_of_values(table, values), *_of_drift(found)]


def _of_the_place(table: Table) -> list[str]:
    told = []
    place = table.storage.location
    classification = table.parameters.get("classification", "")
    if place is not None and not place.key.endswith("/") and place.key:
        told.append(
            f"The location {place} is an object: Athena reads folders. Crawl the folder that holds it."
        )
    if classification == "UNKNOWN":
        told.append("No classifier knew the format: there are no columns. Add a custom classifier.")
    elif table.data_format is DataFormat.UNKNOWN:
        told.append(f"Athena does not read {classification}. Convert the objects, to Parquet for instance.")
    odd = [column.name for column in table.columns if not _PLAIN_NAME.fullmatch(column.name)]
    if odd and odd[0].startswith("?"):
        told.append(
            "The file begins with a byte order mark: Athena cannot resolve the first column. Remove it."
        )
    elif odd:
        told.append(f'Names with blanks or accents need quotes in queries: "{odd[0]}".')
    return told


def _of_text(table: Table, lines: Sequence[str]) -> list[str]:
    if table.parameters.get("classification") != "csv":
        return []
    told = []
    if table.data_format is DataFormat.TEXT and any('"' in line for line in lines):
        told.append(
            "Cells are quoted, and LazySimpleSerDe keeps the quotes and cuts at delimiters inside them. "
            "Use a custom CSV classifier with a QuoteSymbol, which brings OpenCSVSerDe."
        )
    generated = all(_GENERATED.fullmatch(column.name) for column in table.columns)
    if generated and all(column.type.hive == "string" for column in table.columns):
        told.append(
            "All columns are strings, so a first line of names is taken for data. "
            "Use a custom CSV classifier with ContainsHeader PRESENT."
        )
    return told


def _of_values(table: Table, values: Mapping[str, Sequence[str]]) -> list[str]:
    told = []
    by_type = {column.name: column.type.hive for column in table.columns}
    seen = {name: [cell for cell in cells if cell] for name, cells in values.items()}
    dates = [
        name
        for name, cells in seen.items()
        if by_type.get(name) == "string" and cells and all(map(_DATE.fullmatch, cells))
    ]
    if dates:
        told.append(
            f"Dates stay strings: {', '.join(dates)}. Convert them in a CTAS, as in "
            f"CAST({dates[0]} AS date), or date_parse for other forms."
        )
    zeros = [
        name
        for name, cells in seen.items()
        if by_type.get(name) == "bigint" and any(map(_LEADING_ZERO.fullmatch, cells))
    ]
    if zeros:
        told.append(
            f"Leading zeros are lost, numbers are bigint: {', '.join(zeros)}. "
            "Change the type to string, or use a custom CSV classifier with CustomDatatypes."
        )
    return told


def _of_drift(found: FoundTable) -> list[str]:
    of_table = {column.name: column.type.hive for column in found.table.columns}
    for partition in found.partitions:
        for column in partition.columns:
            if column.name in of_table and column.type.hive != of_table[column.name]:
                name = "/".join(partition.values)
                return [
                    f"Partition {name} has {column.name} as {column.type.hive}, the table "
                    f"as {of_table[column.name]}: queries may end in HIVE_PARTITION_SCHEMA_MISMATCH. "
                    "Crawl with InheritFromTable."
                ]
    return []
