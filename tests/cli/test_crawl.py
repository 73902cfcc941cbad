"""``lakebench crawl``: what it shows, what it warns of, and what it leaves behind."""

import gzip
import json
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

LAKEBENCH = Path(sys.executable).parent / "lakebench"
SALES = b"id,total\n1,2.5\n2,3.5\n"


class Crawls:
    def __init__(self, server, s3, glue, bucket):
        self.endpoint, self.s3, self.glue, self.bucket = server.endpoint, s3, glue, bucket
        self.database = f"db_{uuid.uuid4().hex[:8]}"

    def put(self, key, body=SALES):
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)

    def run(self, path, *arguments):
        command = [LAKEBENCH, "crawl", f"s3://{self.bucket}/{path}", "--database", self.database]
        command += ["--endpoint", self.endpoint, *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    def found(self, path, *arguments):
        done = self.run(path, "--json", *arguments)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def advice(self, path):
        return [line for table in self.found(path)["tables"] for line in table["advice"]]

    def databases(self):
        return [database["Name"] for database in self.glue.get_databases()["DatabaseList"]]


@pytest.fixture
def crawls(server, s3, glue, bucket):
    return Crawls(server, s3, glue, bucket)


def test_a_crawl_shows_columns_types_partitions_and_first_values(crawls):
    crawls.put("sales/year=2023/a.csv")
    crawls.put("sales/year=2024/a.csv")
    done = crawls.run("sales/")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f"s3://{crawls.bucket}/sales/ into {crawls.database}: 1 table, ")
    assert lines[2] == (
        f"sales (added): csv, delimiter ',', with a header, 2 partitions, s3://{crawls.bucket}/sales/"
    )
    assert [line.split() for line in lines[6:9]] == [
        ["id", "bigint", "1,", "2"],
        ["total", "double", "2.5,", "3.5"],
        ["year", "string", "(partition)", "2023,", "2024"],
    ]
    names = [table["Name"] for table in crawls.glue.get_tables(DatabaseName=crawls.database)["TableList"]]
    assert names == ["sales"]
    assert not [name for name in crawls.glue.list_crawlers()["CrawlerNames"] if "lakebench-crawl" in name]


def test_a_dry_run_says_what_would_change_and_changes_nothing(crawls):
    crawls.put("sales/a.csv")
    first = crawls.found("sales/", "--dry-run")
    assert [table["change"] for table in first["tables"]] == ["would be added"]
    assert crawls.database not in crawls.databases()
    assert not [name for name in crawls.databases() if "dry_run" in name]
    crawls.found("sales/")
    assert [table["change"] for table in crawls.found("sales/", "--dry-run")["tables"]] == ["unchanged"]
    crawls.put("sales/b.csv", b"id,total\n1.5,2.5\n")
    third = crawls.found("sales/", "--dry-run")
    assert [table["change"] for table in third["tables"]] == ["would be updated"]
    columns = crawls.glue.get_table(DatabaseName=crawls.database, Name="sales")["Table"]
    assert columns["StorageDescriptor"]["Columns"][0]["Type"] == "bigint"


def test_a_second_crawl_knows_the_tables_of_the_first(crawls):
    crawls.put("sales/a.csv")
    assert crawls.found("sales/")["tables"][0]["change"] == "added"
    assert crawls.found("sales/")["tables"][0]["change"] == "unchanged"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"id,day\n1,2024-01-31\n2,2024-02-01\n", "Dates stay strings: day"),
        (b"id,at\n1,2024-01-31 10:00:00\n", "Dates stay strings: at"),
        (b'id,who\n1,"Gil, Ana"\n2,"x"\n', "LazySimpleSerDe keeps the quotes"),
        (b"name,city\nAna,Madrid\n", "ContainsHeader PRESENT"),
        (b"zip,n\n08001,1\n28001,2\n", "Leading zeros are lost, numbers are bigint: zip"),
        ("\ufeffid,n\n1,2\n3,4\n".encode(), "byte order mark"),
        (b"id,net quantity\n1,2\n", '"net quantity"'),
        (b"id\n1\n2\n", "No classifier knew the format"),
        (b"<r><x><y>1</y></x></r>", "Athena does not read xml"),
    ],
)
def test_it_warns_of_the_known_disappointments(crawls, body, said):
    crawls.put("t/a", body)
    assert any(said in line for line in crawls.advice("t/"))


def test_it_warns_of_partitions_that_disagree_with_their_table(crawls):
    crawls.put("t/d=1/a.csv", b"id,n\na,1\n")
    crawls.put("t/d=2/a.csv", b"id,n\na,1.5\n")
    assert any("HIVE_PARTITION_SCHEMA_MISMATCH" in line for line in crawls.advice("t/"))


def test_a_plain_table_needs_no_advice(crawls):
    crawls.put("t/a.csv")
    assert crawls.advice("t/") == []


def test_values_of_gzip_and_json_are_shown_too(crawls):
    crawls.put("g/a.csv.gz", gzip.compress(SALES + b"3,4.5\n" * 100))
    crawls.put("j/a.json", b'{"Id": 1, "tags": ["a"]}\n{"Id": 2, "tags": null}\n')
    assert crawls.found("g/")["tables"][0]["values"]["id"][:2] == ["1", "2"]
    assert crawls.found("j/")["tables"][0]["values"] == {"id": ["1", "2"], "tags": ['["a"]']}


def test_objects_that_were_left_out_are_named(crawls):
    crawls.put("t/a.csv")
    crawls.put("t/b.csv.gz", b"no gzip")
    left = {"object": f"s3://{crawls.bucket}/t/b.csv.gz", "reason": "is named .gz but is not gzip"}
    assert crawls.found("t/")["left_out"] == [left]


def test_a_prefix_without_anything_is_told(crawls):
    done = crawls.run("nothing/")
    assert done.returncode == 0
    assert "No table" in done.stdout


def test_a_missing_bucket_is_an_error_and_leaves_no_crawler(crawls):
    crawls.bucket = "no-such-bucket-here"
    done = crawls.run("t/")
    assert done.returncode == 1
    assert "no-such-bucket-here" in done.stderr
    assert not [name for name in crawls.glue.list_crawlers()["CrawlerNames"] if "lakebench-crawl" in name]


def test_what_is_no_place_in_s3_is_refused(server):
    command = [LAKEBENCH, "crawl", "raw/sales", "--endpoint", server.endpoint]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "raw/sales" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--target", "aws"], "costs money"),
        (["--target", "aws", "--aws"], "it needs --aws-role and --max-usd"),
        (["--target", "aws", "--aws", "--aws-role", "r", "--endpoint", "http://127.0.0.1:1"], "endpoint"),
        (["--target", "mars"], "unknown target"),
    ],
)
def test_nothing_is_sent_to_aws_without_a_yes_and_a_role(arguments, said):
    command = [LAKEBENCH, "crawl", "s3://bucket/raw/", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert said in done.stderr
    assert done.stdout == ""
