"""Generates a data set into S3, some files at a time, in flat memory."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial

from lakebench.bench.charges import request_charge, split_charges
from lakebench.bench.guarded import Guard, unguarded
from lakebench.bench.resources import ResourceKind
from lakebench.bench.run_plan import RunPlan
from lakebench.bench.watch import Advance, Step, Watcher
from lakebench.catalog.s3 import S3Uri
from lakebench.client import s3
from lakebench.client.session import AwsSession
from lakebench.datagen.parts import PartFormat, PartPlan
from lakebench.errors import ClientError

_ROW_BYTES = {PartFormat.JSON: 900, PartFormat.JSON_GZ: 900}
_OTHER_ROW_BYTES = 450
"""A row has up to 330 bytes as CSV and 700 as JSON, less when packed; plans are on the safe side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """What was stored, table by table, and how many rows it has."""

    objects: tuple[s3.StoredObject, ...]
    rows: int


def generate_parts(
    session: AwsSession,
    plans: Mapping[str, PartPlan],
    prefix: S3Uri,
    watch: Watcher,
    guard: Guard | None = None,
    *,
    workers: int = 1,
) -> Generated:
    """Write all files of all tables below an empty prefix; at home its bucket is made if it is missing.

    ``plans`` are by the folder of each table, ``""`` for the prefix itself; ``workers`` files are written
    at a time, each with one part in memory. Raises ClientError, also for a prefix that holds objects. What
    was written is removed again after an error or Ctrl-C: a table must not take a part of the rows for all.
    """
    place = prefix.as_prefix
    with nullcontext(guard) if guard is not None else unguarded(session, watch) as block:
        if not block.on_aws:
            s3.ensure_bucket(session, place.bucket)
        if next(s3.list_objects(session, place), None) is not None:
            raise ClientError(
                f"{place} holds objects already; the rows would mix with them",
                hint="name another prefix, or empty that one",
            )
        with block.making(ResourceKind.OBJECTS, str(place)):
            pass  # whatever comes to lie there from here on
        with watch.step(Step.GENERATE, sum(plan.generator.rows for plan in plans.values())) as advance:
            jobs = [
                partial(_store, session, plan, number, place.child(f"{folder}/" if folder else ""))
                for folder, plan in plans.items()
                for number in range(plan.files)
            ]
            made = _at_once(jobs, advance, workers)
        block.keep()
    return made


def _store(
    session: AwsSession, plan: PartPlan, number: int, below: S3Uri, advance: Advance
) -> s3.StoredObject:
    return s3.upload_stream(session, below.child(plan.name(number)), plan.chunks(number, advance))


class _Stopped(Exception):
    """Another file failed: this one is not finished."""


def _at_once(
    jobs: Sequence[Callable[[Advance], s3.StoredObject]], advance: Advance, workers: int
) -> Generated:
    """Run the jobs, ``workers`` at a time; the objects in the jobs' order. The first failure stops all."""
    stopping, counting, written = threading.Event(), threading.Lock(), 0

    def told(rows: int) -> None:
        nonlocal written
        if stopping.is_set():
            raise _Stopped
        with counting:
            written += rows
            advance(rows)

    with ThreadPoolExecutor(workers, thread_name_prefix="generate") as pool:
        try:
            futures = [pool.submit(job, told) for job in jobs]
            for future in as_completed(futures):
                future.result()
        except BaseException:
            stopping.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return Generated(objects=tuple(future.result() for future in futures), rows=written)


def generation_plan(plans: Mapping[str, PartPlan], place: S3Uri, region: str) -> RunPlan:
    """What writing the files makes and costs; data that goes to AWS is free of charge for its transfer."""
    count, files = 2, 0
    for plan in plans.values():
        row = _ROW_BYTES.get(plan.part_format, _OTHER_ROW_BYTES)
        rows = -(-plan.generator.rows // plan.files)
        count += plan.files * s3.upload_requests(rows * row)
        files += plan.files
    charges, unpriced = split_charges((request_charge("s3-list-put", "requests to S3", count, region),))
    return RunPlan(
        makes=(f"{files:,} objects below {place.as_prefix}, which stay",),
        charges=charges,
        unpriced=(*unpriced, "their storage, month by month"),
    )
