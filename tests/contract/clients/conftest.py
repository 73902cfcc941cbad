"""A running server in a process of its own, an environment that points at it, and the lake these tests share.

lakebench is not imported: the clients have an environment of their own (awswrangler pins older pyarrow).
"""

from __future__ import annotations

import gzip
import os
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).parents[3]
LAKEBENCH = os.environ.get("LAKEBENCH", str(ROOT / ".venv/bin/lakebench"))
COMPLEX_ROW = (
    "true\t127\t32767\t2147483647\t9223372036854775807\t0.5\t0.25\ta string\tvarchar\t2017-01-01 00:00:00.000\t"
    "2017-01-02\tMTIz\t1\x022\t1\x032\x023\x034\t1\x022\t0.1\n"
)
TEXT = "ROW FORMAT DELIMITED FIELDS TERMINATED BY '\\t' LINES TERMINATED BY '\\n' STORED AS TEXTFILE"


@pytest.fixture(scope="session")
def environment() -> Iterator[dict[str, str]]:
    """The variables that ``lakebench env`` prints, for a server of this test run."""
    process = subprocess.Popen(
        [LAKEBENCH, "serve", "--port", "0", "--ephemeral"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    endpoint = ""
    for line in process.stdout:
        if " at http://" in line:
            endpoint = line.rsplit(" at ", 1)[1].strip()
        if line.startswith("Ready"):
            break
    assert endpoint, "the server did not start"
    yield {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    process.terminate()
    process.wait(10)


@pytest.fixture(scope="session", autouse=True)
def _pointed_at_lakebench(environment: dict[str, str]) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        for name, value in environment.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="session")
def s3():
    import boto3

    return boto3.client("s3")


@pytest.fixture(scope="session")
def glue():
    import boto3

    return boto3.client("glue")


@pytest.fixture(scope="session")
def athena():
    import boto3

    return boto3.client("athena")


@pytest.fixture(scope="session")
def lake(s3) -> SimpleNamespace:
    """A database with small tables of text, made through PyAthena, as its users do."""
    import pyathena

    bucket, database = f"lake-{uuid.uuid4().hex[:8]}", "clients"
    s3.create_bucket(Bucket=bucket)
    objects = {
        "one_row/a.csv": b"1\n",
        "many_rows/a.csv": "".join(f"{n}\n" for n in range(10_000)).encode(),
        "complex/a.gz": gzip.compress(COMPLEX_ROW.encode()),
        "sales/year=2024/a.csv": b"1\tMadrid\t10.5\n2\tSevilla\t20.0\n",
        "sales/year=2025/a.csv": b"3\tMadrid\t4.5\n4\t\\N\t\\N\n",
    }
    for key, data in objects.items():
        s3.put_object(Bucket=bucket, Key=key, Body=data)
    results = f"s3://{bucket}/results/"
    cursor = pyathena.connect(s3_staging_dir=results).cursor()
    cursor.execute(f"CREATE DATABASE {database}")
    create = f"CREATE EXTERNAL TABLE {database}."
    cursor.execute(
        f"{create}one_row (number_of_rows int COMMENT 'some comment') COMMENT 'table comment' {TEXT} "
        f"LOCATION 's3://{bucket}/one_row/'"
    )
    cursor.execute(f"{create}many_rows (a int) {TEXT} LOCATION 's3://{bucket}/many_rows/'")
    cursor.execute(
        f"{create}one_row_complex (col_boolean boolean, col_tinyint tinyint, col_smallint smallint, col_int int, "
        "col_bigint bigint, col_float float, col_double double, col_string string, col_varchar varchar(10), "
        "col_timestamp timestamp, col_date date, col_binary binary, col_array array<int>, "
        f"col_map map<int, int>, col_struct struct<a: int, b: int>, col_decimal decimal(10,1)) {TEXT} "
        f"LOCATION 's3://{bucket}/complex/'"
    )
    cursor.execute(
        f"{create}sales (id int, city string, amount double) PARTITIONED BY (year int) {TEXT} "
        f"LOCATION 's3://{bucket}/sales/'"
    )
    cursor.execute(f"MSCK REPAIR TABLE `{database}`.`sales`")
    cursor.execute(f"CREATE VIEW {database}.one_row_view AS SELECT number_of_rows FROM {database}.one_row")
    return SimpleNamespace(bucket=bucket, database=database, results=results)


@pytest.fixture
def connect(lake):
    """``pyathena.connect`` to the lake's database."""
    import pyathena

    def connect(**options):
        options = {"poll_interval": 0.1, **options}
        return pyathena.connect(s3_staging_dir=lake.results, schema_name=lake.database, **options)

    return connect


@pytest.fixture
def place(lake) -> str:
    """An S3 prefix that nothing else uses."""
    return f"s3://{lake.bucket}/{uuid.uuid4().hex[:10]}/"


@pytest.fixture
def name() -> str:
    """A table's name that nothing else uses."""
    return f"t_{uuid.uuid4().hex[:10]}"
