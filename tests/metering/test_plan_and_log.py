"""What a plan decides before the run is what the log of the run's reads says: every Parquet case, both ways."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lakebench.catalog import Column, S3Uri, SerDe, Storage, Table, parse_type
from lakebench.emulator.engine.engine import DuckDbEngine
from lakebench.emulator.engine.protocol import Cancellation, DataFile, QueryRequest, RowsSink, ScanBinding
from lakebench.metering import scanned_bytes
from lakebench.sql import parse, resolve
from lakebench.sql.statement import Query

from .lake import COLUMNS, forms, sales

PARQUET = json.loads((Path(__file__).parents[1] / "cases/metering/parquet.json").read_text())
CASES = [case for case in PARQUET if not case["sql"].startswith("EXPLAIN")]
FORMS = ("snappy", "zstd", "bare", "duck")
TABLE = Table(
    database="db",
    name="t",
    columns=tuple(Column(name=name, type=parse_type(kind)) for name, kind in COLUMNS),
    storage=Storage(
        location=S3Uri("lake", "t/"),
        input_format="",
        output_format="",
        serde=SerDe(library="org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"),
    ),
)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    root = tmp_path_factory.mktemp("objects")
    found = {}
    for form, objects in forms(sales()).items():
        found[form] = []
        for name, body in objects.items():
            path = root / f"{form}-{name}"
            path.write_bytes(body)
            found[form].append(DataFile(path=path, uri=S3Uri("lake", f"t/{name}"), size=len(body)))
    return found


@pytest.fixture(scope="module")
def engines(tmp_path_factory):
    scratch = tmp_path_factory.mktemp("scratch")
    engines = [DuckDbEngine(scratch, workers=1, always_logged=logged) for logged in (False, True)]
    yield engines
    for engine in engines:
        engine.close()


@pytest.mark.parametrize("case", CASES, ids=[case["sql"] for case in CASES])
def test_the_plan_says_what_the_log_says(engines, files, tmp_path, case):
    form = FORMS[len(case["sql"]) % len(FORMS)]
    statement = parse(case["sql"].format(t="t"))
    assert isinstance(statement, Query)
    figures = []
    for number, engine in enumerate(engines):
        resolved = resolve(statement, lambda database, name: TABLE, lambda name: True, "db")
        request = QueryRequest(
            execution_id="test",
            sql=case["sql"],
            tree=resolved.tree,
            scans=tuple(
                ScanBinding(scan_id=scan.scan_id, table=TABLE, files=tuple(files[form]))
                for scan in resolved.scans
            ),
            sink=RowsSink(path=tmp_path / f"{number}.csv"),
        )
        figures.append(scanned_bytes(engine.run(request, Cancellation()).scans))
    assert figures[0] == figures[1]
