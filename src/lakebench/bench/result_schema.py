"""The JSON Schema of a result file, drawn from the values that are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import is_dataclass
from datetime import datetime
from decimal import Decimal
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from lakebench.bench.run_file import SCHEMA, SCHEMA_VERSION
from lakebench.bench.run_result import BenchRun

_PLAIN: Mapping[type, Mapping[str, str]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    Decimal: {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"},
    datetime: {"type": "string", "format": "date-time"},
}


def result_schema() -> dict[str, Any]:
    """The schema, in JSON Schema 2020-12: every field is required and there are no others."""
    run = _of(BenchRun)
    head = {"schema": {"const": SCHEMA}, "schema_version": {"const": SCHEMA_VERSION}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A benchmark run of lakebench",
        **run,
        "required": [*head, *run["required"]],
        "properties": {**head, **run["properties"]},
    }


def _of(kind: Any) -> dict[str, Any]:
    if get_origin(kind) is UnionType:  # only X | None stands among the values
        return {"anyOf": [_of(get_args(kind)[0]), {"type": "null"}]}
    if get_origin(kind) is tuple:
        return {"type": "array", "items": _of(get_args(kind)[0])}
    if get_origin(kind) is Mapping:
        return {"type": "object", "additionalProperties": _of(get_args(kind)[1])}
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        return {
            "type": "object",
            "required": list(hints),
            "additionalProperties": False,
            "properties": {name: _of(hint) for name, hint in hints.items()},
        }
    return dict(_PLAIN[kind])
