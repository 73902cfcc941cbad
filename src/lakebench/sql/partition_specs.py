"""``PARTITION (key = 'value', ...)`` as DDL has it."""

from __future__ import annotations

from sqlglot.tokenizer_core import TokenType

from lakebench.sql.alterations import PartitionSpec
from lakebench.sql.cursor import Cursor


def partition_spec(cursor: Cursor) -> PartitionSpec:
    """``(name = 'value', ...)``; numbers may stand without quotes."""
    cursor.expect("(")
    values: dict[str, str] = {}
    while True:
        name = cursor.hive_name()
        cursor.expect("=")
        values[name] = _value(cursor)
        if not cursor.take(","):
            break
    cursor.expect(")")
    return values


def opt_partition_spec(cursor: Cursor) -> PartitionSpec | None:
    """The same behind the word PARTITION, if that comes next."""
    return partition_spec(cursor) if cursor.take("PARTITION") else None


def _value(cursor: Cursor) -> str:
    token = cursor.peek(1)
    if token is not None and token.token_type is TokenType.STRING:
        cursor.take("DATE")
    text = cursor.opt_string()
    if text is not None:
        return text
    for word in ("true", "false"):
        if cursor.take(word.upper()):
            return word
    sign = "-" if cursor.take("-") else ""
    number = cursor.peek()
    if number is None or not number.text.replace(".", "").isdigit():
        cursor.fail("string", "number")
    cursor.at += 1
    return sign + number.text
