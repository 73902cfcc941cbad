"""A figure of the plotting library as one inline SVG element that takes its colours from the page.

The library draws in marker colours; they become CSS variables, so that one drawing serves both themes. Text
stays text, in the page's font. Ids get a prefix, for a page holds many drawings.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import StringIO
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from lakebench.errors import ConfigError
from lakebench.report.visible import visible

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK, MUTED, GRID, SURFACE, ACCENT, PLAIN = (f"#0101{number:02x}" for number in range(1, 7))
SERIES = tuple(f"#0102{number:02x}" for number in range(1, 9))
"""Marker colours of up to eight series; more take the same ones with other markers."""

_VARIABLES: Mapping[str, str] = {
    INK: "--ink",
    MUTED: "--muted",
    GRID: "--grid",
    SURFACE: "--surface",
    ACCENT: "--accent",
    PLAIN: "--plain",
    **{colour: f"--series-{number}" for number, colour in enumerate(SERIES, 1)},
}
_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_COLOUR = re.compile(r"#010[12][0-9a-f]{2}")
_FONT = re.compile(r"font: (?:(?P<weight>bold|normal|\d+) )?(?P<size>[\d.]+)px [^;]*")
_FAMILY = re.compile(r"font-family: [^;]*;? ?")
_SETTINGS: Mapping[str, Any] = {
    "svg.fonttype": "none",
    "text.parse_math": False,  # a name with $ in it is a name
    "font.size": 12,
    "xtick.labelsize": 11,
    "ytick.labelsize": 11,
    "axes.edgecolor": GRID,
    "axes.labelcolor": MUTED,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "grid.color": GRID,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


@contextmanager
def drawing_settings(salt: str) -> Iterator[None]:
    """Draw the same SVG for the same figures; raises ConfigError where the plotting library is missing."""
    try:
        import matplotlib as mpl
    except ModuleNotFoundError as error:
        raise ConfigError(
            "an HTML report needs matplotlib and jinja2, which are not installed",
            hint='pip install "athena-lakebench[report]", or take --format md, json or csv',
        ) from error
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it tells of its caches
    settings: dict[Any, Any] = {**_SETTINGS, "svg.hashsalt": salt}
    with mpl.rc_context(settings), warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", UserWarning
        )  # a glyph that its own fonts lack is the browser's to find
        yield


def figure_to_svg(figure: Figure, *, prefix: str, label: str) -> str:
    """The figure as one ``<svg>`` element that a screen reader calls ``label``."""
    text = StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    ET.register_namespace("", _SVG)
    ET.register_namespace("xlink", _XLINK)
    root = ET.fromstring(text.getvalue())  # noqa: S314 (the library wrote it a line ago)
    for metadata in root.findall(f"{{{_SVG}}}metadata"):
        root.remove(metadata)
    for element in root.iter():
        _adapt(element, prefix)
    root.attrib.pop("width"), root.attrib.pop("height"), root.attrib.pop("version", None)
    root.attrib |= {"role": "img", "aria-label": visible(label)}
    return ET.tostring(root, encoding="unicode")


def _adapt(element: ET.Element, prefix: str) -> None:
    for name, value in element.attrib.items():
        if name == "id":
            element.attrib[name] = f"{prefix}-{value}"
        elif name == f"{{{_XLINK}}}href":
            element.attrib[name] = f"#{prefix}-{value.removeprefix('#')}"
        elif name == "style":
            element.attrib[name] = _style(value)
        elif value.startswith("url(#"):
            element.attrib[name] = f"url(#{prefix}-{value.removeprefix('url(#')}"
    if element.text is not None and not element.text.strip():
        element.text = None
    element.tail = None


def _style(style: str) -> str:
    coloured = _COLOUR.sub(lambda found: f"var({_VARIABLES[found[0]]})", style)
    coloured = _FAMILY.sub("", coloured)
    return _FONT.sub(lambda found: f"font-size: {found['size']}px" + _weight(found["weight"]), coloured)


def _weight(weight: str | None) -> str:
    return f"; font-weight: {weight}" if weight else ""
