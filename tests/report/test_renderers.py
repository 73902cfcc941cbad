"""Each renderer writes the fixed story exactly as its golden file; ``LAKEBENCH_GOLDEN=write`` writes them anew."""

import json
import os
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from lakebench.report import (
    Language,
    print_document,
    story_document,
    story_to_json,
    to_markdown,
    to_plain,
)

GOLDEN = Path(__file__).parents[1] / "cases/report"

RENDERERS = {
    "story.en.txt": lambda result: to_plain(story_document(result)),
    "story.es.txt": lambda result: to_plain(story_document(result, Language.ES)),
    "story.en.md": lambda result: to_markdown(story_document(result)),
    "story.es.md": lambda result: to_markdown(story_document(result, Language.ES)),
    "story.json": story_to_json,
}


@pytest.mark.parametrize("name", RENDERERS)
def test_a_renderer_writes_its_golden_file(result, name):
    text = RENDERERS[name](result)
    if os.environ.get("LAKEBENCH_GOLDEN") == "write":
        (GOLDEN / name).write_text(text, encoding="utf-8")
    assert text == (GOLDEN / name).read_text(encoding="utf-8")


def test_the_first_table_in_spanish_has_the_seeds_heads_and_its_82_per_cent(result):
    table = story_document(result, Language.ES).tables[0]
    assert table.header == ("Métrica", "CSV (Basado en Filas)", "Parquet (Columnar)", "Mejora")
    assert table.rows[0] == ("Datos Escaneados", "333.35 KB", "60.00 KB", "82.0% de Reducción")
    assert table.rows[1] == ("Costo", "100% (Referencia)", "18.0%", "82.0% Más Barato")


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_a_terminal_gets_colour_within_its_width(result, columns):
    out = StringIO()
    print_document(
        story_document(result), Console(file=out, force_terminal=True, width=columns, color_system="standard")
    )
    assert "\x1b[" in out.getvalue()
    plain = Console(
        file=(bare := StringIO()), force_terminal=True, width=columns, no_color=True, color_system=None
    )
    print_document(story_document(result), plain)
    assert max(map(len, bare.getvalue().splitlines())) <= columns


def test_no_color_keeps_the_table_and_drops_the_colours(result, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    out = StringIO()
    print_document(story_document(result), Console(file=out, force_terminal=True, width=120))
    assert "Data scanned" in out.getvalue()
    assert not any(f"\x1b[3{colour}" in out.getvalue() for colour in range(1, 8))


def test_what_is_no_terminal_gets_plain_text_without_escapes(result):
    out = StringIO()
    print_document(story_document(result), Console(file=out))
    assert out.getvalue() == to_plain(story_document(result))
    assert "\x1b" not in out.getvalue()
    assert out.getvalue().isascii()


def test_the_json_says_its_schema_and_keeps_dollars_exact(result):
    read = json.loads(story_to_json(result))
    assert (read["schema"], read["schema_version"]) == ("lakebench.story", 1)
    assert read["queries"][0]["reduction"] == pytest.approx(1 - 61_440 / 341_350, abs=1e-6)
    assert read["queries"][0]["csv"]["billed_usd"] == "0.0000476837158203125"
    assert read["queries"][3]["speedup"] is None
