"""Sixteen clients at once: nothing hangs, nothing is lost, nothing grows. ``make soak`` runs it longer."""

from __future__ import annotations

import os

from lakebench import Server

from .chaos import Chaos
from .load import run_load

SECONDS = float(os.environ.get("LAKEBENCH_SOAK_SECONDS", "60"))
CLIENTS = int(os.environ.get("LAKEBENCH_SOAK_CLIENTS", "16"))
CHAOS = bool(os.environ.get("LAKEBENCH_SOAK_CHAOS"))
"""make soak: 500 queries queued at once, a worker killed each second, clients that leave."""


def test_mixed_work_of_many_clients_loses_and_leaks_nothing():
    with Server() as server:
        chaos = Chaos(server) if CHAOS else None
        figures = run_load(server, clients=CLIENTS, seconds=SECONDS, chaos=chaos)
    print(f"\n{CLIENTS} clients, {figures}\n  {chaos.counts if chaos else 'undisturbed'}")
    assert not figures.failures, figures.failures
    resident, descriptors = figures.growth()
    # Executions are kept as Athena keeps its history: some kilobytes each.
    allowed = 10 * 2**20 + 8192 * len(figures.times["count"])
    assert resident < allowed
    assert descriptors < 30
