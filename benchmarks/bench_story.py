"""The seed's story, played as the demo plays it: CSV beside Parquet in one run, bytes exactly."""

import pytest

from lakebench.bench.story import StoryPlan, play
from lakebench.client import local_session


@pytest.fixture
def session(server):
    return local_session(server.endpoint)


def bench_the_story(benchmark, session, quiet, figure, size, same_bytes):
    rows = size(1_000_000, 2_266)
    plan = StoryPlan(
        bucket="story", database="story", crawler="story", rows=rows, max_runs=size(4, 1), keep=False
    )
    told = benchmark.pedantic(play, args=(session, plan, quiet), rounds=1)
    found = {}
    for one in told.queries:
        found |= {
            f"{one.query.name} csv": one.csv.scanned_bytes,
            f"{one.query.name} parquet": one.parquet.scanned_bytes,
        }
        times = f"{one.csv.engine_ms:.0f} / {one.parquet.engine_ms:.0f} ms"
        figure(f"story of {rows:,}: {one.query.name}, CSV / Parquet", times, "-")
        if one.query.selective:
            figure(f"story of {rows:,}: {one.query.name}, fewer bytes", f"{one.reduction:.1%}", "82 %")
    figure(f"story of {rows:,}: whole", f"{benchmark.stats['median']:.1f} s", "-")
    same_bytes(found)
