"""Statements that make and drop databases, views and tables (CREATE TABLE's own are in ``statement``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lakebench.sql.query_statement import Query
from lakebench.sql.table_name import TableName


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateDatabase:
    """CREATE DATABASE | SCHEMA."""

    name: str
    if_not_exists: bool
    comment: str | None = None
    location: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlterDatabase:
    """ALTER DATABASE | SCHEMA .. SET DBPROPERTIES; given keys replace those of the same name."""

    name: str
    properties: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DropDatabase:
    """DROP DATABASE | SCHEMA [IF EXISTS] [CASCADE | RESTRICT]."""

    name: str
    if_exists: bool
    cascade: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DropTable:
    """DROP TABLE [IF EXISTS]; the data stays."""

    target: TableName
    if_exists: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateView:
    """CREATE [OR REPLACE] VIEW; ``text`` is the query's own text."""

    target: TableName
    replace: bool
    query: Query
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DropView:
    """DROP VIEW [IF EXISTS]."""

    target: TableName
    if_exists: bool
