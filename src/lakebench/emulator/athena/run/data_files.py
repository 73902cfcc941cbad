"""Data files that a statement wrote: where they go in S3, and how they are taken back if it fails.

Object names follow AWS's sample: ``<yyyymmdd>_<hhmmss>_<5 digits>_<5 characters>_<uuid>``, without
extension for Parquet, ORC and Avro and with the codec's own for text and JSON (facts/athena.md 4). Of a
bucketed table they begin with the bucket, ``000003_0_<query id>``, by which Hive and Athena find it (Trino:
HiveWriterFactory.computeBucketedFileName).
"""

from __future__ import annotations

import secrets
import string
import uuid
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from lakebench.catalog import DataFormat, S3Uri
from lakebench.catalog.projection import partition_name
from lakebench.emulator.athena.run.context import RunContext
from lakebench.emulator.athena.run.files import HIVE_DEFAULT_PARTITION
from lakebench.emulator.engine.protocol import TableSink, WrittenFile
from lakebench.emulator.storage.objects import BucketMissing

_EXTENSIONS = {"gzip": ".gz", "bzip2": ".bz2", "zstd": ".zst", "lz4": ".lz4", "snappy": ".snappy"}
_ALPHABET = string.ascii_lowercase + string.digits


def partition_path(keys: Sequence[str], values: Sequence[str | None]) -> str:
    """``year=2024/city=A%3AB/``: the folder of a partition that Hive names so."""
    name = partition_name(keys, values)
    return f"{name}/" if name else ""


def query_stamp(submitted: datetime) -> str:
    """The engine's query id, of the shape ``20191031_215021_00001_3f42d``."""
    tail = "".join(secrets.choice(_ALPHABET) for _ in range(5))
    return f"{submitted:%Y%m%d_%H%M%S}_{secrets.randbelow(100_000):05d}_{tail}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where a table's files go: the table's location, its partition keys, and folders that differ.

    ``folders`` are the locations of partitions that are registered already.
    """

    location: S3Uri
    keys: tuple[str, ...] = ()
    folders: Mapping[tuple[str, ...], S3Uri] = field(default_factory=dict)

    def folder(self, values: tuple[str | None, ...]) -> S3Uri:
        """The place of one partition's files; of an unpartitioned table, its location."""
        registered = self.folders.get(partition_values(values))
        if registered is not None:
            return registered.as_prefix
        place = self.location.as_prefix
        return S3Uri(place.bucket, place.key + partition_path(self.keys, values))


def partition_values(values: Sequence[str | None]) -> tuple[str, ...]:
    """Partition values as the catalogue keeps them."""
    return tuple(HIVE_DEFAULT_PARTITION if value is None else value for value in values)


class Publication:
    """Objects that a statement adds; ``withdraw`` takes them all back."""

    def __init__(self, context: RunContext) -> None:
        self._context = context
        self._stamp = query_stamp(context.execution.request.submitted)
        self._published: list[S3Uri] = []

    @property
    def query_id(self) -> str:
        """The engine's id of the query, which begins the objects' names."""
        return self._stamp

    def add_files(self, files: Iterable[WrittenFile], layout: Layout, sink: TableSink) -> list[S3Uri]:
        """Make the files that were written to the sink objects of the table."""
        is_text = sink.data_format in {DataFormat.TEXT, DataFormat.JSON}
        extension = _EXTENSIONS.get(sink.compression, "") if is_text else ""
        added = []
        for file in files:
            uri = layout.folder(file.partition).child(self._name(file) + extension)
            self._context.put_file(uri, file.path)
            self._published.append(uri)
            added.append(uri)
        return added

    def _name(self, file: WrittenFile) -> str:
        if file.bucket is None:
            return f"{self._stamp}_{uuid.uuid4()}"
        return f"{file.bucket:06d}_0_{self._stamp}"

    def add_bytes(self, uri: S3Uri, data: bytes) -> None:
        """Make a small object."""
        self._context.put_bytes(uri, data)
        self._published.append(uri)

    def withdraw(self) -> None:
        """Delete all that was added; what lies in a bucket that is gone is gone already."""
        for uri in self._published:
            with suppress(BucketMissing):
                self._context.objects.delete(uri)


def manifest(published: Iterable[S3Uri]) -> bytes:
    """The ``-manifest.csv``: one object a line."""
    return "".join(f"{uri}\n" for uri in published).encode()
