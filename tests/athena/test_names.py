"""Patterns over names, partition folders, output locations, tokens."""

from __future__ import annotations

import pytest

from lakebench.catalog import S3Uri
from lakebench.emulator.athena.name_pattern import matches, matches_regex
from lakebench.emulator.athena.paging import decode_token, encode_token, page_of
from lakebench.emulator.athena.result_location import parse_output_location
from lakebench.emulator.athena.run.data_files import Layout, partition_path
from lakebench.emulator.wire.provider import ServiceError


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        (None, "orders", True),
        ("*", "orders", True),
        ("ord*", "orders", True),
        ("ord.*", "orders", True),
        ("orders", "orders", True),
        ("order", "orders", False),
        ("a|ord*", "orders", True),
        ("a|b", "orders", False),
        ("or.ers", "orders", True),
        ("(a+)+$", "a" * 60, False),
    ],
)
def test_a_pattern_fits_whole_names(pattern: str | None, name: str, fits: bool) -> None:
    assert matches(pattern, name) is fits


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        (None, "sales", True),
        ("s.*", "sales", True),
        ("s*", "sales", False),  # as measured: a star repeats the character before it
        ("s*", "ss", True),
        ("sal?es+", "saess", True),
        ("a|b.*", "bcd", True),
        ("a.c", "abc", True),
        ("", "x", False),
        ("(a)", "a", False),
        (".*" * 100 + "x", "a" * 255, False),
    ],
)
def test_a_regular_expression_of_show_databases_fits_whole_names(
    pattern: str | None, name: str, fits: bool
) -> None:
    assert matches_regex(pattern, name) is fits


def test_partition_folders_are_escaped_as_hive_does() -> None:
    assert (
        partition_path(["d", "p"], ["a:b/c=d%", None]) == "d=a%3Ab%2Fc%3Dd%25/p=__HIVE_DEFAULT_PARTITION__/"
    )
    assert partition_path(["city"], ["Málaga"]) == "city=Málaga/"


def test_a_registered_partition_keeps_its_own_folder() -> None:
    layout = Layout(location=S3Uri("b", "t"), keys=("p",), folders={("1",): S3Uri("b", "elsewhere")})
    assert str(layout.folder(("1",))) == "s3://b/elsewhere/"
    assert str(layout.folder(("2",))) == "s3://b/t/p=2/"


@pytest.mark.parametrize("text", ["", "s3://", "http://b/x", "b/x", "s3:///x", "file:///etc"])
def test_what_is_no_s3_path_is_refused_in_athenas_words(text: str) -> None:
    with pytest.raises(ServiceError, match=r"^outputLocation is not a valid S3 path\.$"):
        parse_output_location(text)


def test_a_token_is_good_for_its_own_list_only() -> None:
    token = encode_token("a", 7)
    assert decode_token("a", token) == 7
    assert decode_token("b", token) is None
    for forged in ("", "x", token[:-4], "WyJhIiwgLTFd", "e30="):
        assert decode_token("a", forged) is None


def test_pages_cover_a_list_once_and_end_without_a_token() -> None:
    seen: list[int] = []
    token = None
    for _ in range(3):
        page, token = page_of(range(5), scope="s", token=token, limit=2)
        seen += page
    assert (seen, token) == ([0, 1, 2, 3, 4], None)


def test_a_malformed_token_is_named_in_the_refusal() -> None:
    with pytest.raises(ServiceError, match="The nextPageToken is malformed: nonsense"):
        page_of([1], scope="s", token="nonsense", limit=None)
