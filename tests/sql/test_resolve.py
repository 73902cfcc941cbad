"""Queries bind to the catalogue: scans, names, views and WITH queries, each run on DuckDB where it has rows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlglot import exp

from lakebench.errors import QueryFailed
from lakebench.sql import (
    ViewDefinition,
    column_error,
    decode_view,
    encode_view,
    parse,
    result_types,
    to_duckdb,
)

from .lake import Lake, column, table, view

CASES = json.loads((Path(__file__).parents[1] / "cases/sql/resolve.json").read_text())
VENTAS = """SELECT * FROM (VALUES
    (1::BIGINT, 1::BIGINT, 'es', 1.5::DOUBLE, '2024', 's3://lake/a'),
    (2, 2, 'fr', 2.5, '2025', 's3://lake/b')) AS v(id, cliente, region, total, dt, "$path")"""
CLIENTES = """SELECT * FROM (VALUES (1::BIGINT, 'Vigo', 's3://lake/c'), (2, NULL, 's3://lake/c'))
    AS v(cliente, ciudad, "$path")"""


def _view(name, sql, *columns):
    made = tuple(column(n, t) for n, t in columns)
    return view(name, encode_view(ViewDefinition(sql=sql, database="db", columns=made)))


@pytest.fixture(scope="module")
def lake():
    lake = Lake()
    types = {"id": "bigint", "cliente": "bigint", "region": "string", "total": "double"}
    lake.add(table("ventas", types, {"dt": "string"}), VENTAS)
    lake.add(table("clientes", {"cliente": "bigint", "ciudad": "string"}, database="otra"), CLIENTES)
    lake.add(
        _view(
            "caras",
            "SELECT id, total AS importe FROM ventas WHERE total > 2",
            ("id", "bigint"),
            ("importe", "double"),
        )
    )
    lake.add(
        _view("muy_caras", "SELECT * FROM caras WHERE importe > 2", ("id", "bigint"), ("importe", "double"))
    )
    lake.add(_view("rota", "SELECT borrada FROM ventas", ("borrada", "string")))
    lake.add(_view("bucle", "SELECT * FROM bucle", ("a", "string")))
    lake.add(view("de_hive", "select 1"))
    return lake


@pytest.mark.parametrize(("sql", "expected"), [pytest.param(c[1], c[2], id=c[0]) for c in CASES])
def test_a_query_binds_to_the_catalogue(lake, sql, expected):
    if "fails" in expected:
        with pytest.raises(QueryFailed) as caught:
            to_duckdb(lake.resolve(sql).tree)
        assert expected["fails"] in caught.value.reason
        return
    resolved = lake.resolve(sql)
    scans = [f"{scan.scan_id} {scan.table.database}.{scan.table.name}" for scan in resolved.scans]
    columns, rows = lake.run(sql)
    assert expected.get("scans", scans) == scans
    assert expected.get("columns", list(columns)) == list(columns)
    assert expected.get("rows", [list(row) for row in rows]) == [list(row) for row in rows]


def test_each_scan_is_named_once_in_the_tree(lake):
    sql = "WITH v AS (SELECT * FROM ventas) SELECT 1 FROM v a, v b, caras c, ventas d"
    resolved = lake.resolve(sql)
    named = sorted(node.name for node in resolved.tree.find_all(exp.Table))
    assert named == [scan.scan_id for scan in resolved.scans] == ["s0", "s1", "s2", "s3"]


def test_the_resolved_tree_is_still_athenas(lake):
    resolved = lake.resolve(
        "SELECT sum(total), array[1, 2][1] FROM ventas v WHERE date('2024-01-01') > date '2020-01-01'"
    )
    written = resolved.tree.sql(dialect="athena").lower()
    assert "sum(" in written
    assert "array[1, 2][1]" in written
    assert 's0 as "v"' in written


def test_types_of_the_result_are_trinos(lake):
    resolved = lake.resolve("SELECT id, sum(total) OVER () AS s, count(*) OVER () AS n, 'x' AS c FROM ventas")
    assert [str(t) for t in result_types(resolved.tree)] == ["bigint", "double", "bigint", "varchar(1)"]


def test_a_view_is_stored_as_presto_stores_it():
    definition = ViewDefinition(
        sql="SELECT 'ñ' AS a", database="db", columns=(column("a", "string"), column("m", "map<string,int>"))
    )
    text = encode_view(definition)
    assert text.startswith("/* Presto View: ")
    assert text.endswith(" */")
    assert decode_view(text) == definition


INVALID_JSON = "Invalid JSON bytes for [simple type, class io.trino.spi.connector.ConnectorViewDefinition]"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "HIVE_INVALID_VIEW_DATA: View data missing prefix: "),
        ("select 1", "HIVE_INVALID_VIEW_DATA: View data missing prefix: select 1"),
        ("/* Presto View: e30=", "HIVE_INVALID_VIEW_DATA: View data missing suffix: /* Presto View: e30="),
        ("/* Presto View: e3!! */", "INVALID_VIEW: Illegal base64 character 21"),
        ("/* Presto View: e30 */", "INVALID_VIEW: Input byte array has wrong 4-byte ending unit"),
        ("/* Presto View: e30= */", f"INVALID_VIEW: {INVALID_JSON}"),
        ("/* Presto View: W10= */", f"INVALID_VIEW: {INVALID_JSON}"),
        ("/* Presto View: eyJjb2x1bW5zIjpbMV19 */", f"INVALID_VIEW: {INVALID_JSON}"),
    ],
)
def test_what_is_no_presto_view_is_told_in_trinos_words(text, reason):
    """Trino: PrestoViewReader.decodeViewData, java.util.Base64, airlift's JsonCodec."""
    with pytest.raises(QueryFailed) as caught:
        decode_view(text)
    assert caught.value.reason.strip() == reason.strip()


def test_an_engines_column_error_gets_its_place_in_the_users_text():
    statement = parse("SELECT 1,\n  v.Nada\nFROM ventas v")
    assert column_error(statement.tree, "nada").reason == (
        "COLUMN_NOT_FOUND: line 2:3: Column 'nada' cannot be resolved "
        "or requester is not authorized to access requested resources"
    )
    assert column_error(statement.tree, "otra").line is None
