"""SHOW, DESCRIBE and the statements over prepared statements (AWS: ddl-reference)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lakebench.sql.table_name import TableName


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowDatabases:
    """SHOW DATABASES | SCHEMAS [LIKE 'regex']."""

    pattern: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowTables:
    """SHOW TABLES [IN database] ['regex']; with ``views_only`` it is SHOW VIEWS."""

    database: str | None = None
    pattern: str | None = None
    views_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowColumns:
    """SHOW COLUMNS {FROM | IN} table.

    ``refusal`` is why the text is refused unless the target is a view: views may stand in double quotes
    (facts/athena.md 4, measured).
    """

    target: TableName
    refusal: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowPartitions:
    """SHOW PARTITIONS table."""

    target: TableName


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowCreateTable:
    """SHOW CREATE TABLE table."""

    target: TableName


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowCreateView:
    """SHOW CREATE VIEW view."""

    target: TableName


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowTableProperties:
    """SHOW TBLPROPERTIES table [('name')]."""

    target: TableName
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Describe:
    """DESCRIBE [EXTENDED | FORMATTED] table [PARTITION (..)] [column[.member ...]].

    ``member`` is the column and the way into it; ``refusal`` as of ``ShowColumns``.
    """

    target: TableName
    extended: bool = False
    formatted: bool = False
    partition: Mapping[str, str] | None = None
    member: tuple[str, ...] = ()
    refusal: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepare:
    """PREPARE name FROM text; the text is parsed when it is executed."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutePrepared:
    """EXECUTE name [USING argument, ...]; arguments are texts of expressions."""

    name: str
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Deallocate:
    """DEALLOCATE PREPARE name."""

    name: str
