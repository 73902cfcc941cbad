"""Many clients at once, and what goes wrong around them: nothing hangs, nothing is lost, nothing grows.

A minute of sixteen clients; ``make soak`` is longer and has more of them.
"""

from __future__ import annotations

import os

from lakebench import Server
from lakebench.emulator.doctor import examine

from .chaos import Chaos
from .clock import JumpingClock
from .disk import SmallDisk
from .load import run_load

SECONDS = float(os.environ.get("LAKEBENCH_SOAK_SECONDS", "60"))
CLIENTS = int(os.environ.get("LAKEBENCH_SOAK_CLIENTS", "16"))


def test_mixed_work_of_many_clients_loses_and_leaks_nothing(tmp_path):
    disk, clock = SmallDisk(tmp_path, megabytes=2048), JumpingClock(tmp_path)
    try:
        with disk.worn(), clock.worn(), Server(data_dir=disk.data_dir) as server:
            chaos = Chaos(server, disk, clock)
            figures, clients = run_load(server, clients=CLIENTS, seconds=SECONDS, chaos=chaos)
        print(
            f"\n{CLIENTS} clients, {figures}\n  {chaos.counts}, "
            f"{'a small file system' if disk.real else 'the fault layer'}"
        )
        assert not figures.failures, figures.failures
        resident, descriptors = figures.growth()
        # Executions are kept as Athena keeps its history: some kilobytes each.
        queries = sum(len(figures.times[name]) for name in ("count", "insert")) + figures.spared.total()
        assert resident < 10 * 2**20 + 8192 * queries
        assert descriptors < 30
        assert examine(disk.data_dir).faults == ()
        with Server(data_dir=disk.data_dir) as again:
            for client in clients:
                client.connect(again)
                client.check()
    finally:
        disk.close()
