"""Partitions that a joined small table excludes are not read, in whichever format (Trino: dynamic filtering).

Trino's documentation of dynamic filtering: inner and right joins with an equality on a partition column, and
semi-joins, prune the partitions of the probe side by the values of the build side.
"""

from __future__ import annotations

import io
import json
import uuid

import fastavro
import pyarrow as pa
import pyarrow.orc as orc
import pyarrow.parquet as pq
import pytest

from lakebench.client.estimate import estimate_statement
from lakebench.client.session import local_session

from .lake import TEXT_SERDE, Lake, parquet

IDS = {f"d{at}": list(range(at * 100, at * 100 + 100)) for at in range(5)}
PARQUET = {day: parquet(pa.table({"id": ids})) for day, ids in IDS.items()}
CSV = {day: "".join(f"{number}\n" for number in ids).encode() for day, ids in IDS.items()}
JSON = {
    day: "".join(json.dumps({"id": number}) + "\n" for number in ids).encode() for day, ids in IDS.items()
}
DIMENSION = b"d1,x,1\nd3,y,3\n"
JSON_SERDE = {
    "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
    "SerdeInfo": {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe"},
}
ORC_SERDE = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
    "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.orc.OrcSerde"},
}
AVRO_SERDE = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat",
    "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.serde2.avro.AvroSerDe"},
}


def _orc(ids):
    body = io.BytesIO()
    orc.write_table(pa.table({"id": ids}), body)
    return body.getvalue()


def _avro(ids):
    body = io.BytesIO()
    schema = {"type": "record", "name": "r", "fields": [{"name": "id", "type": "long"}]}
    fastavro.writer(body, schema, [{"id": number} for number in ids])
    return body.getvalue()


@pytest.fixture(scope="module")
def lake(server):
    lake = Lake(server, f"dynamic-{uuid.uuid4().hex[:8]}")
    values = {day: [day] for day in IDS}
    keys, columns = [("day", "string")], [("id", "bigint")]
    lake.table("facts", PARQUET, columns=columns, keys=keys, partitions=values)
    lake.table("texts", CSV, columns=columns, keys=keys, partitions=values, serde=TEXT_SERDE)
    lake.table("jsons", JSON, columns=columns, keys=keys, partitions=values, serde=JSON_SERDE)
    orcs = {day: _orc(ids) for day, ids in IDS.items()}
    lake.table("orcs", orcs, columns=columns, keys=keys, partitions=values, serde=ORC_SERDE)
    avros = {day: _avro(ids) for day, ids in IDS.items()}
    lake.table("avros", avros, columns=columns, keys=keys, partitions=values, serde=AVRO_SERDE)
    numbered = {day: [day[1:]] for day in IDS}
    keys = [("n", "int")]
    lake.table("numbers", CSV, columns=columns, keys=keys, partitions=numbered, serde=TEXT_SERDE)
    columns = [("day", "string"), ("tag", "string"), ("n", "bigint")]
    lake.table("dimension", {"1": DIMENSION}, columns=columns, serde=TEXT_SERDE)
    lake.scanned("CREATE VIEW recent AS SELECT id, day AS d FROM texts WHERE id >= 0")
    return lake


@pytest.fixture(scope="module")
def days(lake):
    """The bytes that one day of a table costs: asked by its key, which no join is needed for."""
    return {
        table: {day: lake.scanned(f"SELECT max(id) FROM {table} WHERE day = '{day}'") for day in IDS}
        for table in ("facts", "texts", "jsons", "orcs", "avros")
    }


JOINS = [
    ("SELECT f.id FROM {t} f JOIN dimension d ON f.day = d.day", ["d1", "d3"]),
    ("SELECT f.id FROM {t} f JOIN dimension d ON f.day = d.day WHERE d.tag = 'x'", ["d1"]),
    ("SELECT f.id FROM {t} f RIGHT JOIN dimension d ON f.day = d.day", ["d1", "d3"]),
    ("SELECT id FROM {t} WHERE day IN (SELECT day FROM dimension WHERE tag = 'y')", ["d3"]),
    ("SELECT f.id FROM {t} f LEFT JOIN dimension d ON f.day = d.day AND d.tag = 'x'", list(IDS)),
]


@pytest.mark.parametrize("table", ["facts", "texts", "jsons", "orcs", "avros"])
@pytest.mark.parametrize(("sql", "read"), JOINS)
def test_only_partitions_that_the_other_side_names_are_read(lake, server, days, table, sql, read):
    sql = sql.format(t=table)
    expected = sum(days[table][day] for day in read) + len(DIMENSION)
    assert lake.scanned(sql) == expected
    span = estimate_statement(local_session(server.endpoint), sql, database=lake.database).span
    assert span.least <= expected <= span.most


def test_a_day_of_parquet_costs_its_chunk_and_a_day_of_text_its_object(days):
    chunks = {day: pq.read_metadata(pa.BufferReader(body)) for day, body in PARQUET.items()}
    assert days["facts"] == {
        day: footer.row_group(0).column(0).total_compressed_size for day, footer in chunks.items()
    }
    assert days["texts"] == {day: len(body) for day, body in CSV.items()}


@pytest.mark.parametrize(
    ("sql", "read", "scans"),
    [
        ("SELECT f.id FROM dimension d JOIN texts f ON f.day = d.day AND d.tag = 'x'", ["d1"], 1),
        ("SELECT f.id FROM texts f, dimension d WHERE d.day = f.day AND d.tag LIKE 'x%'", ["d1"], 1),
        ("SELECT f.id FROM texts f JOIN dimension d USING (day) WHERE d.n = 3", ["d3"], 1),
        ("SELECT id FROM texts WHERE day = (SELECT max(day) FROM dimension)", ["d3"], 1),
        ("SELECT id FROM texts WHERE day > (SELECT min(day) FROM dimension)", ["d2", "d3", "d4"], 1),
        (
            "SELECT id FROM texts f WHERE EXISTS (SELECT 1 FROM dimension d WHERE d.day = f.day)",
            ["d1", "d3"],
            1,
        ),
        ("SELECT id FROM texts WHERE day NOT IN (SELECT day FROM dimension)", list(IDS), 1),
        ("SELECT r.id FROM recent r JOIN dimension d ON r.d = d.day WHERE d.tag = 'y'", ["d3"], 1),
        (
            "SELECT f.id FROM texts f JOIN (SELECT day FROM dimension WHERE n < 3) q ON q.day = f.day",
            ["d1"],
            1,
        ),
        ("SELECT f.id FROM texts f JOIN (VALUES 'd0', 'd4') AS v(day) ON f.day = v.day", ["d0", "d4"], 0),
        (
            "WITH w AS (SELECT day FROM dimension WHERE tag = 'x') "
            "SELECT f.id FROM texts f JOIN w ON f.day = w.day WHERE f.id IN (SELECT n FROM dimension)",
            ["d1"],
            2,
        ),
        ("SELECT a.id FROM texts a JOIN texts b ON a.day = b.day WHERE b.day = 'd2'", ["d2", "d2"], 0),
    ],
)
def test_text_is_pruned_by_joins_of_every_form(lake, sql, read, scans):
    assert lake.scanned(sql) == sum(len(CSV[day]) for day in read) + scans * len(DIMENSION)


def test_keys_that_are_numbers_are_compared_as_numbers(lake):
    sql = "SELECT f.id FROM numbers f JOIN dimension d ON f.n = d.n WHERE d.tag = 'y'"
    assert lake.scanned(sql) == len(CSV["d3"]) + len(DIMENSION)
