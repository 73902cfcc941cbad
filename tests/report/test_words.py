"""Figures in words: shares, dollars, speeds."""

from decimal import Decimal

import pytest

from lakebench.report.story import format_count, format_share, format_usd
from lakebench.report.words import Language


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "0"),
        ("0.0000015563", "0.00000156"),
        ("0.0000476837158203125", "0.0000477"),
        ("0.5", "0.500"),
        ("1.234", "1.23"),
        ("1234.5", "1234.50"),
    ],
)
def test_dollars_keep_three_digits_and_no_powers_of_ten(amount, text):
    assert format_usd(Decimal(amount)) == text


def test_shares_have_one_decimal():
    assert [format_share(share) for share in (0.82, 1.0, 0.0, 0.93944)] == [
        "82.0%",
        "100.0%",
        "0.0%",
        "93.9%",
    ]


def test_counts_are_parted_as_the_language_does():
    assert [format_count(1234567, language) for language in Language] == ["1,234,567", "1 234 567"]
