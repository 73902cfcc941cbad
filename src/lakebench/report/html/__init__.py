"""A run's report as one HTML file that needs no network and no script."""

from lakebench.report.html.page import report_to_html

__all__ = ["report_to_html"]
