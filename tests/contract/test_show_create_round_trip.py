"""What SHOW CREATE TABLE gives can be run again, and makes the same table in Glue."""

from __future__ import annotations

from typing import Any

import pytest

from .athena_session import AthenaSession

COLUMNS = "id bigint COMMENT 'it''s \\\\ the key', `with-dash` string, d decimal(10,2), l array<struct<a:int>>, m map<string,int>"
FORMS = {
    "text": "",
    "text with delimiters": (
        "ROW FORMAT DELIMITED FIELDS TERMINATED BY '|' ESCAPED BY '\\\\' COLLECTION ITEMS TERMINATED BY '\\002' "
        "MAP KEYS TERMINATED BY '\\003' LINES TERMINATED BY '\\n' NULL DEFINED AS '\\\\N'"
    ),
    "text with tabs": "ROW FORMAT DELIMITED FIELDS TERMINATED BY '\\t' STORED AS TEXTFILE",
    "text by its class": (
        "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe' WITH SERDEPROPERTIES "
        "('serialization.format'=',', 'field.delim'=',', 'timestamp.formats'='yyyy')"
    ),
    "a format of its own": (
        "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe' WITH SERDEPROPERTIES "
        "('serialization.format'='7')"
    ),
    "csv": (
        "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde' WITH SERDEPROPERTIES "
        "('separatorChar'=',', 'quoteChar'='\"', 'escapeChar'='\\\\')"
    ),
    "openx json": (
        "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' WITH SERDEPROPERTIES "
        "('ignore.malformed.json'='true', 'mapping.id'='ID')"
    ),
    "hive json": "ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'",
    "parquet": "STORED AS PARQUET",
    "orc": "STORED AS ORC",
    "avro": "STORED AS AVRO",
    "ion": "STORED AS ION",
    "regex": (
        "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe' WITH SERDEPROPERTIES "
        "('input.regex'='^(\\\\S+) \"([^\"]*)\"\\t(.*)$')"
    ),
    "grok": (
        "ROW FORMAT SERDE 'com.amazonaws.glue.serde.GrokSerDe' WITH SERDEPROPERTIES "
        "('input.format'='%{IP:ip} %{GREEDYDATA:rest}') STORED AS INPUTFORMAT "
        "'org.apache.hadoop.mapred.TextInputFormat' OUTPUTFORMAT "
        "'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'"
    ),
}


@pytest.fixture
def session(athena: Any, s3: Any, bucket: str) -> AthenaSession:
    session = AthenaSession(athena, s3, bucket)
    session.succeed(f"CREATE DATABASE {session.database}")
    return session


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("named", ["t", "{db}.t"])
def test_a_table_made_from_its_own_ddl_is_the_same(
    session: AthenaSession, glue: Any, form: str, named: str
) -> None:
    session.succeed(
        f"CREATE EXTERNAL TABLE t ({COLUMNS}) COMMENT 'a \"comment\"' PARTITIONED BY (day date COMMENT 'the day', p int) "
        f"{FORMS[form]} LOCATION 's3://{session.bucket}/t/x=1/' TBLPROPERTIES "
        "('skip.header.line.count'='1', 'odd'='a''b\\\\c\\td', \"projection.day.range\"=\"2020-01-01,NOW\")"
    )
    before = _table(glue, session)
    shown = session.results(session.succeed("SHOW CREATE TABLE " + named.format(db=session.database)))
    ddl = "\n".join(row["Data"][0].get("VarCharValue", "") for row in shown["ResultSet"]["Rows"])
    session.succeed("DROP TABLE t")
    session.succeed(ddl)
    assert _table(glue, session) == before


def _table(glue: Any, session: AthenaSession) -> dict[str, Any]:
    table = dict(glue.get_table(DatabaseName=session.database, Name="t")["Table"])
    return {key: value for key, value in table.items() if key not in {"CreateTime", "UpdateTime"}}


def test_alterations_are_versions_of_the_table(session: AthenaSession, glue: Any) -> None:
    session.succeed(f"CREATE EXTERNAL TABLE t (n int) LOCATION 's3://{session.bucket}/t/'")
    session.succeed("ALTER TABLE t ADD COLUMNS (s string)")
    session.succeed("ALTER TABLE t SET TBLPROPERTIES ('a'='b')")
    session.succeed(f"ALTER TABLE t SET LOCATION 's3://{session.bucket}/u/'")
    versions = glue.get_table_versions(DatabaseName=session.database, TableName="t")["TableVersions"]
    assert sorted(int(version["VersionId"]) for version in versions) == [1, 2, 3, 4]
    newest = next(version["Table"] for version in versions if version["VersionId"] == "4")
    assert newest["StorageDescriptor"]["Location"] == f"s3://{session.bucket}/u/"
    assert newest["Parameters"]["a"] == "b"


def test_a_type_that_has_no_name_here_outlives_an_alteration(session: AthenaSession, glue: Any) -> None:
    storage = {
        "Columns": [{"Name": "odd", "Type": "uniontype<int,string>"}],
        "Location": f"s3://{session.bucket}/t/",
    }
    glue.create_table(
        DatabaseName=session.database,
        TableInput={"Name": "t", "TableType": "EXTERNAL_TABLE", "StorageDescriptor": storage},
    )
    session.succeed("ALTER TABLE t SET TBLPROPERTIES ('a'='b')")
    table = glue.get_table(DatabaseName=session.database, Name="t")["Table"]
    assert table["StorageDescriptor"]["Columns"] == storage["Columns"]


def test_properties_of_a_database_are_glues(session: AthenaSession, glue: Any) -> None:
    session.succeed(f"ALTER DATABASE {session.database} SET DBPROPERTIES ('a'='b')")
    session.succeed(f"ALTER DATABASE {session.database} SET DBPROPERTIES ('c'='d')")
    assert glue.get_database(Name=session.database)["Database"]["Parameters"] == {"a": "b", "c": "d"}


def test_a_view_is_stored_as_athena_stores_it(session: AthenaSession, glue: Any) -> None:
    import base64
    import json

    session.succeed("CREATE VIEW v AS SELECT 1 AS n, ARRAY['a'] AS items, CAST(ROW(1) AS ROW(x bigint)) AS r")
    view = glue.get_table(DatabaseName=session.database, Name="v")["Table"]
    assert view["TableType"] == "VIRTUAL_VIEW"
    assert view["Parameters"] == {"comment": "Presto View", "presto_view": "true"}
    assert view["ViewExpandedText"] == "/* Presto View */"
    head, _, tail = view["ViewOriginalText"].partition(": ")
    assert (head, tail[-3:]) == ("/* Presto View", " */")
    assert json.loads(base64.b64decode(tail[:-3])) == {
        "originalSql": "SELECT 1 AS n, ARRAY['a'] AS items, CAST(ROW(1) AS ROW(x bigint)) AS r",
        "catalog": "awsdatacatalog",
        "schema": session.database,
        "columns": [
            {"name": "n", "type": "integer"},
            {"name": "items", "type": "array(varchar)"},
            {"name": "r", "type": "row(x bigint)"},
        ],
    }
    types = [(column["Name"], column["Type"]) for column in view["StorageDescriptor"]["Columns"]]
    assert types == [("n", "int"), ("items", "array<string>"), ("r", "struct<x:bigint>")]


def test_a_view_made_elsewhere_opens(session: AthenaSession, glue: Any) -> None:
    import base64
    import json

    definition = {
        "originalSql": "SELECT\n  1 n\n, CAST('2024-01-01' AS date) d\n",
        "catalog": "awsdatacatalog",
        "schema": session.database,
        "columns": [{"name": "n", "type": "integer"}, {"name": "d", "type": "date"}],
        "owner": "123456789012",
        "runAsInvoker": False,
    }
    text = base64.b64encode(json.dumps(definition).encode()).decode()
    glue.create_table(
        DatabaseName=session.database,
        TableInput={
            "Name": "v",
            "TableType": "VIRTUAL_VIEW",
            "Parameters": {"presto_view": "true"},
            "ViewOriginalText": f"/* Presto View: {text} */",
            "ViewExpandedText": "/* Presto View */",
            "StorageDescriptor": {"Columns": [{"Name": "n", "Type": "int"}, {"Name": "d", "Type": "date"}]},
        },
    )
    assert session.rows("SELECT * FROM v") == [["1", "2024-01-01"]]
    assert session.rows("SELECT v.d FROM v WHERE n = 1") == [["2024-01-01"]]
