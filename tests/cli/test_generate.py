"""``lakebench generate``: what it stores and says, and what it refuses."""

from __future__ import annotations

import subprocess
import sys
import uuid
from pathlib import Path

import pytest

LAKEBENCH = Path(sys.executable).parent / "lakebench"


def _generate(*arguments):
    return subprocess.run(
        [LAKEBENCH, "generate", *arguments], capture_output=True, text=True, timeout=120, check=False
    )


def test_sales_are_stored_and_counted_and_a_second_time_refused(server, s3):
    bucket = f"gen-{uuid.uuid4().hex[:8]}"
    command = (
        "ventas",
        "--rows",
        "1_000",
        "--to",
        f"s3://{bucket}/raw",
        "--files",
        "4",
        "--format",
        "csv.gz",
    )
    done = _generate(*command, "--endpoint", server.endpoint)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("1,000 rows in 4 files, ")
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    assert keys == [f"raw/part-0000{number}.csv.gz" for number in range(4)]
    again = _generate(*command, "--endpoint", server.endpoint)
    assert (again.returncode, again.stdout) == (1, "")
    assert "holds objects already" in again.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("ventas", "--to", "lake/raw"), 1, "not an S3 path"),
        (("ventas", "--to", "s3://lake/raw/", "--rows", "3", "--files", "4"), 1, "files must be between"),
        (("sales", "--to", "s3://lake/raw/"), 2, "ventas"),
        (("ventas", "--to", "s3://lake/raw/", "--format", "xml"), 2, "csv.gz"),
    ],
)
def test_bad_arguments_are_refused_in_words(arguments, code, message):
    refused = _generate(*arguments)
    assert refused.returncode == code
    assert message in refused.stderr
    assert "Traceback" not in refused.stderr
