"""``lakebench check``: files of SQL, by syntax alone or against a limit; the hooks and recipes that use it."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from lakebench.sql.script import split_statements

ROOT = Path(__file__).parents[2]
LAKEBENCH = Path(sys.executable).parent / "lakebench"
SPLIT = [
    ("SELECT 1", ["SELECT 1"]),
    ("SELECT 1;\nSELECT 2;\n", ["SELECT 1", "         \nSELECT 2"]),
    ("SELECT ';' ;;", ["SELECT ';' "]),
    ("SELECT \"a;b\", 'it''s;' ", ["SELECT \"a;b\", 'it''s;' "]),
    ("CREATE TABLE `a;b`", ["CREATE TABLE `a;b`"]),
    ("-- a;b\nSELECT 1 /* ; */", ["-- a;b\nSELECT 1 /* ; */"]),
    ("-- nothing\n; /* ; */", []),
    ("SELECT 'open;", ["SELECT 'open;"]),
]


def _check(folder, *arguments):
    return subprocess.run(
        [LAKEBENCH, "check", *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(("text", "statements"), SPLIT)
def test_a_file_is_cut_at_its_semicolons_and_keeps_its_lines(text, statements):
    assert list(split_statements(text)) == statements


def test_syntax_is_checked_without_a_server_and_told_by_file_line_and_column(tmp_path):
    (tmp_path / "good.sql").write_text("SELECT 1;\nCREATE EXTERNAL TABLE t (a int) LOCATION 's3://b/t/'\n")
    (tmp_path / "bad.sql").write_text(
        "SELECT 1;\n\nSELECT a\nFORM t;\nOPTIMIZE t REWRITE DATA USING BIN_PACK"
    )
    good = _check(tmp_path, "good.sql")
    assert (good.returncode, good.stdout) == (0, ""), good.stderr
    assert good.stderr == "2 statements in 1 files: 0 refused, 0 over the limit\n"
    bad = _check(tmp_path, "good.sql", "bad.sql")
    assert bad.returncode == 1
    refused, note = bad.stdout.splitlines()
    assert refused.startswith("bad.sql:4:6: ")
    assert "mismatched input 't'" in refused
    assert note.startswith("bad.sql:5:1: not checked: ")
    told = json.loads(_check(tmp_path, "bad.sql", "--json").stdout)["statements"]
    assert [(one["line"], bool(one["error"])) for one in told] == [(1, False), (4, True), (5, False)]


def test_a_limit_is_held_against_an_estimate_of_each_statement(server, s3, athena, bucket, tmp_path):
    s3.put_object(Bucket=bucket, Key="t/0.csv", Body=b"1\n" * 500)
    ddl = f"CREATE EXTERNAL TABLE check_budget (a int) LOCATION 's3://{bucket}/t/'"
    asked = subprocess.run(
        [LAKEBENCH, "sql", ddl, "--endpoint", server.endpoint], capture_output=True, text=True, check=False
    )
    assert asked.returncode == 0, asked.stderr
    (tmp_path / "a.sql").write_text("SELECT 1;\nSELECT * FROM check_budget")
    at = ("a.sql", "--endpoint", server.endpoint)
    assert _check(tmp_path, *at, "--max-bytes", "1000").returncode == 0
    over = _check(tmp_path, *at, "--max-bytes", "999")
    assert over.returncode == 3
    assert over.stdout.startswith("a.sql:2:1: it may scan 1000 B")
    (tmp_path / "a.sql").write_text("SELECT * FROM gone")
    missing = _check(tmp_path, *at, "--max-usd", "1")
    assert (missing.returncode, missing.stdout.startswith("a.sql:1:15: TABLE_NOT_FOUND: ")) == (1, True)


def test_the_hooks_of_pre_commit_are_commands_that_there_are():
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert [hook["id"] for hook in hooks] == ["lakebench-check", "lakebench-budget"]
    for hook in hooks:
        assert {"id", "name", "entry", "language"} <= set(hook)
        assert (hook["language"], hook["types"]) == ("python", ["sql"])
        words = [*shlex.split(hook["entry"]), *hook.get("args", ()), "--help"]
        done = subprocess.run([LAKEBENCH, *words[1:]], capture_output=True, text=True, check=False)
        assert (words[0], done.returncode) == ("lakebench", 0), done.stderr
    used = yaml.safe_load((ROOT / "docs/examples/pre-commit-config.yaml").read_text())
    (repository,) = used["repos"]
    assert {hook["id"] for hook in repository["hooks"]} == {hook["id"] for hook in hooks}
    for hook in repository["hooks"]:
        flags = [word for word in hook.get("args", ()) if word.startswith("--")]
        assert all(f"{flag} " in done.stdout for flag in flags)


def test_the_gitlab_recipe_runs_over_the_example_project(tmp_path):
    """The project's tests are only collected: tests/pytest_plugin runs them."""
    recipe = yaml.safe_load((ROOT / "docs/examples/gitlab-ci.yml").read_text())
    jobs = {name: job for name, job in recipe.items() if name not in {"default", "variables"}}
    assert set(jobs) == {"sql", "budgets"}
    for job in jobs.values():
        for line in job["script"]:
            quick = re.sub(r"--junitxml=report\.xml", "--collect-only -p no:cacheprovider", line)
            done = subprocess.run(
                ["sh", "-euc", quick],
                cwd=ROOT / "examples/sales-lake",
                env={
                    "PATH": f"{LAKEBENCH.parent}:/usr/bin:/bin",
                    "HOME": str(tmp_path),
                    "PYTHONDONTWRITEBYTECODE": "1",
                },
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stdout + done.stderr
    assert jobs["budgets"]["artifacts"]["reports"]["junit"] == "report.xml"
