"""Delta: schema and files by replaying the log (Delta transaction log protocol, "Delta Log Entries")."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from lakebench.catalog import DataType, Field, S3Uri
from lakebench.catalog.types import simple
from lakebench.emulator.crawler.columns import InferredColumn, distinct, inferred
from lakebench.emulator.crawler.table_formats.found import (
    FoundPartition,
    FoundTable,
    NotReadable,
    deeper,
    member,
    read_text,
    split_keys,
)
from lakebench.emulator.storage.objects import ObjectStore, StoredObject

MANIFESTS = "_symlink_format_manifest/"
HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"
_PARQUET_SERDE = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
_TEXT_OUTPUT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
# A native table has the classes that Spark gives tables which Hive cannot read (Delta: HiveExternalCatalog).
_NATIVE = (
    "org.apache.hadoop.mapred.SequenceFileInputFormat",
    "org.apache.hadoop.hive.ql.io.HiveSequenceFileOutputFormat",
    _PARQUET_SERDE,
)
_SYMLINK = ("org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat", _TEXT_OUTPUT, _PARQUET_SERDE)
_COMMIT = re.compile(r"(\d{20})\.json")
_CHECKPOINT = re.compile(r"(\d{20})\.checkpoint(?:\.\d{10}\.(\d{10}))?\.parquet")
_DECIMAL = re.compile(r"decimal\((\d+),\s*(\d+)\)")
_TYPES = {
    "string": "varchar",
    "long": "bigint",
    "integer": "integer",
    "short": "smallint",
    "byte": "tinyint",
    "float": "real",
    "double": "double",
    "boolean": "boolean",
    "binary": "varbinary",
    "date": "date",
    "timestamp": "timestamp",
    "timestamp_ntz": "timestamp",
}


@dataclass(slots=True)
class DeltaState:
    """A table after its last commit: metadata, and the active data files with their partitions' values."""

    version: int = -1
    timestamp: int | None = None
    metadata: dict[str, Any] | None = None
    files: dict[str, dict[str, str | None]] = field(default_factory=dict)

    def take(self, action: Any) -> None:
        """One action of the log."""
        if not isinstance(action, dict):
            raise NotReadable("has a log entry that is no JSON object")
        if isinstance(added := action.get("add"), dict):
            self.files[member(added, "path", str, "a file's path")] = dict(added.get("partitionValues") or {})
        if isinstance(removed := action.get("remove"), dict):
            self.files.pop(str(removed.get("path")), None)
        if isinstance(metadata := action.get("metaData"), dict):
            self.metadata = metadata
        if isinstance(commit := action.get("commitInfo"), dict):
            self.timestamp = commit.get("timestamp")


def describe_delta(root: S3Uri, objects: ObjectStore, *, native: bool) -> tuple[FoundTable, DeltaState]:
    """The table at a folder; raises NotReadable."""
    state = read_state(root, objects)
    metadata = state.metadata
    if metadata is None:
        raise NotReadable("has a log without metadata")
    names = [str(name) for name in metadata.get("partitionColumns") or []]
    columns, keys = split_keys(_schema(member(metadata, "schemaString", str, "a schema")), names)
    parameters = {"delta.lastUpdateVersion": str(state.version)}
    if state.timestamp is not None:
        parameters["delta.lastCommitTimestamp"] = str(state.timestamp)
    if native:
        found = FoundTable(
            location=root,
            columns=columns,
            partition_keys=keys,
            parameters={"table_type": "delta", "spark.sql.sources.provider": "delta", **parameters},
            serde_parameters={"serialization.format": "1", "path": str(root)},
            inputs=_NATIVE,
        )
        return found, state
    manifests = root.child(MANIFESTS)
    partitions = sorted(manifest_folders(state, names))
    found = FoundTable(
        location=manifests,
        columns=columns,
        partition_keys=keys,
        partitions=tuple(
            FoundPartition(values=values, location=manifests.child(folder) if folder else manifests)
            for folder, values in partitions
            if keys
        ),
        parameters=parameters,
        serde_parameters={"serialization.format": "1"},
        inputs=_SYMLINK,
    )
    return found, state


def manifest_folders(state: DeltaState, names: list[str]) -> set[tuple[str, tuple[str, ...]]]:
    """Folder below the manifests and values, of each partition that has files."""
    return {_folder_of(values, names) for values in state.files.values()}


def _folder_of(values: dict[str, str | None], names: list[str]) -> tuple[str, tuple[str, ...]]:
    texts = tuple(HIVE_NULL if (value := values.get(name)) in (None, "") else str(value) for name in names)
    folder = "".join(f"{name}={text}/" for name, text in zip(names, texts, strict=True))
    return folder, texts


def manifests_of(root: S3Uri, state: DeltaState) -> dict[S3Uri, str]:
    """The manifest of each partition: a line for each of its data files, by absolute path."""
    names = [str(name) for name in (state.metadata or {}).get("partitionColumns") or []]
    lines: dict[S3Uri, list[str]] = {} if names else {root.child(f"{MANIFESTS}manifest"): []}
    for path, values in sorted(state.files.items()):
        place = root.child(f"{MANIFESTS}{_folder_of(values, names)[0]}manifest")
        lines.setdefault(place, []).append(_absolute(root, path))
    return {place: "".join(f"{line}\n" for line in found) for place, found in lines.items()}


def _absolute(root: S3Uri, path: str) -> str:
    """Paths of the log are URIs, relative to the table or absolute."""
    decoded = unquote(path)
    return decoded if "://" in decoded else str(root.child(decoded))


def read_state(root: S3Uri, objects: ObjectStore) -> DeltaState:
    """Replay the newest whole checkpoint and the commits after it; raises NotReadable."""
    log = root.child("_delta_log/")
    commits: dict[int, StoredObject] = {}
    checkpoints: dict[int, list[StoredObject]] = {}
    parts: dict[int, int] = {}
    for stored in objects.list(log):
        name = stored.uri.key.removeprefix(log.key)
        if match := _COMMIT.fullmatch(name):
            commits[int(match[1])] = stored
        elif match := _CHECKPOINT.fullmatch(name):
            checkpoints.setdefault(int(match[1]), []).append(stored)
            parts[int(match[1])] = int(match[2] or 1)
    state = DeltaState()
    whole = [version for version, files in checkpoints.items() if len(files) == parts[version]]
    if whole:
        state.version = max(whole)
        for stored in checkpoints[state.version]:
            _replay(state, _checkpoint_actions(stored))
    for version in sorted(v for v in commits if v > state.version):
        if version != state.version + 1:
            raise NotReadable(f"has a log without the commit {state.version + 1}")
        _replay(state, _commit_actions(commits[version]))
        state.version = version
    if state.version < 0:
        raise NotReadable("has a log without commits")
    return state


def _replay(state: DeltaState, actions: Iterable[Any]) -> None:
    for action in actions:
        state.take(action)


def _commit_actions(stored: StoredObject) -> Iterator[Any]:
    for line in read_text(stored).splitlines():
        if line.strip():
            try:
                yield json.loads(line)
            except (ValueError, RecursionError):
                raise NotReadable(f"has a log entry that is no JSON: {stored.uri}") from None


def _checkpoint_actions(stored: StoredObject) -> Iterator[Any]:
    import pyarrow as pa  # 0.2 s that tables without checkpoints need not wait for
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(stored.path) as file:
            known = [name for name in ("metaData", "add") if name in file.schema_arrow.names]
            for batch in file.iter_batches(columns=known):
                for row in batch.to_pylist():
                    yield {key: _plain(value) for key, value in row.items() if value is not None}
    except (pa.ArrowException, OSError) as error:
        reason = str(error).partition("\n")[0]
        raise NotReadable(f"has a checkpoint that cannot be read: {stored.uri}: {reason}") from None


def _plain(action: dict[str, Any]) -> dict[str, Any]:
    """Arrow gives a map as a list of pairs."""
    values = action.get("partitionValues")
    return {**action, "partitionValues": dict(values)} if isinstance(values, list) else action


def _schema(text: str) -> tuple[InferredColumn, ...]:
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        raise NotReadable("has a schema that is no JSON") from None
    fields = member(whole, "fields", list, "the fields of its schema")
    return distinct(
        [inferred(member(one, "name", str, "a column's name"), _type(one.get("type"), 0)) for one in fields]
    )


def _type(wire: Any, depth: int) -> DataType:
    depth = deeper(depth)
    if isinstance(wire, str):
        if match := _DECIMAL.fullmatch(wire):
            return simple("decimal", int(match[1]), int(match[2]))
        if wire not in _TYPES:
            raise NotReadable(f"has a column of the type {wire}, which is not known here")
        return simple(_TYPES[wire])
    match wire.get("type") if isinstance(wire, dict) else None:
        case "struct":
            fields = member(wire, "fields", list, "the fields of a struct")
            pairs = [
                (member(one, "name", str, "a field's name"), _type(one.get("type"), depth)) for one in fields
            ]
            return DataType(name="row", fields=tuple(Field(name=name, type=kind) for name, kind in pairs))
        case "array":
            inner = _type(wire.get("elementType"), depth)
            return DataType(name="array", fields=(Field(name=None, type=inner),))
        case "map":
            pair = (_type(wire.get("keyType"), depth), _type(wire.get("valueType"), depth))
            return DataType(name="map", fields=tuple(Field(name=None, type=kind) for kind in pair))
    raise NotReadable("has a column of no known type")
