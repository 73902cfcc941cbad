"""Which Python function answers a name, and its types in DuckDB's words; nothing heavy is imported here.

A row is ``name(parameter, ...) -> result``; the function of that name (without ``lb_py_``) in the module
takes as many Arrow arrays and gives one of the same length. NULLs are the function's own to see. To fail
the query it raises ``raised(code, message)`` of ``udfs.raising``; DuckDB's TRY turns that to NULL.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_ROWS: Mapping[str, str] = {
    "hashes": """
        lb_py_xxhash64(BLOB) -> BLOB
    """,
}
"""By module of this package."""

_NAME = re.compile(r"\blb_py_\w+")
_ROW = re.compile(r"(lb_py_\w+)\((.*)\) -> (.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Udf:
    """One function: ``module`` is a module of this package, types are DuckDB's names."""

    name: str
    module: str
    parameters: tuple[str, ...]
    returns: str


def _read(module: str, rows: str) -> Iterable[Udf]:
    for line in filter(None, map(str.strip, rows.splitlines())):
        match = _ROW.fullmatch(line)
        if match is None:
            raise ValueError(f"not a row of the registry: {line}")
        name, parameters, returns = match.groups()
        yield Udf(name=name, module=module, parameters=_types(parameters), returns=returns.strip())


def _types(text: str) -> tuple[str, ...]:
    """Types between commas outside of parentheses: ``VARCHAR, DECIMAL(38,0)``."""
    return tuple(part.strip() for part in re.split(r",(?![^(]*\))", text) if part.strip())


UDFS: Mapping[str, Udf] = {udf.name: udf for module, rows in _ROWS.items() for udf in _read(module, rows)}


def called(statement: str) -> list[Udf]:
    """The functions that a statement calls, each once; a name within a string does no harm."""
    return [UDFS[name] for name in dict.fromkeys(_NAME.findall(statement)) if name in UDFS]
