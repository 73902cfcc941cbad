"""The report of a run in each form: golden files from a measured run, the seed's table, hostile texts."""

import csv
import json
import os
import re
import sys
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest

from lakebench.bench.run_file import ResultStore, read_run
from lakebench.errors import ConfigError
from lakebench.report import Language
from lakebench.report.html import report_to_html
from lakebench.report.html.page import LARGEST
from lakebench.report.markdown import to_markdown
from lakebench.report.run_data import CSV_COLUMNS, report_to_csv, report_to_json
from lakebench.report.run_report import report_document, report_of
from lakebench.report.visible import visible
from lakebench.version import __version__

CASES = Path(__file__).parents[1] / "cases/bench/report"
SVG = re.compile(r"<svg .*?</svg>", re.DOTALL)


@pytest.fixture(scope="module")
def run():
    """Four queries on four layouts, a warm-up and two timed rounds, measured."""
    return read_run(CASES / "run.json")


@pytest.fixture
def store(tmp_path):
    """A store with an earlier run of the same, which scanned a tenth more of CSV."""
    store = ResultStore(directory=tmp_path)
    earlier = read_run(CASES / "run.json")
    samples = tuple(
        replace(each, scanned_bytes=each.scanned_bytes * 11 // 10) if each.layout == "csv" else each
        for each in earlier.samples
    )
    started = earlier.started.replace(year=2025)
    store.save(replace(earlier, run_id="earlier", started=started, samples=samples))
    return store


def golden(name, text):
    """Compare with the file; UPDATE_GOLDEN=1 writes it anew."""
    path = CASES / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", list(Language))
def test_markdown_is_the_golden_file(run, store, language):
    document = report_document(report_of(run, store, language=language))
    golden(f"report.{language.value}.md", to_markdown(document))


def test_json_is_the_golden_file(run, store):
    golden("report.json", report_to_json(report_of(run, store)))


def test_csv_is_the_golden_file(run, store):
    golden("report.csv", report_to_csv(report_of(run, store)))


@pytest.mark.parametrize("language", list(Language))
def test_html_is_the_golden_file_with_its_drawings_and_version_left_out(run, store, language):
    page = report_to_html(report_of(run, store, language=language))
    golden(
        f"report.{language.value}.html",
        SVG.sub("<svg/>", page).replace(f"lakebench {__version__}", "lakebench 0"),
    )


def test_the_spanish_table_is_the_seeds(run, store):
    table = report_document(report_of(run, store, language=Language.ES)).tables[0]
    assert table.header == ("Métrica", "CSV (Basado en Filas)", "Parquet (Columnar)", "Mejora")
    (scanned, cost, performance) = table.rows
    assert scanned[0] == "Datos Escaneados"
    assert scanned[3].endswith("% de Reducción")
    assert (cost[0], cost[1]) == ("Costo", "100% (Referencia)")
    assert cost[3].endswith("% Más Barato")
    assert performance[0] == "Rendimiento"
    assert performance[1].startswith("Escaneo Completo (")
    assert performance[2].startswith("Escaneo Selectivo (")


def test_the_same_run_gives_the_same_page(run, store):
    first, second = (report_to_html(report_of(run, store)) for _ in range(2))
    assert first == second


def test_the_drawings_are_svg_with_the_pages_colours_and_ids_of_their_own(run, store):
    page = report_to_html(report_of(run, store))
    drawings = SVG.findall(page)
    assert len(drawings) == 1 + 1 + len(run.sql) + 2 + 1, "layouts, times, queries, month, history"
    assert not re.search(r"#01010\d|#01020\d", page), "a marker colour was left"
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert "DejaVu" not in page


def test_a_run_without_explanations_says_so(run, store):
    bare = replace(run, samples=tuple(replace(each, scans=()) for each in run.samples))
    page = report_to_html(report_of(bare, store))
    assert page.count("Nothing explains the scans of this query") == len(run.sql)


def test_a_region_without_storage_price_says_so(run, store):
    page = report_to_html(report_of(replace(run, region="ap-southeast-1"), store))
    assert "no price of s3-storage is known for region" in page


HOSTILE = "</script></svg></pre><script>alert(1)</script><img src=x onerror=alert(2)>&amp;{{7*7}}$x^2$"


def hostile(run, name=HOSTILE):
    """The run with that text wherever a text may stand."""
    first = next(iter(run.sql))
    sql = {(name if each == first else each): f"{text} -- {name}" for each, text in run.sql.items()}
    layouts = tuple(replace(each, name=name if each.name == "orc" else each.name) for each in run.layouts)
    samples = tuple(
        replace(
            each,
            query=name if each.query == first else each.query,
            layout=name if each.layout == "orc" else each.layout,
            scans=tuple(
                replace(scan, table=name, columns=tuple(replace(c, name=name) for c in scan.columns))
                for scan in each.scans
            ),
        )
        for each in run.samples
    )
    machine = replace(run.environment, machine=name, commit=name, versions={name: name})
    return replace(run, suite=name, sql=sql, layouts=layouts, samples=samples, environment=machine)


def test_hostile_texts_stay_texts_in_the_page(run, store):
    page = report_to_html(report_of(hostile(run), store))
    assert "<script" not in page.lower()
    assert "<img" not in page
    assert "{{7*7}}" in page, "and are shown as they are"
    assert "&lt;script&gt;alert(1)" in page


def test_hostile_texts_stay_cells_in_markdown_and_csv(run, store):
    report = report_of(hostile(run, "a|b\n# c <script>alert(1)</script> `d` [e](javascript:f) *g*"), store)
    text = to_markdown(report_document(report))
    assert "<script" not in text
    assert "\n# c" not in text
    assert not re.search(r"(?<!\\)\]\(", text), "a link"
    widths = {len(re.findall(r"(?<!\\)\|", line)) for line in text.splitlines() if line.startswith("| **")}
    assert len(widths) == 1
    rows = list(csv.DictReader(StringIO(report_to_csv(report_of(hostile(run, '=cmd|"x"'), store)))))
    assert {row["suite"] for row in rows} == {'\'=cmd|"x"'}
    assert all(None not in row and None not in row.values() for row in rows)


@pytest.mark.parametrize(
    "name", ["x" * 2_000, "a\x00b\x1b[31m", "\u202eevil", "日本語 العربية 🙂", "$\\frac{1}{0}$", " "]
)
def test_odd_names_are_drawn_and_shown(run, store, name):
    page = report_to_html(report_of(hostile(run, name), store))
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", page)
    assert visible(name)[:40].strip() in page


def test_a_huge_suite_stays_below_a_megabyte_and_says_what_is_not_drawn(run, store):
    names = [f"query_{number:03d}" for number in range(120)]
    first = next(iter(run.sql))
    of_first = [each for each in run.samples if each.query == first]
    many = replace(
        run,
        sql=dict.fromkeys(names, run.sql[first]),
        samples=tuple(replace(each, query=name) for name in names for each in of_first),
        warnings=(),
    )
    page = report_to_html(report_of(many, store))
    assert len(page.encode()) <= LARGEST
    assert re.search(r"Panels of \d+ of 120 queries are drawn", page)


def test_the_csv_has_its_columns_and_exact_dollars(run, store):
    rows = list(csv.DictReader(StringIO(report_to_csv(report_of(run, store)))))
    assert tuple(rows[0]) == CSV_COLUMNS
    assert len(rows) == len(run.sql) * len(run.layouts)
    first = next(
        each for each in run.samples if each.query == rows[0]["query"] and each.layout == rows[0]["layout"]
    )
    assert rows[0]["cost_usd"] == f"{first.cost_usd:f}"


def test_the_json_says_what_it_is(run, store):
    document = json.loads(report_to_json(report_of(run, store)))
    assert (document["schema"], document["schema_version"]) == ("lakebench.report", 1)
    assert document["headline"]["query"] == "selective_columns"


def test_without_the_plotting_library_the_page_is_refused_with_what_to_install(run, store, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ConfigError, match="needs matplotlib and jinja2") as refused:
        report_to_html(report_of(run, store))
    assert 'pip install "athena-lakebench[report]"' in refused.value.hint
    assert to_markdown(report_document(report_of(run, store))).startswith("# ventas4")


def test_an_unknown_query_for_the_headline_is_refused(run, store):
    with pytest.raises(ConfigError, match="no query 'x'"):
        report_of(run, store, query="x")
