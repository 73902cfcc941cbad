"""S3, Glue and Athena against a small model: whatever is done in whatever order, all three agree with it.

A sequence has a database and a prefix of its own on one server, which some sequences restart or kill: what an
earlier sequence left must still be there. LAKEBENCH_LONG=1 (make abuse-long) runs more and longer sequences.
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import tempfile
import time
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from lakebench import Server

from .probe import LONG

BUCKET = "lake-model"
TABLES = st.sampled_from(["t", "u", "v"])
FILES = st.sampled_from(["a.csv", "b.csv", "sub/c.csv"])
ROWS = st.lists(st.integers(-9, 9), max_size=4)


class Lake:
    """One server over one directory; its clients change with each start."""

    def __init__(self, root):
        self.root = root
        self.numbers = itertools.count()
        self.start()

    def start(self):
        self.server = Server(data_dir=self.root / "data", workers=1).start()
        self.s3, self.glue, self.athena = (self.server.client(name) for name in ("s3", "glue", "athena"))

    def restart(self, *, kill):
        if kill:
            os.kill(self.server.pid, signal.SIGKILL)
        self.server.stop()
        self.start()

    def query(self, sql, database):
        """The state, the error's text and the rows without their header."""
        started = self.athena.start_query_execution(
            QueryString=sql,
            QueryExecutionContext={"Database": database},
            ResultConfiguration={"OutputLocation": f"s3://{BUCKET}/results/"},
        )["QueryExecutionId"]
        while True:
            status = self.athena.get_query_execution(QueryExecutionId=started)["QueryExecution"]["Status"]
            if status["State"] not in {"QUEUED", "RUNNING"}:
                break
            time.sleep(0.01)
        if status["State"] != "SUCCEEDED":
            return status["State"], status["StateChangeReason"], []
        rows = self.athena.get_query_results(QueryExecutionId=started)["ResultSet"]["Rows"]
        return "SUCCEEDED", "", [[one.get("VarCharValue") for one in row["Data"]] for row in rows[1:]]


def code_of(call, **arguments):
    """The code of the call's error, or nothing."""
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return ""


class LakeMachine(RuleBasedStateMachine):
    """``tables`` are the names that Glue has; ``files`` the rows of each object, by table and name."""

    lake: Lake

    def __init__(self):
        super().__init__()
        self.database = f"d{next(self.lake.numbers)}"
        self.tables = set()
        self.files = {}
        self.lake.glue.create_database(DatabaseInput={"Name": self.database})

    def rows(self, table):
        return sorted(n for (owner, _), rows in self.files.items() if owner == table for n in rows)

    def prefix(self, table):
        return f"{self.database}/{table}/"

    @rule(table=TABLES, name=FILES, rows=ROWS)
    def put(self, table, name, rows):
        body = "".join(f"{n},x\n" for n in rows).encode()
        self.lake.s3.put_object(Bucket=BUCKET, Key=self.prefix(table) + name, Body=body)
        self.files[table, name] = rows

    @rule(table=TABLES, name=FILES)
    def delete(self, table, name):
        self.lake.s3.delete_object(Bucket=BUCKET, Key=self.prefix(table) + name)
        self.files.pop((table, name), None)

    @rule(table=TABLES, by_glue=st.booleans())
    def create(self, table, by_glue):
        where = f"s3://{BUCKET}/{self.prefix(table)}"
        if by_glue:
            storage = {
                "Columns": [{"Name": "n", "Type": "bigint"}, {"Name": "x", "Type": "string"}],
                "Location": where,
                "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
                "SerdeInfo": {
                    "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
                    "Parameters": {"field.delim": ","},
                },
            }
            new = {"Name": table, "TableType": "EXTERNAL_TABLE", "StorageDescriptor": storage}
            code = code_of(self.lake.glue.create_table, DatabaseName=self.database, TableInput=new)
            assert code == ("AlreadyExistsException" if table in self.tables else "")
        else:
            sql = (
                f"CREATE EXTERNAL TABLE {table} (n bigint, x string) "
                f"ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION '{where}'"
            )
            state, text, _ = self.lake.query(sql, self.database)
            assert (state == "SUCCEEDED") == (table not in self.tables), text
        self.tables.add(table)

    @rule(table=TABLES, by_glue=st.booleans())
    def drop(self, table, by_glue):
        if by_glue:
            code = code_of(self.lake.glue.delete_table, DatabaseName=self.database, Name=table)
            assert code == ("" if table in self.tables else "EntityNotFoundException")
        else:
            state, text, _ = self.lake.query(f"DROP TABLE IF EXISTS {table}", self.database)
            assert state == "SUCCEEDED", text
        self.tables.discard(table)

    @rule(table=TABLES)
    def select(self, table):
        state, text, rows = self.lake.query(f"SELECT n FROM {table} ORDER BY n", self.database)
        if table not in self.tables:
            assert state == "FAILED"
            assert "TABLE_NOT_FOUND" in text
        else:
            assert (state, text) == ("SUCCEEDED", "")
            assert [int(row[0]) for row in rows] == self.rows(table)

    @precondition(lambda self: self.tables)
    @rule(table=TABLES, n=st.integers(-9, 9))
    def insert(self, table, n):
        before = self.listed(table)
        state, text, _ = self.lake.query(f"INSERT INTO {table} VALUES ({n}, 'x')", self.database)
        assert (state == "SUCCEEDED") == (table in self.tables), text
        new = self.listed(table) - before
        assert len(new) == (table in self.tables)
        for key in new:
            self.files[table, key.removeprefix(self.prefix(table))] = [n]

    def listed(self, table):
        found = self.lake.s3.list_objects_v2(Bucket=BUCKET, Prefix=self.prefix(table)).get("Contents", [])
        return {one["Key"] for one in found}

    @precondition(lambda _: LONG)  # short sequences are looked at in their end
    @invariant()
    def all_agree(self):
        self.glue_and_s3_agree()

    def glue_and_s3_agree(self):
        found = self.lake.glue.get_tables(DatabaseName=self.database)["TableList"]
        assert {one["Name"] for one in found} == self.tables
        listed = self.lake.s3.list_objects_v2(Bucket=BUCKET, Prefix=f"{self.database}/").get("Contents", [])
        assert {one["Key"] for one in listed} == {self.prefix(table) + name for table, name in self.files}

    def teardown(self):
        """Some sequences end with a restart, after which all of it is still there."""
        self.glue_and_s3_agree()
        number = int(self.database[1:])
        if number % 50 == 7:
            self.lake.restart(kill=number % 100 == 7)
            self.glue_and_s3_agree()
            for table in sorted(self.tables):
                self.select(table)


@pytest.fixture
def lake():
    root = Path(tempfile.mkdtemp(prefix="lake-model-"))
    opened = Lake(root)
    try:
        opened.s3.create_bucket(Bucket=BUCKET)
        yield opened
    finally:
        opened.server.stop()
        shutil.rmtree(root)


def test_s3_glue_and_athena_agree_with_a_model(lake):
    run_state_machine_as_test(
        type("LakeMachineOfThisTest", (LakeMachine,), {"lake": lake}),
        settings=settings(
            max_examples=1000 if LONG else 200,
            stateful_step_count=40 if LONG else 4,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
