"""The last handler: an exception becomes an answer that AWS clients can read, and a line on stderr.

The line names the operation and the place in the code; headers and bodies, where secrets are, stay out.
"""

from __future__ import annotations

import errno
import json
import re
import sys
import traceback
from pathlib import Path
from xml.parsers.expat import ExpatError

from lakebench.emulator.wire.bodies import NotGzip
from lakebench.emulator.wire.http import (
    BodyIncomplete,
    BodyTooLarge,
    Request,
    Response,
    json_response,
    s3_error,
)

_JSON = "application/x-amz-json-1.1"
_SECRET = re.compile(r"(?:AKIA|ASIA)[A-Z0-9]{8,}|(?:Signature|Credential|Security-Token)=[^\s&,]+")
_MOUNT = str(Path("emulator") / "moto" / "mount.py")


def refuse(request: Request, status: int, code: str, message: str) -> Response:
    """An error in the shape that the asked service's clients read: JSON, or S3's XML."""
    if not speaks_json(request):
        return s3_error(request, status, code, message)
    body = {"__type": code, "message": message, "Message": message}
    response = json_response(status, body, content_type=_JSON)
    response.headers.append(("x-amzn-ErrorType", code))
    return response


def speaks_json(request: Request) -> bool:
    """Whether the request is for a service that is not S3."""
    return bool(request.header("X-Amz-Target") or request.credentials.service not in {"", "s3"})


def answer_failure(request: Request, error: Exception, declared: str | None = None) -> Response:
    """Answer 501 for what moto does not do, 4xx for what the request lacks, 500 for anything else.

    ``declared`` is the error by which the operation asked for refuses what cannot be done: with it a 501
    becomes that error, which clients know.
    """
    status, code, message = _classify(request, error)
    if status >= 500:
        _log(request, error, status)
    if status == 501 and declared is not None:
        status, code = 400, declared
    response = refuse(request, status, code, message)
    if status in {400, 413}:
        response.headers.append(("Connection", "close"))
    return response


def _classify(request: Request, error: Exception) -> tuple[int, str, str]:
    match error:
        case NotImplementedError():
            return 501, "NotImplemented", f"lakebench does not answer this request: {error}"
        case BodyIncomplete():
            return 400, "IncompleteBody", "The request body ended early"
        case NotGzip():
            return 400, "SerializationException", f"The request is not valid gzip: {error}"
        case BodyTooLarge() if speaks_json(request):
            return 413, "RequestEntityTooLargeException", "The request body is too large"
        case BodyTooLarge():
            return 400, "EntityTooLarge", "The request body is too large"
        case OSError():
            return _classify_disk(error)
    if _is_motos(error):
        return _classify_motos(error)
    return 500, "InternalError", "lakebench met an internal error; its terminal shows where"


def _classify_disk(error: OSError) -> tuple[int, str, str]:
    if error.errno in {errno.EMFILE, errno.ENFILE}:
        return 503, "SlowDown", "Too many files are open on the server; please reduce your request rate"
    return 500, "InternalError", f"The server's disk failed, and nothing has changed: {error.strerror}"


def _classify_motos(error: Exception) -> tuple[int, str, str]:
    match error:
        case ExpatError():
            return 400, "MalformedXML", "The XML you provided was not well-formed"
        case json.JSONDecodeError() | UnicodeError() | RecursionError():
            return 400, "SerializationException", "The request could not be read"
    # AWS clients retry a 500, and what moto fails on it will fail on again.
    return 501, "NotImplemented", "moto failed on this request; lakebench's terminal shows where"


def _is_motos(error: Exception) -> bool:
    """Whether no code of ours was running below moto when it failed."""
    ours = [
        frame.filename
        for frame in traceback.extract_tb(error.__traceback__)
        if f"{Path('lakebench') / 'emulator'}" in frame.filename
    ]
    return bool(ours) and ours[-1].endswith(_MOUNT)


def _log(request: Request, error: Exception, status: int) -> None:
    what = request.header("X-Amz-Target") or f"{request.method} {request.raw_path}"
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    where = " < ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in reversed(frames))
    text = f"{type(error).__name__}: {str(error)[:500]} ({where}) [{request.request_id}]"
    sys.stderr.write(_printable(_SECRET.sub("***", f"lakebench: {status} {what[:500]}: {text}")) + "\n")


def _printable(text: str) -> str:
    """Without characters that steer a terminal or forge a second line."""
    return "".join(one if one.isprintable() else "?" for one in text)
