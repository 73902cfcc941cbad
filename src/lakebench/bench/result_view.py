"""All kept runs as one view of DuckDB's, which reads the files where they lie."""

from __future__ import annotations

from pathlib import Path

from lakebench.bench.run_file import SCHEMA_VERSION

_VIEW = """\
CREATE OR REPLACE VIEW samples AS
SELECT run_id, suite, seed, rows AS table_rows, target, started, environment.commit AS commit,
       each.query, each.layout, each.number, each.scanned_bytes, each.cost_usd::DECIMAL(38, 20) AS cost_usd,
       each.engine_ms, each.queue_ms, each.planning_ms, each.service_ms, each.wall_ms,
       each.rows, each.result_digest, each.objects, each.row_groups
FROM (
  SELECT *, unnest(samples) AS each
  FROM read_json({files}, columns = {{
    schema_version: 'INTEGER', run_id: 'VARCHAR', suite: 'VARCHAR', seed: 'BIGINT', "rows": 'BIGINT',
    target: 'VARCHAR', started: 'TIMESTAMPTZ', environment: 'STRUCT(commit VARCHAR)',
    samples: 'STRUCT(query VARCHAR, layout VARCHAR, number BIGINT, scanned_bytes BIGINT, cost_usd VARCHAR,
      engine_ms DOUBLE, queue_ms DOUBLE, planning_ms DOUBLE, service_ms DOUBLE, wall_ms DOUBLE,
      "rows" BIGINT, result_digest VARCHAR, objects BIGINT, row_groups BIGINT)[]'
  }})
  WHERE schema_version = {version}
);
"""


def samples_view(directory: Path) -> str:
    """The statement that makes ``samples``, a row for each sample of each run in the directory."""
    files = "'" + str(directory / "*.json").replace("'", "''") + "'"
    return _VIEW.format(files=files, version=SCHEMA_VERSION)
