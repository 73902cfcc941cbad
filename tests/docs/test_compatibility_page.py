"""docs/compatibility.md says of each operation of Athena and Glue what it does here, and which clients are tested.

``UPDATE_PAGES=1 pytest tests/docs/test_compatibility_page.py`` writes it anew.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import botocore.session
from botocore import xform_name
from moto.glue.responses import GlueResponse

from lakebench.emulator.athena.operations import capacity, notebooks, spark
from lakebench.emulator.athena.provider import OPERATIONS
from lakebench.emulator.glue import glue_provider
from lakebench.emulator.moto.glue.operations import OPERATIONS as CATALOG

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/compatibility.md"
SUITES = {
    "PyAthena": ("pyathena", "clients", ["test_pyathena.py", "test_pyathena_frames.py"]),
    "SQLAlchemy (PyAthena's dialect)": ("sqlalchemy", "clients", ["test_sqlalchemy.py"]),
    "awswrangler": ("awswrangler", "clients", ["test_awswrangler.py"]),
    "ibis": ("ibis-framework", "clients", ["test_ibis.py"]),
    "dbt-athena": ("dbt-athena", "dbt", ["dbt/test_dbt.py"]),
    "aws command": ("awscli", "clients", ["test_aws_cli.py"]),
}
WHAT = {
    "PyAthena": "connect, DDL, every cursor (plain, dict, async, pandas, Arrow, Polars, S3 files), CSV and UNLOAD results, "
    "parameters, cancelling",
    "SQLAlchemy (PyAthena's dialect)": "reflection, tables made and filled, pandas' read_sql and to_sql",
    "awswrangler": "catalogue, to_parquet and to_csv, read_sql_query in its three ways, partitions, CTAS, UNLOAD",
    "ibis": "expressions, schemas, joins, windows, tables and views made and dropped",
    "dbt-athena": "seeds, models of each kind on Hive tables, snapshots, tests, docs",
    "aws command": "s3, glue and athena",
}


def _athena(name: str) -> str:
    module = getattr(OPERATIONS.get(name), "__module__", "")
    if module in {capacity.__name__, notebooks.__name__}:
        return "control plane only"
    if module == spark.__name__:
        return "control plane only" if name.startswith("List") else "refused: no Spark"
    return "supported" if name in OPERATIONS else "refused"


def _glue(name: str, ours: frozenset[str]) -> str:
    if name in ours or name in CATALOG:
        return "supported"
    return "moto's" if hasattr(GlueResponse, xform_name(name)) else "refused"


def _version(package: str, lock: str) -> str:
    found = re.search(
        rf"^{re.escape(package)}==(\S+)", (ROOT / f"requirements/{lock}.lock").read_text(), re.M
    )
    assert found is not None, package
    return found[1]


def _tests(files: list[str]) -> int:
    texts = [(ROOT / "tests/contract/clients" / name).read_text() for name in files]
    return sum(len(re.findall(r"^def test_", text, re.M)) for text in texts)


def _table(service: str, state) -> list[str]:
    model = botocore.session.Session().get_service_model(service)
    rows = [(name, state(name)) for name in sorted(model.operation_names)]
    counts = {kind: sum(told == kind for _, told in rows) for kind in sorted({told for _, told in rows})}
    summary = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    return [
        f"{len(rows)} operations: {summary}.",
        "",
        "| Operation | State |",
        "|---|---|",
        *(f"| `{name}` | {told} |" for name, told in rows),
    ]


def _page() -> str:
    own = glue_provider(objects=None, catalogs=None, queues=None)
    ours = frozenset(own.operations)
    own.close()
    clients = [
        f"| {client} | {_version(package, lock)} | {_tests(files)} | {WHAT[client]} |"
        for client, (package, lock, files) in SUITES.items()
    ]
    return "\n".join(
        [
            "# Compatibility",
            "",
            "What each client and each operation does here. Written from the code and the service models by",
            "`UPDATE_PAGES=1 pytest tests/docs/test_compatibility_page.py`; [differences.md](differences.md) tells of behaviour.",
            "",
            "## Clients",
            "",
            "Each runs unchanged, pointed here by environment variables ([clients.md](clients.md)); `make test-clients` runs them all.",
            "A test function may hold several cases.",
            "",
            "| Client | Version | Test functions | What is run |",
            "|---|---|---|---|",
            *clients,
            "",
            "The clients' own suites are not part of this: no package ships them.",
            "",
            "## Athena",
            "",
            "*Supported*: it does what it says. *Control plane only*: kept and answered, without effect on queries. *Refused*: HTTP",
            "400 with an error that the operation declares.",
            "",
            *_table("athena", _athena),
            "",
            "## Glue",
            "",
            "*moto's*: answered by moto as it is, after the request was held to the model.",
            "",
            *_table("glue", lambda name: _glue(name, ours)),
            "",
        ]
    )


def test_the_page_of_operations_and_clients_says_what_the_code_does():
    page = _page()
    if os.environ.get("UPDATE_PAGES"):
        PAGE.write_text(page)
    assert PAGE.read_text() == page
