"""Small objects whose numbers are huge, or whose parts stand in each other without end; by name and ending."""

from __future__ import annotations

import io
import json
import struct
import zlib

import pyarrow as pa
import pyarrow.parquet as pq

from .packed import packed

_HUGE = (1 << 62) - 1


def lies() -> dict[str, tuple[str, str, bytes]]:
    """What it is -> kind of table, ending of the name, bytes."""
    rows = [(str(n), f"name {n % 7}") for n in range(900)]
    parquet, orcs, avro = packed("parquet/none", rows), packed("orc/zlib", rows), packed("avro/null", rows)
    small = packed("avro/null", [])
    return {
        "a Parquet footer of 2 GB": ("parquet/", "parquet", parquet[:-8] + b"\xff\xff\xff\x7fPAR1"),
        "a Parquet footer of its whole file": (
            "parquet/", "parquet", parquet[:-8] + struct.pack("<I", len(parquet) - 8) + b"PAR1"),
        "150,000 Parquet columns": ("parquet/", "parquet", _thrift_elements(150_000)),
        "a Parquet schema without end": ("parquet/", "parquet", _thrift_elements(100, children=1)),
        "a Parquet schema of 2^31 children": ("parquet/", "parquet", _thrift_elements(3, children=2**31 - 1)),
        "Parquet structs in structs": ("parquet/", "parquet", _deep_parquet(400)),
        "an ORC footer longer than the file": ("orc/", "orc", orcs[:-20] + b"\xff" * 8 + orcs[-12:]),
        "an ORC postscript of 255 bytes": ("orc/", "orc", orcs[:-1] + b"\xff"),
        "an ORC footer that is a bomb": ("orc/", "orc", _orc_footer_bomb(256 << 20)),
        "an ORC type that is its own child": ("orc/", "orc", _orc_file(_orc_types([[0]]))),
        "an ORC file of 200,000 types": ("orc/", "orc", _orc_file(_orc_types([[]] * 200_000))),
        "an Avro block of 2^62 records": ("avro/", "avro", small + _zigzag(_HUGE) + _zigzag(10) + b"x" * 26),
        "an Avro block of 2^62 bytes": ("avro/", "avro", small + _zigzag(3) + _zigzag(_HUGE) + b"x" * 26),
        "an Avro text of 2^62 bytes": (
            "avro/", "avro", small + _zigzag(1) + _zigzag(9) + _zigzag(_HUGE) + avro[-16:]),
        "an Avro header of 2^62 entries": ("avro/", "avro", b"Obj\x01" + _zigzag(_HUGE) + b"\x02a\x02b"),
        "an Avro schema of 20,000 levels": ("avro/", "avro", _avro_schema(_nested_array(20_000))),
        "an Avro schema of 300 levels": ("avro/", "avro", _avro_schema(_nested_array(300))),
        "an Avro schema of 20,000 fields": ("avro/", "avro", _avro_schema(_fields(20_000))),
        "an Avro record in itself": ("avro/", "avro", _avro_schema(_recursive())),
        "JSON of 100,000 lists": ("json/", "json", b'{"id": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n"),
        "JSON of 100,000 objects": ("json/", "json", b'{"id":' * 100_000 + b"1" + b"}" * 100_000 + b"\n"),
        "a JSON number of a million digits": ("json/", "json", b'{"id": ' + b"9" * 1_000_000 + b"}\n"),
        "a JSON object of 100,000 keys": (
            "json/", "json", json.dumps({f"k{n}": n for n in range(100_000)}).encode() + b"\n"),
        "a CSV line of a million fields": ("csv/", "csv", b"a," * 1_000_000 + b"\n"),
        "a CSV line of 20 MB in quotes": ("csv/", "csv", b'"' + b"a\n" * (10 << 20) + b'"\n'),
        "a Snappy block of 2 GB": ("csv/", "csv.snappy", b"\x7f\xff\xff\xff\x00\x00\x00\x0a" + b"\xfe" * 10),
        "a Snappy chunk of 4 GB": (
            "csv/", "csv.snappy", b"\x00\x00\x00\x64\x00\x00\x00\x0a\xff\xff\xff\xff\x0f" + b"\0" * 5),
        "an LZ4 block of 2 GB": ("csv/", "csv.lz4", b"\x7f\xff\xff\xff\x00\x00\x00\x0a" + b"\xff" * 10),
        "an LZ4 frame of 2^63 bytes": (
            "csv/", "csv.lz4", b"\x04\x22\x4d\x18\x6c\x70" + b"\xff" * 8 + b"\x00" + b"\xff\xff\xff\x7f"),
        "a Zstandard window of 2 GB": ("csv/", "csv.zst", b"\x28\xb5\x2f\xfd\xc0\xa8" + b"\xff" * 8 + b"\x01\0\0"),
        "a gzip header without end": ("csv/", "csv.gz", b"\x1f\x8b\x08\x08\0\0\0\0\0\x03" + b"n" * 1_000_000),
        "XML of 100,000 elements": ("csv/", "xml", b"<a>" * 100_000),
        "XML that laughs": ("csv/", "xml", _laughs()),
    }  # fmt: skip


def _zigzag(number: int) -> bytes:
    return _varint((number << 1) ^ (number >> 63))


def _varint(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _thrift_elements(count: int, children: int | None = None) -> bytes:
    """A Parquet file of a footer alone: FileMetaData(version, schema, num_rows, row_groups) in Thrift's compact form.

    Each element has a name of one letter; the root and, with ``children``, all others say that many children.
    """
    inner = b"\x48\x01a" + (b"" if children is None else b"\x15" + _zigzag(children)) + b"\0"
    if children is None:
        inner = b"\x15\x02" + b"\x25\x02" + b"\x18\x01a" + b"\0"  # type INT32, OPTIONAL, name
    root = b"\x48\x01r\x15" + _zigzag(children or count) + b"\0"
    schema = b"\x19" + bytes([0xFC]) + _varint(count + 1) + root + inner * count
    footer = b"\x15\x02" + schema + b"\x16\x00" + b"\x19\x0c" + b"\0"
    return b"PAR1" + footer + struct.pack("<I", len(footer)) + b"PAR1"


def _deep_parquet(levels: int) -> bytes:
    kind = pa.int32()
    for _ in range(levels):
        kind = pa.struct([("s", kind)])
    sink = io.BytesIO()
    pq.write_table(pa.table({"id": pa.nulls(3, kind), "x": ["a", "b", "c"]}), sink)
    return sink.getvalue()


def _field(number: int, value: int | bytes) -> bytes:
    """A field of a Protocol Buffers message."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _orc_types(children: list[list[int]]) -> bytes:
    """A footer's types: structs with these children."""
    types = []
    for numbers in children:
        names = b"".join(_field(3, b"c") for _ in numbers)
        types.append(_field(4, _field(1, 12) + b"".join(_field(2, n) for n in numbers) + names))
    return b"".join(types)


def _orc_file(types: bytes) -> bytes:
    footer = _field(1, 3) + _field(2, 3) + types + _field(6, 0)
    return _orc_tail(footer, codec=0)


def _orc_footer_bomb(size: int) -> bytes:
    """A footer of one metadata item that is so long when it is inflated."""
    plain = _field(5, _field(1, b"k") + _field(2, b"0" * size))
    blocks = []
    for at in range(0, len(plain), 256 << 10):
        squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
        part = squeezer.compress(plain[at : at + (256 << 10)]) + squeezer.flush()
        blocks.append((len(part) << 1).to_bytes(3, "little") + part)
    return _orc_tail(b"".join(blocks), codec=1)


def _orc_tail(footer: bytes, codec: int) -> bytes:
    post = _field(1, len(footer)) + _field(2, codec) + _field(3, 256 << 10) + _field(5, 0)
    post += _field(8000, b"ORC")
    return b"ORC" + footer + post + bytes([len(post)])


def _avro_schema(schema: object) -> bytes:
    text = schema.encode() if isinstance(schema, str) else json.dumps(schema).encode()
    entries = {b"avro.schema": text, b"avro.codec": b"null"}
    body = b"".join(_zigzag(len(k)) + k + _zigzag(len(v)) + v for k, v in entries.items())
    sync = b"s" * 16
    return b"Obj\x01" + _zigzag(len(entries)) + body + b"\0" + sync + _zigzag(1) + _zigzag(2) + b"\0\0" + sync


def _nested_array(levels: int) -> str:
    inner = '{"type":"array","items":' * levels + '"int"' + "}" * levels
    return f'{{"type":"record","name":"r","fields":[{{"name":"id","type":{inner}}}]}}'


def _fields(count: int) -> object:
    fields = [{"name": f"f{n}", "type": ["null", "string"]} for n in range(count)]
    return {"type": "record", "name": "r", "fields": fields}


def _recursive() -> object:
    fields = [{"name": "id", "type": ["null", "r"]}, {"name": "x", "type": "r"}]
    return {"type": "record", "name": "r", "fields": fields}


def _laughs() -> bytes:
    entities = [b'<!ENTITY l0 "lol">']
    entities += [b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10)]
    return b"<!DOCTYPE a [" + b"".join(entities) + b"]><a><b>&l9;</b></a>"
