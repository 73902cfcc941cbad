"""Measurements for people and machines: terminal, Markdown, JSON."""

from lakebench.report.markdown import to_markdown
from lakebench.report.plain import to_plain
from lakebench.report.story import story_document
from lakebench.report.story_json import story_to_json
from lakebench.report.terminal import print_document
from lakebench.report.words import Language

__all__ = ["Language", "print_document", "story_document", "story_to_json", "to_markdown", "to_plain"]
