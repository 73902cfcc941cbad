"""Draws one block of access log with numpy: indices into small seeded pools, then columns by index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from lakebench.datagen.logs_catalogue import (
    AGENTS,
    BAD_HOURS,
    COUNTRIES,
    DAY_WEIGHTS,
    HOSTS,
    HOUR_WEIGHTS,
    KINDS,
    MONTH,
    PROTOCOLS,
    QUERIES,
    REFERERS,
)
from lakebench.datagen.picking import BELOW_ONE, Flags, Floats, Ints, Picker, take, weights_of, zipf

_POOLS = 0x6C6F6773  # keeps the pools' random stream apart from the blocks'
_CLIENTS = 20_000
_HOUR_SECONDS = 3_600
_STATUSES = np.array([200, 206, 301, 304, 403, 404, 429, 500, 502, 503], dtype=np.int64)
_RESULTS = pa.array(["Hit", "RefreshHit", "Miss", "Redirect", "Error"])
_METHODS = pa.array(["GET", "POST", "HEAD"])
_HIT, _REFRESH, _MISS, _REDIRECT, _ERROR = range(5)
_OK, _PARTIAL, _MOVED, _NOT_MODIFIED, _FORBIDDEN, _NOT_FOUND, _TOO_MANY, _FAILED = range(8)
_HEX = np.frombuffer("".join(f"{byte:02x}" for byte in range(256)).encode(), dtype="<u2")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPools:
    """Everything a block of requests is drawn from; the same for all blocks of one seed.

    ``client_*`` have an entry a client, ``path_*`` an entry a path; ``hours`` picks an hour of the month.
    """

    hours: Picker
    clients: Picker
    client_ips: Any
    client_country: Ints
    client_edge: Ints
    client_agent: Ints
    paths: Picker
    path_texts: Any
    path_kind: Ints
    path_host: Ints
    dates: Any
    times: Any


def build_log_pools(seed: int) -> LogPools:
    """Build the pools of one seed."""
    rng = np.random.default_rng([_POOLS, seed])
    country = Picker(weights_of([one.weight for one in COUNTRIES])).pick(rng.random(_CLIENTS))
    texts, kinds, weights = _paths(rng)
    hours = np.array(DAY_WEIGHTS)[:, None] * np.array(HOUR_WEIGHTS)[None, :]
    return LogPools(
        hours=Picker(weights_of(hours.ravel())),
        clients=Picker(weights_of(zipf(_CLIENTS, 0.85)[rng.permutation(_CLIENTS)])),
        client_ips=pa.array(_addresses(rng)),
        client_country=country,
        client_edge=_FIRST_EDGE[country]
        + np.floor(rng.random(_CLIENTS) * _EDGES_OF[country]).astype(np.int64),
        client_agent=Picker(weights_of([share for _, share, _ in AGENTS])).pick(rng.random(_CLIENTS)),
        paths=Picker(weights_of(weights)),
        path_texts=pa.array(texts),
        path_kind=kinds,
        path_host=_hosts(kinds),
        dates=pa.array([f"{MONTH}-{day:02d}" for day in range(1, len(DAY_WEIGHTS) + 1)]),
        times=pa.array([f"{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}" for s in range(86_400)]),
    )


def draw_log_block(pools: LogPools, *, seed: int, block: int, start: int, count: int, rows: int) -> Any:
    """Draw rows ``start`` to ``start + count`` of ``rows`` as an Arrow table; ``logs`` has the rules."""
    rng = np.random.default_rng([seed, _POOLS, block])
    second, hour = _moments(pools, rng, start=start, count=count, rows=rows)
    client, path = pools.clients.pick(rng.random(count)), pools.paths.pick(rng.random(count))
    kind, agent = pools.path_kind[path], pools.client_agent[client]
    posted = rng.random(count) < _POSTS[kind]
    robot = _ROBOTS[agent]
    method = np.where(posted, 1, np.where(robot & (rng.random(count) < 0.04), 2, 0))
    status = _statuses(rng, hour, kind, robot, posted)
    result = _results(rng, kind, status, posted)
    noise = rng.standard_normal(count)
    sent = np.where(_EMPTY[status], 0, np.exp(noise * _SPREADS[kind]) * _SIZES[kind]).astype(np.int64) + 240
    failed = status >= _FORBIDDEN
    sent = np.where(failed, 310 + _STATUSES[status], sent)
    received = 180 + np.floor(rng.random(count) * 420).astype(np.int64) + posted * 700
    wait = rng.standard_exponential(count, method="inv")
    millis = 1 + (wait * np.where(result >= _MISS, 68.0, 6.0)).astype(np.int64) + sent // 40_000
    millis = np.where(status >= _FAILED, millis + 2_500, millis)
    referer = _REFERERS.pick(rng.random(count))
    direct = robot | (rng.random(count) < 0.35)
    asked = _QUERY_SHARES.pick(rng.random(count))
    bare = rng.random(count) < 0.8
    country = pools.client_country[client]
    return pa.table(
        {
            "log_date": take(pools.dates, second // 86_400),
            "log_time": take(pools.times, second % 86_400),
            "edge_location": take(_EDGES, pools.client_edge[client]),
            "bytes_sent": pa.array(sent),
            "client_ip": take(pools.client_ips, client),
            "method": take(_METHODS, method),
            "host": take(_HOST_NAMES, pools.path_host[path]),
            "uri": take(pools.path_texts, path),
            "status": pa.array(_STATUSES[status]),
            "referer": take(_REFERER_NAMES, referer, direct),
            "user_agent": take(_AGENT_NAMES, agent),
            "query_string": take(_QUERY_TEXTS, asked, bare),
            "result_type": take(_RESULTS, result),
            "request_id": _request_ids(rng, count),
            "protocol": take(_PROTOCOL_NAMES, _PROTOCOLS.pick(rng.random(count))),
            "bytes_received": pa.array(received),
            "time_taken": _seconds(millis),
            "country": take(_COUNTRY_CODES, country),
        }
    )


_EDGE_NAMES = [edge for one in COUNTRIES for edge in one.edges]
_EDGES = pa.array(_EDGE_NAMES)
_EDGES_OF = np.array([len(one.edges) for one in COUNTRIES], dtype=np.int64)
_FIRST_EDGE = np.cumsum(_EDGES_OF) - _EDGES_OF
_COUNTRY_CODES = pa.array([one.code for one in COUNTRIES])
_HOST_NAMES = pa.array([name for name, _ in HOSTS])
_AGENT_NAMES = pa.array([name for name, _, _ in AGENTS])
_ROBOTS = np.array([robot for _, _, robot in AGENTS])
_REFERER_NAMES = pa.array([name for name, _ in REFERERS])
_REFERERS = Picker(weights_of([share for _, share in REFERERS]))
_PROTOCOL_NAMES = pa.array([name for name, _ in PROTOCOLS])
_PROTOCOLS = Picker(weights_of([share for _, share in PROTOCOLS]))
_QUERY_TEXTS = pa.array(list(QUERIES))
_QUERY_SHARES = Picker(weights_of([1.0] * len(QUERIES)))
_POSTS = np.array([one.posts for one in KINDS])
_HITS = np.array([one.hit for one in KINDS])
_SIZES = np.array([one.size for one in KINDS], dtype=np.float64)
_SPREADS = np.array([one.spread for one in KINDS])
_STATIC = np.array([one.hit > 0.9 for one in KINDS])
_EMPTY = np.isin(np.arange(len(_STATUSES)), [_MOVED, _NOT_MODIFIED])
_BAD = np.array([(day - 1) * 24 + hour for day, hour in BAD_HOURS], dtype=np.int64)


def _moments(
    pools: LogPools, rng: np.random.Generator, *, start: int, count: int, rows: int
) -> tuple[Ints, Ints]:
    """Seconds since the month began, in order, and their hours: row i lies in the i-th part of the month."""
    at = (np.arange(start, start + count, dtype=np.float64) + rng.random(count)) / rows
    at = np.minimum(at, BELOW_ONE)  # the last row may be rounded up
    hour = pools.hours.pick(at)
    edges = np.concatenate(([0.0], pools.hours.shares))
    part = (at - edges[hour]) / (edges[hour + 1] - edges[hour])
    return hour * _HOUR_SECONDS + np.minimum((part * _HOUR_SECONDS).astype(np.int64), _HOUR_SECONDS - 1), hour


def _statuses(rng: np.random.Generator, hour: Ints, kind: Ints, robot: Flags, posted: Flags) -> Ints:
    """Indices into the statuses: mostly 200, 304 for what browsers hold, failures in the bad hours."""
    drawn, other = rng.random(len(hour)), rng.random(len(hour))
    status = np.where(_STATIC[kind] & (drawn < 0.24), _NOT_MODIFIED, _OK)
    status = np.where((drawn > 0.985) & _STATIC[kind], _PARTIAL, status)
    status = np.where(drawn > np.where(robot, 0.93, 0.988), _NOT_FOUND, status)
    status = np.where(other < 0.006, _MOVED, status)
    status = np.where(other > 0.9965, _FORBIDDEN, status)
    status = np.where(robot & (other > 0.98), _TOO_MANY, status)
    dynamic = ~_STATIC[kind] | posted
    failing = np.where(np.isin(hour, _BAD), 0.31, 0.0016) * dynamic
    return np.where(rng.random(len(hour)) < failing, _FAILED + (other * 3).astype(np.int64), status)


def _results(rng: np.random.Generator, kind: Ints, status: Ints, posted: Flags) -> Ints:
    """What the edge did with a request: from its cache or not, or no answer at all."""
    drawn = rng.random(len(kind))
    hit = (drawn < _HITS[kind]) & ~posted
    result = np.where(hit, np.where(drawn < 0.03, _REFRESH, _HIT), _MISS)
    result = np.where(status == _MOVED, _REDIRECT, result)
    return np.where(status >= _FORBIDDEN, _ERROR, result)


def _paths(rng: np.random.Generator) -> tuple[list[str], Ints, Floats]:
    """Texts, kinds and weights of all paths; within a kind few are asked for much."""
    texts: list[str] = []
    kinds: list[int] = []
    weights: list[Floats] = []
    for number, kind in enumerate(KINDS):
        marks = rng.permutation(90_000)[: kind.count] + 10_000
        texts += [f"{kind.prefix}{mark}{kind.ending}" for mark in marks.tolist()]
        kinds += [number] * kind.count
        shares = zipf(kind.count, 1.0)
        weights.append(kind.weight * shares / shares.sum())
    return texts, np.array(kinds, dtype=np.int64), np.concatenate(weights)


def _hosts(kinds: Ints) -> Ints:
    """Pictures and the interface have hosts of their own."""
    by_kind = [
        1 if one.prefix.startswith("/img") else 2 if one.prefix.startswith("/api") else 0 for one in KINDS
    ]
    return np.array(by_kind, dtype=np.int64)[kinds]


def _addresses(rng: np.random.Generator) -> list[str]:
    """Addresses of the documentation's ranges and of shared space, which belong to nobody."""
    high, low = rng.integers(64, 128, _CLIENTS), rng.integers(0, 256, (2, _CLIENTS))
    return [f"100.{a}.{b}.{c}" for a, b, c in zip(high, low[0], low[1], strict=True)]


def _request_ids(rng: np.random.Generator, count: int) -> Any:
    """Sixteen hexadecimal digits a row, no two rows alike but by chance."""
    digits = _HEX[np.frombuffer(rng.bytes(8 * count), dtype=np.uint8)]
    offsets = np.arange(count + 1, dtype=np.int32) * 16
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(digits))


def _seconds(millis: Ints) -> Any:
    """Milliseconds as decimal(9,3) of seconds: 128-bit integers, little-endian."""
    words = np.zeros((len(millis), 2), dtype="<i8")
    words[:, 0] = millis
    return pa.Array.from_buffers(pa.decimal128(9, 3), len(millis), [None, pa.py_buffer(words)])
