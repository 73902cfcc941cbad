"""The HTML report in a real browser: no error, no request, nothing wider than the screen, in both themes."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from lakebench.bench.run_file import ResultStore, read_run
from lakebench.report.html import report_to_html
from lakebench.report.run_report import report_of

from .chromium import Chromium, find_chromium
from .test_run_report import HOSTILE, hostile

RUN = Path(__file__).parents[1] / "cases/bench/report/run.json"

pytestmark = pytest.mark.skipif(find_chromium() is None, reason="there is no Chromium on this machine")

TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
OVERLAPS = """
[...document.querySelectorAll('svg')].flatMap(svg => {
  const box = svg.getBoundingClientRect(), texts = [...svg.querySelectorAll('text')]
    .map(text => [text.textContent, text.getBoundingClientRect()]);
  const out = texts.filter(([, one]) => one.left < box.left - 2 || one.right > box.right + 2);
  const over = texts.flatMap(([name, one], at) => texts.slice(at + 1)
    .filter(([, two]) => one.left < two.right - 1 && two.left < one.right - 1
                      && one.top < two.bottom - 3 && two.top < one.bottom - 3)
    .map(([other]) => `${name} over ${other}`));
  return [...out.map(([name]) => `${name} leaves its drawing`), ...over];
})
"""
COLOURS = "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.querySelector('svg text')).fill]"


@pytest.fixture(scope="module")
def browser():
    with Chromium(find_chromium()) as running:
        yield running


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    store = ResultStore(directory=folder / "results")
    run = read_run(RUN)
    store.save(replace(run, run_id="earlier", started=run.started.replace(year=2025)))
    path = folder / "report.html"
    path.write_text(report_to_html(report_of(run, store)), encoding="utf-8")
    return path


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_report_loads_without_error_request_or_overflow(browser, page, width, theme):
    assert browser.open(page, width=width, theme=theme) == []
    assert browser.evaluate(TOO_WIDE) == 0
    assert browser.evaluate(OVERLAPS) == []


def brightness(colour):
    return sum(int(part) for part in re.findall(r"\d+", colour)[:3])


def test_the_theme_follows_the_system_and_the_switch(browser, page):
    for theme in ("light", "dark"):
        browser.open(page, width=1280, theme=theme)
        for choice, expected in (("auto", theme), ("light", "light"), ("dark", "dark")):
            browser.evaluate(f"document.getElementById('theme-{choice}').click()")
            ground, text = browser.evaluate(COLOURS)
            assert (brightness(ground) < brightness(text)) is (expected == "dark"), (theme, choice)


def test_hostile_names_run_nothing(browser, tmp_path):
    path = tmp_path / "hostile.html"
    store = ResultStore(directory=tmp_path)
    path.write_text(report_to_html(report_of(hostile(read_run(RUN)), store)), encoding="utf-8")
    assert browser.open(path, width=390, theme="light") == []
    assert browser.evaluate(TOO_WIDE) == 0
    assert browser.evaluate("document.querySelectorAll('script, img').length") == 0
    assert HOSTILE in browser.evaluate("document.body.textContent")


def test_print_is_light_and_shows_the_statements(browser, page):
    browser.open(page, width=794, theme="dark", media="print")
    ground, text = browser.evaluate(COLOURS)
    assert brightness(ground) > brightness(text)
    assert browser.evaluate("document.querySelector('pre').getBoundingClientRect().height") > 0
    assert browser.evaluate(TOO_WIDE) == 0
