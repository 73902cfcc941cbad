"""JSON documents, a line each, put together column by column in Arrow."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

_ESCAPED = r'["\\\x00-\x1f\x7f]'


def json_lines(table: Any) -> bytes:
    """The rows as ``json.dumps`` would write them, in UTF-8; a decimal is a number with its digits."""
    parts: list[Any] = []
    for number, (name, column) in enumerate(zip(table.column_names, table.columns, strict=True)):
        head = ("{" if number == 0 else ", ") + json.dumps(name) + ": "
        parts += [pa.scalar(head), _values(column.combine_chunks())]
    lines = pc.binary_join_element_wise(*parts, pa.scalar("}\n"), pa.scalar(""))
    # The texts of an array lie end to end in its last buffer.
    text = pa.concat_arrays(lines.chunks) if isinstance(lines, pa.ChunkedArray) else lines
    return text.buffers()[2].to_pybytes() if len(text) else b""


def _values(column: Any) -> Any:
    """The JSON text of each cell."""
    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        texts = pc.cast(column, pa.string())
    elif pa.types.is_date(kind) or (pa.types.is_string(kind) and _is_plain(column)):
        texts = pc.binary_join_element_wise(
            pa.scalar('"'), pc.cast(column, pa.string()), pa.scalar('"'), pa.scalar("")
        )
    else:
        coded = column.dictionary_encode()
        words = [json.dumps(cell, ensure_ascii=False) for cell in coded.dictionary.to_pylist()]
        texts = pa.array(words, pa.string()).take(coded.indices)
    return pc.fill_null(texts, "null")


def _is_plain(column: Any) -> bool:
    """Whether no text holds what JSON escapes."""
    return not pc.any(pc.match_substring_regex(column, _ESCAPED)).as_py()
