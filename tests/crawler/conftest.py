"""A lake in a directory and a catalogue in memory: real implementations of the two seams, without a server."""

import base64
import bz2
import gzip
import io
import itertools
import json
import struct
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.orc as orc
import pyarrow.parquet as pq
import pytest

from lakebench.catalog import S3Uri
from lakebench.catalog.glue import partition_from_glue, partition_to_glue, table_from_glue, table_to_glue
from lakebench.catalog.store import AlreadyExists, NotFound
from lakebench.emulator.crawler import (
    Crawl,
    CrawlSpec,
    DeleteBehavior,
    S3Target,
    UpdateBehavior,
    builtin_classifiers,
    parse_configuration,
)
from lakebench.emulator.glue.classifiers import given_classifier, new_classifier
from lakebench.emulator.storage.objects import BucketMissing, StoredObject

RUN_ID = "00000000-0000-4000-8000-000000000000"


class Lake:
    """An ObjectStore whose payloads are numbered files."""

    def __init__(self, root, *buckets):
        self.root, self.numbers = root, itertools.count()
        self.buckets = {bucket: {} for bucket in buckets}

    def bucket_exists(self, bucket):
        return bucket in self.buckets

    def list(self, prefix):
        if prefix.bucket not in self.buckets:
            raise BucketMissing(prefix.bucket)
        found = self.buckets[prefix.bucket]
        return iter([found[key] for key in sorted(found, key=str.encode) if key.startswith(prefix.key)])

    def get(self, uri):
        return self.buckets.get(uri.bucket, {}).get(uri.key)

    def put_bytes(self, uri, data, *, content_type="application/octet-stream"):
        path = self.root / str(next(self.numbers))
        path.write_bytes(data)
        self.buckets[uri.bucket][uri.key] = StoredObject(
            uri=uri,
            size=len(data),
            etag="0",
            last_modified=datetime.now(UTC),
            storage_class="STANDARD",
            path=path,
        )

    def put_file(self, uri, path, *, content_type="application/octet-stream"):
        self.put_bytes(uri, path.read_bytes())
        path.unlink()

    def delete(self, uri):
        self.buckets[uri.bucket].pop(uri.key, None)


class Catalog:
    """A CatalogStore that keeps Glue's JSON, and counts what is written."""

    def __init__(self):
        self.databases_, self.tables_, self.partitions_ = {}, {}, {}
        self.writes = []

    def databases(self):
        return list(self.databases_.values())

    def database(self, name):
        return self.databases_.get(name)

    def create_database(self, database):
        if database.name in self.databases_:
            raise AlreadyExists(database.name)
        self.databases_[database.name] = database

    def delete_database(self, name):
        del self.databases_[name]

    def tables(self, database):
        if database not in self.databases_:
            raise NotFound(database)
        return [table_from_glue(self.tables_[key], database=key[0]) for key in sorted(self.tables_)]

    def table(self, database, name):
        wire = self.tables_.get((database, name))
        return None if wire is None else table_from_glue(wire, database=database)

    def create_table(self, table):
        if (table.database, table.name) in self.tables_:
            raise AlreadyExists(table.name)
        self.writes.append(f"create {table.name}")
        self.tables_[table.database, table.name] = table_to_glue(table)
        self.partitions_[table.database, table.name] = {}

    def update_table(self, table):
        if (table.database, table.name) not in self.tables_:
            raise NotFound(table.name)
        self.writes.append(f"update {table.name}")
        self.tables_[table.database, table.name] = table_to_glue(table)

    def delete_table(self, database, name):
        self.writes.append(f"delete {name}")
        del self.tables_[database, name]

    def partitions(self, table):
        wires = self.partitions_[table.database, table.name]
        return [partition_from_glue(wires[values]) for values in sorted(wires)]

    def create_partitions(self, table, partitions):
        for partition in partitions:
            self.writes.append(f"create {table.name} {'/'.join(partition.values)}")
            known = self.partitions_[table.database, table.name]
            if partition.values in known:
                raise AlreadyExists(str(partition.values))
            known[partition.values] = partition_to_glue(partition)

    def update_partition(self, table, partition):
        self.writes.append(f"update {table.name} {'/'.join(partition.values)}")
        self.partitions_[table.database, table.name][partition.values] = partition_to_glue(partition)

    def delete_partitions(self, table, values):
        for one in values:
            self.writes.append(f"delete {table.name} {'/'.join(one)}")
            self.partitions_[table.database, table.name].pop(one, None)


PARQUET_VALUES = {
    "int8": 1,
    "int16": 1,
    "int32": 1,
    "int64": 1,
    "uint8": 1,
    "uint16": 1,
    "uint32": 1,
    "float": 1.5,
    "double": 1.5,
    "bool": True,
    "string": "a",
    "binary": b"a",
    "date": date(2024, 1, 1),
    "timestamp": datetime(2024, 1, 1, tzinfo=UTC).replace(tzinfo=None),
    "decimal": Decimal("1.50"),
    "list": [1],
    "struct": {"a": 1, "b": "x"},
    "map": [("k", 1)],
}
PARQUET_TYPES = {
    "float": pa.float32(),
    "double": pa.float64(),
    "bool": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "decimal": pa.decimal128(10, 2),
    "list": pa.list_(pa.int32()),
    "struct": pa.struct([("a", pa.int32()), ("b", pa.string())]),
    "map": pa.map_(pa.string(), pa.int64()),
}


def parquet_bytes(columns, rows=1):
    """A Parquet object of the named types, all rows alike."""
    arrays = {
        name: pa.array([PARQUET_VALUES[kind]] * rows, PARQUET_TYPES.get(kind) or getattr(pa, kind)())
        for name, kind in columns.items()
    }
    out = io.BytesIO()
    pq.write_table(pa.table(arrays), out)
    return out.getvalue()


def orc_bytes(columns, rows=1):
    """An ORC object of the named types, all rows alike."""
    arrays = {
        name: pa.array([PARQUET_VALUES[kind]] * rows, PARQUET_TYPES.get(kind) or getattr(pa, kind)())
        for name, kind in columns.items()
    }
    out = io.BytesIO()
    orc.write_table(pa.table(arrays), out)
    return out.getvalue()


def zigzag(number):
    """A number in Avro's binary encoding."""
    number, out = (number << 1) ^ (number >> 63), bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def avro_bytes(schema, blocks):
    """An Avro container file: a schema, and blocks of so many records in so many bytes."""
    pairs = {"avro.codec": "null", "avro.schema": schema if isinstance(schema, str) else json.dumps(schema)}
    texts = [text.encode() for pair in pairs.items() for text in pair]
    header = zigzag(len(pairs)) + b"".join(zigzag(len(text)) + text for text in texts) + zigzag(0)
    sync = bytes(range(16))
    body = b"".join(zigzag(count) + zigzag(size) + b"x" * size + sync for count, size in blocks)
    return b"Obj\x01" + header + sync + body


def snappy_framed(data):
    """Snappy's framing format; checksums are not looked at."""
    out = b"\xff\x06\x00\x00sNaPpY"
    for start in range(0, len(data), 1 << 16):
        chunk = pa.Codec("snappy").compress(data[start : start + (1 << 16)], asbytes=True)
        out += b"\x00" + (len(chunk) + 4).to_bytes(3, "little") + b"\0\0\0\0" + chunk
    return out


def zipped(entries):
    """A zip archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return out.getvalue()


def packed(data, how):
    """The data in a wrapper, or as it is."""
    match how:
        case "gzip":
            return gzip.compress(data, mtime=0)
        case "bzip2":
            return bz2.compress(data)
        case "zstd" | "lz4" as codec:
            return pa.Codec(codec).compress(data, asbytes=True)
        case "snappy":
            return snappy_framed(data)
        case "hadoop snappy":
            block = pa.Codec("snappy").compress(data, asbytes=True)
            return struct.pack(">II", len(data), len(block)) + block
        case "zip":
            return zipped({"inner.csv": data})
        case "zip of two":
            return zipped({"a.csv": data, "b.csv": data})
    return data


def content_bytes(content):
    """The bytes of an object as a case writes it: a text, or an object that says how to make them."""
    if isinstance(content, str):
        return content.encode()
    if "parquet" in content:
        data = parquet_bytes(content["parquet"], content.get("rows", 1))
    elif "orc" in content:
        data = orc_bytes(content["orc"], content.get("rows", 1))
    elif "avro" in content:
        data = avro_bytes(content["avro"], content.get("blocks", []))
    elif "base64" in content:
        data = base64.b64decode(content["base64"])
    else:
        data = (content.get("head", "") + content["text"] * content.get("times", 1)).encode(
            content.get("encoding", "utf-8")
        )
    data = packed(data, content.get("packed"))
    return data[: content.get("cut", len(data))]


def custom_classifiers(wires):
    """Classifiers as CreateClassifier takes them."""
    return [
        new_classifier(*given_classifier({kind: {"Name": "mine", **members}})).classifier
        for wire in wires
        for kind, members in wire.items()
    ]


class Crawling:
    """A crawler over the lake and the catalogue."""

    def __init__(self, lake, catalog):
        self.lake, self.catalog = lake, catalog

    def put(self, key, content, bucket="lake"):
        self.lake.buckets.setdefault(bucket, {})
        self.lake.put_bytes(S3Uri(bucket, key), content_bytes(content))

    def crawl(self, *paths, exclusions=(), sample_size=None, configuration=None, run_id=RUN_ID, **options):
        targets = tuple(
            S3Target(path=S3Uri.parse(path), exclusions=tuple(exclusions), sample_size=sample_size)
            for path in paths
        )
        return Crawl(
            CrawlSpec(
                crawler=options.get("crawler", "seeker"),
                database="db",
                targets=targets,
                table_prefix=options.get("prefix", ""),
                update_behavior=UpdateBehavior(options.get("update", "UPDATE_IN_DATABASE")),
                delete_behavior=DeleteBehavior(options.get("delete", "DEPRECATE_IN_DATABASE")),
                output=parse_configuration(configuration),
                new_folders_only="known_folders" in options,
            ),
            run_id=run_id,
            objects=self.lake,
            catalog=self.catalog,
            stopped=options.get("stopped", lambda: False),
            known_folders=options.get("known_folders", frozenset()),
            classifiers=(*custom_classifiers(options.get("classifiers", [])), *builtin_classifiers()),
        ).run()

    def table(self, name):
        return self.catalog.tables_["db", name]

    def names(self):
        return [name for _, name in sorted(self.catalog.tables_)]

    def partitions(self, name):
        known = self.catalog.partitions_["db", name]
        return [known[values] for values in sorted(known)]


@pytest.fixture
def crawling(tmp_path):
    return Crawling(Lake(tmp_path, "lake"), Catalog())
