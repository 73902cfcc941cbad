"""All the parts of one server, built once and closed together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from lakebench.emulator.engine.engine import DuckDbEngine
from lakebench.emulator.engine.protocol import Engine
from lakebench.emulator.storage.data_dir import DataDir
from lakebench.emulator.storage.ledger import Ledger, open_ledger

if TYPE_CHECKING:
    from lakebench.emulator.app import App
    from lakebench.emulator.moto.mount import MotoMount
    from lakebench.emulator.signatures.keys import SigningKey
    from lakebench.emulator.signatures.verifier import SignatureVerifier


class Stack:
    """One server without its port: the engine, moto over a data dir, and the providers. Once a process."""

    app: App

    def __init__(
        self,
        *,
        data_dir: DataDir,
        workers: int,
        host: str = "127.0.0.1",
        allow_hosts: Sequence[str] = (),
        durable: bool = True,
        signing_keys: Mapping[str, SigningKey] | None = None,
        engine: Engine | None = None,
        throttled: bool = False,
    ) -> None:
        """Build everything and load what a first request needs; ``engine`` takes the place of DuckDB's.

        With ``signing_keys`` requests must be signed, by one of them or by keys that were issued here;
        ``throttled`` applies AWS's quotas.
        """
        with ExitStack() as opened:
            ledger = open_ledger(data_dir, durable=durable)
            opened.callback(ledger.state.close)
            # The workers load DuckDB in processes of their own while this one loads moto.
            engine = engine or DuckDbEngine(data_dir.scratch, workers=workers)
            opened.callback(engine.close)
            self.app = _build(
                data_dir,
                ledger,
                engine,
                workers,
                hosts=(host, *allow_hosts),
                signing_keys=signing_keys,
                throttled=throttled,
                at_close=opened.callback,
            )
            self._opened = opened.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()


def _build(
    data_dir: DataDir,
    ledger: Ledger,
    engine: Engine,
    workers: int,
    *,
    hosts: Sequence[str],
    signing_keys: Mapping[str, SigningKey] | None,
    throttled: bool,
    at_close: Callable[..., Any],
) -> App:
    from lakebench.emulator.app import App  # these load moto: after the workers
    from lakebench.emulator.athena import athena_provider
    from lakebench.emulator.control import Control
    from lakebench.emulator.door import Door
    from lakebench.emulator.glue import glue_provider
    from lakebench.emulator.health import Health
    from lakebench.emulator.moto.catalog import MotoCatalogStore
    from lakebench.emulator.moto.glue import catalog_operations
    from lakebench.emulator.moto.mount import MotoMount
    from lakebench.emulator.moto.objects import MotoObjectStore
    from lakebench.emulator.moto.queues import MotoQueues

    moto = MotoMount(ledger)

    def objects(account_id: str) -> MotoObjectStore:
        return MotoObjectStore(moto, account_id)

    def catalogs(account_id: str, region: str) -> MotoCatalogStore:
        return MotoCatalogStore(moto, account_id, region)

    athena = athena_provider(
        engine=engine,
        objects=objects,
        catalogs=catalogs,
        ledger=ledger,
        scratch=data_dir.scratch,
        workers=workers,
        throttled=throttled,
    )
    at_close(athena.close)
    glue = glue_provider(
        objects=objects,
        catalogs=catalogs,
        queues=MotoQueues,
        ledger=ledger,
        catalog=catalog_operations(moto),
    )
    at_close(glue.close)
    moto.warm_up()
    health = Health(
        services=("athena", "glue", "iam", "s3", "sts"),
        data_dir=str(data_dir.root),
        ephemeral=data_dir.ephemeral,
        workers=workers,
        documents=(athena.document,),
    )
    door = Door(host=hosts[0], allowed_hosts=hosts[1:], cors_rules=moto.cors_rules)
    control = Control(data_dir=data_dir, moto=moto, providers=(athena, glue))
    return App(
        door=door,
        control=control,
        health=health,
        providers=(athena, glue),
        moto=moto,
        signatures=None if signing_keys is None else _verifier(signing_keys, moto),
    )


def _verifier(configured: Mapping[str, SigningKey], moto: MotoMount) -> SignatureVerifier:
    from lakebench.emulator.moto.uploads import carries_payload
    from lakebench.emulator.signatures.keys import KeyRing, SigningKey
    from lakebench.emulator.signatures.verifier import SignatureVerifier

    def issued(access_key: str) -> SigningKey | None:
        key = moto.issued_key(access_key)
        return None if key is None else SigningKey(secret=key.secret, token=key.token, expires=key.expires)

    return SignatureVerifier(keys=KeyRing(configured=configured, issued=issued), is_upload=carries_payload)
