"""Measurements for people and machines: terminal, Markdown, JSON."""
