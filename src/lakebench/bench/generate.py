"""Generates a data set into S3, file after file in flat memory."""

from __future__ import annotations

from contextlib import suppress

from lakebench.bench.watch import Step, Watcher
from lakebench.catalog.s3 import S3Uri
from lakebench.client import s3
from lakebench.client.call import aws_call
from lakebench.client.session import AwsSession
from lakebench.datagen.parts import PartPlan
from lakebench.errors import ClientError


def generate_parts(
    session: AwsSession, plan: PartPlan, prefix: S3Uri, watch: Watcher
) -> tuple[s3.StoredObject, ...]:
    """Write all files below an empty prefix, whose bucket is made if it is missing.

    Raises ClientError, also for a prefix that holds objects. What was written is removed again after an
    error or Ctrl-C: a table must not take a part of the rows for all.
    """
    place = prefix.as_prefix
    s3.ensure_bucket(session, place.bucket)
    if next(s3.list_objects(session, place), None) is not None:
        raise ClientError(
            f"{place} holds objects already; the rows would mix with them",
            hint="name another prefix, or empty that one",
        )
    stored: list[s3.StoredObject] = []
    try:
        with watch.step(Step.GENERATE, plan.generator.rows) as advance:
            for number in range(plan.files):
                chunks = plan.chunks(number, advance)
                stored.append(s3.upload_stream(session, place.child(plan.name(number)), chunks))
    except BaseException:
        for each in stored:
            with suppress(ClientError), aws_call("s3:DeleteObject", str(each.place)):
                session.s3.delete_object(Bucket=each.place.bucket, Key=each.place.key)
        raise
    return tuple(stored)
