"""How soon a server is ready, and what it holds while it waits."""

import time

from lakebench import Server


def bench_time_to_ready(benchmark, figure):
    def start_and_stop():
        began = time.monotonic()
        with Server():
            took.append(time.monotonic() - began)

    took: list[float] = []
    benchmark.pedantic(start_and_stop, rounds=5, warmup_rounds=1)
    figure("server ready (median)", f"{sorted(took[1:])[2]:.2f} s", "within 1.5 s")


def bench_idle_memory(benchmark, figure, process_tree):
    with Server() as server:
        time.sleep(2)
        resident = benchmark.pedantic(process_tree(server.pid).resident_bytes, rounds=3)
    figure("idle memory of all processes", f"{resident / 2**20:.0f} MB", "under 300 MB")
