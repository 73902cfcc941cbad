"""S3 objects through the running server: bytes on disk, streamed in and out, never half stored."""

import hashlib
import http.client
import os
import socket
import zlib
from base64 import b64encode
from pathlib import Path

import pytest
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

MIB = 1 << 20


def _error(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"], caught.value.response["ResponseMetadata"]["HTTPStatusCode"]


def _payloads(server):
    return sorted(path for path in (server.data_dir / "objects").rglob("*") if path.is_file())


def _resident(pid):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines if line.startswith("Vm")}


def _put(server, path, headers, body, *, cut=False):
    """A PUT by hand; with ``cut`` the connection is shut down after the body, however short it is."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        lines = [f"PUT {path} HTTP/1.1", f"Host: 127.0.0.1:{server.port}", "Authorization: " + AUTHORIZATION]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        if cut:
            connection.shutdown(socket.SHUT_WR)
        response = http.client.HTTPResponse(connection)
        response.begin()
        return response.status, response.read().decode()


AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=AKIALAKEBENCHLOCAL00/20261123/us-east-1/s3/aws4_request, "
    "SignedHeaders=host, Signature=00"
)


def test_creating_ones_own_bucket_again_is_no_error_in_us_east_1(s3, bucket):
    assert s3.create_bucket(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_a_missing_bucket_and_a_missing_key_have_their_names(s3, bucket):
    assert _error(s3.get_object, Bucket="no-such-bucket", Key="a") == ("NoSuchBucket", 404)
    assert _error(s3.put_object, Bucket="no-such-bucket", Key="a", Body=b"x") == ("NoSuchBucket", 404)
    assert _error(s3.list_objects_v2, Bucket="no-such-bucket") == ("NoSuchBucket", 404)
    assert _error(s3.get_object, Bucket=bucket, Key="a") == ("NoSuchKey", 404)
    assert _error(s3.head_object, Bucket=bucket, Key="a") == ("404", 404)


def test_a_refused_put_leaves_no_payload(server, s3):
    before = _payloads(server)
    _error(s3.put_object, Bucket="no-such-bucket", Key="a", Body=b"x" * 100_000)
    assert _payloads(server) == before
    assert list((server.data_dir / "tmp").iterdir()) == []


def test_an_empty_object_is_an_object(s3, bucket):
    s3.put_object(Bucket=bucket, Key="empty")
    got = s3.get_object(Bucket=bucket, Key="empty")
    assert (got["Body"].read(), got["ContentLength"], got["ETag"]) == (
        b"",
        0,
        '"d41d8cd98f00b204e9800998ecf8427e"',
    )


def test_metadata_and_content_type_come_back(s3, bucket):
    s3.put_object(
        Bucket=bucket,
        Key="m",
        Body=b"x",
        ContentType="text/csv",
        ContentEncoding="gzip",
        Metadata={"my-key": "2"},
    )
    got = s3.head_object(Bucket=bucket, Key="m")
    assert (got["ContentType"], got["ContentEncoding"]) == ("text/csv", "gzip")
    assert got["Metadata"] == {"my-key": "2"}


def test_metadata_names_keep_their_underscores(s3, bucket):
    s3.put_object(Bucket=bucket, Key="m", Body=b"x", Metadata={"row_count": "7"})
    assert s3.head_object(Bucket=bucket, Key="m")["Metadata"] == {"row_count": "7"}


@pytest.mark.parametrize(
    ("asked", "expected", "said"),
    [
        ("bytes=0-0", slice(0, 1), "bytes 0-0/3000000"),
        ("bytes=2097150-2097153", slice(2097150, 2097154), "bytes 2097150-2097153/3000000"),
        ("bytes=-5", slice(2999995, None), "bytes 2999995-2999999/3000000"),
        ("bytes=2999990-", slice(2999990, None), "bytes 2999990-2999999/3000000"),
        ("bytes=2999990-9999999", slice(2999990, None), "bytes 2999990-2999999/3000000"),
    ],
)
def test_a_range_is_read_from_the_file(s3, bucket, asked, expected, said):
    body = os.urandom(3_000_000)
    s3.put_object(Bucket=bucket, Key="r", Body=body)
    got = s3.get_object(Bucket=bucket, Key="r", Range=asked)
    assert got["Body"].read() == body[expected]
    assert got["ContentRange"] == said
    assert got["ResponseMetadata"]["HTTPStatusCode"] == 206


def test_a_range_beyond_the_end_is_refused(s3, bucket):
    s3.put_object(Bucket=bucket, Key="r", Body=b"abc")
    assert _error(s3.get_object, Bucket=bucket, Key="r", Range="bytes=3-5") == ("InvalidRange", 416)


def test_a_replaced_object_frees_its_payload_and_its_reader_reads_on(server, s3, bucket):
    old, new = b"o" * (8 * MIB), b"n" * 10
    s3.put_object(Bucket=bucket, Key="k", Body=old)
    count = len(_payloads(server))
    reading = s3.get_object(Bucket=bucket, Key="k")["Body"]
    first = reading.read(10)
    s3.put_object(Bucket=bucket, Key="k", Body=new)
    assert first + reading.read() == old
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == new
    assert len(_payloads(server)) == count


def test_a_deleted_object_frees_its_payload(server, s3, bucket):
    count = len(_payloads(server))
    s3.put_object(Bucket=bucket, Key="k", Body=b"x" * MIB)
    assert len(_payloads(server)) == count + 1
    s3.delete_object(Bucket=bucket, Key="k")
    assert len(_payloads(server)) == count


def test_deleting_a_list_of_objects_frees_their_payloads(server, s3, bucket):
    count = len(_payloads(server))
    for number in range(5):
        s3.put_object(Bucket=bucket, Key=f"k{number}", Body=b"x")
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": f"k{n}"} for n in range(5)]})
    assert len(_payloads(server)) == count


def test_a_copy_lives_on_when_its_source_is_gone(server, s3, bucket):
    body = os.urandom(2 * MIB)
    s3.put_object(Bucket=bucket, Key="source", Body=body, ContentType="text/csv")
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "source"})
    s3.delete_object(Bucket=bucket, Key="source")
    got = s3.get_object(Bucket=bucket, Key="copy")
    assert (got["Body"].read(), got["ContentType"]) == (body, "text/csv")
    assert got["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'


def test_a_copy_gets_the_checksum_that_was_asked_for(s3, bucket):
    s3.put_object(Bucket=bucket, Key="source", Body=b"abc")
    made = s3.copy_object(
        Bucket=bucket,
        Key="copy",
        CopySource={"Bucket": bucket, "Key": "source"},
        ChecksumAlgorithm="SHA256",
        MetadataDirective="REPLACE",
    )
    expected = b64encode(hashlib.sha256(b"abc").digest()).decode()
    assert made["CopyObjectResult"]["ChecksumSHA256"] == expected


def test_old_versions_keep_their_bytes(s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=bucket, Key="v", Body=b"first")["VersionId"]
    s3.put_object(Bucket=bucket, Key="v", Body=b"second")
    s3.delete_object(Bucket=bucket, Key="v")
    listed = s3.list_object_versions(Bucket=bucket)
    assert {one["Size"] for one in listed["Versions"]} == {5, 6}
    assert s3.get_object(Bucket=bucket, Key="v", VersionId=first)["Body"].read() == b"first"
    assert _error(s3.get_object, Bucket=bucket, Key="v") == ("NoSuchKey", 404)


def test_a_multipart_upload_is_joined(server, s3, bucket, tmp_path):
    source = tmp_path / "source"
    source.write_bytes(os.urandom(24 * MIB))
    count = len(_payloads(server))
    config = TransferConfig(multipart_threshold=8 * MIB, multipart_chunksize=8 * MIB)
    s3.upload_file(str(source), bucket, "big", Config=config)
    got = s3.get_object(Bucket=bucket, Key="big")
    assert got["Body"].read() == source.read_bytes()
    parts = [source.read_bytes()[start : start + 8 * MIB] for start in range(0, 24 * MIB, 8 * MIB)]
    digests = b"".join(hashlib.md5(part).digest() for part in parts)
    assert got["ETag"] == f'"{hashlib.md5(digests).hexdigest()}-3"'
    assert len(_payloads(server)) == count + 1, "the parts are gone"
    checksums = b"".join(zlib.crc32(part).to_bytes(4, "big") for part in parts)
    checked = s3.get_object(Bucket=bucket, Key="big", ChecksumMode="ENABLED")
    assert checked["ChecksumCRC32"] == b64encode(zlib.crc32(checksums).to_bytes(4, "big")).decode() + "-3"


def test_an_aborted_multipart_upload_frees_its_parts(server, s3, bucket):
    count = len(_payloads(server))
    upload = s3.create_multipart_upload(Bucket=bucket, Key="big")["UploadId"]
    s3.upload_part(Bucket=bucket, Key="big", UploadId=upload, PartNumber=1, Body=b"x" * MIB)
    s3.upload_part(Bucket=bucket, Key="big", UploadId=upload, PartNumber=1, Body=b"y" * MIB)
    assert len(_payloads(server)) == count + 1, "a part that is sent again replaces the first"
    s3.abort_multipart_upload(Bucket=bucket, Key="big", UploadId=upload)
    assert len(_payloads(server)) == count


def test_a_multipart_upload_refuses_small_and_unknown_parts(s3, bucket):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="big")["UploadId"]
    tags = [
        s3.upload_part(Bucket=bucket, Key="big", UploadId=upload, PartNumber=n, Body=b"x")["ETag"]
        for n in (1, 2)
    ]
    parts = [{"PartNumber": n, "ETag": tag} for n, tag in enumerate(tags, 1)]
    complete = {"Bucket": bucket, "Key": "big", "UploadId": upload}
    assert (
        _error(s3.complete_multipart_upload, **complete, MultipartUpload={"Parts": parts})[0]
        == "EntityTooSmall"
    )
    unknown = {"Parts": [{"PartNumber": 9, "ETag": tags[0]}]}
    assert _error(s3.complete_multipart_upload, **complete, MultipartUpload=unknown)[0] == "InvalidPart"


def test_a_part_can_be_a_range_of_another_object(s3, bucket):
    body = os.urandom(3 * MIB)
    s3.put_object(Bucket=bucket, Key="source", Body=body)
    upload = s3.create_multipart_upload(Bucket=bucket, Key="part")["UploadId"]
    made = s3.upload_part_copy(
        Bucket=bucket,
        Key="part",
        UploadId=upload,
        PartNumber=1,
        CopySource={"Bucket": bucket, "Key": "source"},
        CopySourceRange=f"bytes=10-{2 * MIB}",
    )
    parts = [{"PartNumber": 1, "ETag": made["CopyPartResult"]["ETag"]}]
    s3.complete_multipart_upload(Bucket=bucket, Key="part", UploadId=upload, MultipartUpload={"Parts": parts})
    assert s3.get_object(Bucket=bucket, Key="part")["Body"].read() == body[10 : 2 * MIB + 1]


@pytest.mark.parametrize("signature", ["", ";chunk-signature=" + "0" * 64])
@pytest.mark.parametrize("trailer", [True, False])
def test_an_aws_chunked_body_is_decoded(server, s3, bucket, signature, trailer):
    body = os.urandom(150_000)
    chunks = [body[:65536], body[65536:131072], body[131072:]]
    coded = b"".join(f"{len(c):x}{signature}\r\n".encode() + c + b"\r\n" for c in chunks)
    checksum = b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()
    coded += f"0{signature}\r\n".encode() + (
        f"x-amz-checksum-crc32:{checksum}\r\n".encode() if trailer else b""
    )
    coded += b"\r\n"
    kind = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" if signature else "STREAMING-UNSIGNED-PAYLOAD"
    headers = {
        "x-amz-content-sha256": kind + ("-TRAILER" if trailer else ""),
        "x-amz-decoded-content-length": len(body),
        "Content-Encoding": "aws-chunked",
        "Content-Length": len(coded),
        **({"x-amz-trailer": "x-amz-checksum-crc32"} if trailer else {}),
    }
    assert _put(server, f"/{bucket}/chunked", headers, coded)[0] == 200
    got = s3.get_object(Bucket=bucket, Key="chunked", ChecksumMode="ENABLED")
    assert got["Body"].read() == body
    assert "ContentEncoding" not in got
    assert got.get("ChecksumCRC32") == (checksum if trailer else None)


def test_http_chunks_and_expect_continue_are_taken(server, s3, bucket):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request(
        "PUT",
        f"/{bucket}/chunks",
        body=iter([b"a" * 70_000, b"b" * 5]),
        headers={"Authorization": AUTHORIZATION},
        encode_chunked=True,
    )
    assert connection.getresponse().status == 200
    assert s3.get_object(Bucket=bucket, Key="chunks")["Body"].read() == b"a" * 70_000 + b"b" * 5


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Length": 100},
        {"Transfer-Encoding": "chunked"},
        {
            "Content-Length": 100,
            "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            "x-amz-decoded-content-length": 50,
        },
    ],
    ids=["plain", "http-chunked", "aws-chunked"],
)
def test_an_upload_that_is_cut_leaves_the_old_object(server, s3, bucket, headers):
    s3.put_object(Bucket=bucket, Key="k", Body=b"old")
    before = _payloads(server)
    body = b"5\r\nhello\r\n" if "Content-Length" not in headers or len(headers) > 1 else b"hello"
    status, text = _put(server, f"/{bucket}/k", headers, body, cut=True)
    assert (status, "<Code>IncompleteBody</Code>" in text) == (400, True)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"old"
    assert _payloads(server) == before
    assert list((server.data_dir / "tmp").iterdir()) == []


def test_an_upload_beyond_five_gib_is_refused_before_it_is_sent(server, bucket):
    headers = {"Content-Length": 5 * 1024**3 + 1}
    status, text = _put(server, f"/{bucket}/k", headers, b"x")
    assert (status, "<Code>EntityTooLarge</Code>" in text) == (400, True)


def test_bytes_that_are_not_what_the_client_says_are_refused(server, s3, bucket):
    wrong = b64encode(bytes(16)).decode()
    assert _error(s3.put_object, Bucket=bucket, Key="k", Body=b"x", ContentMD5=wrong) == ("BadDigest", 400)
    wrong = b64encode(bytes(4)).decode()
    assert _error(s3.put_object, Bucket=bucket, Key="k", Body=b"x", ChecksumCRC32=wrong) == ("BadDigest", 400)
    assert (
        _put(server, f"/{bucket}/k", {"Content-Length": 1, "x-amz-content-sha256": "0" * 64}, b"x")[0] == 400
    )
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_memory_stays_flat_over_large_objects(server, s3, bucket, tmp_path):
    source = tmp_path / "large"
    with source.open("wb") as file:
        file.truncate(256 * MIB)
    before = _resident(server.pid)["VmHWM"]
    with source.open("rb") as file:
        s3.put_object(Bucket=bucket, Key="large", Body=file)
    read = sum(len(block) for block in s3.get_object(Bucket=bucket, Key="large")["Body"].iter_chunks(MIB))
    assert read == 256 * MIB
    assert _resident(server.pid)["VmHWM"] - before < 32 * MIB


def test_a_presigned_url_puts_and_gets(server, s3, bucket):
    put = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "p q/é"})
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("PUT", put.removeprefix(server.endpoint), body=b"presigned")
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (200, b"")
    get = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "p q/é"})
    connection.request("GET", get.removeprefix(server.endpoint))
    assert connection.getresponse().read() == b"presigned"


def test_no_origin_is_reflected(server, s3, bucket):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    headers = {"Authorization": AUTHORIZATION, "Origin": "http://evil.example"}
    connection.request("GET", f"/{bucket}", headers=headers)
    answer = connection.getresponse()
    assert answer.status == 403
    assert not [name for name, _ in answer.getheaders() if name.lower().startswith("access-control")]
