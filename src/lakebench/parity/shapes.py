"""How objects are written: format, codec, row groups, who wrote them; read by ranges, never whole objects."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, cast

from lakebench.client.call import aws_call
from lakebench.client.s3 import StoredObject
from lakebench.client.session import AwsSession
from lakebench.errors import DataError

if TYPE_CHECKING:
    import pyarrow.parquet as pq

_BLOCK = 64 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class FileShape:
    """One object of a table.

    ``suffix`` is its name's end from the first dot. ``data_format`` is told by its own bytes. ``codec``
    names all codecs in it. ``groups`` are row groups, or stripes; ``rows`` is None where nothing tells.
    ``schema`` is a line a column. ``statistics``, ``page_indexes``, ``blooms`` say whether chunks have them.
    """

    size: int
    suffix: str
    data_format: str
    codec: str
    writer: str
    groups: int | None
    rows: int | None
    schema: tuple[str, ...]
    statistics: bool | None
    page_indexes: bool | None
    blooms: bool | None


def file_shape(session: AwsSession, stored: StoredObject) -> FileShape:
    """Look at one object. Raises ClientError, and DataError for a broken one."""
    import pyarrow as pa

    source = RangeFile(session, stored)
    head = source.read(4)
    source.seek(0)
    name = stored.place.key.rpartition("/")[2]
    suffix = name[name.index(".") :] if "." in name else ""
    try:
        if head == b"PAR1":
            return _parquet(source, stored.size, suffix)
        if head[:3] == b"ORC":
            return _orc(source, stored.size, suffix)
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{stored.place} cannot be read: {error}") from error
    if head == b"Obj\x01":
        return _avro(source, stored.size, suffix)
    codec = (
        "gzip" if head[:2] == b"\x1f\x8b" else "none" if suffix in {"", ".csv", ".json", ".txt"} else suffix
    )
    return _shape(size=stored.size, suffix=suffix, data_format="text", codec=codec)


def _shape(*, size: int, suffix: str, data_format: str, codec: str, **more: Any) -> FileShape:
    nothing: dict[str, Any] = {
        "writer": "",
        "groups": None,
        "rows": None,
        "schema": (),
        "statistics": None,
        "page_indexes": None,
        "blooms": None,
    }
    return FileShape(size=size, suffix=suffix, data_format=data_format, codec=codec, **(nothing | more))


def _parquet(source: RangeFile, size: int, suffix: str) -> FileShape:
    import pyarrow as pa
    import pyarrow.parquet as pq

    metadata: pq.FileMetaData = pq.read_metadata(pa.PythonFile(source, mode="r"))
    groups = [metadata.row_group(at) for at in range(metadata.num_row_groups)]
    chunks = [group.column(at) for group in groups for at in range(group.num_columns)]
    return _shape(
        size=size,
        suffix=suffix,
        data_format="parquet",
        codec=" ".join(sorted({chunk.compression.lower() for chunk in chunks})),
        writer=metadata.created_by or "",
        groups=len(groups),
        rows=metadata.num_rows,
        schema=tuple(_parquet_column(metadata.schema.column(at)) for at in range(metadata.num_columns)),
        statistics=bool(chunks) and all(chunk.is_stats_set for chunk in chunks),
        page_indexes=any(chunk.has_column_index for chunk in chunks),
        blooms=any(getattr(chunk, "bloom_filter_offset", None) is not None for chunk in chunks),
    )


def _parquet_column(column: pq.ColumnSchema) -> str:
    logical = str(column.logical_type)
    return f"{column.path} {column.physical_type}" + ("" if logical == "None" else f" {logical}")


def _orc(source: RangeFile, size: int, suffix: str) -> FileShape:
    import pyarrow as pa
    from pyarrow import orc

    file = orc.ORCFile(pa.PythonFile(source, mode="r"))
    return _shape(
        size=size,
        suffix=suffix,
        data_format="orc",
        codec=str(file.compression).lower().replace("uncompressed", "none"),
        writer=f"{file.writer} {file.software_version}".strip(),
        groups=file.nstripes,
        rows=file.nrows,
        schema=tuple(f"{field.name} {field.type}" for field in file.schema),
        statistics=file.nstripe_statistics > 0,
    )


def _avro(source: RangeFile, size: int, suffix: str) -> FileShape:
    from fastavro import reader

    found: Any = reader(cast("IO[bytes]", source))
    schema = found.writer_schema
    return _shape(
        size=size,
        suffix=suffix,
        data_format="avro",
        codec=str(found.codec),
        schema=tuple(f"{field['name']} {field['type']}" for field in schema.get("fields", ())),
    )


class RangeFile(io.RawIOBase):
    """An object as a file to read: each read is a range GET of at least 64 KiB, of which the last is kept."""

    def __init__(self, session: AwsSession, stored: StoredObject) -> None:
        super().__init__()
        self._session = session
        self._stored = stored
        self._at = 0
        self._block, self._start = b"", 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Where the next read begins."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go there."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._stored.size}[whence]
        self._at = max(base + offset, 0)
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        """Read bytes, fewer at the end. Raises ClientError."""
        end = self._stored.size if size is None or size < 0 else min(self._at + size, self._stored.size)
        if end <= self._at:
            return b""
        if not self._start <= self._at <= end <= self._start + len(self._block):
            self._fetch(end)
        data = self._block[self._at - self._start : end - self._start]
        self._at = end
        return data

    def _fetch(self, end: int) -> None:
        last = min(max(end, self._at + _BLOCK), self._stored.size)
        first = min(self._at, max(last - _BLOCK, 0))
        place = self._stored.place
        with aws_call("s3:GetObject", str(place)):
            answer = self._session.s3.get_object(
                Bucket=place.bucket, Key=place.key, Range=f"bytes={first}-{last - 1}"
            )
            self._block, self._start = answer["Body"].read(), first
