"""Bad input gets Athena's own words, and loses nothing."""

from __future__ import annotations

import time
import uuid

import botocore.exceptions
import pytest

from .athena_session import AthenaSession


@pytest.fixture
def session(athena, s3, bucket):
    session = AthenaSession(athena, s3, bucket)
    session.succeed(f"CREATE DATABASE {session.database}")
    return session


@pytest.fixture
def people(session):
    """Ragged rows: a missing field, a field too many, a blank line, a word where a number should be."""
    session.put("people/a.csv", b"1,Ana,30\n2,Luis\n3,Eva,41,extra\n\nx,Zoe,5\n")
    session.succeed(
        "CREATE EXTERNAL TABLE people (id int, name string, age int) "
        f"ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION 's3://{session.bucket}/people/'"
    )
    return session


def refused(session, sql="SELECT 1", **more):
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        session.start(sql, **more)
    error = caught.value.response
    assert error["Error"]["Code"] == "InvalidRequestException"
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 400
    return error["AthenaErrorCode"], error["Message"]


def test_a_missing_bucket_is_refused(session):
    location = {"OutputLocation": f"s3://{session.bucket}-nope/x/"}
    assert refused(session, ResultConfiguration=location) == (
        "INVALID_INPUT",
        f"Unable to verify/create output bucket {session.bucket}-nope",
    )


def test_a_missing_location_is_refused(session):
    code, message = refused(session, ResultConfiguration={})
    assert code == "INVALID_INPUT"
    assert message.startswith("No output location provided.")


@pytest.mark.parametrize(
    "sql", ["SELEC 1", "SELECT FROM WHERE", "SELECT (1", "SELECT 'open", "DROP", ";", "--"]
)
def test_what_does_not_parse_is_refused_at_start(session, sql):
    code, message = refused(session, sql)
    assert code in {"MALFORMED_QUERY", "INVALID_INPUT"}
    assert message


def test_an_unknown_table_fails_with_its_place(session):
    assert session.reason("SELECT *\nFROM nope") == (
        f"TABLE_NOT_FOUND: line 2:6: Table 'awsdatacatalog.{session.database}.nope' does not exist"
    )


def test_an_unknown_column_fails_with_its_place(people):
    assert people.reason("SELECT nombre FROM people") == (
        "COLUMN_NOT_FOUND: line 1:8: Column 'nombre' cannot be resolved or requester is not authorized to "
        "access requested resources"
    )


def test_ragged_rows_are_read_as_hive_reads_them(people):
    assert people.rows("SELECT id, name, age FROM people") == [
        ["1", "Ana", "30"],
        ["2", "Luis", None],
        ["3", "Eva", "41"],
        [None, None, None],
        [None, "Zoe", "5"],
    ]


def test_an_empty_location_gives_no_rows_and_costs_nothing(session):
    session.succeed(f"CREATE EXTERNAL TABLE empty (n int) LOCATION 's3://{session.bucket}/empty/'")
    execution = session.succeed("SELECT n FROM empty")
    assert session.read(session.result_key(execution)) == b'"n"\n'
    assert execution["Statistics"]["DataScannedInBytes"] == 0


def test_a_table_in_a_missing_bucket_fails(session):
    session.succeed("CREATE EXTERNAL TABLE gone (n int) LOCATION 's3://no-such-bucket-anywhere/x/'")
    assert "no-such-bucket-anywhere" in session.reason("SELECT n FROM gone")


def test_a_failed_cast_names_the_value(people):
    assert people.reason("SELECT CAST(name AS integer) FROM people").startswith(
        "INVALID_CAST_ARGUMENT: Cannot cast 'Ana' to INT"
    )


def test_division_by_zero_fails(session):
    execution = session.run("SELECT 1 / (SELECT 0)")
    assert execution["Status"]["StateChangeReason"] == "DIVISION_BY_ZERO: Division by zero"
    assert execution["Status"]["AthenaError"]["ErrorType"] == 1001


def test_ctas_onto_used_places_fails_and_keeps_what_is_there(people):
    ctas = "CREATE TABLE {} WITH (external_location = 's3://{}/people/') AS SELECT 1 AS n"
    assert people.reason(ctas.format("people", people.bucket)).startswith("TABLE_ALREADY_EXISTS")
    assert people.reason(ctas.format("other", people.bucket)).startswith("HIVE_PATH_ALREADY_EXISTS")
    assert people.keys("people/") == ["people/a.csv"]


def test_a_stopped_query_is_cancelled_and_the_next_one_runs(session):
    endless = "SELECT count(*) FROM UNNEST(sequence(1, 10000)) a(x), UNNEST(sequence(1, 10000)) b(y), UNNEST(sequence(1, 1000)) c(z) WHERE x * y + z = -1"
    execution_id = session.start(endless)
    deadline = time.monotonic() + 20
    while session.get(execution_id)["Status"]["State"] == "QUEUED":
        assert time.monotonic() < deadline
    session.athena.stop_query_execution(QueryExecutionId=execution_id)
    status = session.get(execution_id)["Status"]
    assert (status["State"], status["StateChangeReason"]) == ("CANCELLED", "Query cancelled by user")
    assert session.rows("SELECT 42") == [["42"]]
    with pytest.raises(botocore.exceptions.ClientError, match="Could not find results"):
        session.results({"QueryExecutionId": execution_id})


def test_a_result_of_2500_rows_comes_in_pages_of_1000(session):
    execution_id = session.succeed("SELECT n FROM UNNEST(sequence(1, 2500)) AS t(n) ORDER BY n")[
        "QueryExecutionId"
    ]
    pages = session.athena.get_paginator("get_query_results").paginate(QueryExecutionId=execution_id)
    sizes, numbers = [], []
    for page in pages:
        rows = page["ResultSet"]["Rows"]
        sizes.append(len(rows))
        numbers += [row["Data"][0]["VarCharValue"] for row in rows]
    assert sizes == [1000, 1000, 501]
    assert numbers == ["n", *map(str, range(1, 2501))]


def test_a_malformed_token_is_refused(session):
    execution_id = session.succeed("SELECT 1")["QueryExecutionId"]
    with pytest.raises(botocore.exceptions.ClientError, match="Malformed nextPageToken nonsense"):
        session.athena.get_query_results(QueryExecutionId=execution_id, NextToken="nonsense")


def test_the_same_token_names_the_same_execution(session):
    token = str(uuid.uuid4())
    first = session.start("SELECT 1", ClientRequestToken=token)
    assert session.start("SELECT 1", ClientRequestToken=token) == first
    assert refused(session, "SELECT 2", ClientRequestToken=token) == (
        "IDEMPOTENT_PARAMETER_MISMATCH",
        "Idempotent parameters do not match",
    )


def test_two_hundred_queued_queries_all_succeed(session):
    started = [session.start(f"SELECT {n} AS n") for n in range(200)]
    states = {session.wait(one)["Status"]["State"] for one in started}
    assert states == {"SUCCEEDED"}
    assert len(session.keys("results/")) >= 400
    listed = session.athena.list_query_executions()["QueryExecutionIds"]
    assert listed == started[:-51:-1]


def test_operations_that_are_not_built_are_refused_by_the_model(session):
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        session.athena.start_session(WorkGroup="primary", EngineConfiguration={"MaxConcurrentDpus": 4})
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_unknown_ids_are_refused(session):
    for call in ("get_query_execution", "get_query_results", "stop_query_execution"):
        with pytest.raises(botocore.exceptions.ClientError, match="QueryExecution nope was not found"):
            getattr(session.athena, call)(QueryExecutionId="nope")


def test_accounts_and_regions_do_not_see_each_other(server, session):
    execution_id = session.succeed("SELECT 1")["QueryExecutionId"]
    elsewhere = server.client("athena", region_name="eu-west-1")
    with pytest.raises(botocore.exceptions.ClientError, match="was not found"):
        elsewhere.get_query_execution(QueryExecutionId=execution_id)
