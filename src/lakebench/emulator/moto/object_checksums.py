"""Additional checksums as S3 tells them: of objects that are read, and of completed uploads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from xml.dom import minidom
from xml.parsers.expat import ExpatError

from lakebench.emulator.storage.state import Row
from lakebench.emulator.wire.checksums import FULL_OBJECT
from lakebench.emulator.wire.http import Request, Response, s3_error


def checksum_headers(row: Row) -> list[tuple[str, str]]:
    """The headers that tell an object's checksum and its type; none when it has none."""
    members = json.loads(row.value)["members"]
    algorithm, value = members.get("checksum_algorithm"), members.get("checksum_value")
    if not algorithm or not value:
        return []
    kind = members.get("checksum_type") or FULL_OBJECT
    text = value if kind == FULL_OBJECT else f"{value}-{members.get('checksum_parts')}"
    return [(f"x-amz-checksum-{algorithm.lower()}", text), ("x-amz-checksum-type", kind)]


def tell_checksum(response: Response, row: Row) -> Response:
    """Put the object's checksum into the answer to a GET or HEAD of all of it."""
    if response.status == 200:
        own = [one for one in response.headers if not one[0].lower().startswith("x-amz-checksum-")]
        response.headers = own + checksum_headers(row)
    return response


def tell_completed(response: Response, row: Row | None) -> Response:
    """Put the object's checksum into the answer to CompleteMultipartUpload."""
    headers = [] if row is None or response.status != 200 else checksum_headers(row)
    if not headers:
        return response
    (name, text), (_, kind) = headers
    algorithm = name.rpartition("-")[2].upper()
    inner = f"<Checksum{algorithm}>{text}</Checksum{algorithm}><ChecksumType>{kind}</ChecksumType>"
    end = b"</CompleteMultipartUploadResult>"
    data = b"".join(response.body).replace(end, inner.encode() + end)
    response.body = [data]
    kept = [one for one in response.headers if one[0].lower() != "content-length"]
    response.headers = [*kept, ("Content-Length", str(len(data)))]
    return response


def check_completion(request: Request, upload: Any) -> Response | None:
    """Refuse a completion whose parts are out of order, or whose checksums or size are not those."""
    stream = request.environ["wsgi.input"]
    data = stream.read()
    stream.seek(0)
    try:
        parts = list(_parts(data))
    except (ExpatError, ValueError, IndexError, AttributeError):
        text = "The XML you provided was not well-formed or did not validate against our published schema"
        return s3_error(request, 400, "MalformedXML", text)
    numbers = [number for number, _ in parts]
    if numbers != sorted(set(numbers)):
        text = "The list of parts was not in ascending order. Parts must be ordered by part number."
        return s3_error(request, 400, "InvalidPartOrder", text)
    for number, said in parts:
        part = upload.parts.get(number)
        if part is not None and any(
            part.payload.checksums.get(name, text) != text for name, text in said.items()
        ):
            text = "One or more of the specified parts could not be found.  The part may not have been "
            text += "uploaded, or the specified entity tag may not match the part's entity tag."
            return s3_error(request, 400, "InvalidPart", text, PartNumber=str(number))
    size = request.header("x-amz-mp-object-size")
    if size is not None and size != str(
        sum(upload.parts[number].size for number in numbers if number in upload.parts)
    ):
        text = "The provided 'x-amz-mp-object-size' header does not match what was computed."
        return s3_error(request, 400, "InvalidRequest", text)
    return _check_whole(request, upload, numbers)


def _check_whole(request: Request, upload: Any, numbers: list[int]) -> Response | None:
    """The checksum that the client says the whole has."""
    found = upload.checksum_of(numbers)
    if found is None:
        return None
    algorithm = upload.metadata["x-amz-checksum-algorithm"]
    said = request.header(f"x-amz-checksum-{algorithm}")
    if said is not None and said.partition("-")[0] != found[1]:
        message = f"The {algorithm} you specified did not match the calculated checksum."
        return s3_error(request, 400, "BadDigest", message)
    return None


def _parts(data: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    for part in minidom.parseString(data).getElementsByTagName("Part"):  # noqa: S318 (expat refuses bombs)
        found = {
            child.tagName: "".join(one.data for one in child.childNodes if isinstance(one, minidom.Text))
            for child in part.childNodes
            if child.nodeType == child.ELEMENT_NODE
        }
        said = {
            name.removeprefix("Checksum"): text for name, text in found.items() if name.startswith("Checksum")
        }
        yield int(found["PartNumber"]), said
