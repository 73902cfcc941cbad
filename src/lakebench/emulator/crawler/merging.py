"""MergeNewColumns: a table keeps what it has and takes new columns (AWS: crawler-configuration)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from lakebench.catalog import Column, DataType, Table
from lakebench.emulator.crawler.definition import DEPRECATED


def merge_new_columns(current: Table, wanted: Table) -> Table:
    """``current`` with the new columns of ``wanted`` at the end, and its parameters brought up to date.

    Types, comments, SerDe and parameters that people changed or added stay.
    """
    return replace(
        current,
        columns=_merged(current.columns, wanted.columns),
        parameters=_refreshed(current.parameters, wanted.parameters),
        storage=replace(
            current.storage,
            parameters=_refreshed(current.storage.parameters, wanted.storage.parameters),
        ),
    )


def _refreshed(current: Mapping[str, str], wanted: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in {**current, **wanted}.items() if key != DEPRECATED}


def _merged(current: Sequence[Column], wanted: Sequence[Column]) -> tuple[Column, ...]:
    new = {column.name: column for column in wanted}
    kept = [
        replace(column, type=_with_new_members(column.type, new[column.name].type))
        if column.name in new
        else column
        for column in current
    ]
    known = {column.name for column in current}
    return (*kept, *(column for column in wanted if column.name not in known))


def _with_new_members(current: DataType, wanted: DataType) -> DataType:
    """The type with members that its structs have gained."""
    if current.name != wanted.name or not current.fields:
        return current
    if current.name != "row":
        pairs = zip(current.fields, wanted.fields, strict=True)
        return replace(
            current, fields=tuple(replace(a, type=_with_new_members(a.type, b.type)) for a, b in pairs)
        )
    new = {member.name: member for member in wanted.fields}
    known = {member.name for member in current.fields}
    kept = [
        replace(member, type=_with_new_members(member.type, new[member.name].type))
        if member.name in new
        else member
        for member in current.fields
    ]
    return replace(current, fields=(*kept, *(m for m in wanted.fields if m.name not in known)))
