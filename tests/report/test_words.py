"""Figures in words: shares, dollars, speeds."""

from lakebench.report.story import format_count, format_share
from lakebench.report.words import Language


def test_shares_have_one_decimal():
    assert [format_share(share) for share in (0.82, 1.0, 0.0, 0.93944)] == [
        "82.0%",
        "100.0%",
        "0.0%",
        "93.9%",
    ]


def test_counts_are_parted_as_the_language_does():
    assert [format_count(1234567, language) for language in Language] == ["1,234,567", "1 234 567"]
