"""Whatever an object holds, the crawl ends, and its neighbour's table is written whole."""

import bz2
import gzip
import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lakebench.catalog import S3Uri
from lakebench.catalog.glue import table_from_glue

SALES = "id,total\n1,2.5\n2,3.5\n"

_texts = st.text(st.sampled_from('ab1.5,;|\t\x01"\n\r {}[]:\\é\ufeff'), max_size=80)
_members = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


CUSTOM = [
    {"JsonClassifier": {"JsonPath": "$[*].a"}},
    {"XMLClassifier": {"Classification": "x", "RowTag": "a"}},
    {"GrokClassifier": {"Classification": "g", "GrokPattern": "%{WORD:w} %{NUMBER:n:double}"}},
    {"CsvClassifier": {"QuoteSymbol": "'", "AllowSingleColumn": True, "DisableValueTrimming": False}},
]


def _crawl(crawling, key, data, **options):
    crawling.lake.buckets["lake"].clear()
    crawling.catalog.tables_.clear()
    crawling.catalog.partitions_.clear()
    crawling.put("t/sales/a.csv", SALES)
    crawling.lake.put_bytes(S3Uri("lake", key), data)
    crawling.crawl("s3://lake/t/", **options)
    for name in crawling.names():
        wire = crawling.table(name)
        columns = table_from_glue(wire, database="db").columns
        assert "unknown" not in {column.type.name for column in columns}
        assert len({column.name for column in columns}) == len(columns)
        assert all(column.name.encode() for column in columns)
    assert any(table["StorageDescriptor"]["Columns"] for table in crawling.catalog.tables_.values())


_settings = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@_settings
@given(
    data=st.binary(min_size=1, max_size=300),
    key=st.sampled_from(["a.csv", "a.csv.gz", "a", "a.bz2", "a.zst"]),
)
def test_any_bytes(crawling, data, key):
    _crawl(crawling, f"t/x/{key}", data)


@_settings
@given(text=_texts, pack=st.sampled_from([bytes, gzip.compress, bz2.compress]))
def test_any_text(crawling, text, pack):
    _crawl(crawling, "t/x/a", pack(text.encode()) or b"x")


@_settings
@given(records=st.lists(st.dictionaries(st.text(max_size=4), _members, max_size=4), min_size=1, max_size=4))
def test_any_json(crawling, records):
    _crawl(crawling, "t/x/a.json", "\n".join(map(json.dumps, records)).encode())


@_settings
@given(
    head=st.sampled_from(
        [
            *(b"PAR1", b"ORC", b"Obj\x01", b"\x1f\x8b\x08", b"BZh9", b"\x28\xb5\x2f\xfd"),
            *(b"PK\x03\x04", b"\x04\x22\x4d\x18", b"\xff\x06\x00\x00sNaPpY", b"\xe0\x01\x00\xea"),
            *(b"<", b"<a>", b"\x0c\x00\x00\x00\x10"),
        ]
    ),
    rest=st.binary(max_size=200),
)
def test_any_bytes_behind_a_known_beginning(crawling, head, rest):
    _crawl(crawling, "t/x/a", head + rest)


@_settings
@given(changes=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=6))
def test_any_damage_to_a_parquet_footer(crawling, changes):
    crawling.put("t/x/a", {"parquet": {"id": "int64", "name": "string", "s": "struct"}})
    data = bytearray(crawling.lake.get(S3Uri("lake", "t/x/a")).path.read_bytes())
    footer = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    for place, value in changes:
        data[footer + place % (len(data) - footer)] = value
    _crawl(crawling, "t/x/a", bytes(data))


@_settings
@given(text=_texts)
def test_any_text_before_custom_classifiers(crawling, text):
    _crawl(crawling, "t/x/a", text.encode() or b"x", classifiers=CUSTOM)


_AVRO = {"type": "record", "name": "r", "fields": [{"name": "a", "type": ["null", "int"]}]}
_DAMAGED = {
    "orc": {"orc": {"id": "int64", "name": "string", "s": "struct"}},
    "avro": {"avro": _AVRO, "blocks": [[3, 30]]},
    "zip": {"text": "1,2\n", "times": 20, "packed": "zip"},
    "snappy": {"text": "1,2\n", "times": 20, "packed": "snappy"},
    "lz4": {"text": "1,2\n", "times": 20, "packed": "lz4"},
    "xml": "<r><x b='1'><y>1</y><y>2</y></x><x/></r>",
}


@_settings
@given(
    kind=st.sampled_from(sorted(_DAMAGED)),
    changes=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=4),
)
def test_any_damage(crawling, kind, changes):
    crawling.put("t/x/a", _DAMAGED[kind])
    data = bytearray(crawling.lake.get(S3Uri("lake", "t/x/a")).path.read_bytes())
    for place, value in changes:
        data[place % len(data)] = value
    _crawl(crawling, f"t/x/a.{kind}", bytes(data))
