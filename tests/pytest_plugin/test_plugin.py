"""The pytest plugin, as a project sees it: pytest of its own process, a real server."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "sales-lake"


def run_pytest(directory, *arguments):
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "AWS_"))
    }
    # pytest's summary repeats whole messages where CI is set: said here for every machine alike.
    environment |= {"CI": "true"}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(directory),
        "-c",
        os.devnull,
    ]
    done = subprocess.run(
        [*command, *arguments],
        cwd=directory,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_loading_the_plugin_imports_no_heavy_library():
    code = (
        "import sys, lakebench.pytest_plugin.plugin as plugin\n"
        "print(sorted({'boto3', 'botocore', 'duckdb', 'pyarrow', 'moto', 'sqlglot'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_example_passes_and_its_bytes_are_a_baseline_that_fails_what_scans_more(tmp_path):
    baseline = tmp_path / "bytes.json"
    code, said = run_pytest(EXAMPLE, "tests", "--lakebench-record", str(baseline))
    assert code == 0, said
    document = json.loads(baseline.read_text())
    assert len(document["scanned_bytes"]) == 2

    doctored = {name: count - 1 for name, count in document["scanned_bytes"].items()}
    baseline.write_text(json.dumps({**document, "scanned_bytes": doctored}))
    code, said = run_pytest(EXAMPLE, "tests", "over_budget", "--lakebench-compare", str(baseline))
    assert code == 1
    assert len(re.findall(r"^scanned .* \(\+1\)$", said, re.MULTILINE)) == 2, said
    assert "query budget exceeded by 1 query:" in said
    assert "most by table lake.ventas_curated (parquet): " in said
    assert re.search(r"columns: .*producto ", said)
    assert "no filter on partition key: region" in said
    shown = (EXAMPLE / "README.md").read_text()
    message = said[said.index("query budget exceeded") :].split("\n  in: ")[0]
    assert message in shown


CASES = """
import pytest

def test_a_first_test_makes_a_table(lake, athena):
    lake.put("t/a.csv", b"1")
    athena.query("CREATE EXTERNAL TABLE t (a int) LOCATION 's3://lake/t/'")
    assert [row[0] for row in athena.query("SHOW TABLES").rows] == ["t"]
    assert athena.query("SHOW TABLES").cost_usd == 0

def test_a_second_test_finds_none(athena, lake):
    assert athena.query("SHOW TABLES").rows == ()
    assert lake.session.s3.list_objects_v2(Bucket="lake", Prefix="t/")["KeyCount"] == 0

def test_aws_is_out_of_reach():
    import boto3
    boto3.client("s3", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b").list_buckets()

def test_swallowing_the_refusal_does_not_help():
    import socket
    try:
        socket.create_connection(("athena.eu-west-1.amazonaws.com", 443), timeout=1)
    except Exception:
        pass

@pytest.mark.query_budget(max_bytes="1 MB")
def test_a_budget_without_queries(athena):
    pass

@pytest.mark.query_budget(max_bytes="a lot")
def test_a_budget_that_cannot_be_read(athena):
    athena.query("SELECT 1")

def test_a_benchmark(scan_benchmark):
    assert scan_benchmark("SELECT 1").rows == ((1,),)
"""


def test_lakes_are_clean_aws_is_guarded_and_benchmarks_have_bytes(tmp_path):
    (tmp_path / "test_cases.py").write_text(CASES)
    code, said = run_pytest(
        tmp_path,
        "-rA",
        "--benchmark-json",
        "out.json",
        "--benchmark-max-time",
        "0.1",
        "--benchmark-min-rounds",
        "1",
    )
    assert code == 1
    assert re.search(r"4 failed, 3 passed", said), said
    for passed in ("a_first_test_makes_a_table", "a_second_test_finds_none", "a_benchmark"):
        assert f"PASSED test_cases.py::test_{passed}" in said
    assert re.search(
        r"GuardError: stopped a test's request to s3[a-z0-9.-]*\.amazonaws\.com; nothing was sent", said
    )
    assert "GuardError: stopped a test's request to athena.eu-west-1.amazonaws.com; nothing was sent" in said
    assert "query_budget: the test made no query through the fixture athena" in said
    assert "query_budget: not a number of bytes: 'a lot'" in said
    [benchmark] = json.loads((tmp_path / "out.json").read_text())["benchmarks"]
    assert benchmark["extra_info"]["scanned_bytes"] == 0
    assert set(benchmark["extra_info"]) == {"scanned_bytes", "cost_usd", "objects", "row_groups"}


@pytest.mark.parametrize("text", ["{", '{"format": "lakebench-test-bytes-9"}'])
def test_a_baseline_of_another_kind_is_refused(tmp_path, text):
    (tmp_path / "bytes.json").write_text(text)
    (tmp_path / "test_nothing.py").write_text("def test_nothing(): pass\n")
    code, said = run_pytest(tmp_path, "--lakebench-compare", "bytes.json")
    assert code == 4
    assert "bytes.json: not a baseline" in said


def test_benchmarks_own_comparison_fails_and_passes_beside_the_bytes(tmp_path):
    """pytest-benchmark's ``--benchmark-compare-fail``: its earlier run is made ten times faster, and slower."""
    (tmp_path / "test_it.py").write_text(
        "def test_a_benchmark(scan_benchmark):\n    assert scan_benchmark('SELECT 1').rows == ((1,),)\n"
    )
    few = ("--benchmark-max-time", "0.1", "--benchmark-min-rounds", "1", "--benchmark-storage", "kept")
    code, said = run_pytest(tmp_path, *few, "--benchmark-save", "base")
    assert code == 0, said
    [saved] = (tmp_path / "kept").rglob("*_base.json")
    document = json.loads(saved.read_text())
    assert document["benchmarks"][0]["extra_info"]["scanned_bytes"] == 0
    least = document["benchmarks"][0]["stats"]["min"]
    for factor, expected in ((1e-6, 1), (1e6, 0)):
        document["benchmarks"][0]["stats"]["min"] = least * factor
        saved.write_text(json.dumps(document))
        compare = ("--benchmark-compare", "0001", "--benchmark-compare-fail", "min:50%")
        code, said = run_pytest(tmp_path, *few, *compare)
        assert code == expected, said
        assert ("Performance has regressed" in said) is (expected == 1)
