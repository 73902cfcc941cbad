"""All the parts of one server, built once and closed together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from lakebench.emulator.app import App
from lakebench.emulator.health import Health
from lakebench.emulator.moto.mount import MotoMount
from lakebench.emulator.storage.data_dir import DataDir, LostPayloads
from lakebench.emulator.storage.payloads import PayloadStore
from lakebench.emulator.wire.provider import Provider
from lakebench.units import format_bytes

Providers = Callable[[MotoMount, Path], Sequence[Provider]]
"""Makes the providers of one server, given moto and the scratch directory; tests pass their own."""


class Stack:
    """One server without its port: a data dir, moto over it, and the providers. Made once a process."""

    def __init__(self, *, data_dir: Path | None, workers: int, providers: Providers | None = None) -> None:
        """Open everything and load what a first request needs; raises LaunchError."""
        with ExitStack() as opened:
            self.data_dir = DataDir.temporary() if data_dir is None else DataDir.open(data_dir)
            opened.callback(self.data_dir.close)
            payloads = PayloadStore(objects=self.data_dir.objects, tmp=self.data_dir.tmp)
            opened.callback(payloads.close)
            moto = MotoMount(payloads)
            made = providers(moto, self.data_dir.scratch) if providers else ()
            for provider in made:
                opened.callback(provider.close)
            health = Health(
                services=tuple(sorted({"s3", "glue", "sts", "iam"} | {one.service for one in made})),
                data_dir=str(self.data_dir.root),
                ephemeral=self.data_dir.ephemeral,
                workers=lambda: workers,
            )
            moto.warm_up()
            self.app = App(health=health, providers=made, moto=moto)
            self._opened = opened.pop_all()

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know about this data dir."""
        return () if self.data_dir.lost is None else (_lost_note(self.data_dir.lost),)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()


def _lost_note(lost: LostPayloads) -> str:
    files = "1 object file" if lost.count == 1 else f"{lost.count} object files"
    return (
        f"{files} ({format_bytes(lost.size)}) of an earlier run moved to {lost.directory}: "
        "buckets and keys are not restored after a restart; delete that directory if you do not need it"
    )
