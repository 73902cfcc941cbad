"""Distributions of functions/math: normal, beta, Wilson's interval."""

from __future__ import annotations

import math
from statistics import NormalDist

import pyarrow as pa

from lakebench.emulator.engine.udfs.columns import each
from lakebench.emulator.engine.udfs.raising import raised


def _check(condition: bool, message: str) -> None:
    if not condition:
        raise raised("INVALID_FUNCTION_ARGUMENT", message)


def normal_cdf(means: pa.Array, deviations: pa.Array, values: pa.Array) -> pa.Array:
    """The share of a normal distribution below each value."""
    return each(_normal_cdf, pa.float64(), means, deviations, values)


def _normal_cdf(mean: float, deviation: float, value: float) -> float:
    _check(deviation > 0, "standardDeviation must be > 0")
    return 0.5 * math.erfc(-(value - mean) / (deviation * math.sqrt(2)))


def inverse_normal_cdf(means: pa.Array, deviations: pa.Array, shares: pa.Array) -> pa.Array:
    """The value below which such a share of a normal distribution lies."""
    return each(_inverse_normal_cdf, pa.float64(), means, deviations, shares)


def _inverse_normal_cdf(mean: float, deviation: float, share: float) -> float:
    _check(0 < share < 1, "p must be 0 > p > 1")
    _check(deviation > 0, "standardDeviation must be > 0")
    return mean + deviation * NormalDist().inv_cdf(share)


def beta_cdf(alphas: pa.Array, betas: pa.Array, values: pa.Array) -> pa.Array:
    """The share of a beta distribution below each value."""
    return each(_beta_cdf, pa.float64(), alphas, betas, values)


def _beta_cdf(alpha: float, beta: float, value: float) -> float:
    _check(0 <= value <= 1, "value must be in the interval [0, 1]")
    _check_shapes(alpha, beta)
    return _regularized_beta(value, alpha, beta)


def _check_shapes(alpha: float, beta: float) -> None:
    _check(alpha > 0 and beta > 0, "a, b must be > 0")


def inverse_beta_cdf(alphas: pa.Array, betas: pa.Array, shares: pa.Array) -> pa.Array:
    """The value below which such a share of a beta distribution lies."""
    return each(_inverse_beta_cdf, pa.float64(), alphas, betas, shares)


def _inverse_beta_cdf(alpha: float, beta: float, share: float) -> float:
    _check(0 <= share <= 1, "p must be in the interval [0, 1]")
    _check_shapes(alpha, beta)
    if share in {0.0, 1.0}:
        return share
    low, high = 0.0, 1.0
    while high - low > 1e-16 * max(low, 1e-300):
        middle = (low + high) / 2
        if middle in {low, high}:
            break
        low, high = (middle, high) if _regularized_beta(middle, alpha, beta) < share else (low, middle)
    return (low + high) / 2


def _regularized_beta(value: float, alpha: float, beta: float) -> float:
    """I_x(a, b) by its continued fraction (DLMF 8.17.22), in Lentz's way."""
    if value <= 0 or value >= 1:
        return 0.0 if value <= 0 else 1.0
    if value > (alpha + 1) / (alpha + beta + 2):
        return 1 - _regularized_beta(1 - value, beta, alpha)
    logarithm = math.lgamma(alpha + beta) - math.lgamma(alpha) - math.lgamma(beta)
    front = math.exp(logarithm + alpha * math.log(value) + beta * math.log1p(-value)) / alpha
    tiny = 1e-300
    ratio, c, d = 1.0, 1.0, 0.0
    for step in range(100_000):
        half = step // 2
        if step == 0:
            term = 1.0
        elif step % 2 == 0:
            term = half * (beta - half) * value / ((alpha + 2 * half - 1) * (alpha + 2 * half))
        else:
            top = -(alpha + half) * (alpha + beta + half) * value
            term = top / ((alpha + 2 * half) * (alpha + 2 * half + 1))
        d = 1 / ((1 + term * d) or tiny)
        c = (1 + term / c) or tiny
        ratio *= c * d
        if abs(1 - c * d) < 1e-16:
            break
    return front * (ratio - 1)


def wilson_lower(successes: pa.Array, trials: pa.Array, scores: pa.Array) -> pa.Array:
    """The lower end of Wilson's score interval."""
    return each(lambda s, n, z: _wilson(s, n, z, -1), pa.float64(), successes, trials, scores)


def wilson_upper(successes: pa.Array, trials: pa.Array, scores: pa.Array) -> pa.Array:
    """The upper end of Wilson's score interval."""
    return each(lambda s, n, z: _wilson(s, n, z, 1), pa.float64(), successes, trials, scores)


def _wilson(successes: int, trials: int, score: float, sign: int) -> float:
    _check(successes >= 0, "number of successes must not be negative")
    _check(trials > 0, "number of trials must be positive")
    _check(successes <= trials, "number of successes must not be larger than number of trials")
    _check(score >= 0, "z-score must not be negative")
    share = successes / trials
    root = score * math.sqrt(share * (1 - share) / trials + score * score / (4 * trials * trials))
    return (share + score * score / (2 * trials) + sign * root) / (1 + score * score / trials)
