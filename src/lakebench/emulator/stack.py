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
from lakebench.emulator.storage.data_dir import DataDir
from lakebench.emulator.storage.payloads import PayloadStore
from lakebench.emulator.wire.provider import Provider

Providers = Callable[[MotoMount, Path], Sequence[Provider]]
"""Makes the providers of one server, given moto and the scratch directory; tests pass their own."""


class Stack:
    """One server without its port: a data dir, moto over it, and the providers. Made once a process."""

    def __init__(self, *, data_dir: DataDir, workers: int, providers: Providers | None = None) -> None:
        """Build everything and load what a first request needs."""
        with ExitStack() as opened:
            payloads = PayloadStore(objects=data_dir.objects, tmp=data_dir.tmp)
            opened.callback(payloads.close)
            moto = MotoMount(payloads)
            made = providers(moto, data_dir.scratch) if providers else ()
            for provider in made:
                opened.callback(provider.close)
            health = Health(
                services=tuple(sorted({"s3", "glue", "sts", "iam"} | {one.service for one in made})),
                data_dir=str(data_dir.root),
                ephemeral=data_dir.ephemeral,
                workers=lambda: workers,
            )
            moto.warm_up()
            self.app = App(health=health, providers=made, moto=moto)
            self._opened = opened.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()
