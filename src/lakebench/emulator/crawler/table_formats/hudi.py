"""Hudi: hoodie.properties, the newest commit's schema, and the folders that are partitions.

A merge-on-read table becomes two, ``_ro`` for its base files and ``_rt`` for all of it, as Hudi's own sync
to a metastore makes them (Hudi: "Syncing to Hive Metastore").
"""

from __future__ import annotations

import json
import re
from typing import Any

from lakebench.catalog import S3Uri
from lakebench.emulator.crawler.avro_schema import columns_of
from lakebench.emulator.crawler.columns import STRING, InferredColumn, distinct, inferred
from lakebench.emulator.crawler.naming import split_hive
from lakebench.emulator.crawler.table_formats.found import (
    FoundPartition,
    FoundTable,
    NotReadable,
    read_json,
    read_text,
    split_keys,
)
from lakebench.emulator.storage.objects import ObjectStore, StoredObject

_SERDE = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
_OUTPUT = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"
_BASE = "org.apache.hudi.hadoop.HoodieParquetInputFormat"
_REALTIME = "org.apache.hudi.hadoop.realtime.HoodieParquetRealtimeInputFormat"
_META = tuple(
    inferred(f"_hoodie_{name}", STRING)
    for name in ("commit_time", "commit_seqno", "record_key", "partition_path", "file_name")
)
_COMMIT = re.compile(r"(?:timeline/)?(\d+)(?:_\d+)?\.(?:commit|deltacommit|replacecommit)")
_PARTITION = re.compile(r"\.hoodie_partition_metadata(?:\.parquet|\.orc)?")


def describe_hudi(root: S3Uri, objects: ObjectStore) -> list[FoundTable]:
    """The one or two tables of a folder; raises NotReadable."""
    held = objects.get(root.child(".hoodie/hoodie.properties"))
    if held is None:
        raise NotReadable("has no hoodie.properties")
    properties = _properties(read_text(held))
    names = [name for name in properties.get("hoodie.table.partition.fields", "").split(",") if name]
    names = [name.partition(":")[0] for name in names]  # ``field:TYPE`` under a custom key generator
    columns, keys = split_keys(_columns(root, objects, properties), names)
    partitions = _partitions(root, objects, len(keys)) if keys else ()

    def found(suffix: str, reader: str, read_optimised: bool) -> FoundTable:
        return FoundTable(
            location=root,
            columns=columns,
            partition_keys=keys,
            partitions=partitions,
            serde_parameters={
                "serialization.format": "1",
                "path": str(root),
                "hoodie.query.as.ro.table": str(read_optimised).lower(),
            },
            inputs=(reader, _OUTPUT, _SERDE),
            suffix=suffix,
        )

    match properties.get("hoodie.table.type", "COPY_ON_WRITE"):
        case "COPY_ON_WRITE":
            return [found("", _BASE, False)]
        case "MERGE_ON_READ":
            return [found("_ro", _BASE, True), found("_rt", _REALTIME, False)]
        case other:
            raise NotReadable(f"is of the table type {other}, which is not known here")


def _properties(text: str) -> dict[str, str]:
    """Java's properties, as Hudi writes them: ``key=value`` lines, escapes of ``:`` and ``=`` undone."""
    pairs = (line.partition("=") for line in text.splitlines() if line.strip() and not line.startswith("#"))
    return {key.strip(): value.strip().replace("\\", "") for key, _, value in pairs}


def _columns(root: S3Uri, objects: ObjectStore, properties: dict[str, str]) -> tuple[InferredColumn, ...]:
    """Hudi's five columns and those of the newest commit's schema, else of the one the table began with."""
    text = _commit_schema(root, objects) or properties.get("hoodie.table.create.schema")
    if not text:
        raise NotReadable("has no commit that tells its schema")
    try:
        found = columns_of(json.loads(text))
    except (ValueError, RecursionError):
        raise NotReadable("has a schema that is no Avro record") from None
    own = [inferred(name, kind) for name, kind in found if not name.startswith("_hoodie_")]
    return distinct([*_META, *own])


def _commit_schema(root: S3Uri, objects: ObjectStore) -> str | None:
    folder = root.child(".hoodie/")
    commits: list[tuple[str, StoredObject]] = []
    for stored in objects.list(folder):
        match = _COMMIT.fullmatch(stored.uri.key.removeprefix(folder.key))
        if match and stored.size:
            commits.append((match[1], stored))
    for _, stored in sorted(commits, key=lambda one: one[0], reverse=True):
        schema = _extra(read_json(stored)).get("schema")
        if isinstance(schema, str) and schema:
            return schema
    return None


def _extra(commit: Any) -> dict[str, Any]:
    extra = commit.get("extraMetadata") if isinstance(commit, dict) else None
    return extra if isinstance(extra, dict) else {}


def _partitions(root: S3Uri, objects: ObjectStore, depth: int) -> tuple[FoundPartition, ...]:
    """The folders that hold Hudi's mark of a partition, at the depth that the keys ask for."""
    found: list[FoundPartition] = []
    for stored in objects.list(root):
        *folders, name = stored.uri.key.removeprefix(root.key).split("/")
        if len(folders) == depth and _PARTITION.fullmatch(name):
            values = tuple(split_hive(folder)[1] for folder in folders)
            found.append(FoundPartition(values=values, location=root.child("/".join(folders) + "/")))
    return tuple(found)
