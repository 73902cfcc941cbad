"""Aggregates over a list that DuckDB lacks: moments, checksums, histograms (Trino: functions/aggregate)."""

from __future__ import annotations

import heapq
import math
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import xxhash

from lakebench.emulator.engine.udfs.raising import raised


def _numbers(row: Sequence[float | None]) -> np.ndarray:
    return np.array([x for x in row if x is not None], dtype=float)


def skewness(values: pa.Array) -> pa.Array:
    """The third standardised moment; NULL below three values."""
    return pa.array(
        [None if row is None else _skewness(_numbers(row)) for row in values.to_pylist()], pa.float64()
    )


def _skewness(numbers: np.ndarray) -> float | None:
    if len(numbers) < 3:
        return None
    away = numbers - numbers.mean()
    squares = float((away**2).sum())
    if squares == 0:
        return math.nan
    return math.sqrt(len(numbers)) * float((away**3).sum()) / math.pow(squares, 1.5)


def kurtosis(values: pa.Array) -> pa.Array:
    """The sample's excess kurtosis; NULL below four values."""
    return pa.array(
        [None if row is None else _kurtosis(_numbers(row)) for row in values.to_pylist()], pa.float64()
    )


def _kurtosis(numbers: np.ndarray) -> float | None:
    n = len(numbers)
    if n < 4:
        return None
    away = numbers - numbers.mean()
    squares, fourths = float((away**2).sum()), float((away**4).sum())
    if squares == 0:
        return math.nan
    lead = ((n - 1) * n * (n + 1)) / ((n - 2) * (n - 3))
    return lead * fourths / (squares * squares) - 3 * ((n - 1) * (n - 1)) / ((n - 2) * (n - 3))


# Checksums: the sum of all hashes times a prime, modulo 2**64 ---------------------------------------------

_PRIME = 0x9E3779B185EBCA87
_WRAP = 1 << 64


def _checksums(values: pa.Array, packed: Callable[[Any], bytes]) -> pa.Array:
    """One checksum a list; a NULL in it counts as a hash of one."""
    found: list[bytes | None] = []
    for row in values.to_pylist():
        if row is None:
            found.append(None)
            continue
        total = sum(1 if value is None else xxhash.xxh64_intdigest(packed(value)) for value in row)
        found.append((total * _PRIME % _WRAP).to_bytes(8, "little"))
    return pa.array(found, pa.binary())


def checksum_whole(values: pa.Array) -> pa.Array:
    """Of whole numbers, and of all that Trino keeps as one: dates, short decimals, timestamps, booleans."""
    return _checksums(values, lambda x: struct.pack("<q", x))


def checksum_double(values: pa.Array) -> pa.Array:
    """Of doubles, by their bits; -0.0 counts as 0.0."""
    return _checksums(values, lambda x: struct.pack("<d", x + 0.0))


def checksum_bytes(values: pa.Array) -> pa.Array:
    """Of texts and binary."""
    return _checksums(values, bytes)


# numeric_histogram: neighbours that differ least are merged until there are few enough ---------------------


@dataclass(slots=True, eq=False)
class _Bucket:
    at: int
    value: float
    weight: float
    left: _Bucket | None = None
    right: _Bucket | None = None
    valid: bool = True

    def penalty(self) -> float:
        if self.right is None:
            return math.inf
        together = self.weight + self.right.weight
        share = (self.weight * self.right.weight) / (together * together)
        return together * (self.value - self.right.value) ** 2 * share


def numeric_histogram(counts: pa.Array, values: pa.Array) -> pa.Array:
    """``{k: value, v: weight}`` for each bucket of a list of ``{v, w}``, by value."""
    found: list[list[dict[str, float]] | None] = []
    for count, row in zip(counts.to_pylist(), values.to_pylist(), strict=True):
        if count is None or row is None:
            found.append(None)
            continue
        if count < 2:
            raise raised(
                "INVALID_FUNCTION_ARGUMENT", "numeric_histogram bucket count must be greater than one"
            )
        pairs = [(p["v"], p["w"]) for p in row if p["v"] is not None and p["w"] is not None]
        buckets = _histogram(pairs, count) if pairs else []
        found.append([{"k": value, "v": weight} for value, weight in buckets] or None)
    return pa.array(found, pa.list_(pa.struct([("k", pa.float64()), ("v", pa.float64())])))


def _histogram(pairs: Sequence[tuple[float, float]], count: int) -> list[tuple[float, float]]:
    """Values wait beside the buckets, a fifth of their number, before they are merged (as in Trino)."""
    room = count + max(int(count * 0.2), 1)
    held: list[tuple[float, float]] = []
    for pair in pairs:
        if len(held) == room:
            held = _compacted(held, count)
        held.append(pair)
    return _compacted(held, count)


def _compacted(pairs: Sequence[tuple[float, float]], count: int) -> list[tuple[float, float]]:
    weights: dict[float, float] = {}
    for value, weight in sorted(pairs):
        weights[value] = weights.get(value, 0.0) + weight
    return list(weights.items()) if len(weights) <= count else _merged(list(weights.items()), count)


def _merged(pairs: Sequence[tuple[float, float]], count: int) -> list[tuple[float, float]]:
    buckets = [_Bucket(at, value, weight) for at, (value, weight) in enumerate(pairs)]
    for left, right in pairwise(buckets):
        left.right, right.left = right, left
    queue = [(bucket.penalty(), bucket.at, number, bucket) for number, bucket in enumerate(buckets)]
    heapq.heapify(queue)
    left_over, number = len(buckets), len(buckets)
    while left_over > count:
        current: _Bucket = heapq.heappop(queue)[3]
        follower = current.right
        if not current.valid or follower is None:
            continue
        left_over -= 1
        weight = current.weight + follower.weight
        value = (current.value * current.weight + follower.value * follower.weight) / weight
        merged = _Bucket(current.at, value, weight, current.left, follower.right)
        current.valid = follower.valid = False
        if merged.right is not None:
            merged.right.left = merged
        fresh = [merged]
        if merged.left is not None:
            old = merged.left
            old.valid = False
            again = _Bucket(old.at, old.value, old.weight, old.left, merged)
            if again.left is not None:
                again.left.right = again
            merged.left = again
            fresh.append(again)
        for bucket in fresh:
            number += 1
            heapq.heappush(queue, (bucket.penalty(), bucket.at, number, bucket))
    kept = {id(entry[3]): entry[3] for entry in queue if entry[3].valid}
    return sorted((bucket.value, bucket.weight) for bucket in kept.values())
