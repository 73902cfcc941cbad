"""AWS calls told in words: what failed, on what, and AWS's own text."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError
from botocore.exceptions import ClientError as AwsError
from botocore.exceptions import ConnectionError as NotConnected

from lakebench.errors import ClientError


class CallFailed(ClientError):
    """An AWS call was answered with an error: AWS's error code (``NoSuchBucket``) and AWS's own ``text``."""

    def __init__(self, message: str, *, code: str, text: str = "", hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.code = code
        self.text = text


@contextmanager
def aws_call(operation: str, resource: str) -> Iterator[None]:
    """Turn botocore's errors inside the block into CallFailed or ClientError.

    ``operation`` is the IAM-like name (``s3:CreateBucket``), ``resource`` what it was about.
    """
    try:
        yield
    except AwsError as error:
        details = error.response.get("Error", {})
        code = str(details.get("Code") or "Unknown")
        text = details.get("Message") or "no message"
        raise CallFailed(
            f"{operation} on {resource} failed: {code}: {text}",
            code=code,
            text=text,
            hint=_hint(operation, code),
        ) from error
    except NotConnected as error:
        raise ClientError(
            f"{operation} on {resource} failed: {error}",
            hint="is the server running? `lakebench serve` starts one; on AWS: has the region this service?",
        ) from error
    except BotoCoreError as error:
        raise ClientError(f"{operation} on {resource} failed: {error}") from error


def _hint(operation: str, code: str) -> str | None:
    if code in {"AccessDenied", "AccessDeniedException"}:
        return f"the credentials need the IAM action {operation}"
    if code in {"ExpiredToken", "ExpiredTokenException"}:
        return "the session has expired; sign in again"
    return None
