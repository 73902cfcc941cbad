"""DeleteObjects: its limit, and the conditions that each object may have (AWS: API_DeleteObjects)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from xml.dom import minidom
from xml.parsers.expat import ExpatError
from xml.sax.saxutils import escape

from lakebench.emulator.moto.key_codec import Entry
from lakebench.emulator.moto.preconditions import unmet
from lakebench.emulator.wire.http import Request, Response, s3_error

MOST = 1000
_CONDITIONS = ("ETag", "LastModifiedTime", "Size")
_QUIET = re.compile(rb"<Quiet>\s*true\s*</Quiet>", re.IGNORECASE)
_DELETED = re.compile(rb"<Deleted>.*?</Deleted>", re.DOTALL)
_END = b"</DeleteResult>"
_RESULT = b'<DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' + _END

Find = Callable[[str, str | None], Entry | None]


def look_at_deletion(request: Request, find: Find) -> Response | Callable[[Response], Response] | None:
    """An answer of our own, or what is to be done to moto's; ``find`` tells an object by key and version.

    Objects whose conditions do not hold are taken out of the request and told as errors.
    """
    stream = request.environ["wsgi.input"]
    data: bytes = stream.read()
    stream.seek(0)
    quiet = _QUIET.search(data) is not None
    try:
        tree = minidom.parseString(data)  # noqa: S318 (expat refuses bombs)
    except (ExpatError, ValueError):
        return None
    objects = tree.getElementsByTagName("Object")
    if len(objects) > MOST:
        text = "The XML you provided was not well-formed or did not validate against our published schema"
        return s3_error(request, 400, "MalformedXML", text)
    errors = [found for one in objects if (found := _refused(one, find)) is not None]
    if not errors:
        return _without_deleted if quiet else None
    told = "".join(errors).encode()
    if len(errors) == len(objects):
        answer = Response(status=200, headers=[("Content-Type", "application/xml")], body=[_RESULT])
        return _with_errors(answer, told)
    request.replace_body(tree.toxml().encode())
    return lambda response: _with_errors(_without_deleted(response) if quiet else response, told)


def _refused(node: Any, find: Find) -> str | None:
    """The error of an object whose conditions do not hold; it is taken out of the request."""
    texts = {
        child.tagName: "".join(one.data for one in child.childNodes if isinstance(one, minidom.Text))
        for child in node.childNodes
        if child.nodeType == child.ELEMENT_NODE
    }
    if not any(name in texts for name in _CONDITIONS):
        return None
    key, version = texts.get("Key", ""), texts.get("VersionId")
    entry = find(key, version)
    if entry is None:
        code, message = "NoSuchKey", "The specified key does not exist."
    elif unmet(entry, *(texts.get(name) for name in _CONDITIONS)):
        code, message = "PreconditionFailed", "At least one of the pre-conditions you specified did not hold"
    else:
        return None
    node.parentNode.removeChild(node)
    versioned = "" if version is None else f"<VersionId>{escape(version)}</VersionId>"
    facts = f"<Key>{escape(key)}</Key>{versioned}<Code>{code}</Code><Message>{message}</Message>"
    return f"<Error>{facts}</Error>"


def _with_errors(response: Response, errors: bytes) -> Response:
    data = b"".join(response.body).replace(_END, errors + _END)
    return _with_body(response, data)


def _without_deleted(response: Response) -> Response:
    """In quiet mode only errors are told."""
    return _with_body(response, _DELETED.sub(b"", b"".join(response.body)))


def _with_body(response: Response, data: bytes) -> Response:
    kept = [one for one in response.headers if one[0].lower() != "content-length"]
    response.headers, response.body = [*kept, ("Content-Length", str(len(data)))], [data]
    return response
