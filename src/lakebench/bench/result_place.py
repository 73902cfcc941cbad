"""Where the results of a query go, and whether they go away with the run."""

from __future__ import annotations

from dataclasses import dataclass

from lakebench.bench.aws_guard import Clearance
from lakebench.bench.run_plan import RunName
from lakebench.catalog.s3 import S3Uri
from lakebench.client.call import CallFailed
from lakebench.client.s3 import bucket_region
from lakebench.client.session import AwsSession
from lakebench.errors import ConfigError, StatementError
from lakebench.sql import parse
from lakebench.sql.statement import CreateTableAs


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultPlace:
    """``output`` None is the workgroup's own. ``makes_bucket`` and ``temporary`` ones go with the run."""

    output: S3Uri | None
    temporary: bool = False
    makes_bucket: bool = False


def result_place(bucket: str | None, run: RunName, asked: S3Uri | None, clearance: Clearance) -> ResultPlace:
    """On AWS: where the user said, else where the workgroup says, else the target's bucket or the run's."""
    if asked is not None and not clearance.enforced:
        return ResultPlace(output=asked.as_prefix)
    if clearance.own_cutoff_bytes is None and clearance.output is not None:
        return ResultPlace(output=None)
    output = S3Uri(bucket or run.name, f"{run.prefix}results/")
    return ResultPlace(output=output, temporary=True, makes_bucket=bucket is None)


def check_lasting(sql: str, place: ResultPlace) -> None:
    """Refuse a statement whose data would lie among results that go away; ConfigError.

    AWS: without ``external_location`` a CTAS writes below the place of its results.
    """
    if not place.temporary:
        return
    try:
        statement = parse(sql)
    except StatementError as error:
        raise ConfigError(
            f"this statement is not understood here ({error}), so it may write where results go",
            hint="give --output: those results stay",
        ) from error
    if isinstance(statement, CreateTableAs) and statement.external_location is None:
        raise ConfigError(
            "the data of this CTAS would lie among its results, which are removed",
            hint="write external_location in it, or give --output: those results stay",
        )


def check_region(session: AwsSession, bucket: str) -> None:
    """Refuse a bucket that is not there or in another region than the run; ConfigError.

    AWS: Athena writes results to a bucket of its own region only (athena-ug: query result location).
    """
    try:
        region = bucket_region(session, bucket)
    except CallFailed as error:
        if error.code == "404":
            raise ConfigError(f"there is no bucket {bucket}", hint="make it, or name another one") from error
        raise
    if region != session.region:
        raise ConfigError(
            f"bucket {bucket} is in {region}, and this run is in {session.region}",
            hint=f"give --region {region}, or name a bucket in {session.region}",
        )
