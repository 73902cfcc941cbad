"""The one place where sessions are made: everything else of the harness takes one and asks no more.

A local session knows nothing of the user's AWS set-up: fake keys, one endpoint for every service, no
profile, no config files, no AWS_* variables, no proxy, no metadata service (facts/reliability.md 7). An
aws session uses the user's set-up, and refuses to start if that would send calls to some other endpoint.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from lakebench.client.carried import carry
from lakebench.client.guard import check_local_endpoint, guard_to_aws, guard_to_origin
from lakebench.config import Target, TargetKind
from lakebench.config.target import DEFAULT_REGION
from lakebench.errors import ConfigError
from lakebench.isolated import isolated_session, local_config

_AGENT = "lakebench"


class AwsSession:
    """S3, Glue, Athena and STS clients of one target; made by ``local_session`` and ``aws_session``.

    ``endpoint`` is the local origin, None on aws. Clients are boto3's own, made once.
    """

    def __init__(self, *, session: Any, kind: TargetKind, region: str, endpoint: str | None) -> None:
        self.kind = kind
        self.region = region
        self.endpoint = endpoint
        self._session = session

    @cached_property
    def s3(self) -> Any:
        """The boto3 S3 client, path-style on a local endpoint."""
        return self.client("s3")

    @cached_property
    def glue(self) -> Any:
        """The boto3 Glue client."""
        return self.client("glue")

    @cached_property
    def athena(self) -> Any:
        """The boto3 Athena client."""
        return self.client("athena")

    @cached_property
    def sts(self) -> Any:
        """The boto3 STS client."""
        return self.client("sts")

    def client(self, service: str) -> Any:
        """A boto3 client of any service, guarded as this session is."""
        if self.kind is TargetKind.AWS:
            config = Config(retries={"mode": "standard", "total_max_attempts": 5}, user_agent_extra=_AGENT)
            return self._session.client(service, region_name=self.region, config=config)
        return self._session.client(
            service, region_name=self.region, endpoint_url=self.endpoint, config=_local_config()
        )


def local_session(
    endpoint: str, *, region: str = DEFAULT_REGION, allowed_hosts: tuple[str, ...] = ()
) -> AwsSession:
    """A session that can only reach ``endpoint``; ConfigError for an endpoint off this machine, not listed.

    Any request for another host raises GuardError before a connection is opened.
    """
    origin = check_local_endpoint(endpoint, allowed_hosts)
    core = isolated_session(region)
    core.register("before-send", guard_to_origin(origin))
    session = boto3.Session(botocore_session=core, region_name=region)
    return AwsSession(session=session, kind=TargetKind.LOCAL, region=region, endpoint=origin)


def aws_session(
    *,
    profile: str | None = None,
    region: str = DEFAULT_REGION,
    environ: Mapping[str, str] | None = None,
    requester_pays: bool = False,
    kms_key: str | None = None,
) -> AwsSession:
    """A session to real AWS with the user's own credentials; makes no request by itself.

    ``requester_pays`` and ``kms_key`` go with every call that can carry them.

    Raises ConfigError if a profile is unknown or if a variable or the profile points calls at an endpoint.
    """
    _refuse_endpoint_variables(os.environ if environ is None else environ)
    core = botocore.session.Session(profile=profile)
    core.register("before-send", guard_to_aws)
    carry(core, requester_pays=requester_pays, kms_key=kms_key)
    try:
        configured = core.get_scoped_config()
        session = boto3.Session(botocore_session=core, region_name=region)
    except BotoCoreError as error:
        raise ConfigError(f"the AWS profile cannot be used: {error}") from error
    if "endpoint_url" in configured or "services" in configured:
        raise ConfigError(
            "target aws never uses an endpoint, yet the AWS profile sets endpoint_url or services",
            hint="choose a profile without them, or use target local",
        )
    return AwsSession(session=session, kind=TargetKind.AWS, region=region, endpoint=None)


def open_session(target: Target) -> AwsSession:
    """The session of a target; raises ConfigError if a local target has no endpoint."""
    if target.kind is TargetKind.AWS:
        return aws_session(
            profile=target.profile,
            region=target.region,
            requester_pays=target.requester_pays,
            kms_key=target.kms_key,
        )
    if target.endpoint is None:
        raise ConfigError(
            "the local target has no endpoint", hint="set LAKEBENCH_ENDPOINT, or start `lakebench serve`"
        )
    return local_session(target.endpoint, region=target.region, allowed_hosts=target.allowed_hosts)


def _local_config() -> Config:
    settings = Config(
        retries={"mode": "standard", "total_max_attempts": 2},
        connect_timeout=5,
        read_timeout=600,
        user_agent_extra=_AGENT,
    )
    return local_config().merge(settings)


def _refuse_endpoint_variables(environ: Mapping[str, str]) -> None:
    for name in sorted(environ):
        if (name == "AWS_ENDPOINT_URL" or name.startswith("AWS_ENDPOINT_URL_")) and environ[name]:
            raise ConfigError(
                f"target aws never uses an endpoint, yet {name} is set to {environ[name]}",
                hint=f"unset {name}, or use target local",
            )
