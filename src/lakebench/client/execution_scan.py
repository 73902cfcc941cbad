"""A local server's account of why an execution scanned what it scanned; AWS has none."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

from lakebench.client.session import AwsSession
from lakebench.errors import ClientError

_SECONDS = 60


def execution_scan(session: AwsSession, execution_id: str) -> dict[str, Any] | None:
    """The document at ``/_lakebench/executions/<id>/scan``; None on aws. Raises ClientError."""
    if session.endpoint is None:
        return None
    address = f"{session.endpoint}/_lakebench/executions/{execution_id}/scan"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(address, timeout=_SECONDS) as answer:
            document: dict[str, Any] = json.load(answer)
    except (urllib.error.URLError, ValueError) as error:
        raise ClientError(f"the scan of execution {execution_id} cannot be read: {error}") from error
    return document
