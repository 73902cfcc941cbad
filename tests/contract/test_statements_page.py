"""docs/sql-statements.md says which of Athena's statements work here; it is written from the statement cases.

``UPDATE_PAGES=1 pytest tests/contract/test_statements_page.py`` writes it anew.
"""

from __future__ import annotations

import os
from pathlib import Path

from .statement_cases import all_forms

PAGE = Path(__file__).parents[2] / "docs/sql-statements.md"


def _page() -> str:
    forms = sorted(all_forms(), key=lambda found: (found[0].name.lower(), found[0].state))
    supported = [form for form, _ in forms if form.state == "supported"]
    head = [
        "# SQL statements",
        "",
        "Athena's statements besides queries, INSERT, CTAS and UNLOAD. A refused form is refused in Athena's words, or",
        "fails with `NOT_SUPPORTED`; [differences.md](differences.md) tells what AWS takes and we do not yet.",
        "Written from tests/cases/statements by `UPDATE_PAGES=1 pytest tests/contract/test_statements_page.py`.",
        "",
        f"{len(supported)} of {len(forms)} forms are supported; {sum(count for _, count in forms)} cases.",
        "",
        "| Statement | State | Cases |",
        "|---|---|---|",
    ]
    rows = [f"| {form.name.replace('|', chr(92) + '|')} | {form.state} | {count} |" for form, count in forms]
    return "\n".join([*head, *rows, ""])


def test_the_page_of_statements_says_what_the_cases_say() -> None:
    page = _page()
    if os.environ.get("UPDATE_PAGES"):
        PAGE.write_text(page)
    assert PAGE.read_text() == page


def test_every_form_has_a_state_and_cases() -> None:
    for form, count in all_forms():
        assert form.state in {"supported", "refused"}, form
        assert count, form
