"""Bytes and durations read as in the Athena console."""

import pytest

from lakebench.units import format_bytes, format_milliseconds


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.00 KB"),
        (341_350, "333.35 KB"),
        (3_921_495, "3.74 MB"),  # measured on the console: facts/athena.md 1.1
        (2**20 - 1, "1.00 MB"),
        (5 * 2**30, "5.00 GB"),
        (3 * 2**40, "3.00 TB"),
        (2**70, "1024.00 EB"),
    ],
)
def test_bytes_are_written_with_powers_of_1024_as_the_console_does(count, text):
    assert format_bytes(count) == text


def test_a_negative_count_is_refused():
    with pytest.raises(ValueError, match="not negative"):
        format_bytes(-1)


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, "0 ms"),
        (183.4, "183 ms"),
        (999.6, "1.00 sec"),
        (1250, "1.25 sec"),
        (59_999, "1 min 0 sec"),
        (124_000, "2 min 4 sec"),
    ],
)
def test_durations_change_unit_at_a_second_and_a_minute(milliseconds, text):
    assert format_milliseconds(milliseconds) == text
