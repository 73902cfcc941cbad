"""Grok patterns, which crawlers classify lines by and tables read them by."""
