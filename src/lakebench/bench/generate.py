"""Generates a data set into S3, file after file in flat memory."""

from __future__ import annotations

from contextlib import nullcontext

from lakebench.bench.charges import request_charge, split_charges
from lakebench.bench.guarded import Guard, unguarded
from lakebench.bench.resources import ResourceKind
from lakebench.bench.run_plan import RunPlan
from lakebench.bench.watch import Step, Watcher
from lakebench.catalog.s3 import S3Uri
from lakebench.client import s3
from lakebench.client.session import AwsSession
from lakebench.datagen.parts import PartFormat, PartPlan
from lakebench.errors import ClientError

_ROW_BYTES = {PartFormat.JSON: 480, PartFormat.JSON_GZ: 480}
_OTHER_ROW_BYTES = 180
"""A row has some 150 bytes as CSV and 400 as JSON, less when packed; plans are on the safe side."""


def generate_parts(
    session: AwsSession, plan: PartPlan, prefix: S3Uri, watch: Watcher, guard: Guard | None = None
) -> tuple[s3.StoredObject, ...]:
    """Write all files below an empty prefix; at home its bucket is made if it is missing.

    Raises ClientError, also for a prefix that holds objects. What was written is removed again after an
    error or Ctrl-C: a table must not take a part of the rows for all.
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
        stored = []
        with watch.step(Step.GENERATE, plan.generator.rows) as advance:
            for number in range(plan.files):
                chunks = plan.chunks(number, advance)
                stored.append(s3.upload_stream(session, place.child(plan.name(number)), chunks))
        block.keep()
    return tuple(stored)


def generation_plan(plan: PartPlan, place: S3Uri, region: str) -> RunPlan:
    """What writing the files makes and costs; data that goes to AWS is free of charge for its transfer."""
    row = _ROW_BYTES.get(plan.part_format, _OTHER_ROW_BYTES)
    rows = -(-plan.generator.rows // plan.files)
    count = plan.files * s3.upload_requests(rows * row) + 2
    charges, unpriced = split_charges((request_charge("s3-list-put", "requests to S3", count, region),))
    return RunPlan(
        makes=(f"{plan.files:,} objects below {place.as_prefix}, which stay",),
        charges=charges,
        unpriced=(*unpriced, "their storage, month by month"),
    )
