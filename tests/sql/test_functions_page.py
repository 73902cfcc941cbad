"""docs/sql-functions.md says which of Trino's functions work here; it is written from the tables of the SQL room.

``UPDATE_PAGES=1 pytest tests/sql/test_functions_page.py`` writes it anew.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path

from lakebench.sql.functions import overloads
from lakebench.sql.trino_functions import TRINO_FUNCTIONS

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/sql-functions.md"
# These are syntax in Trino's grammar, not rows of the function tables.
SYNTAX = {"if", "try_cast", "listagg"}


def _page() -> str:
    cases: Counter[str] = Counter()
    for path in (ROOT / "tests/cases/sql").glob("*.txt"):
        if path.stem in {"refusals", "failures"}:
            continue
        for line in path.read_text().splitlines():
            if not line.startswith("#"):
                cases.update(set(re.findall(r"([a-z_0-9]+)\(", line.lower())))
    names = sorted(TRINO_FUNCTIONS)
    works = {name for name in names if overloads(name) or name in SYNTAX}
    rows = [
        f"| `{name}` | {'supported' if name in works else 'refused'} | {cases[name] or ''} |".replace(
            "|  |", "| |"
        )
        for name in names
    ]
    head = [
        "# SQL functions",
        "",
        "Trino's functions as Athena has them. A refused function fails with `NOT_SUPPORTED`, never with a wrong",
        "answer; so do the forms of a supported one that have no right translation yet.",
        "Written from the function tables by `UPDATE_PAGES=1 pytest tests/sql/test_functions_page.py`.",
        "",
        f"{len(works)} of {len(names)} functions are supported.",
        "",
        "| Function | State | Cases |",
        "|---|---|---|",
    ]
    return "\n".join([*head, *rows, ""])


def test_the_page_of_functions_says_what_the_tables_say():
    page = _page()
    if os.environ.get("UPDATE_PAGES"):
        PAGE.write_text(page)
    assert PAGE.read_text() == page
