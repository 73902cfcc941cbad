"""Timestamps in text: Hive's own form, and the patterns of ``timestamp.formats``."""

from __future__ import annotations

from collections.abc import Mapping

from lakebench.catalog.java_dates import DatePattern, UnknownPattern
from lakebench.emulator.engine.quoting import literal
from lakebench.errors import QueryFailed


def custom_formats(parameters: Mapping[str, str]) -> tuple[str, ...]:
    """``timestamp.formats`` as forms of strptime(); ``millis`` stands for itself."""
    given = parameters.get("timestamp.formats", "")
    return tuple(_form(text.strip()) for text in given.split(",") if text.strip())


def _form(text: str) -> str:
    if text == "millis":
        return text
    try:
        return DatePattern.of(text).strptime
    except UnknownPattern as error:
        raise QueryFailed("NOT_SUPPORTED", f"timestamp.formats '{text}': {error}") from error


def parsed(text: str, forms: tuple[str, ...], otherwise: str) -> str:
    """SQL of the first form that reads the text, or what ``otherwise`` makes of it."""
    tries = []
    for form in forms:
        if form == "millis":
            tries.append(f"make_timestamp(TRY_CAST({text} AS BIGINT) * 1000)")
        else:
            tries.append(f"CAST(try_strptime({text}, {literal(form)}) AS TIMESTAMP)")
    return f"coalesce({', '.join([*tries, otherwise])})" if tries else otherwise
