"""A small lake for the engine: objects are files, tables are values, queries are Athena's text."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakebench.catalog import Column, DataFormat, S3Uri, SerDe, Storage, Table, parse_type
from lakebench.emulator.engine.engine import DuckDbEngine
from lakebench.emulator.engine.protocol import (
    Cancellation,
    DataFile,
    QueryOutcome,
    QueryRequest,
    RowsSink,
    ScanBinding,
    TableSink,
)
from lakebench.sql import parse, resolve
from lakebench.sql.statement import Query

from .case_objects import object_bytes

SERDES = {
    "text": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
    "open-csv": "org.apache.hadoop.hive.serde2.OpenCSVSerde",
    "parquet": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
    "json": "org.openx.data.jsonserde.JsonSerDe",
    "hive-json": "org.apache.hive.hcatalog.data.JsonSerDe",
    "orc": "org.apache.hadoop.hive.ql.io.orc.OrcSerde",
    "ion": "com.amazon.ionhiveserde.IonHiveSerDe",
    "cloudtrail": "com.amazon.emr.hive.serde.CloudTrailSerde",
    "avro": "org.apache.hadoop.hive.serde2.avro.AvroSerDe",
    "regex": "org.apache.hadoop.hive.serde2.RegexSerDe",
    "grok": "com.amazonaws.glue.serde.GrokSerDe",
}
INPUT_FORMATS = {"cloudtrail": "com.amazon.emr.cloudtrail.CloudTrailInputFormat"}


@dataclass
class Lake:
    """Tables of one database, ``db``, and an engine that reads them."""

    root: Path
    engine: DuckDbEngine
    tables: dict[str, Table] = field(default_factory=dict)
    files: dict[str, tuple[DataFile, ...]] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def table(
        self,
        name: str,
        data_format: str,
        columns: str,
        objects: Mapping[str, bytes],
        *,
        keys: str = "",
        partitions: Mapping[str, Sequence[str | None]] | None = None,
        serde: Mapping[str, str] | None = None,
        parameters: Mapping[str, str] | None = None,
    ) -> None:
        """``columns`` and ``keys`` are ``name type; name type``; partitions are given by object name."""
        self.tables[name] = Table(
            database="db",
            name=name,
            columns=_columns(columns),
            partition_keys=_columns(keys),
            parameters=parameters or {},
            storage=Storage(
                location=S3Uri("lake", f"{name}/"),
                input_format=INPUT_FORMATS.get(data_format, ""),
                output_format="",
                serde=SerDe(library=SERDES[data_format], parameters=serde or {}),
            ),
        )
        self.files[name] = tuple(
            self._store(f"{name}/{key}", body, tuple((partitions or {}).get(key, ())))
            for key, body in objects.items()
        )

    def _store(self, key: str, body: bytes, partition: tuple[str | None, ...]) -> DataFile:
        path = self.root / "objects" / f"{next(self._numbers):06d}"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(body)
        return DataFile(path=path, uri=S3Uri("lake", key), size=len(body), partition=partition)

    def request(self, sql: str, sink: RowsSink | TableSink | None = None) -> QueryRequest:
        """The statement, resolved and bound."""
        statement = parse(sql)
        assert isinstance(statement, Query)
        resolved = resolve(
            statement, lambda database, name: self.tables.get(name), lambda name: name == "db", "db"
        )
        return QueryRequest(
            execution_id="test",
            sql=sql,
            tree=resolved.tree,
            scans=tuple(
                ScanBinding(scan_id=scan.scan_id, table=scan.table, files=self.files[scan.table.name])
                for scan in resolved.scans
            ),
            sink=sink or RowsSink(path=self.root / f"result-{next(self._numbers)}.csv"),
        )

    def run(
        self, sql: str, sink: RowsSink | TableSink | None = None, cancellation: Cancellation | None = None
    ) -> QueryOutcome:
        """Run it to the end."""
        return self.engine.run(self.request(sql, sink), cancellation or Cancellation())

    def text(self, sql: str) -> str:
        """The result file's text."""
        request = self.request(sql)
        self.engine.run(request, Cancellation())
        assert isinstance(request.sink, RowsSink)
        return request.sink.path.read_text()

    def rows(self, sql: str) -> list[list[str]]:
        """The result file's rows without the header; NULL and '' look alike."""
        return list(csv.reader(io.StringIO(self.text(sql))))[1:]

    def sink(
        self,
        data_format: DataFormat = DataFormat.PARQUET,
        compression: str = "snappy",
        partitioned_by: tuple[str, ...] = (),
        **options: Any,
    ) -> TableSink:
        """A fresh directory to write a table into."""
        directory = self.root / f"written-{next(self._numbers)}"
        directory.mkdir()
        return TableSink(
            directory=directory,
            data_format=data_format,
            compression=compression,
            partitioned_by=partitioned_by,
            **options,
        )


def _columns(text: str) -> tuple[Column, ...]:
    pairs = (item.strip().partition(" ") for item in text.split(";") if item.strip())
    return tuple(Column(name=name, type=parse_type(kind)) for name, _, kind in pairs)


def parquet_bytes(table: pa.Table, **options: Any) -> bytes:
    """The table as a Parquet file."""
    out = io.BytesIO()
    pq.write_table(table, out, **options)
    return out.getvalue()


def chunk_sizes(body: bytes, *columns: str, row_groups: Sequence[int] | None = None) -> int:
    """Compressed size of these leaf columns' chunks, from the file's own footer."""
    metadata = pq.read_metadata(io.BytesIO(body))
    groups = range(metadata.num_row_groups) if row_groups is None else row_groups
    return sum(
        chunk.total_compressed_size
        for group in groups
        for at in range(metadata.num_columns)
        if (chunk := metadata.row_group(group).column(at)).path_in_schema in columns
    )


@pytest.fixture(scope="session")
def shared_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDbEngine]:
    engine = DuckDbEngine(tmp_path_factory.mktemp("engine"), workers=1, memory_limit=1 << 30)
    yield engine
    engine.close()


@pytest.fixture
def lake(tmp_path: Path, shared_engine: DuckDbEngine) -> Lake:
    return Lake(root=tmp_path, engine=shared_engine)


@pytest.fixture
def make_lake(tmp_path: Path) -> Iterator[Callable[..., Lake]]:
    """Lakes with engines of their own, closed at the end."""
    engines: list[DuckDbEngine] = []

    def make(**settings: Any) -> Lake:
        engines.append(DuckDbEngine(tmp_path / f"scratch-{len(engines)}", **settings))
        return Lake(root=tmp_path, engine=engines[-1])

    yield make
    for engine in engines:
        engine.close()


@pytest.fixture
def to_parquet() -> Callable[..., bytes]:
    return parquet_bytes


@pytest.fixture
def chunk_bytes() -> Callable[..., int]:
    return chunk_sizes


@pytest.fixture
def make_object() -> Callable[[Mapping[str, Any]], bytes]:
    return object_bytes
