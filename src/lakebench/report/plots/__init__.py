"""Drawings of a run as inline SVG; the only importer of the plotting library, loaded to draw."""

from lakebench.report.plots.drawings import Drawing, Drawings, draw

__all__ = ["Drawing", "Drawings", "draw"]
