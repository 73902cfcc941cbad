"""Picks indices by weight for uniform draws, and columns by index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

BELOW_ONE = float(np.nextafter(1.0, 0.0))
"""The largest draw."""

_LEAST_BINS, _MOST_BINS = 1 << 10, 1 << 16
_BINS_PER_SHARE = 16
_UNDER_ONE = 1 - 2.0**-40  # and so it is below the next group


class Picker:
    """The indices of cumulative ``shares``, ascending up to ``span``, as ``numpy.searchsorted`` finds them.

    A table of bins answers at once where a bin holds no edge; only the draws of the other bins are searched
    for, so that a pick costs about the same whatever the number of shares.
    """

    def __init__(self, shares: Floats, span: int = 1) -> None:
        self.shares = shares
        wanted = min(max(_BINS_PER_SHARE * len(shares) // span, _LEAST_BINS), _MOST_BINS)
        self._bins = 1 << (wanted - 1).bit_length()  # by a power of two a draw is multiplied exactly
        edges = np.arange(span * self._bins + 1, dtype=np.float64) / self._bins
        self._least = np.searchsorted(shares, edges[:-1], side="right").astype(np.int64)
        # A draw just below the bin's upper edge is the most that the bin holds.
        most = np.searchsorted(shares, np.nextafter(edges[1:], 0.0), side="right")
        self._open = most != self._least

    def pick(self, uniform: Floats) -> Ints:
        """Indices for uniform draws of [0, span)."""
        bins = (uniform * self._bins).astype(np.int64)
        found: Ints = self._least.take(bins)
        unsure = np.flatnonzero(self._open.take(bins))
        if len(unsure):
            found[unsure] = np.searchsorted(self.shares, uniform[unsure], side="right")
        return found


class GroupPicker:
    """Picks from row ``group`` of cumulative shares: one search over the rows laid end to end."""

    def __init__(self, shares: Floats) -> None:
        self._width = shares.shape[1]
        laid = (shares + np.arange(len(shares))[:, None]).ravel()
        self._picker = Picker(laid, span=len(shares))

    def pick(self, group: Ints, uniform: Floats) -> Ints:
        """Indices into the rows for uniform draws of [0, 1)."""
        # Rounding at a row's edge must not leave the row, nor the last row.
        at = np.minimum(uniform + group, group + _UNDER_ONE)
        found: Ints = np.clip(self._picker.pick(at) - group * self._width, 0, self._width - 1)
        return found


def zipf(count: int, exponent: float) -> Floats:
    """Weights 1/rank^exponent: few names sell much, many sell little."""
    return 1.0 / np.arange(1, count + 1, dtype=np.float64) ** exponent


def cumulative(weights: Floats) -> Floats:
    """Cumulative shares of the weights along the last axis, ending at exactly 1.0."""
    sums = np.cumsum(weights, axis=-1)
    shares: Floats = sums / sums[..., -1:]
    return shares


def weights_of(weights: Sequence[float] | Floats) -> Floats:
    """Cumulative shares of a list of weights."""
    return cumulative(np.asarray(weights, dtype=np.float64))


def take(values: Any, index: Ints, null: Flags | None = None) -> Any:
    """The values at these indices as an Arrow array, null where the flag is set."""
    return values.take(pa.array(index, mask=null))
