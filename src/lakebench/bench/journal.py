"""What a run on AWS makes, written down before it is made, so that a crash leaves nothing unknown behind.

One file a run, ``.lakebench/aws/<run id>.jsonl``: a first line that says whose account it is, then a line for
each resource, flushed to the disk before the call that makes it. The file goes when all of it is removed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lakebench.bench.resources import Resource, ResourceKind
from lakebench.errors import ConfigError

JOURNALS = Path(".lakebench/aws")
"""Below the working directory, where the results of benchmarks lie too."""

_VERSION = 1


class Journal(Protocol):
    """Hears of each resource before it is made, and when all of them are gone.

    ``names_are_own``: nobody else can have made things of these names, so one whose making failed half-way
    may be taken away like the others.
    """

    @property
    def names_are_own(self) -> bool:
        """Whether every name carries the run's id."""
        ...

    def will_make(self, resource: Resource) -> None:
        """Note it, to last; raises OSError."""
        ...

    def close(self, left: tuple[Resource, ...]) -> None:
        """The run is over and these are still there."""
        ...


class NoJournal:
    """For a local server: what it holds is not billed, and goes with it."""

    names_are_own = False

    def will_make(self, resource: Resource) -> None:
        """Nothing is noted."""

    def close(self, left: tuple[Resource, ...]) -> None:
        """Nothing was noted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """A run that has not been cleaned up after: where it ran, and what it may have made, in that order."""

    run: str
    account: str
    region: str
    profile: str | None
    resources: tuple[Resource, ...]
    path: Path


class RunJournal:
    """The journal of a run on AWS. Raises OSError when it cannot be written: then nothing may be made."""

    names_are_own = True

    def __init__(self, folder: Path, *, run: str, account: str, region: str, profile: str | None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"{run}.jsonl"
        head = {"version": _VERSION, "run": run, "account": account, "region": region, "profile": profile}
        self._append(head, mode="x")

    def will_make(self, resource: Resource) -> None:
        """Note it, to last."""
        self._append({"kind": resource.kind.value, "name": resource.name})

    def close(self, left: tuple[Resource, ...]) -> None:
        """Remove the file when nothing is left."""
        if not left:
            self._path.unlink(missing_ok=True)

    def _append(self, line: dict[str, object], mode: str = "a") -> None:
        with self._path.open(mode, encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())


def read_journals(folder: Path) -> Iterator[RunRecord]:
    """The runs that left something, oldest first; raises ConfigError for a file that is not a journal."""
    for path in sorted(folder.glob("*.jsonl"), key=lambda one: one.stat().st_mtime):
        yield _read(path)


def _read(path: Path) -> RunRecord:
    lines = path.read_text(encoding="utf-8").split("\n")
    try:
        head = json.loads(lines[0])
        if head["version"] != _VERSION:
            raise ConfigError(
                f"{path} was written by another version of lakebench (format {head['version']})",
                hint=f"this one reads format {_VERSION}",
            )
        # A last line that a crash tore has made nothing: its call comes after it was whole.
        entries = [json.loads(line) for line in lines[1:-1]]
        return RunRecord(
            run=head["run"],
            account=head["account"],
            region=head["region"],
            profile=head["profile"],
            resources=tuple(
                Resource(kind=ResourceKind(entry["kind"]), name=entry["name"]) for entry in entries
            ),
            path=path,
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"{path} is not a journal of a run on AWS: {error}", hint="look at it, and move it away"
        ) from error
