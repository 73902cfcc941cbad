"""Benchmark runs as JSON files: ``.lakebench/results/<run id>.json``, one a run.

``read_run`` takes any such file; ``ResultStore`` keeps a directory of them.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

from lakebench.bench.run_result import BenchRun
from lakebench.bench.typed_json import record_of, to_plain
from lakebench.errors import DataError

SCHEMA = "lakebench.bench"
SCHEMA_VERSION = 1

_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


def run_to_json(run: BenchRun) -> str:
    """Write a run as JSON, ending in a line feed: dollars are strings, times ISO 8601, bytes integers."""
    document = {"schema": SCHEMA, "schema_version": SCHEMA_VERSION, **to_plain(run)}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def run_from_json(text: str, *, where: str) -> BenchRun:
    """Read a run; ``where`` names the text in errors.

    Raises DataError for text that is no JSON, another schema or version, and for a field that is missing,
    unknown or of another type, naming it.
    """
    try:
        document = json.loads(text)
    except ValueError as error:
        raise DataError(f"{where}: not JSON: {error}") from error
    if not isinstance(document, dict) or document.pop("schema", None) != SCHEMA:
        raise DataError(f"{where}: not a benchmark result: its schema is not {SCHEMA}")
    version = document.pop("schema_version", None)
    if type(version) is not int or version != SCHEMA_VERSION:
        raise DataError(
            f"{where}: schema_version {version!r} is not read by this version, which reads {SCHEMA_VERSION}",
            hint="read it with the version of lakebench that wrote it, or run the benchmark again",
        )
    run: BenchRun = record_of(BenchRun, document, where)
    return run


def read_run(path: Path) -> BenchRun:
    """Read a result file. Raises DataError naming the file."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read: {error}") from error
    return run_from_json(text, where=str(path))


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultStore:
    """A directory of result files, each written whole or not at all."""

    directory: Path

    def save(self, run: BenchRun) -> Path:
        """Write a run in place of its earlier state. Raises DataError for an id that is no file name."""
        path = self._path(run.run_id)
        self.directory.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".json.new")
        with new.open("w", encoding="utf-8") as file:
            file.write(run_to_json(run))
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
        return path

    def load(self, run_id: str) -> BenchRun:
        """Read one run. Raises DataError if there is none, or it cannot be read."""
        path = self._path(run_id)
        if not path.is_file():
            known = ", ".join(self.run_ids()) or "none"
            raise DataError(f"no run {run_id} in {self.directory}", hint=f"runs there: {known}")
        return read_run(path)

    def run_ids(self) -> tuple[str, ...]:
        """The ids of all runs kept, in order of name."""
        return tuple(sorted(path.stem for path in self.directory.glob("*.json")))

    def _path(self, run_id: str) -> Path:
        if _RUN_ID.fullmatch(run_id) is None:
            raise DataError(f"{run_id!r} is no run id: letters, digits, dots, dashes and underscores")
        return self.directory / f"{run_id}.json"
