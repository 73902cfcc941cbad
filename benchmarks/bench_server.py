"""How soon a server is ready, and what it holds while it waits."""

import statistics
import time

from lakebench import Server


def bench_time_to_ready(benchmark, figure, size):
    def start_and_stop():
        began = time.monotonic()
        with Server():
            took.append(time.monotonic() - began)

    took: list[float] = []
    benchmark.pedantic(start_and_stop, rounds=size(5, 1), warmup_rounds=size(1, 0))
    figure("server ready (median)", f"{statistics.median(took[-5:]):.2f} s", "within 1.5 s")


def bench_idle_memory(benchmark, figure, process_tree, size):
    with Server() as server:
        time.sleep(size(2, 0.1))
        resident = benchmark.pedantic(process_tree(server.pid).resident_bytes, rounds=3)
    figure("idle memory of all processes", f"{resident / 2**20:.0f} MB", "under 300 MB")
