"""Every known way from SQL to the host, in every place of a statement: none leads out."""

from __future__ import annotations

import itertools
import json
import os
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from lakebench import Server
from lakebench.sql.trino_functions import TRINO_FUNCTIONS

from .probe import CANARY, Prober, fill_lake

CASES = json.loads((Path(__file__).parents[1] / "cases/abuse/escapes.json").read_text())
UNNEST_LIKE = {"unnest", "sequence"}
"""Trino has these in FROM."""


@pytest.fixture(scope="module")
def prober(tmp_path_factory):
    guard = tmp_path_factory.mktemp("guard")
    (guard / "secret.txt").write_text(f"{CANARY},{CANARY}\n")
    before = Path.cwd()
    os.chdir(guard)  # the server's directory: what is written by a bare name appears here
    try:
        with Server() as server:
            prober = Prober(server, "probe-bucket", guard)
            fill_lake(prober)
            yield prober
    finally:
        os.chdir(before)


def told(name, outcomes):
    """How many probes there were, for the curious: pytest -s."""
    print(f"\n{name}: {len(outcomes)} probes, {dict(Counter(one.state for one in outcomes))}")


def test_calls_that_reach_out_are_refused_in_every_place(prober):
    probes = [
        prober.filled(shape.replace("{call}", call), n)
        for n, (call, shape) in enumerate(itertools.product(CASES["calls"], CASES["shapes"]))
    ]
    outcomes = prober.run_all(probes)
    told("calls", outcomes)
    prober.check(outcomes)
    assert [one.sql for one in outcomes if one.state == "SUCCEEDED"] == []


def test_the_places_of_those_calls_are_places_where_a_call_may_stand(prober):
    """Else the refusals would prove nothing: each shape but Trino's own gaps works with a harmless call."""
    harmless = ("upper('a')", "UNNEST(ARRAY['a'])", "ARRAY['a']")
    working = {
        shape
        for shape, call in itertools.product(CASES["shapes"], harmless)
        if prober.run(prober.filled(shape.replace("{call}", call), 9000 + harmless.index(call))).state
        == "SUCCEEDED"
    }
    assert len(working) >= 17, sorted(set(CASES["shapes"]) - working)


def test_names_that_are_files_are_no_tables(prober):
    shapes = (
        "SELECT * FROM {s}",
        "SELECT count(*) FROM good g JOIN {s} ON true",
        "CREATE VIEW src_{n} AS SELECT * FROM {s}",
    )
    probes = [
        prober.filled(shape.replace("{s}", source), n)
        for n, (source, shape) in enumerate(itertools.product(CASES["sources"], shapes))
    ]
    outcomes = prober.run_all(probes)
    told("sources", outcomes)
    prober.check(outcomes)
    assert [one.sql for one in outcomes if one.state == "SUCCEEDED"] == []


def test_statements_that_athena_has_not_do_nothing(prober):
    outcomes = prober.run_all(prober.filled(text) for text in CASES["statements"])
    told("statements", outcomes)
    prober.check(outcomes)


def test_no_function_of_the_engine_is_reached_by_its_name(prober):
    names = [
        row[0] for row in duckdb.execute("SELECT DISTINCT function_name FROM duckdb_functions()").fetchall()
    ]
    assert len(names) > 500
    quoted = ['"' + name.replace('"', '""') + '"' for name in names]
    scalars = prober.run_all(f"SELECT {name}('{prober.secret}')" for name in quoted)
    plain = prober.run_all(f"SELECT {name}(id) FROM good" for name in names if name.isidentifier())
    tables = prober.run_all(f"SELECT * FROM {name}('{prober.secret}')" for name in quoted)
    told("functions", scalars + plain + tables)
    own = [
        one
        for one in scalars + plain + tables
        if not ("GENERIC_INTERNAL_ERROR" in one.text and _is_trinos(one))
    ]
    prober.check(own)
    answered = {one.sql.split('"')[1] for one in scalars if one.state == "SUCCEEDED"}
    assert answered <= TRINO_FUNCTIONS, answered - TRINO_FUNCTIONS
    answered = {one.sql.split("(")[0].split()[1].lower() for one in plain if one.state == "SUCCEEDED"}
    assert answered <= TRINO_FUNCTIONS, answered - TRINO_FUNCTIONS
    assert [one.sql for one in tables if one.state == "SUCCEEDED"] == []


def _is_trinos(one):
    """A misuse of a function that Trino has too may fail in the engine's own words."""
    return one.sql.replace('"', "").split("(")[0].split()[-1].lower() in TRINO_FUNCTIONS


@pytest.mark.parametrize("place", CASES["places"])
def test_no_location_leads_out_of_s3(prober, place):
    where = prober.filled(place).replace("'", "''")
    n = CASES["places"].index(place)
    probes = [
        f"CREATE EXTERNAL TABLE loc_{n} (a string) LOCATION '{where}'",
        f"SELECT * FROM loc_{n}",
        f"INSERT INTO loc_{n} SELECT '{CANARY[:6]}'",
        f"CREATE TABLE ctas_{n} WITH (external_location = '{where}') AS SELECT 1 AS a",
        f"SELECT * FROM ctas_{n}",
        f"UNLOAD (SELECT 1 AS a) TO '{where}' WITH (format = 'PARQUET')",
        f"ALTER TABLE good ADD PARTITION (p = 'x') LOCATION '{where}'",
        f"CREATE DATABASE loc_{n} LOCATION '{where}'",
    ]
    prober.check([prober.run(sql) for sql in probes])


@pytest.mark.parametrize("place", CASES["places"])
def test_a_result_location_stays_in_s3(prober, place):
    arguments = {"ResultConfiguration": {"OutputLocation": prober.filled(place)}}
    prober.quietly(prober.athena.start_query_execution, QueryString="SELECT 1", **arguments)
    group = {"Name": f"g{CASES['places'].index(place)}", "Configuration": arguments}
    prober.quietly(prober.athena.create_work_group, **group)
    prober.check_host()
