"""An Athena service over real files, a catalogue in memory and a small engine of its own."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lakebench.catalog import Database, S3Uri
from lakebench.emulator.athena import athena_provider
from lakebench.emulator.engine.protocol import Engine
from lakebench.emulator.wire.provider import RequestContext, Wire

from .directory_objects import DirectoryObjects
from .memory_catalog import MemoryCatalog
from .sqlite_engine import SqliteEngine

OUTPUT = "s3://results/out/"


class Athena:
    """The provider's operations as methods, and what lies behind them."""

    def __init__(self, root: Path, engine: Engine) -> None:
        self.objects = DirectoryObjects(root / "objects", "results", "lake")
        self.catalog = MemoryCatalog()
        self.catalog.create_database(Database(name="db"))
        self.scratch = root / "scratch"
        self.scratch.mkdir()
        self.provider = athena_provider(
            engine=engine,
            objects=lambda account: self.objects,
            catalogs=lambda account, region: self.catalog,
            scratch=self.scratch,
            workers=2,
        )

    def call(self, operation: str, **wire: Any) -> Wire:
        context = RequestContext(
            service="athena",
            operation=operation,
            account_id="123456789012",
            region="us-east-1",
            request_id="r",
        )
        return self.provider.operations[operation](context, wire)

    def start(self, sql: str, **wire: Any) -> str:
        wire.setdefault("ResultConfiguration", {"OutputLocation": OUTPUT})
        wire.setdefault("QueryExecutionContext", {"Database": "db"})
        wire.setdefault("ClientRequestToken", str(uuid.uuid4()))
        return str(self.call("StartQueryExecution", QueryString=sql, **wire)["QueryExecutionId"])

    def get(self, execution_id: str) -> Wire:
        return dict(self.call("GetQueryExecution", QueryExecutionId=execution_id)["QueryExecution"])

    def wait(self, execution_id: str) -> Wire:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            execution = self.get(execution_id)
            if execution["Status"]["State"] not in {"QUEUED", "RUNNING"}:
                return execution
            time.sleep(0.005)
        raise AssertionError(f"{execution_id} did not end")

    def run(self, sql: str, **wire: Any) -> Wire:
        return self.wait(self.start(sql, **wire))

    def succeed(self, sql: str, **wire: Any) -> Wire:
        execution = self.run(sql, **wire)
        assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]
        return execution

    def numbers(self, last: int) -> None:
        """A table ``numbers`` of one column n, from 1 to last."""
        lines = "".join(f"{n}\n" for n in range(1, last + 1))
        self.objects.put_bytes(S3Uri("lake", "numbers/a"), lines.encode())
        self.succeed("CREATE EXTERNAL TABLE numbers (n int) LOCATION 's3://lake/numbers/'")

    def rows(self, execution: Wire) -> list[list[str | None]]:
        results = self.call("GetQueryResults", QueryExecutionId=execution["QueryExecutionId"])
        return [[datum.get("VarCharValue") for datum in row["Data"]] for row in results["ResultSet"]["Rows"]]

    def text(self, execution: Wire) -> str:
        location = execution["ResultConfiguration"]["OutputLocation"].removeprefix("s3://results/")
        return self.objects.read("results", location).decode()


@pytest.fixture
def make_athena(tmp_path: Path) -> Iterator[Callable[..., Athena]]:
    made: list[Athena] = []

    def make(engine: Engine | None = None) -> Athena:
        made.append(Athena(tmp_path / str(len(made)), engine or SqliteEngine()))
        return made[-1]

    (tmp_path / "0").mkdir()
    (tmp_path / "1").mkdir()
    yield make
    for athena in made:
        athena.provider.close()


@pytest.fixture
def athena(make_athena: Callable[..., Athena]) -> Athena:
    return make_athena()
