"""A place in S3 is a bucket and a key."""

import pytest

from lakebench.catalog import S3Uri


@pytest.mark.parametrize(
    ("text", "bucket", "key"),
    [
        ("s3://lake/raw/a.csv", "lake", "raw/a.csv"),
        ("s3a://lake", "lake", ""),
        ("s3n://lake//a", "lake", "/a"),
    ],
)
def test_a_path_is_read(text, bucket, key):
    assert S3Uri.parse(text) == S3Uri(bucket, key)


@pytest.mark.parametrize(
    "text", ["", "lake/raw", "s3://", "s3:///key", "file:///etc/passwd", "https://lake/raw"]
)
def test_what_is_no_s3_path_is_refused(text):
    with pytest.raises(ValueError, match="not an S3 path"):
        S3Uri.parse(text)


def test_a_prefix_ends_in_a_slash_so_that_its_siblings_are_not_matched():
    assert str(S3Uri.parse("s3://lake/raw").as_prefix) == "s3://lake/raw/"
    assert str(S3Uri.parse("s3://lake/raw/").as_prefix) == "s3://lake/raw/"
    assert str(S3Uri.parse("s3://lake").as_prefix) == "s3://lake/"
    assert str(S3Uri.parse("s3://lake/raw").child("x.csv")) == "s3://lake/raw/x.csv"
