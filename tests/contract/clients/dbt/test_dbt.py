"""A dbt project on Hive tables: seeds, models of each kind, a snapshot, tests, documentation.

Runs in an environment of its own (`make test-clients`): dbt-athena pins an older PyAthena.
"""

import json
import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

SEED = (
    "id,city,amount,sold_on\n1,Madrid,10.5,2024-01-31\n2,Sevilla,20.0,2024-02-01\n3,Madrid,4.5,2024-02-02\n"
)
MODELS = {
    "stg_sales.sql": """{{ config(materialized='view') }}
        select id, city, amount, cast(sold_on as date) as sold_on from {{ ref('sales') }}""",
    "by_city.sql": """{{ config(materialized='table', format='parquet', write_compression='snappy') }}
        select city, sum(amount) as total, count(*) as sales from {{ ref('stg_sales') }} group by city""",
    "by_month.sql": """{{ config(materialized='table', partitioned_by=['month']) }}
        select city, amount, date_format(sold_on, '%Y-%m') as month from {{ ref('stg_sales') }}""",
    "as_orc.sql": """{{ config(materialized='table', format='orc') }}
        select * from {{ ref('stg_sales') }}""",
    "appended.sql": """{{ config(materialized='incremental', incremental_strategy='append') }}
        select id, city from {{ ref('stg_sales') }}
        {% if is_incremental() %} where id > (select max(id) from {{ this }}) {% endif %}""",
    "overwritten.sql": """{{ config(materialized='incremental', incremental_strategy='insert_overwrite',
                                   partitioned_by=['month']) }}
        select city, amount, date_format(sold_on, '%Y-%m') as month from {{ ref('stg_sales') }}""",
    "only_here.sql": """{{ config(materialized='ephemeral') }} select 1 as one""",
    "reads_only_here.sql": """{{ config(materialized='table') }} select one + 1 as two from {{ ref('only_here') }}""",
    "schema.yml": """
version: 2
models:
  - name: by_city
    description: Sales by city.
    columns:
      - name: city
        data_tests: [unique, not_null]
      - name: total
        data_tests:
          - accepted_values:
              arguments: {values: [15.0, 20.0], quote: false}
  - name: stg_sales
    columns:
      - name: id
        data_tests:
          - unique
          - relationships:
              arguments: {to: ref('sales'), field: id}
""",
}
SNAPSHOTS = {
    "city_history.sql": """{% snapshot city_history %}
        {{ config(unique_key='city', strategy='check', check_cols=['total']) }}
        select * from {{ ref('by_city') }}
        {% endsnapshot %}""",
}
TESTS = {"totals_are_positive.sql": "select * from {{ ref('by_city') }} where total <= 0"}


class Project:
    """A dbt project in a folder of its own, in a schema of its own."""

    def __init__(self, folder: Path, bucket: str):
        self.folder = folder
        self.schema = f"dbt_{uuid.uuid4().hex[:8]}"
        profile = {
            "type": "athena",
            "s3_staging_dir": f"s3://{bucket}/staging/",
            "s3_data_dir": f"s3://{bucket}/data/",
            "region_name": "us-east-1",
            "database": "awsdatacatalog",
            "schema": self.schema,
            "threads": 2,
            "poll_interval": 0.05,
        }
        files = {
            "profiles.yml": json.dumps({"lake": {"target": "t", "outputs": {"t": profile}}}),
            "dbt_project.yml": json.dumps({"name": "lake", "version": "1.0", "profile": "lake"}),
            "seeds/sales.csv": SEED,
            **{f"models/{name}": text for name, text in MODELS.items()},
            **{f"snapshots/{name}": text for name, text in SNAPSHOTS.items()},
            **{f"tests/{name}": text for name, text in TESTS.items()},
        }
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def dbt(self, *arguments, ok=True):
        """Run dbt; the results by node's name."""
        command = [str(Path(sys.executable).parent / "dbt"), "--no-use-colors", *arguments]
        told = subprocess.run(
            [*command, "--profiles-dir", ".", "--project-dir", "."],
            cwd=self.folder,
            env={**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert (told.returncode == 0) == ok, told.stdout + told.stderr
        results = json.loads((self.folder / "target/run_results.json").read_text())["results"]
        return {one["unique_id"].split(".")[2]: one["status"] for one in results}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    boto3 = pytest.importorskip("boto3")
    bucket = f"dbt-{uuid.uuid4().hex[:8]}"
    boto3.client("s3").create_bucket(Bucket=bucket)
    made = Project(tmp_path_factory.mktemp("dbt"), bucket)
    made.dbt("seed")
    made.dbt("run")
    return made


@pytest.fixture
def rows(project):
    from pyathena import connect

    def ask(sql):
        cursor = connect(
            s3_staging_dir="s3://" + _staging(project), region_name="us-east-1", schema_name=project.schema
        ).cursor()
        return cursor.execute(sql).fetchall()

    return ask


def _staging(project):
    profile = json.loads((project.folder / "profiles.yml").read_text())["lake"]["outputs"]["t"]
    return profile["s3_staging_dir"].removeprefix("s3://")


def test_the_seed_is_a_table(rows):
    assert rows("select count(*), sum(amount) from sales") == [(3, 35.0)]


def test_a_view_and_a_table_are_made(rows):
    assert rows("select city, total, sales from by_city order by city") == [
        ("Madrid", 15.0, 2),
        ("Sevilla", 20.0, 1),
    ]


def test_a_partitioned_table_has_its_partitions(rows):
    assert rows("select month, count(*) from by_month group by month order by month") == [
        ("2024-01", 1),
        ("2024-02", 2),
    ]
    assert len(rows('select * from "by_month$partitions"')) == 2


def test_another_format_is_written_and_read(rows):
    assert rows("select sum(id) from as_orc") == [(6,)]


def test_an_ephemeral_model_is_part_of_another(rows):
    assert rows("select two from reads_only_here") == [(2,)]


def test_a_second_run_appends_only_what_is_new(project, rows):
    project.dbt("run", "--select", "appended")
    assert rows("select count(*) from appended") == [(3,)]


def test_a_second_run_overwrites_partitions(project, rows):
    project.dbt("run", "--select", "overwritten")
    assert rows("select count(*) from overwritten") == [(3,)]


def test_a_full_refresh_makes_tables_anew(project, rows):
    project.dbt("run", "--full-refresh", "--select", "by_city", "appended")
    assert rows("select count(*) from by_city") == [(2,)]


def test_data_tests_pass(project):
    assert set(project.dbt("test").values()) == {"pass"}


def test_a_data_test_that_fails_is_told(project):
    (project.folder / "tests/fails.sql").write_text("select * from {{ ref('by_city') }}")
    try:
        assert project.dbt("test", "--select", "fails", ok=False) == {"fails": "fail"}
    finally:
        (project.folder / "tests/fails.sql").unlink()


def test_a_wrong_model_fails_with_athenas_words(project):
    (project.folder / "models/wrong.sql").write_text("select nobody from {{ ref('by_city') }}")
    try:
        assert project.dbt("run", "--select", "wrong", ok=False) == {"wrong": "error"}
        results = json.loads((project.folder / "target/run_results.json").read_text())["results"]
        assert "COLUMN_NOT_FOUND" in results[0]["message"]
    finally:
        (project.folder / "models/wrong.sql").unlink()


def test_documentation_is_made_from_the_catalogue(project):
    project.dbt("docs", "generate")
    catalog = json.loads((project.folder / "target/catalog.json").read_text())
    node = catalog["nodes"]["model.lake.by_city"]
    assert node["metadata"]["type"] == "table"
    assert list(node["columns"]) == ["city", "total", "sales"]
    assert catalog["errors"] is None


def test_a_snapshot_keeps_what_was(project, rows):
    project.dbt("snapshot")
    assert rows("select count(*) from city_history where dbt_valid_to is null") == [(2,)]
    (project.folder / "seeds/sales.csv").write_text(SEED + "4,Madrid,100.0,2024-03-01\n")
    project.dbt("seed")
    project.dbt("run", "--select", "by_city")
    project.dbt("snapshot")
    assert rows("select total, dbt_valid_to is null from city_history where city = 'Madrid' order by 1") == [
        (15.0, False),
        (115.0, True),
    ]


def test_a_build_runs_everything_in_order(project):
    assert "error" not in project.dbt("build", "--exclude", "by_city").values()
