"""Text objects as lines: the reader that all line-based SerDes share.

One row a line is exact where DuckDB's own CSV splitting is not (ragged rows, blank lines, quotes), and
no slower. The delimiter is four bytes that no text holds. In strict mode the reader finds each
object's own line ending, and fails rather than guesses when one object mixes them.
"""

from __future__ import annotations

from collections.abc import Iterable

from lakebench.emulator.engine.quoting import literal_list
from lakebench.emulator.engine.relations.partitions import partition_options
from lakebench.emulator.engine.staging import StagedScan, counted_lines
from lakebench.emulator.engine.unpacking import PLAIN
from lakebench.errors import QueryFailed

_READABLE = frozenset({".gz"})
LONG_LINES = f"max_line_size={32 << 20}, buffer_size={32 << 20}"
"""Options of line_reader() for lines of up to 32 MB (AWS: a row or column of at most 32 MB)."""

_IMPOSSIBLE = "\x01\x02\x01\x03"


def lines(scan: StagedScan, *, filename: bool) -> str:
    """A FROM item with column ``l`` (the line without its end, never NULL when read through line())."""
    for path, file in scan.paths.items():
        extension = path[path.rfind("/") :].partition(".")[2]
        if extension and not path.endswith(PLAIN) and f".{extension}" not in _READABLE:
            raise QueryFailed(
                "NOT_SUPPORTED",
                f"Objects compressed as {extension} are not read by this engine: {file.uri}",
                hint="gzip, Zstandard, bzip2, DEFLATE, Snappy, LZ4 and plain objects are",
            )
    header = counted_lines(scan, "skip.header.line.count")
    options = f"skip={header}, filename={str(filename).lower()}, {partition_options(scan)}"
    if scan.long_lines:
        options += f", {LONG_LINES}"
    return line_reader(scan.paths, options)


def line_reader(paths: Iterable[str], options: str) -> str:
    """read_csv over these files, one row a line."""
    return (
        f"read_csv({literal_list(paths)}, auto_detect=false, header=false, columns={{'l': 'VARCHAR'}}, "
        f"delim='{_IMPOSSIBLE}', quote='', escape='', nullstr='', {options})"
    )


def line() -> str:
    """The line's text: the reader tells blank lines apart only as NULL."""
    return "coalesce(l, '')"
