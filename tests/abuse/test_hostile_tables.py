"""Tables, partitions and objects whose names and settings are SQL, quotes, paths and control characters."""

from __future__ import annotations

import base64
import itertools
import json
import time
from pathlib import Path

import pytest

from lakebench import Server

from .probe import CANARY, LONG, Prober, fill_lake

CASES = json.loads((Path(__file__).parents[1] / "cases/abuse/escapes.json").read_text())
LAZY = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
OPEN_CSV = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
JSON_SERDE = "org.openx.data.jsonserde.JsonSerDe"
PARQUET = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
TEXT_INPUT = "org.apache.hadoop.mapred.TextInputFormat"
PLACES = (
    "column", "type", "comment", "partition key", "partition value", "partition location", "field.delim",
    "escape.delim", "line.delim", "serialization.null.format", "quoteChar", "separatorChar", "escapeChar",
    "skip.header.line.count", "ignore.malformed.json", "mapping.a", "serde", "input format", "location", "table",
    "view", "projection.p.values",
)  # fmt: skip


@pytest.fixture(scope="module")
def prober(tmp_path_factory):
    guard = tmp_path_factory.mktemp("guard")
    (guard / "secret.txt").write_text(f"{CANARY},{CANARY}\n")
    with Server() as server:
        prober = Prober(server, "hostile-bucket", guard)
        fill_lake(prober)
        prober.s3.put_object(Bucket=prober.bucket, Key="t/p=1/a.csv", Body=b"1,one\n2,two\n")
        prober.s3.put_object(Bucket=prober.bucket, Key="j/p=1/a.json", Body=b'{"a": "1", "b": "x"}\n')
        yield prober


def table_input(prober, place, text, name):  # noqa: C901 (a case a place)
    """A Glue table that has the text in one place."""
    columns = [{"Name": "a", "Type": "string"}, {"Name": "b", "Type": "string"}]
    parameters = {"field.delim": ","}
    home = "t" if place not in {"type", "table"} else f"own/{name}"  # these are written to
    storage = {"Columns": columns, "Location": f"s3://{prober.bucket}/{home}/", "InputFormat": TEXT_INPUT}
    library = LAZY
    table = {"Name": name, "PartitionKeys": [{"Name": "p", "Type": "string"}], "TableType": "EXTERNAL_TABLE"}
    match place:
        case "column":
            columns[1]["Name"] = text
        case "type":
            columns[1]["Type"] = text
        case "comment":
            columns[1]["Comment"] = text
            table["Description"] = text
        case "partition key":
            table["PartitionKeys"][0]["Name"] = text
        case "quoteChar" | "separatorChar" | "escapeChar":
            library, parameters = OPEN_CSV, {place: text}
        case "ignore.malformed.json" | "mapping.a":
            library, parameters = JSON_SERDE, {place: text}
            storage["Location"] = f"s3://{prober.bucket}/j/"
        case "serde":
            library = text
        case "input format":
            storage["InputFormat"] = text
        case "location":
            storage["Location"] = f"s3://{prober.bucket}/{text}"
        case "table":
            table["Name"] = text
        case "view":
            table["TableType"] = "VIRTUAL_VIEW"
            view = {"originalSql": f"SELECT * FROM {text}", "catalog": "awsdatacatalog", "schema": "probes"}
            view["columns"] = [{"name": "a", "type": "varchar"}]
            packed = base64.b64encode(json.dumps(view).encode()).decode()
            table |= {
                "ViewOriginalText": f"/* Presto View: {packed} */",
                "ViewExpandedText": "/* Presto View */",
            }
            table["Parameters"] = {"presto_view": "true"}
        case "projection.p.values":
            table["Parameters"] = {"projection.enabled": "true", "projection.p.type": "enum", place: text}
        case _:
            parameters[place] = text
    storage["SerdeInfo"] = {"SerializationLibrary": library, "Parameters": parameters}
    return table | {"StorageDescriptor": storage}


def partition_input(prober, place, text):
    location = f"s3://{prober.bucket}/t/p=1/" if place != "partition location" else text
    serde = {"SerializationLibrary": LAZY, "Parameters": {"field.delim": ","}}
    storage = {"Columns": [{"Name": "a", "Type": "string"}], "Location": location, "SerdeInfo": serde}
    return {"Values": [text if place == "partition value" else "1"], "StorageDescriptor": storage}


@pytest.mark.parametrize("place", PLACES)
def test_a_hostile_text_in_a_table_is_only_a_text(prober, place):
    statements = []
    for n, raw in enumerate(CASES["texts"]):
        if not LONG and n % 4 != PLACES.index(place) % 4:
            continue  # each text is in each place in the long mode: make abuse-long
        text = prober.filled(raw)
        name = f"h{PLACES.index(place)}_{n}"
        table = table_input(prober, place, text, name)
        if not prober.quietly(prober.glue.create_table, DatabaseName="probes", TableInput=table):
            continue
        if place != "view":
            partition = partition_input(prober, place, text)
            prober.quietly(
                prober.glue.create_partition,
                DatabaseName="probes",
                TableName=table["Name"],
                PartitionInput=partition,
            )
        quoted = '"' + table["Name"].replace('"', '""') + '"'
        literal = "'" + text.replace("'", "''") + "'"
        column = '"' + text.replace('"', '""') + '"'
        hive = "`" + table["Name"].replace("`", "``") + "`"
        statements += [
            f"SELECT * FROM {quoted}",
            f"SELECT *, \"$path\" FROM {quoted} WHERE p = '{text.replace(chr(39), chr(39) * 2)}'",
            f"SELECT {column} FROM {quoted}",
            f"CREATE TABLE c{name} WITH (format = 'TEXTFILE') AS SELECT * FROM {quoted}",
            *([f"INSERT INTO {quoted} SELECT 'a', 'b', {literal}"] if place in {"type", "table"} else []),
            f"SHOW CREATE TABLE {hive}",
            f"SHOW PARTITIONS {hive}",
            f"DESCRIBE {hive}",
            f"DROP TABLE {hive}",
        ]
    prober.check(prober.run_all(statements))


def test_hostile_aliases_columns_and_partitions_of_written_tables(prober):
    statements = []
    for n, raw in enumerate(CASES["texts"]):
        text = prober.filled(raw)
        if not LONG and n % 2:
            continue
        name, literal = '"' + text.replace('"', '""') + '"', "'" + text.replace("'", "''") + "'"
        for kind in ("PARQUET", "TEXTFILE", "JSON"):
            options = f"format = '{kind}'"
            statements += [
                f"CREATE TABLE w{n}{kind} WITH ({options}) AS SELECT 1 AS {name}",
                f"CREATE TABLE p{n}{kind} WITH ({options}, partitioned_by = ARRAY['p']) AS SELECT 1 AS a, {literal} AS p",
                f"SELECT * FROM p{n}{kind}",
                f"INSERT INTO p{n}{kind} SELECT 2, {literal}",
            ]
        statements += [
            f"SELECT 1 AS {name}, {literal} AS b",
            f"CREATE TABLE d{n} WITH (format = 'TEXTFILE', field_delimiter = {literal}) AS SELECT 1 AS a",
            f"CREATE TABLE o{n} WITH ({name} = 1) AS SELECT 1 AS a",
            f"CREATE TABLE {name} AS SELECT 1 AS a",
            f"CREATE VIEW {name} AS SELECT {literal} AS x",
            f"SELECT * FROM {name}",
            f"WITH {name} AS (SELECT 1 AS a) SELECT * FROM {name}",
            f"SELECT * FROM good WHERE strpos(x, {literal}) > 0 OR x LIKE {literal} OR date_parse(x, {literal}) IS NULL",
        ]
    prober.check(prober.run_all(statements))


def test_hostile_keys_are_keys(prober):
    keys = [prober.filled(text) for text in CASES["texts"]] + [
        "..",
        ".",
        "../x",
        "/etc/passwd",
        "a//b",
        "a/./b",
        "a/../b",
    ]
    for key in keys:
        body = f"k,{len(key)}\n".encode()
        if not prober.quietly(prober.s3.put_object, Bucket=prober.bucket, Key=f"keys/{key}", Body=body):
            continue
        assert prober.s3.get_object(Bucket=prober.bucket, Key=f"keys/{key}")["Body"].read() == body
    made = prober.run(
        "CREATE EXTERNAL TABLE keyed (k string, v string) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' "
        f"LOCATION 's3://{prober.bucket}/keys/'"
    )
    assert made.state == "SUCCEEDED"
    prober.check(prober.run_all(['SELECT "$path", k, v FROM keyed', "SELECT count(*) FROM keyed"]))


@pytest.mark.parametrize(
    "bucket", ["..", ".", "../etc", "a/b", "etc%2fpasswd", "%2e%2e", "a\x00b", "A", "xn--x", "-a-"]
)
def test_hostile_bucket_names_are_refused(prober, bucket):
    prober.quietly(prober.s3.create_bucket, Bucket=bucket)
    prober.quietly(prober.s3.get_object, Bucket=bucket, Key="../../../../etc/passwd")
    prober.check_host()


def test_a_crawl_of_hostile_folders_makes_only_tables(prober):
    for n, (raw, file) in enumerate(itertools.product(CASES["texts"], ("a.csv", "b.json"))):
        key = f"crawl/{prober.filled(raw).replace('/', '_')}/k{n}=v'\"{{}}/{file}"
        body = b"id,name\n1,a\n2,b\n" if file.endswith("csv") else b'{"id": 1, "a\'b\\"": {"x;--": "y"}}\n'
        prober.quietly(prober.s3.put_object, Bucket=prober.bucket, Key=key, Body=body)
    path = f"s3://{prober.bucket}/crawl/"
    prober.glue.create_crawler(
        Name="c", Role="r", DatabaseName="crawled", Targets={"S3Targets": [{"Path": path}]}
    )
    prober.glue.start_crawler(Name="c")
    deadline = time.monotonic() + 30
    while prober.glue.get_crawler(Name="c")["Crawler"]["State"] != "READY":
        assert time.monotonic() < deadline
        time.sleep(0.02)
    tables = prober.glue.get_tables(DatabaseName="crawled")["TableList"]
    assert tables
    prober.check(
        prober.run_all(
            'SELECT * FROM crawled."{}"'.format(table["Name"].replace('"', '""')) for table in tables
        )
    )
