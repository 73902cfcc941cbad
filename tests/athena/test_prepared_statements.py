"""Prepared statements: the same ones through the API and through SQL."""

from __future__ import annotations

import pytest

from lakebench.emulator.wire.provider import ServiceError

from .conftest import Athena

BELOW = {"StatementName": "below", "WorkGroup": "primary"}


@pytest.fixture
def below(athena: Athena) -> Athena:
    athena.numbers(5)
    athena.call("CreatePreparedStatement", **BELOW, QueryStatement="SELECT n FROM numbers WHERE n < ?")
    return athena


def refusal(athena: Athena, operation: str, **wire: object) -> tuple[str, str]:
    with pytest.raises(ServiceError) as caught:
        athena.call(operation, **wire)
    return caught.value.code, caught.value.message


def test_a_statement_is_answered_as_it_was_saved(below: Athena) -> None:
    found = below.call("GetPreparedStatement", **BELOW)["PreparedStatement"]
    assert found.pop("LastModifiedTime") is not None
    assert found == {
        "StatementName": "below",
        "QueryStatement": "SELECT n FROM numbers WHERE n < ?",
        "WorkGroupName": "primary",
    }


def test_execute_takes_arguments_or_execution_parameters(below: Athena) -> None:
    execution = below.succeed("EXECUTE below USING 1 + 1")
    assert below.rows(execution) == [["n"], ["1"]]
    assert (execution["StatementType"], execution["SubstatementType"]) == ("DML", "SELECT")
    assert execution["Query"] == "EXECUTE below USING 1 + 1"
    assert below.rows(below.succeed("EXECUTE below", ExecutionParameters=["3"])) == [["n"], ["1"], ["2"]]


def test_too_few_arguments_fail(below: Athena) -> None:
    status = below.run("EXECUTE below")["Status"]
    assert status["StateChangeReason"] == (
        "INVALID_PARAMETER_USAGE: line 1:1: Incorrect number of parameters: expected 1 but found 0"
    )


def test_sql_prepares_and_deallocates(athena: Athena) -> None:
    execution = athena.succeed("PREPARE One FROM SELECT ? AS a, 'x?' AS b")
    assert (execution["StatementType"], execution["SubstatementType"]) == ("DDL", "PREPARE")
    assert athena.rows(athena.succeed("EXECUTE One USING 7")) == [["a", "b"], ["7", "x?"]]
    listed = athena.call("ListPreparedStatements", WorkGroup="primary")["PreparedStatements"]
    assert [found["StatementName"] for found in listed] == ["One"]
    assert athena.run("PREPARE One FROM SELECT 1")["Status"]["StateChangeReason"] == (
        "ALREADY_EXISTS: Prepared statement One already exists in workGroup primary"
    )
    athena.succeed("DEALLOCATE PREPARE One")
    assert athena.call("ListPreparedStatements", WorkGroup="primary")["PreparedStatements"] == []
    assert athena.run("DEALLOCATE PREPARE One")["Status"]["State"] == "FAILED"


def test_a_name_that_is_not_there(athena: Athena) -> None:
    words = "PreparedStatement below was not found in workGroup primary"
    assert refusal(athena, "GetPreparedStatement", **BELOW) == ("ResourceNotFoundException", words)
    assert refusal(athena, "DeletePreparedStatement", **BELOW) == ("ResourceNotFoundException", words)
    with pytest.raises(ServiceError, match=words):
        athena.start("EXECUTE below USING 1")
    batch = athena.call("BatchGetPreparedStatement", WorkGroup="primary", PreparedStatementNames=["below"])
    assert batch["UnprocessedPreparedStatementNames"][0]["ErrorMessage"] == words


def test_what_does_not_parse_is_not_saved(athena: Athena) -> None:
    code, message = refusal(athena, "CreatePreparedStatement", **BELOW, QueryStatement="SELEC ?")
    assert (code, message[:31]) == ("InvalidRequestException", "line 1:1: mismatched input 'SEL")
    assert athena.run("PREPARE p FROM SELEC 1")["Status"]["StateChangeReason"].startswith("SYNTAX_ERROR: ")


def test_a_statement_is_changed_and_removed(below: Athena) -> None:
    below.call("UpdatePreparedStatement", **BELOW, QueryStatement="SELECT ?", Description="d")
    found = below.call("GetPreparedStatement", **BELOW)["PreparedStatement"]
    assert (found["QueryStatement"], found["Description"]) == ("SELECT ?", "d")
    below.call("DeletePreparedStatement", **BELOW)
    assert below.call("ListPreparedStatements", WorkGroup="primary")["PreparedStatements"] == []


def test_a_workgroup_takes_its_statements_with_it(athena: Athena) -> None:
    athena.call("CreateWorkGroup", Name="team")
    statement = {"StatementName": "s", "WorkGroup": "team", "QueryStatement": "SELECT 1"}
    athena.call("CreatePreparedStatement", **statement)
    assert refusal(athena, "DeleteWorkGroup", WorkGroup="team")[1] == "WorkGroup team is not empty"
    athena.call("DeleteWorkGroup", WorkGroup="team", RecursiveDeleteOption=True)
    athena.call("CreateWorkGroup", Name="team")
    assert athena.call("ListPreparedStatements", WorkGroup="team")["PreparedStatements"] == []


def test_a_prepared_statement_does_not_execute_another(athena: Athena) -> None:
    athena.succeed("PREPARE loop FROM EXECUTE loop")
    with pytest.raises(ServiceError, match="Queries of this type are not supported"):
        athena.start("EXECUTE loop")
