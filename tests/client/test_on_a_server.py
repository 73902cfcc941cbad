"""The verbs of ``client`` against a running server."""

import hashlib
from decimal import Decimal

import pytest

from lakebench.catalog.s3 import S3Uri
from lakebench.client import glue, local_session
from lakebench.client.athena import QueryContext, result_columns, result_rows, run_query
from lakebench.client.s3 import delete_prefix, download, ensure_bucket, list_objects, upload_stream
from lakebench.errors import ClientError


@pytest.fixture
def session(server):
    return local_session(server.endpoint)


@pytest.fixture
def context(bucket):
    return QueryContext(database="default", output=S3Uri(bucket, "results/"))


def test_a_long_stream_goes_in_parts_and_comes_back_whole(session, bucket, tmp_path):
    chunks = [bytes([number]) * 3_000_000 for number in range(9)]
    sent, came = [], []
    stored = upload_stream(session, S3Uri(bucket, "raw/big.bin"), iter(chunks), sent.append)
    assert (stored.size, sum(sent), len(sent)) == (27_000_000, 27_000_000, 4)
    path = tmp_path / "big.bin"
    assert download(session, stored.place, path, came.append) == sum(came) == 27_000_000
    assert hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256(b"".join(chunks)).digest()


def test_a_stream_that_breaks_leaves_no_object_and_no_upload(session, bucket):
    def broken():
        for _ in range(8):
            yield bytes(3_000_000)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        upload_stream(session, S3Uri(bucket, "raw/big.bin"), broken())
    assert list(list_objects(session, S3Uri(bucket))) == []
    assert "Uploads" not in session.s3.list_multipart_uploads(Bucket=bucket)


def test_a_bucket_is_made_once_in_any_region(server):
    for region in ("us-east-1", "eu-west-1"):
        session = local_session(server.endpoint, region=region)
        assert ensure_bucket(session, f"once-{region}") is True
        assert ensure_bucket(session, f"once-{region}") is False


def test_a_prefix_is_deleted_and_its_neighbour_stays(session, bucket):
    for key in ("raw/a", "raw/b/c", "raw2/d"):
        upload_stream(session, S3Uri(bucket, key), [b"x"])
    assert delete_prefix(session, S3Uri(bucket, "raw/")) == 2
    assert [one.place.key for one in list_objects(session, S3Uri(bucket))] == ["raw2/d"]


def test_a_missing_object_leaves_no_file(session, bucket, tmp_path):
    with pytest.raises(ClientError, match=f"s3:GetObject on s3://{bucket}/none failed: NoSuchKey"):
        download(session, S3Uri(bucket, "none"), tmp_path / "none")
    assert list(tmp_path.iterdir()) == []


def test_values_have_the_types_of_their_columns(session, context):
    run = run_query(
        session,
        "SELECT 1 AS i, CAST(2 AS bigint) AS b, 1.5E0 AS d, true AS t, 'x' AS s, CAST(NULL AS integer) AS n, "
        "CAST('1.50' AS decimal(5,2)) AS m",
        context,
    )
    assert list(result_rows(session, run.execution_id)) == [(1, 2, 1.5, True, "x", None, Decimal("1.50"))]
    types = [column.type for column in result_columns(session, run.execution_id)]
    assert types == ["integer", "bigint", "double", "boolean", "varchar", "integer", "decimal"]
    assert run.statistics.scanned_bytes == 0
    assert run.output == S3Uri(context.output.bucket, f"results/{run.execution_id}.csv")


def test_a_row_that_reads_like_the_header_is_not_lost(session, context):
    run = run_query(session, "SELECT 'a' AS a", context)
    assert list(result_rows(session, run.execution_id)) == [("a",)]


def test_a_refused_query_is_told_with_athenas_words(session, context):
    with pytest.raises(
        ClientError, match=r"(?s)athena:StartQueryExecution on SELEKT 1 failed: InvalidRequest"
    ):
        run_query(session, "SELEKT 1", context)


def test_a_failed_query_is_told_with_its_reason_and_its_text(session, context):
    with pytest.raises(ClientError, match="the query ended FAILED: TABLE_NOT_FOUND") as failed:
        run_query(session, "SELECT *\nFROM nothing_here", context)
    assert "in: SELECT * FROM nothing_here" in str(failed.value)


def test_a_missing_table_and_a_missing_crawler_are_named(session):
    with pytest.raises(ClientError, match=r"glue:GetTable on nowhere\.none failed: EntityNotFoundException"):
        glue.get_table(session, "nowhere", "none")
    with pytest.raises(ClientError, match="glue:StartCrawler on none failed: EntityNotFoundException"):
        glue.run_crawler(session, "none")
