"""A lake with something to lose, and probes that try to take it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError, ParamValidationError

CANARY = "canary-7f3a9c"
"""Stands in a host file that no query may read."""

LONG = bool(os.environ.get("LAKEBENCH_LONG"))
"""More of everything: make abuse-long."""

_THREADS = 6
_PATIENCE = 60.0


@dataclass(frozen=True)
class Outcome:
    """What became of a statement: REFUSED (with the API's code), or the execution's final state."""

    sql: str
    state: str
    text: str = ""
    seen: str = field(default="", repr=False)


class Prober:
    """Runs statements in one database and judges what comes back."""

    def __init__(self, server: Any, bucket: str, guard: Path) -> None:
        self.server, self.bucket, self.guard = server, bucket, guard
        self.athena, self.s3, self.glue = (server.client(name) for name in ("athena", "s3", "glue"))
        self.secret = guard / "secret.txt"
        self.out = guard / "written"
        self.database = "probes"

    def filled(self, text: str, n: int = 0) -> str:
        """The text with its places filled in; braces of any other kind stay."""
        marks = {"file": self.secret, "dir": self.guard, "out": self.out, "bucket": self.bucket, "n": n}
        for name, value in marks.items():
            text = text.replace(f"{{{name}}}", str(value))
        return text

    def run(self, sql: str, parameters: list[str] | None = None) -> Outcome:
        more = {} if parameters is None else {"ExecutionParameters": parameters}
        try:
            started = self.athena.start_query_execution(
                **more,
                QueryString=sql,
                QueryExecutionContext={"Database": self.database},
                ResultConfiguration={"OutputLocation": f"s3://{self.bucket}/results/"},
            )
        except ParamValidationError as error:
            return Outcome(sql, "REFUSED", str(error))
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            refused = "REFUSED" if status == 400 else f"HTTP {status}"
            return Outcome(sql, refused, error.response["Error"]["Message"])
        return self._outcome(sql, started["QueryExecutionId"])

    def _outcome(self, sql: str, execution_id: str) -> Outcome:
        deadline = time.monotonic() + _PATIENCE
        while True:
            found = self.athena.get_query_execution(QueryExecutionId=execution_id)["QueryExecution"]
            status = found["Status"]
            if status["State"] not in {"QUEUED", "RUNNING"}:
                break
            assert time.monotonic() < deadline, sql
            time.sleep(0.005)
        if status["State"] != "SUCCEEDED":
            return Outcome(
                sql, status["State"], f"{status.get('StateChangeReason')} {status.get('AthenaError')}"
            )
        results = self.athena.get_query_results(QueryExecutionId=execution_id)["ResultSet"]["Rows"]
        return Outcome(sql, "SUCCEEDED", seen=str(results))

    def run_all(self, statements: Iterable[str | tuple[str, list[str]]]) -> list[Outcome]:
        """Texts, or texts with their execution parameters, some at once."""
        asked = ((one, None) if isinstance(one, str) else one for one in statements)
        with ThreadPoolExecutor(_THREADS) as threads:
            return list(threads.map(lambda pair: self.run(*pair), asked))

    def faults(self, outcomes: Iterable[Outcome]) -> list[str]:
        """What should not have been seen in answers."""
        return [f"{what}: {one}" for one in outcomes for what in self._faults_of(one)]

    def _faults_of(self, one: Outcome) -> Iterable[str]:
        if CANARY in one.seen or "root:x:" in one.seen or "root:x:" in one.text or CANARY in one.text:
            yield "host data"
        asked = one.sql.lower()
        for word in (
            str(self.server.data_dir),
            "duckdb",
            "scratch/worker",
            "traceback",
            "lakebench/emulator",
        ):
            if word.lower() in (one.text + one.seen).lower() and word not in asked:
                yield f"tells of {word}"
        if one.state.startswith("HTTP"):
            yield one.state
        if "GENERIC_INTERNAL_ERROR" in one.text:
            yield "an internal error"

    def check(self, outcomes: Iterable[Outcome]) -> None:
        """No host data in answers, none of our insides either, nothing written beside the data dir."""
        faults = self.faults(outcomes)
        assert not faults, f"{len(faults)} faults\n" + "\n".join(faults[:60])
        self.check_host()

    def check_host(self) -> None:
        assert {path.name for path in self.guard.iterdir()} == {"secret.txt"}
        assert CANARY in self.secret.read_text()
        assert self.run("SELECT count(*) FROM good").state == "SUCCEEDED"

    def quietly(self, call: Any, **arguments: Any) -> bool:
        """Call the API; a refusal of the client's library or the service is fine, a 5xx is not."""
        try:
            call(**arguments)
        except ParamValidationError:
            return False
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:
                raise
            return False
        return True


def fill_lake(prober: Prober) -> None:
    """A bucket, a database, a CSV table ``good`` and an empty table ``target``."""
    prober.s3.create_bucket(Bucket=prober.bucket)
    prober.s3.put_object(Bucket=prober.bucket, Key="good/a.csv", Body=b"1,one\n2,two\n")
    assert prober.run(f"CREATE DATABASE {prober.database}").state == "SUCCEEDED"
    for name in ("good", "target"):
        made = prober.run(
            f"CREATE EXTERNAL TABLE {name} (id string, x string) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' "
            f"LOCATION 's3://{prober.bucket}/{name}/'"
        )
        assert made.state == "SUCCEEDED", made
