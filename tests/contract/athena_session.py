"""A short way to say what a test of Athena does with plain boto3."""

from __future__ import annotations

import time
from typing import Any


class AthenaSession:
    """Runs statements in one database, with results below ``results/`` of one bucket."""

    def __init__(self, athena: Any, s3: Any, bucket: str) -> None:
        self.athena, self.s3, self.bucket = athena, s3, bucket
        self.database = "db_" + bucket.replace("-", "_")
        self.output = f"s3://{bucket}/results/"

    def start(self, sql: str, **more: Any) -> str:
        more.setdefault("QueryExecutionContext", {"Database": self.database})
        more.setdefault("ResultConfiguration", {"OutputLocation": self.output})
        return str(self.athena.start_query_execution(QueryString=sql, **more)["QueryExecutionId"])

    def get(self, execution_id: str) -> dict[str, Any]:
        return dict(self.athena.get_query_execution(QueryExecutionId=execution_id)["QueryExecution"])

    def wait(self, execution_id: str, seconds: float = 60) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        while (found := self.get(execution_id))["Status"]["State"] in {"QUEUED", "RUNNING"}:
            assert time.monotonic() < deadline, found
            time.sleep(0.01)
        return found

    def run(self, sql: str, **more: Any) -> dict[str, Any]:
        return self.wait(self.start(sql, **more))

    def succeed(self, sql: str, **more: Any) -> dict[str, Any]:
        execution = self.run(sql, **more)
        assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]
        return execution

    def reason(self, sql: str) -> str:
        execution = self.run(sql)
        assert execution["Status"]["State"] == "FAILED", execution["Status"]
        return str(execution["Status"]["StateChangeReason"])

    def scanned(self, sql: str) -> int:
        return int(self.succeed(sql)["Statistics"]["DataScannedInBytes"])

    def results(self, execution: dict[str, Any]) -> dict[str, Any]:
        return dict(self.athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"]))

    def rows(self, sql: str) -> list[list[str | None]]:
        """The rows of a SELECT, without its header."""
        answer = self.results(self.succeed(sql))
        rows = [[datum.get("VarCharValue") for datum in row["Data"]] for row in answer["ResultSet"]["Rows"]]
        return rows[1:]

    def put(self, key: str, data: bytes) -> None:
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=data)

    def read(self, key: str) -> bytes:
        return bytes(self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read())

    def keys(self, prefix: str) -> list[str]:
        listed = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix)
        return [found["Key"] for found in listed.get("Contents", [])]

    def result_key(self, execution: dict[str, Any]) -> str:
        location = execution["ResultConfiguration"]["OutputLocation"]
        return str(location).removeprefix(f"s3://{self.bucket}/")
