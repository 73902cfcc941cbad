"""The life of an execution: accepted, queued, run, ended, and what is told of it."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from lakebench.catalog import S3Uri
from lakebench.emulator.engine.protocol import Cancellation, QueryOutcome, QueryRequest
from lakebench.emulator.wire.provider import ServiceError

from .conftest import OUTPUT, Athena
from .sqlite_engine import SqliteEngine

FOREVER = "SELECT count(*) AS c FROM numbers a, numbers b, numbers c WHERE a.n + b.n + c.n < 0"


class GatedEngine(SqliteEngine):
    """Runs queries only once the gate is open."""

    def __init__(self) -> None:
        self.gate = threading.Event()

    def run(self, request: QueryRequest, cancellation: Cancellation) -> QueryOutcome:
        while not cancellation.cancelled and not self.gate.wait(0.005):
            pass
        return super().run(request, cancellation)


class BrokenEngine(SqliteEngine):
    """Fails in a way that no engine should."""

    def run(self, request: QueryRequest, cancellation: Cancellation) -> QueryOutcome:
        raise ZeroDivisionError("a fault of the engine's own")


def refusal(athena: Athena, **wire: Any) -> tuple[str, str]:
    with pytest.raises(ServiceError) as caught:
        athena.start(wire.pop("sql", "SELECT 1"), **wire)
    assert caught.value.code == "InvalidRequestException"
    return caught.value.fields["AthenaErrorCode"], caught.value.message


def test_a_fast_query_has_succeeded_at_the_first_look(athena: Athena) -> None:
    execution = athena.get(athena.start("SELECT 1 AS n"))
    assert execution["Status"]["State"] == "SUCCEEDED"


def test_every_field_that_athena_always_answers_is_there(athena: Athena) -> None:
    execution = athena.succeed("SELECT 1 AS n")
    assert execution["StatementType"] == "DML"
    assert execution["SubstatementType"] == "SELECT"
    assert execution["WorkGroup"] == "primary"
    assert execution["EngineVersion"] == {
        "SelectedEngineVersion": "AUTO",
        "EffectiveEngineVersion": "Athena engine version 3",
    }
    assert execution["ResultReuseConfiguration"] == {"ResultReuseByAgeConfiguration": {"Enabled": False}}
    assert execution["QueryExecutionContext"] == {"Database": "db"}
    assert (
        execution["ResultConfiguration"]["OutputLocation"] == f"{OUTPUT}{execution['QueryExecutionId']}.csv"
    )
    statistics = execution["Statistics"]
    assert statistics["ResultReuseInformation"] == {"ReusedPreviousResult": False}
    parts = [
        statistics[f"{part}InMillis"]
        for part in (
            "QueryQueueTime",
            "ServicePreProcessingTime",
            "EngineExecutionTime",
            "ServiceProcessingTime",
        )
    ]
    assert statistics["TotalExecutionTimeInMillis"] >= sum(parts) > 0
    assert statistics["QueryPlanningTimeInMillis"] <= statistics["EngineExecutionTimeInMillis"]
    assert execution["Status"]["SubmissionDateTime"] <= execution["Status"]["CompletionDateTime"]


def test_the_catalogue_is_answered_in_lower_case_and_the_database_as_sent(athena: Athena) -> None:
    context = {"Catalog": "AwsDataCatalog", "Database": "DB"}
    execution = athena.succeed("SELECT 1 AS n", QueryExecutionContext=context)
    assert execution["QueryExecutionContext"] == {"Catalog": "awsdatacatalog", "Database": "DB"}


def test_syntax_errors_are_refused_at_start(athena: Athena) -> None:
    code, message = refusal(athena, sql="SELEC 1")
    assert code == "MALFORMED_QUERY"
    assert message.startswith("line 1:1: mismatched input 'SELEC'")


def test_a_missing_location_is_refused(athena: Athena) -> None:
    code, message = refusal(athena, ResultConfiguration={})
    assert (code, message) == (
        "INVALID_INPUT",
        "No output location provided. An output location is required either through the Workgroup result "
        "configuration setting or as an API input.",
    )


def test_a_location_that_is_no_s3_path_is_refused_before_the_text_is_read(athena: Athena) -> None:
    code, message = refusal(athena, sql="SELEC 1", ResultConfiguration={"OutputLocation": "results"})
    assert (code, message) == ("INVALID_INPUT", "outputLocation is not a valid S3 path.")


def test_a_location_in_a_missing_bucket_is_refused(athena: Athena) -> None:
    code, message = refusal(athena, ResultConfiguration={"OutputLocation": "s3://nowhere/x/"})
    assert (code, message) == ("INVALID_INPUT", "Unable to verify/create output bucket nowhere")


def test_an_unknown_workgroup_is_refused(athena: Athena) -> None:
    assert refusal(athena, WorkGroup="nope") == ("INVALID_INPUT", "WorkGroup is not found.")


def test_a_text_over_the_limit_is_refused(athena: Athena) -> None:
    code, message = refusal(athena, sql="SELECT '" + "ñ" * 131_072 + "' AS n")
    assert code == "INVALID_INPUT"
    assert "262144" in message


def test_nesting_beyond_all_measure_is_refused(athena: Athena) -> None:
    code, message = refusal(athena, sql="SELECT " + "(" * 3000 + "1" + ")" * 3000)
    assert (code, message) == (
        "MALFORMED_QUERY",
        "line 1:1: statement is too large (stack overflow while parsing)",
    )
    status = athena.run("SELECT " + "1 + " * 20_000 + "1 AS n")["Status"]
    assert (
        status["StateChangeReason"]
        == "STACK_OVERFLOW: statement is too large (stack overflow during analysis)"
    )


def test_describing_a_missing_table_is_refused_at_start(athena: Athena) -> None:
    for sql in ("DESCRIBE nope", "SHOW COLUMNS IN nope"):
        code, message = refusal(athena, sql=sql)
        assert code == "INVALID_INPUT"
        assert message.startswith("Entity Not Found (Service: AmazonDataCatalog; Status Code: 400;")


def test_the_same_token_and_request_name_the_same_execution(athena: Athena) -> None:
    token = str(uuid.uuid4())
    first = athena.start("SELECT 1 AS n", ClientRequestToken=token)
    assert athena.start("SELECT 1 AS n", ClientRequestToken=token) == first
    assert athena.start("SELECT 1 AS n", ClientRequestToken=str(uuid.uuid4())) != first


@pytest.mark.parametrize(
    "change",
    [
        {"sql": "SELECT 2 AS n"},
        {"QueryExecutionContext": {"Database": "other"}},
        {"QueryExecutionContext": {"Database": "db", "Catalog": "AwsDataCatalog"}},
        {"ResultConfiguration": {"OutputLocation": "s3://results/other/"}},
    ],
    ids=["text", "database", "catalogue", "location"],
)
def test_the_same_token_for_another_request_is_refused(athena: Athena, change: dict[str, Any]) -> None:
    token = str(uuid.uuid4())
    athena.start("SELECT 1 AS n", ClientRequestToken=token)
    code, message = refusal(athena, **{"sql": "SELECT 1 AS n", **change, "ClientRequestToken": token})
    assert (code, message) == ("IDEMPOTENT_PARAMETER_MISMATCH", "Idempotent parameters do not match")


def test_a_missing_token_is_refused(athena: Athena) -> None:
    assert refusal(athena, ClientRequestToken="") == ("INVALID_INPUT", "clientRequestToken is null or empty")


def test_a_refused_text_does_not_use_its_token_up(athena: Athena) -> None:
    token = str(uuid.uuid4())
    refusal(athena, sql="SELEC 1", ClientRequestToken=token)
    athena.succeed("SELECT 1 AS n", ClientRequestToken=token)


def test_a_failed_query_tells_category_and_type(athena: Athena) -> None:
    execution = athena.run("SELECT * FROM nope")
    assert execution["Status"]["State"] == "FAILED"
    reason = execution["Status"]["StateChangeReason"]
    assert reason.startswith("TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.db.nope' does not exist")
    assert execution["Status"]["AthenaError"] == {
        "ErrorCategory": 2,
        "ErrorType": 1301,
        "Retryable": False,
        "ErrorMessage": reason,
    }
    assert execution["SubstatementType"] == "SELECT"
    assert athena.objects.keys("results") == []


def test_a_fault_of_the_engine_fails_the_execution_and_the_next_one_runs(
    make_athena: Callable[..., Athena],
) -> None:
    athena = make_athena(BrokenEngine())
    execution = athena.run("SELECT 1 AS n")
    assert execution["Status"]["State"] == "FAILED"
    assert execution["Status"]["AthenaError"]["ErrorCategory"] == 1
    assert list(athena.scratch.iterdir()) == []
    assert athena.run("SHOW DATABASES")["Status"]["State"] == "SUCCEEDED"


def test_stopping_a_running_query_cancels_it_and_leaves_nothing(athena: Athena) -> None:
    athena.numbers(3000)
    execution_id = athena.start(FOREVER)
    assert athena.get(execution_id)["Status"]["State"] == "RUNNING"
    athena.call("StopQueryExecution", QueryExecutionId=execution_id)
    status = athena.get(execution_id)["Status"]
    assert (status["State"], status["StateChangeReason"]) == ("CANCELLED", "Query cancelled by user")
    assert "AthenaError" not in status
    athena.call("StopQueryExecution", QueryExecutionId=execution_id)
    with pytest.raises(ServiceError, match=r"^Could not find results$"):
        athena.call("GetQueryResults", QueryExecutionId=execution_id)
    athena.succeed("SELECT 1 AS n")
    assert all(execution_id not in key for key in athena.objects.keys("results"))


def test_stopping_an_ended_query_changes_nothing(athena: Athena) -> None:
    execution = athena.succeed("SELECT 1 AS n")
    athena.call("StopQueryExecution", QueryExecutionId=execution["QueryExecutionId"])
    assert athena.get(execution["QueryExecutionId"])["Status"]["State"] == "SUCCEEDED"


def test_a_queued_query_can_be_stopped_and_never_runs(make_athena: Callable[..., Athena]) -> None:
    engine = GatedEngine()
    athena = make_athena(engine)
    running = [athena.start("SELECT 1 AS n") for _ in range(2)]
    queued = athena.start("SELECT 2 AS n")
    assert athena.get(queued)["Status"]["State"] == "QUEUED"
    with pytest.raises(ServiceError, match=r"^Query has not yet finished\. Current state: QUEUED$"):
        athena.call("GetQueryResults", QueryExecutionId=queued)
    athena.call("StopQueryExecution", QueryExecutionId=queued)
    engine.gate.set()
    assert [athena.wait(one)["Status"]["State"] for one in running] == ["SUCCEEDED"] * 2
    assert athena.get(queued)["Status"]["State"] == "CANCELLED"


def test_ddl_does_not_wait_behind_queries(make_athena: Callable[..., Athena]) -> None:
    engine = GatedEngine()
    athena = make_athena(engine)
    waiting = [athena.start("SELECT 1 AS n") for _ in range(4)]
    assert athena.run("SHOW DATABASES")["Status"]["State"] == "SUCCEEDED"
    engine.gate.set()
    for execution_id in waiting:
        athena.wait(execution_id)


def test_five_hundred_queued_queries_all_succeed(make_athena: Callable[..., Athena]) -> None:
    engine = GatedEngine()
    athena = make_athena(engine)
    started = [athena.start(f"SELECT {n} AS n") for n in range(500)]
    engine.gate.set()
    states = {athena.wait(execution_id)["Status"]["State"] for execution_id in started}
    assert states == {"SUCCEEDED"}
    assert len(athena.objects.keys("results")) == 1000


def test_unknown_ids_are_refused_in_athenas_words(athena: Athena) -> None:
    for operation in ("GetQueryExecution", "GetQueryResults", "StopQueryExecution"):
        with pytest.raises(ServiceError, match=r"^QueryExecution nope was not found$") as caught:
            athena.call(operation, QueryExecutionId="nope")
        assert caught.value.fields["AthenaErrorCode"] == "QUERY_EXECUTION_NOT_FOUND"


def test_a_batch_answers_what_it_knows_and_names_the_rest(athena: Athena) -> None:
    known = athena.start("SELECT 1 AS n")
    answer = athena.call("BatchGetQueryExecution", QueryExecutionIds=[known, "nope"])
    assert [one["QueryExecutionId"] for one in answer["QueryExecutions"]] == [known]
    assert [one["QueryExecutionId"] for one in answer["UnprocessedQueryExecutionIds"]] == ["nope"]


def test_executions_are_listed_newest_first_by_workgroup_in_pages(athena: Athena) -> None:
    athena.call("CreateWorkGroup", Name="other")
    started = [athena.start(f"SELECT {n} AS n") for n in range(5)]
    listed: list[str] = []
    token = None
    while True:
        page = athena.call("ListQueryExecutions", MaxResults=2, **({"NextToken": token} if token else {}))
        listed += page["QueryExecutionIds"]
        token = page.get("NextToken")
        if token is None:
            break
    assert listed == started[::-1]
    assert athena.call("ListQueryExecutions", WorkGroup="other")["QueryExecutionIds"] == []


def test_over_the_cutoff_a_query_is_cancelled_at_exactly_the_cutoff(athena: Athena) -> None:
    wide = b"1," + b"x" * 9_997 + b"\n"
    athena.objects.put_bytes(S3Uri("lake", "big/a.csv"), wide * 1_000 + b"1,x\n")
    athena.succeed(
        "CREATE EXTERNAL TABLE big (n int, s string) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION 's3://lake/big/'"
    )
    athena.call(
        "CreateWorkGroup",
        Name="small",
        Configuration={
            "BytesScannedCutoffPerQuery": 10_000_000,
            "ResultConfiguration": {"OutputLocation": "s3://results/small/"},
        },
    )
    execution = athena.run("SELECT count(*) AS c FROM big", WorkGroup="small")
    status = execution["Status"]
    assert (status["State"], status["StateChangeReason"]) == ("CANCELLED", "Bytes scanned limit was exceeded")
    assert execution["Statistics"]["DataScannedInBytes"] == 10_000_000
    assert not [key for key in athena.objects.keys("results") if key.startswith("small/")]
    within = athena.succeed("SELECT count(*) AS c FROM big")
    assert within["Statistics"]["DataScannedInBytes"] == 10_000_004


def test_the_bucket_that_vanishes_before_the_result_fails_the_query(
    make_athena: Callable[..., Athena],
) -> None:
    engine = GatedEngine()
    athena = make_athena(engine)
    execution_id = athena.start("SELECT 1 AS n")
    athena.objects.drop_bucket("results")
    engine.gate.set()
    status = athena.wait(execution_id)["Status"]
    assert status["State"] == "FAILED"
    assert "The specified bucket does not exist (Bucket: results)" in status["StateChangeReason"]


def test_closing_cancels_what_runs(make_athena: Callable[..., Athena]) -> None:
    athena = make_athena(GatedEngine())
    started = [athena.start("SELECT 1 AS n") for _ in range(6)]
    athena.provider.close()
    assert {athena.get(one)["Status"]["State"] for one in started} == {"CANCELLED"}
