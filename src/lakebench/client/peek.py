"""A look at the first records of a table's objects, as they stand in the file."""

from __future__ import annotations

import csv
import io
import json
import zlib
from itertools import islice

from lakebench.catalog.table import DataFormat, Table
from lakebench.client.call import aws_call
from lakebench.client.s3 import list_objects
from lakebench.client.session import AwsSession

PEEK_BYTES = 64 << 10
PEEK_RECORDS = 50


def first_lines(session: AwsSession, table: Table) -> list[str]:
    """Whole lines from the start of its first object; none for what is no plain or gzip text."""
    packing = table.parameters.get("compressionType", "none")
    place = table.storage.location
    text = {DataFormat.TEXT, DataFormat.OPEN_CSV, DataFormat.JSON}
    if place is None or packing not in {"none", "gzip"} or table.data_format not in text:
        return []
    for stored in list_objects(session, place):
        name = stored.place.key.rpartition("/")[2]
        if stored.size and not name.startswith(("_", ".")):
            with aws_call("s3:GetObject", str(stored.place)):
                data: bytes = session.s3.get_object(
                    Bucket=stored.place.bucket, Key=stored.place.key, Range=f"bytes=0-{PEEK_BYTES - 1}"
                )["Body"].read()
            return _lines(data, packing, whole=stored.size <= PEEK_BYTES)
    return []


def _lines(data: bytes, packing: str, *, whole: bool) -> list[str]:
    if packing == "gzip":
        try:
            data = zlib.decompressobj(wbits=31).decompress(data, PEEK_BYTES)
        except zlib.error:
            return []
        whole = False
    lines = data.decode("utf-8-sig", "replace").splitlines()
    return lines if whole else lines[:-1]


def first_values(table: Table, lines: list[str]) -> dict[str, list[str]]:
    """Values by column name, at most PEEK_RECORDS of each, as the table's SerDe cuts the lines."""
    if table.data_format is DataFormat.JSON:
        return _json_values(table, lines)
    delimiter = table.parameters.get("delimiter", ",")
    skip = int(table.parameters.get("skip.header.line.count", "0"))
    if table.data_format is DataFormat.OPEN_CSV:
        quote = table.storage.serde.parameters.get("quoteChar", '"')
        try:
            records = list(csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter, quotechar=quote))
        except (csv.Error, TypeError):
            return {}
    else:
        records = [line.split(delimiter) for line in lines]
    values: dict[str, list[str]] = {column.name: [] for column in table.columns}
    for record in records[skip : skip + PEEK_RECORDS]:
        for column, cell in zip(table.columns, record, strict=False):
            values[column.name].append(cell)
    return values


def _json_values(table: Table, lines: list[str]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {column.name: [] for column in table.columns}
    for line in islice(lines, PEEK_RECORDS):
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            continue
        for key, value in record.items() if isinstance(record, dict) else ():
            if key.lower() in values and value is not None:
                text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
                values[key.lower()].append(text)
    return values
