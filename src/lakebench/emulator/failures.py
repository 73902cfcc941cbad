"""The last handler: an exception becomes an answer that AWS clients can read, and a line on stderr.

The line names the operation and the place in the code; headers and bodies, where secrets are, stay out.
"""

from __future__ import annotations

import sys
import traceback

from lakebench.emulator.wire.http import (
    BodyIncomplete,
    BodyTooLarge,
    Request,
    Response,
    json_response,
    s3_error,
)

_JSON = "application/x-amz-json-1.1"


def answer_failure(request: Request, error: Exception) -> Response:
    """Answer 501 for what moto does not do, 400 for a broken body, 500 for anything else."""
    status, code, message = _classify(error)
    if status >= 500:
        _log(request, error, status)
    if request.header("X-Amz-Target") or request.credentials.service not in {"", "s3"}:
        body = {"__type": code, "message": message, "Message": message}
        response = json_response(status, body, content_type=_JSON)
        response.headers.append(("x-amzn-ErrorType", code))
    else:
        response = s3_error(request, status, code, message)
    if status == 400:
        response.headers.append(("Connection", "close"))
    return response


def _classify(error: Exception) -> tuple[int, str, str]:
    match error:
        case NotImplementedError():
            return 501, "NotImplemented", f"lakebench does not answer this request: {error}"
        case BodyIncomplete():
            return 400, "IncompleteBody", "The request body ended early"
        case BodyTooLarge():
            return 400, "EntityTooLarge", "The request body is too large"
    return 500, "InternalError", "lakebench met an internal error; its terminal shows where"


def _log(request: Request, error: Exception, status: int) -> None:
    what = request.header("X-Amz-Target") or f"{request.method} {request.raw_path}"
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    where = " < ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in reversed(frames))
    text = f"{type(error).__name__}: {error} ({where}) [{request.request_id}]"
    sys.stderr.write(f"lakebench: {status} {what}: {text}\n")
