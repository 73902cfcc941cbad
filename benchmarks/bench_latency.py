"""SELECT 1 as a client lives it: start, poll until it ended, fetch the results."""

import statistics
import time


def _select_one(athena, bucket):
    started = athena.start_query_execution(
        QueryString="SELECT 1", ResultConfiguration={"OutputLocation": f"s3://{bucket}/results/"}
    )["QueryExecutionId"]
    while True:
        status = athena.get_query_execution(QueryExecutionId=started)["QueryExecution"]["Status"]
        if status["State"] not in {"QUEUED", "RUNNING"}:
            break
        time.sleep(0.001)
    assert status["State"] == "SUCCEEDED", status
    return athena.get_query_results(QueryExecutionId=started)["ResultSet"]["Rows"]


def bench_select_one_through_boto3(benchmark, athena, bucket, figure):
    rows = benchmark.pedantic(_select_one, args=(athena, bucket), rounds=100, warmup_rounds=5)
    assert rows[1]["Data"][0]["VarCharValue"] == "1"
    figure(
        "SELECT 1: start, poll, results (median)", f"{benchmark.stats['median'] * 1000:.1f} ms", "under 15 ms"
    )


def bench_stop_query_ends_its_cpu_use(benchmark, server, athena, bucket, figure, process_tree):
    """How long a cross join goes on using CPU after StopQueryExecution was called."""
    sql = """SELECT count(*) FROM UNNEST(sequence(1, 10000)) a(x)
        CROSS JOIN UNNEST(sequence(1, 10000)) b(y) CROSS JOIN UNNEST(sequence(1, 10000)) c(z)
        WHERE x + y + z = 7"""
    tree = process_tree(server.pid)
    delays = []

    def once():
        started = athena.start_query_execution(
            QueryString=sql, ResultConfiguration={"OutputLocation": f"s3://{bucket}/results/"}
        )["QueryExecutionId"]
        while (
            athena.get_query_execution(QueryExecutionId=started)["QueryExecution"]["Status"]["State"]
            == "QUEUED"
        ):
            time.sleep(0.005)
        time.sleep(0.2)
        running = tree.pids()  # the replacement of the killed worker is started afterwards, and not meant
        stopped_at = time.monotonic()
        athena.stop_query_execution(QueryExecutionId=started)
        busy_until = stopped_at
        before = tree.cpu_seconds(running)
        for _ in range(20):
            time.sleep(0.02)
            now = tree.cpu_seconds(running)
            if now - before > 0.01:  # a busy thread gains two clock ticks in this time
                busy_until = time.monotonic()
            before = now
        delays.append((busy_until - stopped_at) * 1000)

    benchmark.pedantic(once, rounds=5)
    figure("CPU use after StopQueryExecution (worst of 5)", f"{max(delays):.0f} ms", "under 200 ms")
    assert statistics.mean(delays) >= 0
