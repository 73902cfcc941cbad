"""lakebench validate against a server posing as AWS: the same, explained, unexplained, and offline again."""

import json
import os
import subprocess

import pytest

from lakebench.parity.questionnaire import questions
from lakebench.parity.record import read_validation

from .conftest import LAKEBENCH
from .posing import ACCESS_KEY, SECRET_KEY

ONLY = "gap_small,null_column,orc_columns,failed_query"
YES = ("--aws", "--max-usd", "0.01")
BY_ID = {question.id: question for question in questions()}


def scanned_as(figures):
    """An AWS that reports these bytes for the queries over these tables."""

    def edit(told):
        execution = told["QueryExecution"]
        for table, figure in figures.items():
            if f"FROM {table}" in execution["Query"] and "Statistics" in execution:
                execution["Statistics"]["DataScannedInBytes"] = figure

    return edit


def at_home(tmp_path, *arguments):
    """The command with no way to AWS."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "COLUMNS": "160"}
    return subprocess.run(
        [LAKEBENCH, "validate", *arguments],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_questions_are_answered_recorded_and_checked_again_offline(lakebench, aws, tmp_path):
    """One answer is another than ours, one is none of those that were thought of, all others are ours."""
    other = BY_ID["gap_small"].answers[1]
    aws.weather.doctored["athena:GetQueryExecution"] = scanned_as(
        {"gap_small": other.most, "null_column": 12_345}
    )
    done = lakebench(
        "validate", "athena-questions", "--only", ONLY, *YES, "--record", "kept.json", "--json", "judged.json",
        "--markdown", "report.md",
    )  # fmt: skip
    assert done.returncode == 4, done.stderr
    assert "AWS account 123456789012, us-east-1, workgroup lakebench-" in done.stderr
    assert "queries stop at 0.01 USD" in done.stderr
    assert (aws.refused, aws.buckets(), list(tmp_path.glob(".lakebench/aws/*"))) == ([], [], [])
    assert "glue:CreateCrawler" not in aws.calls, "no role, no crawl"

    judged = json.loads((tmp_path / "judged.json").read_text())
    answers = {one["id"]: one["other"] for one in judged["questions"]}
    assert (answers.pop("gap_small"), answers.pop("null_column")) == ("B", "unclear")
    assert answers == {"orc_columns": "A", "failed_query": "A"}
    assert {one["name"]: one["verdict"] for one in judged["compared"] if one["verdict"] != "same"} == {
        "gap_small": "explained",
        "null_column": "unexplained",
    }
    report = (tmp_path / "report.md").read_text()
    assert "| B: the gap counts |" in report
    assert "unexplained" in report

    record = (tmp_path / "kept.json").read_text()
    for secret in (ACCESS_KEY, SECRET_KEY, "123456789012"):
        assert secret not in record + done.stdout + report
    again = at_home(tmp_path, "--recheck", "kept.json")
    assert again.returncode == 4, again.stderr
    assert done.stdout == f"{again.stdout}The record is kept.json\n"


def test_a_suite_on_layouts_is_the_same_down_to_its_files_but_for_what_is_told(lakebench, aws, tmp_path):
    def edit(told):
        for row in told["ResultSet"]["Rows"]:
            if row["Data"][0].get("VarCharValue") == "Libros":
                row["Data"][1]["VarCharValue"] = "1"

    aws.weather.doctored["athena:GetQueryResults"] = edit
    (tmp_path / "mine.toml").write_text(
        'data = "ventas"\n[queries.by_category]\nsql = "SELECT categoria, count(*) AS c FROM {table} GROUP BY 1"\n'
    )
    done = lakebench(
        "validate", "mine.toml", "--aws", "--max-usd", "0.1", "--rows", "300", "--layouts", "parquet_snappy,orc", "--aws-role", "crawler",
        "--record", "kept.json", "--json", "judged.json",
    )  # fmt: skip
    assert done.returncode == 4, done.stderr
    judged = json.loads((tmp_path / "judged.json").read_text())
    compared = {one["name"]: one for one in judged["compared"]}
    wrong = compared["by_category on orc"]["differences"]
    assert [(one["aspect"], one["other"]) for one in wrong] == [("rows", "(Libros, 1)")]
    different = {name for name, one in compared.items() if one["verdict"] != "same"}
    assert different == {f"by_category on {layout}" for layout in ("csv", "parquet_snappy", "orc")}
    assert {"table crawled_csv", "table parquet_snappy", "CTAS orc", "error: bad syntax"} <= set(compared)
    kept = read_validation(tmp_path / "kept.json")
    (shape,) = next(table for table in kept.other.tables if table.name == "parquet_snappy").files
    assert (shape.data_format, shape.codec, shape.rows, shape.blooms) == ("parquet", "snappy", 300, False)
    assert aws.buckets() == []


@pytest.mark.parametrize("missing", ["--aws", "--max-usd"])
def test_without_its_yes_and_its_limit_nothing_is_sent(lakebench, aws, missing):
    given = {"--aws": ("--aws",), "--max-usd": ("--max-usd", "0.01")}
    del given[missing]
    done = lakebench("validate", "athena-questions", *(word for words in given.values() for word in words))
    assert done.returncode == 1
    assert f"it needs {missing}" in done.stderr
    assert aws.calls == []


def test_a_plan_over_the_limit_sends_nothing(lakebench, aws):
    done = lakebench(
        "validate", "ventas", "--rows", "300", "--layouts", "csv", "--aws", "--max-usd", "0.0003"
    )
    assert done.returncode == 1
    assert "over --max-usd 0.0003" in done.stderr
    assert aws.calls == []


def test_a_record_of_another_suite_or_version_is_refused(tmp_path):
    kept = tmp_path / "kept.json"
    kept.write_text('{"schema": "lakebench.validation", "schema_version": 9}')
    done = at_home(tmp_path, "--recheck", "kept.json")
    assert (done.returncode, "schema_version 9 is not read" in done.stderr) == (1, True), done.stderr
    kept.write_text("{}")
    assert "not a validation" in at_home(tmp_path, "--recheck", "kept.json").stderr
    assert "validate what?" in at_home(tmp_path).stderr
