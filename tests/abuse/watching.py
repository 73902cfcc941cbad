"""The server's memory while something hostile goes on, and whether it answers afterwards."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .probe import Prober

MOST_RESIDENT = 300 << 20


def resident(pid: int) -> int:
    """Resident bytes of a process; 0 where the system does not tell."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return 0
    return next(
        int(line.split()[1]) << 10 for line in status.read_text().splitlines() if line.startswith("VmRSS")
    )


@contextmanager
def watched(prober: Prober) -> Iterator[None]:
    """Meanwhile the server stays under 300 MB, at each look; afterwards it answers a query."""
    seen, over = [0], threading.Event()

    def look() -> None:
        while not over.wait(0.02):
            seen.append(resident(prober.server.pid))

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    check_server(prober)
    assert max(seen) < MOST_RESIDENT, f"{max(seen) >> 20} MB"


def check_server(prober: Prober) -> None:
    """It answers, and is small."""
    assert prober.run("SELECT count(*) FROM good").state == "SUCCEEDED"
    assert resident(prober.server.pid) < MOST_RESIDENT


def crawl(prober: Prober, name: str, prefix: str, seconds: float) -> str:
    """Crawl a prefix to its end; how it ended."""
    targets = {"S3Targets": [{"Path": f"s3://{prober.bucket}/{prefix}"}]}
    prober.glue.create_crawler(Name=name, Role="r", DatabaseName=f"db_{name}", Targets=targets)
    prober.glue.start_crawler(Name=name)
    deadline = time.monotonic() + seconds
    while prober.glue.get_crawler(Name=name)["Crawler"]["State"] != "READY":
        assert time.monotonic() < deadline, "a crawl never ends"
        time.sleep(0.02)
    return str(prober.glue.get_crawler(Name=name)["Crawler"]["LastCrawl"]["Status"])
