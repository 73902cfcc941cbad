"""Every listed object read and classified, or left out with the reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lakebench.catalog import S3Uri
from lakebench.emulator.crawler.builtin import classify
from lakebench.emulator.crawler.columns import InferredColumn
from lakebench.emulator.crawler.format import Classifier, Format, Recognised
from lakebench.emulator.crawler.listing import Folder
from lakebench.emulator.crawler.sample import read_sample
from lakebench.emulator.crawler.volume import Volume
from lakebench.emulator.storage.objects import ObjectStore, StoredObject
from lakebench.errors import DataError


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """An object that is part of no table, and why: ``is truncated gzip: its end is missing``."""

    uri: S3Uri
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """An object and what it holds. Two of the same format and compression can share a table."""

    uri: S3Uri
    recognised: Recognised
    compression: str
    volume: Volume

    @property
    def format(self) -> Format:
        """How it is written."""
        return self.recognised.format

    @property
    def columns(self) -> tuple[InferredColumn, ...]:
        """Its columns."""
        return self.recognised.columns

    @property
    def is_unknown(self) -> bool:
        """Whether no classifier knew it."""
        return self.recognised.format.classification == "UNKNOWN"


class Inspector:
    """Reads objects for one crawl; remembers those it had to leave out."""

    def __init__(
        self, classifiers: Sequence[Classifier], objects: ObjectStore, check_stopped: Callable[[], None]
    ) -> None:
        self.left_out: list[LeftOut] = []
        self._objects = objects
        self._classifiers = classifiers
        self.check_stopped = check_stopped

    def leave_out(self, uri: S3Uri, reason: str) -> None:
        """Remember an object that becomes part of no table."""
        self.left_out.append(LeftOut(uri=uri, reason=reason))

    def inspect(self, stored: StoredObject) -> Inspected | None:
        """Classify one object; None when it cannot be read, which is remembered."""
        self.check_stopped()
        try:
            sample = read_sample(stored)
            recognised = classify(sample, self._classifiers)
        except DataError as error:
            self.leave_out(stored.uri, error.message)
            return None
        volume = Volume(
            objects=1,
            size=stored.size,
            sampled_bytes=recognised.sampled_bytes,
            sampled_records=recognised.sampled_records,
            exact=recognised.exact,
        )
        return Inspected(uri=stored.uri, recognised=recognised, compression=sample.compression, volume=volume)

    def inspect_folder(self, folder: Folder, sample_size: int | None) -> list[Inspected]:
        """The objects of one folder, unrecognised ones left out where any is recognised.

        With ``sample_size`` so many are read, evenly spread; the rest counts as alike when these agree.
        """
        keys = folder.objects
        if sample_size is None or len(keys) <= sample_size:
            return self._recognised(self._inspect_all(folder, keys))
        chosen = {i * len(keys) // sample_size for i in range(sample_size)}
        seen = self._recognised(self._inspect_all(folder, [keys[i] for i in sorted(chosen)]))
        if not seen or any(one.format != seen[0].format or one.columns != seen[0].columns for one in seen):
            return self._recognised(self._inspect_all(folder, keys))
        rest = [self._stored(folder, key) for i, key in enumerate(keys) if i not in chosen]
        return seen + [_assumed(stored, seen[0]) for stored in rest if stored is not None]

    def _inspect_all(self, folder: Folder, keys: Sequence[str]) -> list[Inspected | None]:
        """Objects that were deleted since the listing are passed over."""
        stored = (self._stored(folder, key) for key in keys)
        return [self.inspect(one) for one in stored if one is not None]

    def _stored(self, folder: Folder, key: str) -> StoredObject | None:
        return self._objects.get(S3Uri(folder.uri.bucket, key))

    def _recognised(self, found: Sequence[Inspected | None]) -> list[Inspected]:
        readable = [one for one in found if one is not None]
        known = [one for one in readable if not one.is_unknown]
        if not known:
            return readable
        for one in readable:
            if one.is_unknown:
                self.leave_out(one.uri, "is of no known format, unlike its neighbours")
        return known


def _assumed(stored: StoredObject, like: Inspected) -> Inspected:
    """An object that was not read: its records are as large and many as those of ``like``, by size."""
    records = like.volume.sampled_records * stored.size // max(like.volume.size, 1)
    sampled = like.volume.sampled_bytes * stored.size // max(like.volume.size, 1)
    volume = Volume(
        objects=1,
        size=stored.size,
        sampled_bytes=sampled,
        sampled_records=records,
        exact=like.volume.exact,
    )
    return Inspected(uri=stored.uri, recognised=like.recognised, compression=like.compression, volume=volume)
