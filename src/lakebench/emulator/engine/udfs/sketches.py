"""Sketches of many values: distinct counts (HyperLogLog), quantiles (digests), sets of hashes (set digests).

Answers lie within the error that Trino promises; small inputs are exact, as Trino's are. The bytes are ours.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import mmh3
import numpy as np
import pyarrow as pa
from datasketches import HLL_8, hll_sketch, hll_union

from lakebench.emulator.engine.udfs.raising import raised

_LOG_BUCKETS = 12
"""Trino's approx_set has 4096 buckets: 1.625 % standard error."""

_EXACT, _BINS = 4096, 2048
"""A digest keeps so many values as they are, and so many means of what lies between its tails."""


def _invalid(message: str) -> ValueError:
    return raised("INVALID_FUNCTION_ARGUMENT", message)


# HyperLogLog ----------------------------------------------------------------------------------------------


def hll(values: pa.Array) -> pa.Array:
    """A sketch of the texts of a list; NULLs do not count, and of NULLs alone there is none."""
    rows = values.to_pylist()
    return pa.array([None if _is_nothing(row) else _hll(row) for row in rows], pa.binary())


def _is_nothing(row: Sequence[object] | None) -> bool:
    return row is None or (len(row) > 0 and all(value is None for value in row))


def _hll(texts: Sequence[str | None]) -> bytes:
    sketch = hll_sketch(_LOG_BUCKETS, HLL_8)
    for text in dict.fromkeys(texts):
        if text is not None:
            sketch.update(text)
    return bytes(sketch.serialize_compact())


def hll_merge(values: pa.Array) -> pa.Array:
    """The sketch of all that the sketches of a list have seen."""
    return pa.array([None if row is None else _hll_union(row) for row in values.to_pylist()], pa.binary())


def _hll_union(sketches: Sequence[bytes | None]) -> bytes | None:
    present = [sketch for sketch in sketches if sketch is not None]
    if not present:
        return None
    union = hll_union(_LOG_BUCKETS)
    for sketch in present:
        union.update(hll_sketch.deserialize(sketch))
    return bytes(union.get_result(HLL_8).serialize_compact())


def hll_cardinality(values: pa.Array) -> pa.Array:
    """About how many different values a sketch has seen."""
    return pa.array(
        [
            None if sketch is None else round(hll_sketch.deserialize(sketch).get_estimate())
            for sketch in values.to_pylist()
        ],
        pa.int64(),
    )


# Digests: sorted means with their weights -----------------------------------------------------------------

Digest = tuple[np.ndarray, np.ndarray]


def _digest(means: np.ndarray, weights: np.ndarray) -> bytes | None:
    if not len(means):
        return None
    order = np.argsort(means, kind="stable")
    means, weights = _compressed(means[order], weights[order])
    return np.concatenate([means, weights]).astype("<f8").tobytes()


def _compressed(means: np.ndarray, weights: np.ndarray) -> Digest:
    """Both tails as they are, and bins of equal counts between them."""
    if len(means) <= _EXACT + _BINS:
        return means, weights
    tail = _EXACT // 2
    edges = np.linspace(tail, len(means) - tail, _BINS + 1).astype(int)[:-1]
    sums = np.add.reduceat((means * weights)[:-tail], edges)
    held = np.add.reduceat(weights[:-tail], edges)
    return (
        np.concatenate([means[:tail], sums / held, means[-tail:]]),
        np.concatenate([weights[:tail], held, weights[-tail:]]),
    )


def _read(blob: bytes) -> Digest:
    numbers = np.frombuffer(blob, dtype="<f8")
    half = len(numbers) // 2
    return numbers[:half], numbers[half:]


def _of_list(values: pa.Array) -> Sequence[np.ndarray | None]:
    return [None if row is None else row[~np.isnan(row)] for row in _rows(values)]


def digest(values: pa.Array) -> pa.Array:
    """A digest of a list of numbers; NULLs and NaN do not count."""
    return pa.array(
        [None if row is None else _digest(row, np.ones(len(row))) for row in _of_list(values)], pa.binary()
    )


def digest_weighted(values: pa.Array) -> pa.Array:
    """A digest of a list of ``{v, w}``."""
    return pa.array(
        [None if row is None else _digest(*_weighted(row)) for row in values.to_pylist()], pa.binary()
    )


def _weighted(row: Sequence[dict[str, float | None]]) -> Digest:
    kept = [(pair["v"], pair["w"]) for pair in row if pair["v"] is not None and pair["w"] is not None]
    means = np.array([value for value, _ in kept], dtype=float)
    weights = np.array([weight for _, weight in kept], dtype=float)
    if (weights <= 0).any():
        raise _invalid("weight must be > 0")
    return means, weights


def digest_merge(values: pa.Array) -> pa.Array:
    """One digest of all that the digests of a list have seen."""
    found: list[bytes | None] = []
    for row in values.to_pylist():
        parts = [_read(blob) for blob in row or [] if blob is not None]
        found.append(_digest(*(np.concatenate(side) for side in zip(*parts, strict=True))) if parts else None)
    return pa.array(found, pa.binary())


def _checked(quantile: float) -> float:
    if not 0 <= quantile <= 1:
        raise _invalid("quantile must be between 0 and 1 (inclusive)")
    return quantile


def quantile(digests: pa.Array, quantiles: pa.Array) -> pa.Array:
    """The value below which a share of the values lies, as a t-digest interpolates between its means."""
    return pa.array(
        [
            None if blob is None or share is None else _interpolated(*_read(blob), _checked(share))
            for blob, share in zip(digests.to_pylist(), quantiles.to_pylist(), strict=True)
        ],
        pa.float64(),
    )


def _interpolated(means: np.ndarray, weights: np.ndarray, share: float) -> float:
    """Means of weight 1 are values that were seen: they are answered as they are, not interpolated."""
    total = float(weights.sum())
    offset = share * total
    if offset < 1:
        return float(means[0])
    if offset > total - 1 or len(means) == 1:
        return float(means[-1] if len(means) > 1 else means[0])
    middles = np.cumsum(weights) - weights / 2
    at = int(np.searchsorted(middles, offset, side="right")) - 1
    if at < 0:
        return float(means[0])
    if at >= len(means) - 1:
        return float(means[-1])
    before, after = offset - middles[at], middles[at + 1] - offset
    if weights[at] == 1:
        if before < 0.5:
            return float(means[at])
        before -= 0.5
    if weights[at + 1] == 1:
        if after <= 0.5:
            return float(means[at + 1])
        after -= 0.5
    return float((means[at] * after + means[at + 1] * before) / (before + after))


def quantile_upper(digests: pa.Array, quantiles: pa.Array) -> pa.Array:
    """The smallest value at or below which a share of the values lies: a qdigest's answer."""
    found: list[float | None] = []
    for blob, share in zip(digests.to_pylist(), quantiles.to_pylist(), strict=True):
        if blob is None or share is None:
            found.append(None)
            continue
        means, weights = _read(blob)
        reached = np.cumsum(weights)
        at = int(np.searchsorted(reached, _checked(share) * reached[-1], side="left"))
        found.append(float(means[min(at, len(means) - 1)]))
    return pa.array(found, pa.float64())


def quantile_of(digests: pa.Array, values: pa.Array) -> pa.Array:
    """The share of the values below a value; NULL outside of what the digest has seen."""
    found: list[float | None] = []
    for blob, value in zip(digests.to_pylist(), values.to_pylist(), strict=True):
        if blob is None or value is None:
            found.append(None)
            continue
        means, weights = _read(blob)
        outside = value < means[0] or value > means[-1]
        found.append(None if outside else float(weights[means < value].sum() / weights.sum()))
    return pa.array(found, pa.float64())


def percentile(values: pa.Array, weights: pa.Array, shares: pa.Array) -> pa.Array:
    """``approx_percentile`` of a list with a list of weights (NULL: each counts once)."""
    found: list[float | None] = []
    for row, weighed, share in zip(_rows(values), _rows(weights), shares.to_pylist(), strict=True):
        if row is None or share is None:
            found.append(None)
            continue
        if not 0 <= share <= 1:
            raise _invalid("percentile must be between 0 and 1")
        held = np.ones(len(row)) if weighed is None else weighed
        if (held < 0).any():
            raise _invalid("percentile weight must be > 0")
        kept = ~np.isnan(row) & (held > 0)
        order = np.argsort(row[kept], kind="stable")
        found.append(_interpolated(row[kept][order], held[kept][order], share) if len(order) else None)
    return pa.array(found, pa.float64())


def _rows(lists: pa.Array) -> Iterator[np.ndarray | None]:
    """The lists as arrays, NaN for NULL."""
    for chunk in getattr(lists, "chunks", [lists]):
        flat = chunk.values.to_numpy(zero_copy_only=False).astype(float)
        offsets = chunk.offsets.to_pylist()
        for at, present in enumerate(chunk.is_valid().to_pylist()):
            yield flat[offsets[at] : offsets[at + 1]] if present else None


# Set digests: hashes with how often each was seen ---------------------------------------------------------

_PAIR = np.dtype([("hash", "<i8"), ("count", "<i8")])
_MOST = 32767


def _set(hashes: Sequence[int]) -> bytes:
    found, counts = np.unique(np.array(hashes, dtype=np.int64), return_counts=True)
    return _packed(found, counts)


def _packed(hashes: np.ndarray, counts: np.ndarray) -> bytes:
    pairs = np.empty(len(hashes), dtype=_PAIR)
    pairs["hash"], pairs["count"] = hashes, counts
    return pairs.tobytes()


def _pairs(blob: bytes) -> np.ndarray:
    return np.frombuffer(blob, dtype=_PAIR)


def _hash(data: bytes) -> int:
    """Trino's hash of a value of a set digest: the first half of MurmurHash3's 128 bits."""
    return int(mmh3.hash64(data)[0])


def set_digest_of_numbers(values: pa.Array) -> pa.Array:
    """A set digest of a list of whole numbers."""
    return pa.array(
        [
            None
            if row is None
            else _set([_hash(x.to_bytes(8, "little", signed=True)) for x in row if x is not None])
            for row in values.to_pylist()
        ],
        pa.binary(),
    )


def set_digest_of_texts(values: pa.Array) -> pa.Array:
    """A set digest of a list of texts."""
    return pa.array(
        [
            None if row is None else _set([_hash(x.encode()) for x in row if x is not None])
            for row in values.to_pylist()
        ],
        pa.binary(),
    )


def set_digest_merge(values: pa.Array) -> pa.Array:
    """One set digest of all that the digests of a list have seen."""
    found: list[bytes | None] = []
    for row in values.to_pylist():
        parts = [_pairs(blob) for blob in row or [] if blob is not None]
        if not parts:
            found.append(None)
            continue
        together = np.concatenate(parts)
        hashes, places = np.unique(together["hash"], return_inverse=True)
        found.append(_packed(hashes, np.bincount(places, weights=together["count"]).astype(np.int64)))
    return pa.array(found, pa.binary())


def set_digest_cardinality(values: pa.Array) -> pa.Array:
    """How many different values a set digest has seen."""
    return pa.array([None if blob is None else len(_pairs(blob)) for blob in values.to_pylist()], pa.int64())


def _common(left: bytes, right: bytes) -> int:
    return len(np.intersect1d(_pairs(left)["hash"], _pairs(right)["hash"], assume_unique=True))


def set_digest_common(left: pa.Array, right: pa.Array) -> pa.Array:
    """How many values two set digests have in common."""
    rows = zip(left.to_pylist(), right.to_pylist(), strict=True)
    return pa.array([None if a is None or b is None else _common(a, b) for a, b in rows], pa.int64())


def jaccard(left: pa.Array, right: pa.Array) -> pa.Array:
    """Values in common over all values; Trino compares the smaller number of hashes."""
    rows = zip(left.to_pylist(), right.to_pylist(), strict=True)
    return pa.array([None if a is None or b is None else _jaccard(a, b) for a, b in rows], pa.float64())


def _jaccard(left: bytes, right: bytes) -> float:
    hashes = _pairs(left)["hash"], _pairs(right)["hash"]
    size = min(len(hashes[0]), len(hashes[1]))
    if not size:
        return math.nan
    union = np.union1d(*hashes)[:size]
    common = np.intersect1d(*hashes, assume_unique=True)
    return len(np.intersect1d(union, common, assume_unique=True)) / size


def hash_counts(values: pa.Array) -> pa.Array:
    """The hashes of a set digest with their counts, at most 32767 each."""
    return pa.array(
        [
            None
            if blob is None
            else [{"k": int(p["hash"]), "v": min(int(p["count"]), _MOST)} for p in _pairs(blob)]
            for blob in values.to_pylist()
        ],
        pa.list_(pa.struct([("k", pa.int64()), ("v", pa.int16())])),
    )
