"""Copies the lake's objects to plain files, so that a person can open them with any tool."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from lakebench.bench.result import LayoutSummary, StoryResult
from lakebench.bench.watch import Advance, Step, Watcher
from lakebench.client.s3 import download
from lakebench.client.session import AwsSession


def export_layouts(
    session: AwsSession, result: StoryResult, directory: Path, watch: Watcher
) -> tuple[Path, Path]:
    """Write the CSV below ``directory/raw`` and the Parquet objects below ``directory/curated``.

    Returns both folders. Parquet files get the extension that Athena leaves off. Raises ClientError, OSError.
    """
    raw, curated = directory / "raw", directory / "curated"
    with watch.step(Step.EXPORT, result.csv.stored_bytes + result.parquet.stored_bytes) as advance:
        _copy(session, result.csv, raw, "", advance)
        _copy(session, result.parquet, curated, ".parquet", advance)
    return raw, curated


def _copy(session: AwsSession, layout: LayoutSummary, folder: Path, extension: str, advance: Advance) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for place in layout.objects:
        name = PurePosixPath(place.key).name
        if extension and not name.endswith(extension):
            name += extension
        download(session, place, folder / name, advance)
