"""Every statement of tests/cases/statements, in order, through a real server by plain boto3."""

from __future__ import annotations

from typing import Any

import botocore.exceptions
import pytest

from .athena_session import AthenaSession
from .statement_cases import LINE_FEED, Case, fits, read_scenario, scenarios


@pytest.mark.parametrize("scenario", scenarios())
def test_the_statements_of_a_scenario_answer_as_athena_does(athena: Any, s3: Any, scenario: str) -> None:
    words = {"bucket": f"st-{scenario.replace('_', '-')}", "db": f"st_{scenario}"}
    s3.create_bucket(Bucket=words["bucket"])
    session = AthenaSession(athena, s3, words["bucket"])
    session.database = words["db"]
    session.succeed(f"CREATE DATABASE {session.database}")
    _, cases = read_scenario(scenario)
    assert cases
    wrong = [told for case in cases if (told := _difference(session, words, case))]
    assert not wrong, "\n".join(wrong)


def _difference(session: AthenaSession, words: dict[str, str], case: Case) -> str:
    """What a case answers instead of what it should; empty where it answers that."""
    for key, content in case.puts:
        session.put(key, content.encode())
    given = _answer(session, _filled(case.sql, words), case)
    expected = [_filled(line, words, padded=True) for line in case.expected]
    if len(expected) == len(given) and all(map(fits, expected, given)):
        return ""
    return "\n".join([f"line {case.number}: {case.sql}", *(f"    {line}" for line in given)])


def _filled(text: str, words: dict[str, str], *, padded: bool = False) -> str:
    for name, word in words.items():
        text = text.replace(f"{{{name}}}", word)
    return text if padded else text.replace(LINE_FEED, "\n")


def _answer(session: AthenaSession, sql: str, case: Case) -> list[str]:
    more = {"ExecutionParameters": list(case.parameters)} if case.parameters else {}
    try:
        execution = session.run(sql, **more)
    except botocore.exceptions.ClientError as error:
        return ["x " + _line(error.response["Message"])]
    lines = [f"@ {execution['StatementType']} {execution.get('SubstatementType', '-')}"]
    if execution["Status"]["State"] != "SUCCEEDED":
        return [*lines, "! " + _line(execution["Status"]["StateChangeReason"])]
    found = session.results(execution)["ResultSet"]
    columns = found["ResultSetMetadata"]["ColumnInfo"]
    if columns:
        lines.append(": " + ", ".join(f"{column['Name']} {column['Type']}" for column in columns))
    lines += [f"| {_line(_row(row))}¶" for row in found["Rows"]]
    return lines


def _row(row: dict[str, Any]) -> str:
    return "\t".join(str(datum.get("VarCharValue", "NULL")) for datum in row["Data"])


def _line(text: str) -> str:
    return text.replace("\t", "\\t").replace("\n", LINE_FEED)
