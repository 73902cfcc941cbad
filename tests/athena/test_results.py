"""GetQueryResults and the objects that results are."""

from __future__ import annotations

import pytest

from lakebench.catalog import S3Uri
from lakebench.emulator.wire.provider import ServiceError

from .conftest import Athena

NUMBERS = "SELECT n, 'row' AS s FROM numbers ORDER BY n"


def test_a_select_leaves_a_csv_and_its_companion(athena: Athena) -> None:
    execution = athena.succeed("SELECT 1 AS i, '' AS e, NULL AS n, 'a\"b' AS q")
    key = execution["ResultConfiguration"]["OutputLocation"].removeprefix("s3://results/")
    assert athena.text(execution) == '"i","e","n","q"\n"1","",,"a""b"\n'
    assert athena.objects.keys("results") == [key, f"{key}.metadata"]
    assert athena.rows(execution) == [["i", "e", "n", "q"], ["1", "", None, 'a"b']]


def test_the_first_row_of_the_first_page_is_the_header_and_counts_as_a_row(athena: Athena) -> None:
    athena.numbers(2500)
    execution_id = athena.succeed(NUMBERS)["QueryExecutionId"]
    sizes, numbers, token = [], [], None
    while True:
        more = {"NextToken": token} if token else {}
        page = athena.call("GetQueryResults", QueryExecutionId=execution_id, MaxResults=1000, **more)
        rows = page["ResultSet"]["Rows"]
        sizes.append(len(rows))
        numbers += [row["Data"][0]["VarCharValue"] for row in rows]
        token = page.get("NextToken")
        if token is None:
            break
    assert sizes == [1000, 1000, 501]
    assert numbers == ["n", *map(str, range(1, 2501))]


def test_every_page_tells_the_columns(athena: Athena) -> None:
    athena.numbers(3)
    execution_id = athena.succeed(NUMBERS)["QueryExecutionId"]
    first = athena.call("GetQueryResults", QueryExecutionId=execution_id, MaxResults=2)
    second = athena.call(
        "GetQueryResults", QueryExecutionId=execution_id, MaxResults=2, NextToken=first["NextToken"]
    )
    names = [column["Name"] for column in second["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]]
    assert names == ["n", "s"]
    assert second["UpdateCount"] == 0


def test_a_forged_token_is_named_in_the_refusal(athena: Athena) -> None:
    execution_id = athena.succeed("SELECT 1 AS n")["QueryExecutionId"]
    with pytest.raises(ServiceError, match=r"^Malformed nextPageToken nonsense$"):
        athena.call("GetQueryResults", QueryExecutionId=execution_id, NextToken="nonsense")


def test_a_token_of_another_execution_is_refused(athena: Athena) -> None:
    athena.numbers(5)
    first, second = (athena.succeed(NUMBERS)["QueryExecutionId"] for _ in range(2))
    token = athena.call("GetQueryResults", QueryExecutionId=first, MaxResults=2)["NextToken"]
    with pytest.raises(ServiceError, match=r"^Malformed nextPageToken"):
        athena.call("GetQueryResults", QueryExecutionId=second, NextToken=token)


def test_too_large_a_page_is_refused_before_the_state_is_looked_at(athena: Athena) -> None:
    execution = athena.run("SELECT * FROM nope")
    with pytest.raises(ServiceError, match=r"^MaxResults is more than maximum allowed length 1000$"):
        athena.call("GetQueryResults", QueryExecutionId=execution["QueryExecutionId"], MaxResults=1001)


def test_a_failed_query_has_no_results(athena: Athena) -> None:
    execution = athena.run("SELECT * FROM nope")
    with pytest.raises(
        ServiceError, match=r"^Query did not finish successfully\. Final query state: FAILED$"
    ):
        athena.rows(execution)


def test_a_deleted_result_object_is_not_found(athena: Athena) -> None:
    execution = athena.succeed("SELECT 1 AS n")
    for key in athena.objects.keys("results"):
        athena.objects.delete(S3Uri("results", key))
    with pytest.raises(ServiceError, match=r"^Could not find results$") as caught:
        athena.rows(execution)
    assert caught.value.fields["AthenaErrorCode"] == "RESULT_NOT_FOUND"


def test_values_bound_to_question_marks_reach_the_query(athena: Athena) -> None:
    execution = athena.succeed("SELECT ? AS a, ? AS b", ExecutionParameters=["1 + 1", "it's"])
    assert athena.rows(execution)[1] == ["2", "it's"]
    assert execution["Query"] == "SELECT ? AS a, ? AS b"
    assert execution["ExecutionParameters"] == ["1 + 1", "it's"]


def test_a_missing_value_fails_the_query(athena: Athena) -> None:
    execution = athena.run("SELECT ? AS a, ? AS b", ExecutionParameters=["1"])
    assert execution["Status"]["StateChangeReason"] == (
        "INVALID_PARAMETER_USAGE: line 1:1: Incorrect number of parameters: expected 2 but found 1"
    )


def test_runtime_statistics_tell_the_times_and_the_rows(athena: Athena) -> None:
    athena.numbers(7)
    execution = athena.succeed(NUMBERS)
    answer = athena.call("GetQueryRuntimeStatistics", QueryExecutionId=execution["QueryExecutionId"])
    statistics = answer["QueryRuntimeStatistics"]
    assert statistics["Rows"] == {"InputBytes": 14, "OutputRows": 7, "OutputBytes": 78}
    total = execution["Statistics"]["TotalExecutionTimeInMillis"]
    assert statistics["Timeline"]["TotalExecutionTimeInMillis"] == total
