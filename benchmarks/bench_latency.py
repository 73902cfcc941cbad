"""Small queries as clients live them: start, poll until it ended, fetch the results; one and many at once."""

import statistics
import time
from concurrent.futures import ThreadPoolExecutor

import duckdb

_CLIENTS, _QUERIES_EACH, _COUNTS = 8, 25, 20


def _select_one(athena, bucket):
    return _rows(athena, bucket, "SELECT 1")


def _rows(athena, bucket, sql):
    started = athena.start_query_execution(
        QueryString=sql, ResultConfiguration={"OutputLocation": f"s3://{bucket}/results/"}
    )["QueryExecutionId"]
    while True:
        status = athena.get_query_execution(QueryExecutionId=started)["QueryExecution"]["Status"]
        if status["State"] not in {"QUEUED", "RUNNING"}:
            break
        time.sleep(0.001)
    assert status["State"] == "SUCCEEDED", status
    return athena.get_query_results(QueryExecutionId=started)["ResultSet"]["Rows"]


def bench_select_one_through_boto3(benchmark, athena, bucket, figure, size):
    rows = benchmark.pedantic(_select_one, args=(athena, bucket), rounds=size(100, 1), warmup_rounds=5)
    assert rows[1]["Data"][0]["VarCharValue"] == "1"
    figure(
        "SELECT 1: start, poll, results (median)", f"{benchmark.stats['median'] * 1000:.1f} ms", "under 8 ms"
    )


def bench_stop_query_ends_its_cpu_use(benchmark, server, athena, bucket, figure, process_tree, size):
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

    benchmark.pedantic(once, rounds=size(5, 1))
    figure("CPU use after StopQueryExecution (worst of 5)", f"{max(delays):.0f} ms", "under 200 ms")
    assert statistics.mean(delays) >= 0


def bench_small_queries_of_eight_clients(benchmark, server, bucket, figure, size):
    """Eight threads, each with a client of its own, start, poll and fetch ``SELECT 1`` one after another."""
    clients, each = [server.client("athena") for _ in range(_CLIENTS)], size(_QUERIES_EACH, 1)

    def all_of_them():
        with ThreadPoolExecutor(_CLIENTS) as pool:
            answers = pool.map(lambda athena: [_select_one(athena, bucket) for _ in range(each)], clients)
            assert all(rows[1]["Data"][0]["VarCharValue"] == "1" for of_one in answers for rows in of_one)

    benchmark.pedantic(all_of_them, rounds=size(3, 1), warmup_rounds=size(1, 0))
    rate = _CLIENTS * each / benchmark.stats["median"]
    figure(f"small queries of {_CLIENTS} client threads (median)", f"{rate:.0f}/s", "80/s on two cores")


def bench_twenty_counts_at_once_beside_raw_duckdb(benchmark, server, s3, bucket, figure, tmp_path, size):
    """Twenty threads count the same million rows; raw DuckDB's twenty share its threads. Interleaved."""
    path, rows, count_of = tmp_path / "counted.parquet", size(1_000_000, 1_000), size(_COUNTS, 3)
    raw = duckdb.connect(config={"threads": 2})
    raw.execute(f"COPY (SELECT range AS id, range % 7 AS b FROM range({rows})) TO '{path}'")
    s3.upload_file(str(path), bucket, "counted/part-0.parquet")
    clients = [server.client("athena") for _ in range(count_of)]
    ddl = f"""CREATE EXTERNAL TABLE IF NOT EXISTS default.counted (id bigint, b bigint)
        STORED AS PARQUET LOCATION 's3://{bucket}/counted/'"""
    _rows(clients[0], bucket, ddl)
    ours, theirs = [], []

    def at_once(count, arguments):
        began = time.perf_counter()
        with ThreadPoolExecutor(count_of) as pool:
            answers = list(pool.map(count, arguments))
        took = time.perf_counter() - began
        assert answers == [rows - (rows + 6) // 7] * count_of
        return took

    def of_duckdb(cursor):
        return cursor.execute(f"SELECT count(*) FROM read_parquet('{path}') WHERE b > 0").fetchall()[0][0]

    def of_athena(athena):
        rows = _rows(athena, bucket, "SELECT count(*) FROM default.counted WHERE b > 0")
        return int(rows[1]["Data"][0]["VarCharValue"])

    def both():
        theirs.append(at_once(of_duckdb, [raw.cursor() for _ in range(count_of)]))
        ours.append(at_once(of_athena, clients))

    benchmark.pedantic(both, rounds=size(5, 1), warmup_rounds=size(1, 0))
    ratio = statistics.median(ours) / statistics.median(theirs)
    figure(f"{count_of} counts of {rows:,} rows at once / raw DuckDB", f"{ratio:.2f}x", "under 2x")
