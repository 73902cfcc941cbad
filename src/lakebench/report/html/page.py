"""Fills the page: sections, drawings, style; every text is escaped by the template engine.

The page has no script, and its Content-Security-Policy allows none, nor anything from elsewhere: what a name
or a statement may hold stays text, twice over.
"""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files
from typing import Any

from lakebench.errors import ConfigError
from lakebench.report.plots import Drawings, draw
from lakebench.report.run_report import RunReport, report_about, report_sections, report_title
from lakebench.report.visible import visible
from lakebench.version import __version__

LARGEST = 1_000_000
"""Bytes that a report may have: above, it draws fewer panels."""

_PANELS = (40, 12, 0)


def report_to_html(report: RunReport) -> str:
    """Write a report as one HTML file.

    Raises ConfigError where the packages of the extra ``report`` are missing.
    """
    page = ""
    drawings = draw(report, most_queries=_PANELS[0])
    for count in _PANELS:
        page = _page(report, replace(drawings, queries=drawings.queries[:count]))
        if len(page.encode("utf-8")) <= LARGEST:
            break
    return page


def _page(report: RunReport, drawings: Drawings) -> str:
    try:
        from jinja2 import Environment, StrictUndefined
        from markupsafe import Markup
    except ModuleNotFoundError as error:
        raise ConfigError(
            "an HTML report needs matplotlib and jinja2, which are not installed",
            hint='pip install "athena-lakebench[report]", or take --format md, json or csv',
        ) from error

    def shown(value: Any) -> Any:
        return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=shown
    )
    room = files("lakebench.report.html")
    template = environment.from_string((room / "page.html.jinja").read_text(encoding="utf-8"))
    return (
        template.render(
            report=report,
            words=report.words,
            run=report.run,
            title=report_title(report),
            about=report_about(report),
            sections=report_sections(report),
            drawings=drawings,
            svg=Markup,  # what the plots room drew; its texts are escaped in there
            style=Markup((room / "style.css").read_text(encoding="utf-8")),  # noqa: S704 (our own file)
            version=__version__,
        )
        + "\n"
    )
