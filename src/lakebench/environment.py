"""The AWS environment variables that point every client of a shell or a process at one local endpoint.

Variables rather than ``endpoint_url=``: some clients apply that argument to Athena alone and send S3 and
Glue to real AWS (facts/ecosystem.md 2).
"""

from __future__ import annotations

from collections.abc import Mapping

ACCESS_KEY_ID = "AKIALAKEBENCHLOCAL00"
"""No 12-digit account, so it belongs to the default one, 123456789012."""

SECRET_ACCESS_KEY = "lakebench-local-is-no-secret"  # noqa: S105 (a fake, printed on purpose)

_CLEARED = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)
_SERVICE_ENDPOINTS = ("S3", "GLUE", "ATHENA", "STS", "IAM")
_ENDPOINT = "AWS_ENDPOINT_URL"


def local_environment(endpoint: str, *, region: str = "us-east-1") -> dict[str, str]:
    """The variables to set for an endpoint such as ``http://127.0.0.1:4566``."""
    return {
        _ENDPOINT: endpoint,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def cleared_variables(present: Mapping[str, str]) -> list[str]:
    """The variables to unset: those that would lead a client past the endpoint or to real credentials.

    ``present`` is the environment to look through for further ``AWS_ENDPOINT_URL_<SERVICE>``.
    """
    overrides = {f"{_ENDPOINT}_{service}" for service in _SERVICE_ENDPOINTS}
    overrides |= {name for name in present if name.startswith(f"{_ENDPOINT}_")}
    return [*_CLEARED, *sorted(overrides)]
