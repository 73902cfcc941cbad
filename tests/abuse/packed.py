"""Objects packed by every codec of every format, whole, damaged, lying or bombs."""

from __future__ import annotations

import bz2
import gzip
import io
import itertools
import json
import random
import zlib
from collections.abc import Callable, Mapping

import cramjam
import fastavro
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import orc

Pack = Callable[[bytes], bytes]
CSV = "ROW FORMAT DELIMITED FIELDS TERMINATED BY ','"
JSON = "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'"
KINDS = (
    *(f"parquet/{codec}" for codec in ("none", "snappy", "gzip", "zstd", "lz4")),
    *(f"orc/{codec}" for codec in ("uncompressed", "zlib", "snappy", "lz4", "zstd")),
    *(f"avro/{codec}" for codec in ("null", "deflate", "snappy", "bzip2")),
    *(f"csv/{codec}" for codec in ("gz", "bz2", "zst", "lz4", "lz4-hadoop", "snappy", "snappy-hadoop", "deflate")),
    *(f"json/{codec}" for codec in ("gz", "bz2", "zst", "lz4", "snappy")),
)  # fmt: skip
"""A format and a codec each."""

_STORED = {"parquet": "STORED AS PARQUET", "orc": "STORED AS ORC", "avro": "STORED AS AVRO", "csv": CSV}
_AVRO = {
    "type": "record",
    "name": "r",
    "fields": [{"name": "id", "type": "string"}, {"name": "x", "type": "string"}],
}


def stored_as(kind: str) -> str:
    """The clause of a CREATE TABLE."""
    return _STORED.get(kind.partition("/")[0], JSON)


def suffix(kind: str) -> str:
    """The ending of the object's name."""
    form, _, codec = kind.partition("/")
    return f"{form}.{codec.partition('-')[0]}" if form in {"csv", "json"} else form


def packed(kind: str, rows: list[tuple[str, str]]) -> bytes:
    """An object of the columns ``id`` and ``x``."""
    form, _, codec = kind.partition("/")
    if form == "csv":
        return PACKERS[codec]("".join(f"{a},{b}\n" for a, b in rows).encode())
    if form == "json":
        return PACKERS[codec]("".join(json.dumps({"id": a, "x": b}) + "\n" for a, b in rows).encode())
    sink = io.BytesIO()
    if form == "avro":
        fastavro.writer(sink, _AVRO, [{"id": a, "x": b} for a, b in rows], codec=codec)
        return sink.getvalue()
    table = pa.table({"id": [a for a, _ in rows], "x": [b for _, b in rows]})
    if form == "orc":
        orc.write_table(table, sink, compression=codec)
    else:
        pq.write_table(table, sink, compression=codec, row_group_size=max(1, len(rows) // 3))
    return sink.getvalue()


def _framed(codec: str) -> Pack:
    return lambda data: bytes(pa.compress(data, codec, asbytes=True))


def _lz4_frame(data: bytes) -> bytes:
    return bytes(cramjam.lz4.compress(data))


def _hadoop(pack: Pack) -> Pack:
    def blocks(data: bytes) -> bytes:
        chunk = pack(data)
        return len(data).to_bytes(4, "big") + len(chunk).to_bytes(4, "big") + chunk

    return blocks


PACKERS: Mapping[str, Pack] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "zst": _framed("zstd"),
    "lz4": _lz4_frame,
    "lz4-hadoop": _hadoop(lambda data: bytes(cramjam.lz4.compress_block(data, store_size=False))),
    "snappy": lambda data: bytes(cramjam.snappy.compress(data)),
    "snappy-hadoop": _hadoop(lambda data: bytes(cramjam.snappy.compress_raw(data))),
    "deflate": zlib.compress,
}


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Flipped bits, a lost end, a doubled part, or large numbers where lengths may be."""
    changed = bytearray(data)
    match chance.randrange(5):
        case 0:
            for _ in range(chance.choice([1, 3, 50])):
                changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        case 1:
            del changed[chance.randrange(len(changed)) :]
        case 2:
            start = chance.randrange(len(changed))
            changed[start:start] = changed[start // 2 : start]
        case 3:
            at = chance.randrange(max(1, len(changed) - 400), len(changed))  # a footer's numbers
            changed[at : at + 4] = b"\xff\xff\xff\x7f"
        case 4:
            at = chance.randrange(len(changed))
            changed[at : at + 8] = chance.randbytes(8)
    return bytes(changed)


_UNIT = 16 << 20


def bomb(kind: str, size: int) -> bytes:
    """An object that is small, and ``size`` bytes when it is unpacked: one line, or values of 16 MB."""
    form, _, codec = kind.partition("/")
    times = max(1, size // _UNIT)
    if form in {"csv", "json"}:
        unit = b"0" * _UNIT
        if codec in {"zst", "lz4", "deflate"}:  # of these only the first frame would be read
            return PACKERS[codec](unit * times)
        return PACKERS[codec](unit) * times
    table = pa.table({"id": ["0" * _UNIT], "x": ["0" * _UNIT]})
    sink = io.BytesIO()
    if form == "avro":
        row = {"id": "0" * _UNIT, "x": ""}
        fastavro.writer(sink, _AVRO, itertools.repeat(row, times), codec=codec)
    elif form == "orc":
        with orc.ORCWriter(sink, compression=codec, dictionary_key_size_threshold=0) as writer:
            for _ in range(max(1, times // 2)):
                writer.write(table)
    else:
        with pq.ParquetWriter(sink, table.schema, compression=codec, use_dictionary=False) as writer:
            for _ in range(max(1, times // 2)):
                writer.write_table(table)
    return sink.getvalue()
