"""Result files: what a run writes is read back whole, and anything else is refused by name."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path

import duckdb
import pytest

from lakebench import Server
from lakebench.bench.money import Money
from lakebench.bench.result_view import samples_view
from lakebench.bench.run_file import ResultStore, read_run, run_from_json, run_to_json
from lakebench.bench.run_result import (
    BenchRun,
    Environment,
    Layout,
    QuerySample,
)
from lakebench.bench.table_scans import table_scans
from lakebench.catalog.s3 import S3Uri
from lakebench.client.athena import QueryContext, result_rows, run_query
from lakebench.client.s3 import ensure_bucket, list_objects, upload_stream
from lakebench.client.session import local_session
from lakebench.errors import DataError

EXAMPLE = Path(__file__).parents[1] / "cases/bench/run.json"

ROWS = 20_000
QUERIES = {
    "selective_columns": "SELECT region, sum(importe) FROM {table} GROUP BY region ORDER BY region",
    "point_look_up": "SELECT importe FROM {table} WHERE id = 7",
}


@pytest.fixture(scope="module")
def measured():
    """Two queries on two layouts of one table, each run twice on a server of this module."""
    with Server() as server:
        yield _measure(server.endpoint)


def test_a_measured_run_is_read_back_as_it_was_written(measured):
    assert run_from_json(run_to_json(measured), where="run.json") == measured


def test_the_bytes_of_a_sample_are_those_of_its_scans(measured):
    for sample in measured.samples:
        assert sample.scanned_bytes == sum(scan.scanned_bytes for scan in sample.scans) > 0
        assert all(scan.exact for scan in sample.scans)


def test_both_layouts_and_all_runs_give_the_same_digest(measured):
    for query in measured.sql:
        assert len({sample.result_digest for sample in measured.samples if sample.query == query}) == 1


def test_the_example_has_the_bytes_digests_and_explanations_that_are_measured_now(measured):
    if os.environ.get("UPDATE_PAGES"):
        EXAMPLE.write_text(run_to_json(measured), encoding="utf-8")
    example = read_run(EXAMPLE)
    assert _exact(example) == _exact(measured)


@pytest.mark.parametrize("found", [2, 0, None, "1", True])
def test_a_file_of_another_version_is_refused_and_told_so(found):
    document = json.loads(EXAMPLE.read_text(encoding="utf-8")) | {"schema_version": found}
    with pytest.raises(DataError, match=r"old\.json: schema_version .* which reads 1"):
        run_from_json(json.dumps(document), where="old.json")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("[]", "not a benchmark result"),
        ('{"schema": "lakebench.story"}', "not a benchmark"),
    ],
)
def test_a_file_that_is_no_result_is_refused(text, message):
    with pytest.raises(DataError, match=rf"x\.json: {message}"):
        run_from_json(text, where="x.json")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"scanned_bytes": "12"}, r"samples\[0\]\.scanned_bytes: '12' is no int"),
        ({"scanned_bytes": True}, r"samples\[0\]\.scanned_bytes: True is no int"),
        ({"cost_usd": 0.1}, r"samples\[0\]\.cost_usd: 0\.1 is no Decimal"),
        ({"cost_usd": "NaN"}, r"samples\[0\]\.cost_usd: 'NaN' is no Decimal"),
        ({"cost_usd": "much"}, r"samples\[0\]\.cost_usd: 'much' is no Decimal"),
        ({"scans": None}, r"samples\[0\]\.scans: None is no"),
        ({"bites": 1}, r"samples\[0\]: unknown field bites"),
    ],
)
def test_a_field_that_is_not_as_the_schema_says_is_named(change, message):
    document = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    document["samples"][0] |= change
    with pytest.raises(DataError, match=message):
        run_from_json(json.dumps(document), where="x.json")


def test_a_missing_field_is_named():
    document = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    del document["layouts"][0]["objects"]
    with pytest.raises(DataError, match=r"layouts\[0\]: field objects is missing"):
        run_from_json(json.dumps(document), where="x.json")


def test_a_store_keeps_a_run_by_its_id_and_replaces_its_earlier_state(tmp_path):
    store, run = ResultStore(directory=tmp_path / "results"), read_run(EXAMPLE)
    store.save(replace(run, samples=()))
    assert store.save(run) == tmp_path / "results" / f"{run.run_id}.json"
    assert store.load(run.run_id) == run
    assert store.run_ids() == (run.run_id,)


def test_the_view_of_the_documentation_has_a_row_for_each_sample(tmp_path, monkeypatch):
    run = read_run(EXAMPLE)
    store = ResultStore(directory=tmp_path / ".lakebench/results")
    store.save(run)
    store.save(replace(run, run_id="second", samples=run.samples[:1]))
    monkeypatch.chdir(tmp_path)
    page = (Path(__file__).parents[2] / "docs/benchmark-results.md").read_text(encoding="utf-8")
    with duckdb.connect() as connection:
        shown = page.split("```sql\n")[1].split("```")[0]
        assert shown == samples_view(Path(".lakebench/results"))
        connection.execute(shown)
        found = connection.execute(
            "SELECT query, layout, number, scanned_bytes, cost_usd, rows FROM samples WHERE run_id = 'example'"
        ).fetchall()
        second = connection.execute("SELECT count(*) FROM samples WHERE run_id = 'second'").fetchone()
    expected = [(e.query, e.layout, e.number, e.scanned_bytes, e.cost_usd, e.rows) for e in run.samples]
    assert (sorted(found), second) == (sorted(expected), (1,))


def test_a_run_that_is_not_there_is_refused_with_those_that_are(tmp_path):
    store, run = ResultStore(directory=tmp_path), read_run(EXAMPLE)
    store.save(run)
    with pytest.raises(DataError, match="no run other") as refused:
        store.load("other")
    assert run.run_id in (refused.value.hint or "")


@pytest.mark.parametrize("run_id", ["../x", "", ".hidden", "a/b"])
def test_an_id_that_is_no_file_name_is_refused(tmp_path, run_id):
    with pytest.raises(DataError, match="no run id"):
        ResultStore(directory=tmp_path).save(replace(read_run(EXAMPLE), run_id=run_id))
    assert list(tmp_path.iterdir()) == []


def _exact(run):
    """What is the same in every run: no times, ids or machine."""
    return [
        (each.query, each.layout, each.number, each.scanned_bytes, each.cost_usd, each.rows, each.result_digest,
         each.objects, each.row_groups, each.scans)
        for each in run.samples
    ], run.layouts, run.sql  # fmt: skip


def _measure(endpoint):
    session, root = local_session(endpoint), S3Uri("lake", "raw/ventas/")
    ensure_bucket(session, "lake")
    regions = ("Norte", "Sur", "Este", "Oeste")
    text = "".join(f"{n},{regions[n % 4]},{n % 1000 / 4}\n" for n in range(ROWS))
    upload_stream(session, S3Uri("lake", "raw/ventas/part-0.csv"), [text.encode()])
    context = QueryContext(database="bench", output=S3Uri("lake", "results/"))
    started = datetime.now(UTC)
    curated = S3Uri("lake", "curated/ventas/")
    for sql in (
        "CREATE DATABASE bench",
        "CREATE EXTERNAL TABLE ventas_csv (id bigint, region string, importe double) "
        f"ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION '{root}'",
        "CREATE TABLE ventas_parquet WITH (format = 'PARQUET', write_compression = 'SNAPPY', "
        f"external_location = '{curated}') AS SELECT * FROM ventas_csv",
    ):
        run_query(session, sql, replace(context, database="default" if "DATABASE" in sql else "bench"))
    samples = tuple(
        _sample(session, endpoint, context, query, layout, number)
        for number in range(2)
        for query in QUERIES
        for layout in ("csv", "parquet")
    )
    return BenchRun(
        run_id="example",
        suite="example",
        seed=0,
        rows=ROWS,
        target="local",
        region="us-east-1",
        usd_per_tb=Money("us-east-1").tariff.price_per_tb,
        started=started,
        finished=datetime.now(UTC),
        environment=Environment(
            versions={"athena-lakebench": version("athena-lakebench"), "duckdb": version("duckdb")},
            machine=platform.machine(),
            system=platform.system(),
            cores=os.cpu_count() or 1,
            commit=None,
        ),
        layouts=(_layout(session, "csv", root, None), _layout(session, "parquet", curated, samples)),
        sql=QUERIES,
        samples=samples,
        warnings=(),
    )


def _layout(session, name, prefix, samples):
    objects = list(list_objects(session, prefix))
    groups = None if samples is None else max(
        scan.row_groups.total for each in samples if each.layout == name for scan in each.scans
    )  # fmt: skip
    return Layout(
        name=name,
        data_format=name,
        stored_bytes=sum(each.size for each in objects),
        objects=len(objects),
        row_groups=groups,
    )


def _sample(session, endpoint, context, query, layout, number):
    run = run_query(session, QUERIES[query].format(table=f"ventas_{layout}"), context)
    rows = list(result_rows(session, run.execution_id))
    with urllib.request.urlopen(f"{endpoint}/_lakebench/executions/{run.execution_id}/scan") as answer:
        scans = table_scans(json.load(answer))
    figures = run.statistics
    return QuerySample(
        query=query,
        layout=layout,
        number=number,
        execution_id=run.execution_id,
        scanned_bytes=figures.scanned_bytes,
        cost_usd=Decimal(Money("us-east-1").billed_usd(figures.scanned_bytes)),
        engine_ms=float(figures.engine_ms),
        queue_ms=float(figures.queue_ms),
        planning_ms=float(figures.planning_ms),
        service_ms=float(figures.service_ms),
        wall_ms=round(run.wall_ms, 3),
        rows=len(rows),
        result_digest=hashlib.sha256(repr(rows).encode()).hexdigest(),
        objects=sum(scan.objects.kept for scan in scans),
        row_groups=sum(scan.row_groups.kept for scan in scans),
        scans=scans,
    )
