"""Whose account a session reaches."""

from __future__ import annotations

from lakebench.client.call import aws_call
from lakebench.client.session import AwsSession


def account_of(session: AwsSession) -> str:
    """The 12-digit account id of the session's credentials. Raises ClientError."""
    with aws_call("sts:GetCallerIdentity", "the credentials"):
        return str(session.sts.get_caller_identity()["Account"])
