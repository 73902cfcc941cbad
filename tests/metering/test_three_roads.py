"""DataScannedInBytes of the running server against a computation that knows only footers and rows.

Cases are in tests/cases/metering: ``parquet.json`` runs on every form of the table, ``scans.json`` on
several tables at once, ``partitions.json`` on partitioned tables of text and of Parquet.
"""

from __future__ import annotations

import json
import uuid
from pathlib import Path

import pyarrow as pa
import pytest

from lakebench.client.estimate import estimate_statement
from lakebench.client.session import local_session

from .lake import TEXT_SERDE, Lake, forms, parquet, sales
from .roads import Expected, Footers

CASES = Path(__file__).parents[1] / "cases/metering"
PARQUET = json.loads((CASES / "parquet.json").read_text())
SCANS = json.loads((CASES / "scans.json").read_text())
PARTITIONS = json.loads((CASES / "partitions.json").read_text())
FORMS = ["plain", "snappy", "gzip", "zstd", "bare", "some", "pages", "mixed", "duck", "ctas"]
PAIRS = [
    (case, form)
    for number, case in enumerate(PARQUET)
    for form in sorted({"snappy", *(FORMS[(number + step) % len(FORMS)] for step in (0, 5))})
]
"""Every case on Snappy and on two more forms, so that each form meets every fifth case and more."""
KEYS = [("dt", "string"), ("n", "int")]
VALUES = {
    "a": ["2024-01-01", "1"],
    "b": ["2024-02-01", "2"],
    "c": ["2024-03-01", "3"],
    "z": ["__HIVE_DEFAULT_PARTITION__", "__HIVE_DEFAULT_PARTITION__"],
}
TEXTS = {"a": b"1\n" * 10, "b": b"2\n" * 20, "c": b"3\n" * 40, "z": b"4\n" * 80}


@pytest.fixture(scope="module")
def lake(server):
    lake = Lake(server, f"roads-{uuid.uuid4().hex[:8]}")
    for name, objects in forms(sales()).items():
        lake.table(name, objects)
    place = f"s3://{lake.bucket}/ctas/"
    lake.scanned(
        f"CREATE TABLE ctas WITH (format='PARQUET', external_location='{place}') AS SELECT * FROM snappy"
    )
    few = pa.table({"id": [2001, 2002, 2003], "name": ["x", "y", "z"]})
    lake.table("tinytable", {"1": parquet(few)}, columns=[("id", "bigint"), ("name", "string")])
    lake.table("empty", {})
    lake.scanned("CREATE VIEW by_city AS SELECT city, sum(price) AS total FROM snappy GROUP BY city")
    lake.scanned("CREATE VIEW narrow AS SELECT id, city, note FROM snappy WHERE id < 1000")
    id_only = [("id", "int")]
    lake.table("text_days", TEXTS, columns=id_only, serde=TEXT_SERDE, keys=KEYS, partitions=VALUES)
    lake.table(
        "parquet_days",
        {
            name: parquet(pa.table({"id": pa.array([1] * (at + 1), pa.int32())}))
            for at, name in enumerate(VALUES)
        },
        columns=id_only,
        keys=KEYS,
        partitions=VALUES,
    )
    return lake


@pytest.fixture(scope="module")
def footers(lake):
    tables = [*FORMS, "tinytable", "empty", "parquet_days"]
    return {
        name: Footers({key.rpartition("/")[2]: body for key, body in lake.objects(f"{name}/").items()})
        for name in tables
    }


@pytest.fixture(scope="module")
def session(server):
    return local_session(server.endpoint)


@pytest.mark.parametrize(("case", "form"), PAIRS, ids=[case["sql"].format(t=form) for case, form in PAIRS])
def test_a_query_scans_the_chunks_that_the_rules_name(lake, footers, case, form):
    assert lake.scanned(case["sql"].format(t=form)) == footers[form].bytes(Expected.of(case))


@pytest.mark.parametrize(("case", "form"), PAIRS, ids=[case["sql"].format(t=form) for case, form in PAIRS])
def test_an_estimate_holds_what_the_rules_name(session, lake, footers, case, form):
    span = estimate_statement(session, case["sql"].format(t=form), database=lake.database).span
    figure = footers[form].bytes(Expected.of(case))
    assert span.least <= figure <= span.most


@pytest.mark.parametrize("case", SCANS, ids=[case["sql"] for case in SCANS])
def test_an_estimate_of_several_scans_holds_their_sum(session, lake, footers, case):
    span = estimate_statement(session, case["sql"], database=lake.database).span
    figure = sum(footers[scan["table"]].bytes(Expected.of(scan)) for scan in case["scans"])
    assert span.least <= figure <= span.most


@pytest.mark.parametrize("case", SCANS, ids=[case["sql"] for case in SCANS])
def test_each_scan_of_a_statement_counts(lake, footers, case):
    expected = sum(footers[scan["table"]].bytes(Expected.of(scan)) for scan in case["scans"])
    assert lake.scanned(case["sql"]) == expected


@pytest.mark.parametrize("case", PARTITIONS, ids=[case["where"] for case in PARTITIONS])
def test_only_partitions_that_pass_are_scanned(lake, footers, case):
    text = lake.scanned(f"SELECT count(*) FROM text_days WHERE {case['where']}")
    assert text == sum(len(TEXTS[name]) for name in case["objects"])
    chunks = lake.scanned(f"SELECT max(id) FROM parquet_days WHERE {case['where']}")
    assert chunks == footers["parquet_days"].bytes(Expected("", reads=["id"], objects=case["objects"]))
    view = lake.scanned(f'SELECT max(id) FROM (SELECT *, "$path" FROM parquet_days) q WHERE {case["where"]}')
    assert view == chunks


@pytest.mark.parametrize("case", PARTITIONS, ids=[case["where"] for case in PARTITIONS])
def test_an_estimate_lists_the_partitions_that_pass(session, lake, case):
    sql = f"SELECT count(*) FROM text_days WHERE {case['where']}"
    estimate = estimate_statement(session, sql, database=lake.database)
    figure = sum(len(TEXTS[name]) for name in case["objects"])
    assert estimate.span.least <= figure <= estimate.span.most
    [scan] = estimate.explanation.scans
    # Some functions only the server's workers have.
    assert scan.span.exact or scan.why_inexact == "conditions on partition keys could not be evaluated here"
    assert scan.partitions == len(VALUES)


def test_most_estimates_of_one_table_are_one_number(session, lake):
    """A range is for what footers cannot tell: whether a row passes, what the other side of a join excludes."""
    spans = [
        estimate_statement(session, case["sql"].format(t="snappy"), database=lake.database).span
        for case in PARQUET
    ]
    assert sum(span.exact for span in spans) >= 0.6 * len(spans)
