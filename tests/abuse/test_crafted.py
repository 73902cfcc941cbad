"""Views, prepared statements, parameters, locations and settings that somebody crafted by hand: none leads out."""

from __future__ import annotations

import base64
import itertools
import json
from pathlib import Path

import pytest

from lakebench import Server

from .probe import CANARY, LONG, Prober, fill_lake

CASES = json.loads((Path(__file__).parents[1] / "cases/abuse/crafted.json").read_text())
LAZY = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
TEXT = "org.apache.hadoop.mapred.TextInputFormat"


@pytest.fixture(scope="module")
def prober(tmp_path_factory):
    guard = tmp_path_factory.mktemp("guard")
    (guard / "secret.txt").write_text(f"{CANARY},{CANARY}\n")
    with Server() as server:
        prober = Prober(server, "crafted-bucket", guard)
        fill_lake(prober)
        yield prober


def glue_table(prober, name, *, storage=None, serde=None, parameters=None, **more):
    """A text table of one column in Glue, with these things otherwise; whether Glue took it."""
    described = {
        "Columns": [{"Name": "a", "Type": "string"}],
        "Location": f"s3://{prober.bucket}/good/",
        "InputFormat": TEXT,
        "SerdeInfo": {"SerializationLibrary": LAZY, "Parameters": {"field.delim": ","}, **(serde or {})},
        **(storage or {}),
    }
    table = {"Name": name, "TableType": "EXTERNAL_TABLE", "StorageDescriptor": described}
    table |= {"Parameters": parameters or {}, **more}
    return prober.quietly(prober.glue.create_table, DatabaseName=prober.database, TableInput=table)


def view_text(payload):
    packed = base64.b64encode(
        payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    ).decode()
    return f"/* Presto View: {packed} */"


def view(prober, name, text):
    return prober.quietly(
        prober.glue.create_table,
        DatabaseName=prober.database,
        TableInput={
            "Name": name,
            "TableType": "VIRTUAL_VIEW",
            "ViewOriginalText": text,
            "ViewExpandedText": "/* Presto View */",
            "Parameters": {"presto_view": "true"},
            "StorageDescriptor": {"Columns": [{"Name": "a", "Type": "string"}]},
        },
    )


def test_a_view_whose_stored_text_is_no_query_of_athenas_is_refused(prober):
    names = []
    for n, sql in enumerate(CASES["view_queries"]):
        for more in ({}, {"schema": prober.filled("{file}")}, {"columns": []}):
            columns = [{"name": "a", "type": "varchar"}]
            payload = {
                "originalSql": prober.filled(sql),
                "catalog": "x",
                "schema": prober.database,
                "columns": columns,
            }
            name = f"v{n}_{len(more) and next(iter(more))}"
            assert view(prober, name, view_text({**payload, **more}))
            names.append(name)
    outcomes = prober.run_all(f'SELECT * FROM "{name}"' for name in names)
    prober.check(outcomes)
    assert [one.sql for one in outcomes if one.state == "SUCCEEDED"] == []


def test_a_view_of_any_bytes_is_told_of_in_words_of_athenas(prober):
    payloads = [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"1",
        b"\xff\xfe",
        b'{"columns": 1}',
        b'{"columns": [1]}',
        b"[" * 100_000,
    ]
    payloads += [
        json.dumps({"originalSql": value, "columns": columns}).encode()
        for value, columns in itertools.product(
            (None, 1, [], {}, "SELECT 1 AS a"),
            (
                None,
                {},
                [{"name": None}],
                [{"name": "a", "type": "nosuch("}],
                [{"name": "a", "type": "array(" * 5000}],
            ),
        )
    ]
    texts = [view_text(payload) for payload in payloads]
    texts += ["", "/* Presto View: */", "/* Presto View: e30", "SELECT 1", "/* Presto View: \u00e9 */", "\0"]
    taken = [n for n, text in enumerate(texts) if view(prober, f"odd{n}", text)]
    shapes = (
        "SELECT * FROM odd{}",
        "DESCRIBE odd{}",
        "SHOW CREATE VIEW odd{}",
        "SHOW COLUMNS IN odd{}",
        "CREATE VIEW over{0} AS SELECT * FROM odd{0}",
    )
    outcomes = prober.run_all(shape.format(n) for n in taken for shape in shapes)
    prober.check(outcomes)
    words = (
        "NoneType",
        "Traceback",
        "Error:",
        "JSONDecode",
        "not subscriptable",
        "utf-8",
        "codec",
        "Expecting value",
    )
    assert [one for one in outcomes for word in words if word in one.text] == []


def some(cases, share):
    """All of them in the long mode, else one in so many."""
    return [case for n, case in enumerate(cases) if LONG or n % share == 0]


def test_parameters_are_values(prober):
    texts = [prober.filled(one) for one in CASES["parameters"]]
    outcomes = prober.run_all(("SELECT count(*) FROM good WHERE x = ?", [text]) for text in texts)
    outcomes += prober.run_all(
        ("SELECT ? AS a, x FROM good WHERE id = ?", [text, "'1'"]) for text in some(texts, 3)
    )
    assert prober.run("PREPARE p FROM SELECT x FROM good WHERE x = ?").state == "SUCCEEDED"
    outcomes += prober.run_all(f"EXECUTE p USING {text}" for text in texts)
    outcomes += prober.run_all(("EXECUTE p", [text]) for text in some(texts, 3))
    prober.check(outcomes)


def test_a_prepared_statement_of_any_text_reaches_nothing(prober):
    hostile = [sql for sql in CASES["view_queries"] if "{" in sql] + some(CASES["parameters"], 3)
    statements = []
    for n, sql in enumerate(hostile):
        prober.quietly(
            prober.athena.create_prepared_statement,
            StatementName=f"made{n}",
            WorkGroup="primary",
            QueryStatement=prober.filled(sql) or " ",
        )
        statements += [f"EXECUTE made{n}", f"EXECUTE made{n} USING 1"]
    prober.check(prober.run_all(statements))


def test_a_location_is_a_prefix_and_no_pattern(prober):
    """Each of these folders has one row of its own, beside folders that they would match as patterns."""
    for other in ("a", "b", "ab", "a1"):
        prober.s3.put_object(Bucket=prober.bucket, Key=f"globs/{other}/x.csv", Body=b"wrong,1\n")
    keys = [{"Name": "p", "Type": "string"}]
    above = f"s3://{prober.bucket}/globs/"
    assert glue_table(prober, "globbed", storage={"Location": above}, PartitionKeys=keys)
    for n, folder in enumerate(CASES["globs"]):
        prober.s3.put_object(Bucket=prober.bucket, Key=f"globs/{folder}/x.csv", Body=b"right,1\n")
        assert glue_table(prober, f"glob{n}", storage={"Location": f"{above}{folder}/"})
        literal = folder.replace("'", "''")
        added = f"ALTER TABLE globbed ADD PARTITION (p = '{literal}') LOCATION '{above}{literal}/'"
        prober.check([prober.run(added)])
    outcomes = prober.run_all(f"SELECT a FROM glob{n}" for n in range(len(CASES["globs"])))
    prober.check(outcomes)
    assert [one for one in outcomes if one.seen.count("right") != 1 or "wrong" in one.seen] == []
    literals = [folder.replace("'", "''") for folder in CASES["globs"]]
    outcomes = prober.run_all(f"SELECT a, p FROM globbed WHERE p = '{literal}'" for literal in literals)
    prober.check(outcomes)
    assert [one for one in outcomes if "wrong" in one.seen] == []


def test_settings_that_name_files_read_none(prober):
    made = []
    for n, (place, raw) in enumerate(some(itertools.product(CASES["settings"], CASES["files"]), 7)):
        text, name = prober.filled(raw), f"s{n}"
        kind = CASES["settings"][place]
        arguments = {
            "serde": {
                "serde": {"SerializationLibrary": kind.get("library", LAZY), "Parameters": {place: text}}
            },
            "table": {"parameters": {**kind.get("parameters", {}), place: text}},
            "storage": {"storage": {place: text}},
        }[kind["in"]]
        keys = [{"Name": "p", "Type": "string"}] if kind.get("keys") else []
        if glue_table(prober, name, PartitionKeys=keys, **arguments):
            made.append(name)
    outcomes = prober.run_all(
        shape.format(name)
        for name in made
        for shape in ("SELECT * FROM {}", "SELECT count(*) FROM {}", "SHOW CREATE TABLE {}")
    )
    prober.check(outcomes)


def test_a_symlink_manifest_opens_nothing(prober):
    for n, raw in enumerate(CASES["files"]):
        text = prober.filled(raw)
        prober.s3.put_object(Bucket=prober.bucket, Key=f"links/{n}/manifest", Body=f"{text}\n".encode())
        symlink = "org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat"
        where = {"Location": f"s3://{prober.bucket}/links/{n}/", "InputFormat": symlink}
        assert glue_table(prober, f"link{n}", storage=where)
        outcome = prober.run(f"SELECT * FROM link{n}")
        prober.check([outcome])
        assert outcome.state == "FAILED"


def test_catalogues_and_contexts_of_any_name_are_names(prober):
    statements = []
    for raw in some([*CASES["files"], *CASES["parameters"]], 3):
        text = prober.filled(raw)
        for context in ({"Catalog": text}, {"Database": text}, {"Catalog": text, "Database": text}):
            prober.quietly(
                prober.athena.start_query_execution,
                QueryString="SELECT * FROM good",
                QueryExecutionContext=context,
                ResultConfiguration={"OutputLocation": f"s3://{prober.bucket}/results/"},
            )
        prober.quietly(
            prober.athena.create_data_catalog,
            Name=text[:128],
            Type="LAMBDA",
            Parameters={"function": text, "metadata-function": text, "record-function": text},
        )
        quoted = '"' + text.replace('"', '""') + '"'
        statements += [f"SELECT * FROM {quoted}.probes.good", f"SHOW TABLES IN {quoted}"]
    prober.check(prober.run_all(statements))
