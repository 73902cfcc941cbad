"""An operation's result as the JSON protocol writes it: only what the model knows, nothing that is None."""

from __future__ import annotations

import base64
from datetime import UTC, date, datetime
from typing import Any

from lakebench.emulator.wire.provider import Wire


def write_result(shape: Any, result: Wire) -> Wire:
    """The result's members that the output shape has; timestamps are seconds since 1970 with milliseconds."""
    return _structure(shape, result) if shape is not None else {}


def _structure(shape: Any, value: Wire) -> Wire:
    return {
        name: _write(member, value[name])
        for name, member in shape.members.items()
        if value.get(name) is not None
    }


def _write(shape: Any, value: Any) -> Any:
    match shape.type_name:
        case "structure":
            return _structure(shape, value)
        case "list":
            return [_write(shape.member, one) for one in value]
        case "map":
            return {str(key): _write(shape.value, one) for key, one in value.items()}
        case "timestamp":
            return _seconds(value)
        case "blob":
            return base64.b64encode(value).decode()
        case "integer" | "long":
            return int(value)
        case "string":
            return str(value)
    return value


def _seconds(value: Any) -> float:
    if isinstance(value, datetime):
        return round((value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp(), 3)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC).timestamp()
    return float(value)
