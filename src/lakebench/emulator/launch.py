"""Start and stop a server: in this process for ``lakebench serve``, in a child for tests and notebooks."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Self

from lakebench.emulator.child_stderr import ChildStderr
from lakebench.emulator.storage.data_dir import DataDir
from lakebench.environment import local_environment
from lakebench.errors import LaunchError

if TYPE_CHECKING:
    from lakebench.emulator.signatures.keys import SigningKey

_START_SECONDS = 60
_STOP_SECONDS = 5
_GRACE_SECONDS = 3
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8  # malloc.h
_LARGE_BUFFER = 2 << 20
"""Bytes; above the blocks that bodies are read and written in, which would be mapped anew one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerConfig:
    """How to run a server. ``port`` 0 picks a free one; without ``data_dir`` nothing is left behind.

    ``allow_hosts`` are names beside the local ones that a request's Host header may have. With ``durable``
    False what is acknowledged outlives the server, but not the machine's loss of power.

    With ``verify_signatures`` requests must be signed: by the local key, by one that IAM or STS issued here,
    or by one of the file ``signing_keys`` or the variable LAKEBENCH_SIGNING_KEYS. With ``throttle`` Athena's
    quotas hold: calls a second, and active queries.
    """

    host: str = "127.0.0.1"
    port: int = 4566
    data_dir: Path | None = None
    workers: int = 2
    allow_hosts: tuple[str, ...] = ()
    durable: bool = True
    verify_signatures: bool = False
    signing_keys: Path | None = None
    throttle: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A server that has its port and its data dir. ``notes`` are lines for a person to read."""

    endpoint: str
    port: int
    data_dir: Path
    ephemeral: bool
    notes: tuple[str, ...] = ()


class Stop:
    """The wish that the server ends; thrown by a signal, or by the end of the parent."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def throw(self) -> None:
        """End the server."""
        self._event.set()

    def throw_on_signals(self) -> None:
        """SIGTERM and SIGINT end the server, a second one at once; only the main thread may ask for this."""

        def end(number: int, _: object) -> None:
            if self._event.is_set():
                os._exit(128 + number)
            self.throw()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, end)

    def throw_at_end_of(self, stream: IO[bytes]) -> None:
        """The end of the parent ends the server: the pipe it holds is closed even by SIGKILL."""

        def watch() -> None:
            while stream.read(4096):
                pass
            self.throw()

        threading.Thread(target=watch, name="lakebench-parent", daemon=True).start()

    def wait(self) -> None:
        """Until it is thrown."""
        self._event.wait()


def serve_forever(
    config: ServerConfig,
    *,
    stop: Stop,
    on_bound: Callable[[Bound], None],
    on_ready: Callable[[], None],
) -> None:
    """Run a server in this process until ``stop`` is thrown.

    ``on_bound`` is called once port and data dir are ours, ``on_ready`` once a request would be answered.
    Raises LaunchError. Real credentials and profiles of this process are dropped from its environment.
    """
    from lakebench.emulator.listener import Listener  # the launcher is cheap to import

    _keep_no_memory()
    keys = _signing_keys(config)
    for name in [name for name in os.environ if name.startswith(("AWS_", "MOTO_"))]:
        del os.environ[name]
    os.umask(0o077)  # whatever this process and its workers write is the owner's alone
    with closing(Listener(config.host, config.port)) as listener, _open_data_dir(config.data_dir) as data_dir:
        on_bound(
            Bound(
                endpoint=listener.endpoint,
                port=listener.port,
                data_dir=data_dir.root,
                ephemeral=data_dir.ephemeral,
                notes=data_dir.notes,
            )
        )
        from lakebench.emulator.stack import Stack  # moto, the engine: half a second

        stack = Stack(
            data_dir=data_dir,
            workers=config.workers,
            host=config.host,
            allow_hosts=config.allow_hosts,
            durable=config.durable,
            signing_keys=keys,
            throttled=config.throttle,
        )
        with Grace(data_dir) as grace, stack:
            listener.serve(stack.app)
            on_ready()
            _give_memory_back()
            stop.wait()
            grace.begin()
            listener.close()


def _keep_no_memory() -> None:
    """Large buffers go back to the system when they are freed, and threads share two heaps, with glibc.

    By itself it keeps buffers of up to 32 MB for each of many heaps: pages of results under load added up.
    """
    if sys.platform == "linux" and (tune := getattr(ctypes.CDLL(None), "mallopt", None)) is not None:
        tune(_M_MMAP_THRESHOLD, _LARGE_BUFFER)
        tune(_M_TRIM_THRESHOLD, 4 * _LARGE_BUFFER)
        tune(_M_ARENA_MAX, 2)


def _give_memory_back() -> None:
    """What loading left behind goes back to the system: some megabytes, where the C library can (glibc)."""
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)) is not None:
        trim(0)


def _signing_keys(config: ServerConfig) -> dict[str, SigningKey] | None:
    """The configured keys when signatures are checked; the variable is dropped from this environment."""
    from lakebench.emulator.signatures.keys import KEYS_VARIABLE, configured_keys

    variable = os.environ.pop(KEYS_VARIABLE, "")
    return configured_keys(config.signing_keys, variable) if config.verify_signatures else None


class Grace:
    """How long closing may take. A statement that is being analysed in this process cannot be interrupted,
    so what is still busy after that is left behind: the process ends, and its workers with it.
    """

    def __init__(self, data_dir: DataDir) -> None:
        self._data_dir = data_dir
        self._timer = threading.Timer(_GRACE_SECONDS, self._give_up)
        self._timer.daemon = True

    def begin(self) -> None:
        """Closing starts now."""
        self._timer.start()

    def _give_up(self) -> None:
        self._data_dir.close()
        sys.stderr.write("lakebench: ended with a statement still in analysis\n")
        sys.stderr.flush()
        os._exit(0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()


def _open_data_dir(path: Path | None) -> DataDir:
    return DataDir.temporary() if path is None else DataDir.open(path)


class Server:
    """A server of its own in a child process, on a free port.

        with Server() as server:
            s3 = server.client("s3")

    Two servers share nothing. The child ends with ``stop``, with the block, and with this process, however
    it ends.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        data_dir: Path | str | None = None,
        workers: int = 2,
        allow_hosts: Sequence[str] = (),
        region: str = "us-east-1",
        durable: bool = True,
        verify_signatures: bool = False,
        signing_keys: Path | str | None = None,
        throttle: bool = False,
    ) -> None:
        self._config = ServerConfig(
            host=host,
            port=port,
            data_dir=None if data_dir is None else Path(data_dir),
            workers=workers,
            allow_hosts=tuple(allow_hosts),
            durable=durable,
            verify_signatures=verify_signatures,
            signing_keys=None if signing_keys is None else Path(signing_keys),
            throttle=throttle,
        )
        self._region = region
        self._process: subprocess.Popen[bytes] | None = None
        self._started: dict[str, Any] = {}

    def start(self) -> Self:
        """Start the child and wait until it answers; raises LaunchError, with the last that it said."""
        if self._process is not None:
            raise LaunchError("this server was started before", hint="make another Server")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        process = subprocess.Popen(
            self._command(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            start_new_session=True,  # Ctrl-C in the terminal is the parent's to handle
        )
        self._process = process
        killer = threading.Timer(_START_SECONDS, process.kill)
        killer.start()
        assert process.stdout is not None  # noqa: S101 (it is a pipe)
        assert process.stderr is not None  # noqa: S101 (it is a pipe)
        stderr = ChildStderr(process.stderr)
        line = process.stdout.readline()
        killer.cancel()
        said: dict[str, Any] = json.loads(line) if line else {}
        if "endpoint" not in said:
            self.stop()
            raise LaunchError(
                said.get("error") or _ended(process.returncode, stderr.last_lines()), hint=said.get("hint")
            )
        self._started = said
        return self

    def stop(self) -> None:
        """End the child and wait for it; a second call does nothing."""
        process = self._process
        self._started = {}
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(timeout=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def endpoint(self) -> str:
        """``http://127.0.0.1:<port>``."""
        return str(self._fact("endpoint"))

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._fact("port"))

    @property
    def pid(self) -> int:
        """The child's process id."""
        return int(self._fact("pid"))

    @property
    def data_dir(self) -> Path:
        """Where the object bytes lie."""
        return Path(self._fact("data_dir"))

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know about the data dir, a line each."""
        return tuple(self._fact("notes"))

    @property
    def environment(self) -> dict[str, str]:
        """Variables that point another process at this server."""
        return local_environment(self.endpoint, region=self._region)

    def client(self, service: str, **options: Any) -> Any:
        """A boto3 client of this server, with keys of its own; ``options`` go to boto3.

        It looks at none of the user's AWS variables and files.
        """
        import boto3

        from lakebench.isolated import isolated_session, local_config

        config = options.pop("config", None)
        settings = local_config() if config is None else local_config().merge(config)
        session = boto3.Session(botocore_session=isolated_session(self._region))
        return session.client(service, **{"endpoint_url": self.endpoint, **options, "config": settings})

    def _fact(self, name: str) -> Any:
        if name not in self._started:
            raise LaunchError("the server is not running", hint="use it in a with block, or call start()")
        return self._started[name]

    def _command(self) -> list[str]:
        config = self._config
        command = [
            sys.executable,
            "-m",
            "lakebench.emulator",
            "--host",
            config.host,
            "--port",
            str(config.port),
        ]
        command += ["--workers", str(config.workers)]
        for name in config.allow_hosts:
            command += ["--allow-host", name]
        if config.data_dir is not None:
            command += ["--data-dir", str(config.data_dir)]
        if not config.durable:
            command += ["--relaxed"]
        if config.verify_signatures:
            command += ["--verify-signatures"]
        if config.signing_keys is not None:
            command += ["--signing-keys", str(config.signing_keys)]
        if config.throttle:
            command += ["--throttle"]
        return command


def _ended(code: int, last_lines: str) -> str:
    """What is told of a child that ended before it said anything itself."""
    cause = f"by {signal.Signals(-code).name}" if -code in set(signal.Signals) else f"with code {code}"
    told = f"; it last said:\n{last_lines}" if last_lines else " and said nothing"
    return f"the server ended while it started, {cause}{told}"
