"""Stores a data set for ``lakebench generate``; loaded only when it runs."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import typer
from rich.console import Console

from lakebench.bench.generate import generate_parts, generation_plan
from lakebench.bench.guarded import guarded
from lakebench.bench.result_place import check_region
from lakebench.bench.run_plan import RunName, RunPlan
from lakebench.catalog.s3 import S3Uri
from lakebench.cli.demo_story import interruptible
from lakebench.client.session import AwsSession, open_session
from lakebench.config import Target, TargetKind
from lakebench.datagen.parts import PartPlan
from lakebench.errors import PricingError
from lakebench.pricing import format_cost, known_service_prices
from lakebench.report import Language
from lakebench.report.progress import watcher_for
from lakebench.units import format_bytes


def run_generate(target: Target, plans: Mapping[str, PartPlan], place: S3Uri, *, workers: int) -> int:
    """Store it and say what it is; the exit code: 0, or 130 when interrupted. Raises LakebenchError."""
    session, run = open_session(target), RunName.new(target)
    watch = watcher_for(Console(stderr=True), Language.EN)
    try:
        with (
            interruptible(),
            guarded(
                session, target, run, watch, lambda _: _plan(session, plans, place), queries=False
            ) as guard,
        ):
            made = generate_parts(session, plans, place, watch, guard, workers=workers)
    except KeyboardInterrupt:
        watch.note(f"stopped; nothing is left below {place}")
        return 130
    size = sum(each.size for each in made.objects)
    told = f"{made.rows:,} rows in {len(made.objects):,} files, {format_bytes(size)}, below {place}"
    if target.kind is TargetKind.AWS:
        told += f"\n{storage_words(size, target.region)}"
    typer.echo(told)
    return 0


def _plan(session: AwsSession, plans: Mapping[str, PartPlan], place: S3Uri) -> RunPlan:
    check_region(session, place.bucket)
    return generation_plan(plans, place, session.region)


def storage_words(size: int, region: str) -> str:
    """What S3 bills for keeping so many bytes, or that no price is known."""
    try:
        line = known_service_prices().storage(size, Decimal(1), region)
    except PricingError as error:
        return f"S3 bills their storage: {error.message}"
    sure = "" if line.price.verified else " (not verified)"
    return f"S3 bills {format_cost(line.cost)} a month for keeping them{sure}"
