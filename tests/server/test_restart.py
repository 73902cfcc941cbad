"""What a server with a data dir knows, the next one on the same directory knows too."""

import json
import os
import signal
import time
import uuid
from pathlib import Path

import pytest

from lakebench import Server

KEYS = json.loads((Path(__file__).parents[1] / "cases" / "moto" / "odd_keys.json").read_text())
ARN = "arn:aws:glue:us-east-1:123456789012:database/lake"
PART = b"p" * (5 << 20)


def _run(athena, sql, bucket="results", **options):
    options.setdefault("ResultConfiguration", {"OutputLocation": f"s3://{bucket}/out/"})
    started = athena.start_query_execution(QueryString=sql, ClientRequestToken=str(uuid.uuid4()), **options)
    return _wait(athena, started["QueryExecutionId"])


def _wait(athena, execution_id):
    while True:
        found = athena.get_query_execution(QueryExecutionId=execution_id)["QueryExecution"]
        if found["Status"]["State"] not in {"QUEUED", "RUNNING"}:
            return found
        time.sleep(0.02)


def _fill_s3(s3):
    for bucket in ("results", "odd", "versions"):
        s3.create_bucket(Bucket=bucket)
    for key in KEYS:
        s3.put_object(Bucket="odd", Key=key, Body=key.encode(), Metadata={"a": "b"}, Tagging="x=1")
    s3.put_bucket_versioning(Bucket="versions", VersioningConfiguration={"Status": "Enabled"})
    for body in (b"1", b"22", b"333"):
        s3.put_object(
            Bucket="versions", Key="k", Body=body, ContentType="text/csv", ChecksumAlgorithm="SHA256"
        )
    s3.delete_object(Bucket="versions", Key="k")
    s3.put_object_tagging(Bucket="odd", Key=KEYS[0], Tagging={"TagSet": [{"Key": "late", "Value": "tag"}]})
    s3.put_bucket_tagging(Bucket="versions", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    rule = {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": "x"}, "Expiration": {"Days": 3}}
    s3.put_bucket_lifecycle_configuration(Bucket="versions", LifecycleConfiguration={"Rules": [rule]})
    cors = {"AllowedMethods": ["GET"], "AllowedOrigins": ["https://x.example"]}
    s3.put_bucket_cors(Bucket="versions", CORSConfiguration={"CORSRules": [cors]})
    s3.put_bucket_policy(Bucket="versions", Policy='{"Statement":[]}')
    s3.put_bucket_encryption(
        Bucket="versions",
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
        },
    )
    upload = s3.create_multipart_upload(Bucket="odd", Key="parts", Metadata={"m": "n"})["UploadId"]
    for number in (1, 3):
        s3.upload_part(Bucket="odd", Key="parts", UploadId=upload, PartNumber=number, Body=PART)
    return upload


def _fill_glue(glue):
    glue.create_database(DatabaseInput={"Name": "lake", "Parameters": {"a": "b"}})
    glue.create_database(DatabaseInput={"Name": "gone"})
    glue.delete_database(Name="gone")
    for number in range(3):
        table = {
            "Name": "t",
            "Parameters": {"number": str(number)},
            "PartitionKeys": [{"Name": "p", "Type": "string"}],
            "StorageDescriptor": {"Columns": [{"Name": "c", "Type": "int"}], "Location": "s3://odd/t/"},
        }
        (glue.update_table if number else glue.create_table)(DatabaseName="lake", TableInput=table)
    for value in ("z", "a/b", "c"):
        place = {"Columns": [], "Location": f"s3://odd/{value}"}
        glue.create_partition(
            DatabaseName="lake", TableName="t", PartitionInput={"Values": [value], "StorageDescriptor": place}
        )
    glue.delete_partition(DatabaseName="lake", TableName="t", PartitionValues=["c"])
    glue.tag_resource(ResourceArn=ARN, TagsToAdd={"q": "r"})
    glue.create_classifier(CsvClassifier={"Name": "semicolons", "Delimiter": ";"})
    glue.create_crawler(
        Name="crawler",
        Role="r",
        DatabaseName="lake",
        Targets={"S3Targets": [{"Path": "s3://odd/nothing/"}]},
        Schedule="cron(0 12 * * ? *)",
        Tags={"k": "v"},
    )
    glue.start_crawler(Name="crawler")
    while glue.get_crawler(Name="crawler")["Crawler"]["State"] != "READY":
        time.sleep(0.02)


def _fill_athena(athena):
    athena.create_work_group(
        Name="wg",
        Configuration={"BytesScannedCutoffPerQuery": 10_000_000, "EnforceWorkGroupConfiguration": False},
        Tags=[{"Key": "a", "Value": "b"}],
    )
    athena.update_work_group(WorkGroup="wg", Description="later")
    athena.create_named_query(Name="n", Database="lake", QueryString="SELECT 1", WorkGroup="wg")
    athena.create_prepared_statement(StatementName="prepared", WorkGroup="wg", QueryStatement="SELECT ?")
    athena.create_data_catalog(
        Name="other",
        Type="LAMBDA",
        Parameters={"function": "arn:aws:lambda:us-east-1:123456789012:function:f"},
    )
    _run(athena, "SELECT 1 AS one", WorkGroup="wg")
    _run(athena, "CREATE TABLE lake.made AS SELECT 2 AS two")
    _run(athena, "SELECT nothing FROM nowhere")
    managed = {"ManagedQueryResultsConfiguration": {"Enabled": True}, "EnforceWorkGroupConfiguration": False}
    athena.create_work_group(Name="managed", Configuration=managed)
    _run(athena, "SELECT 3 AS three", WorkGroup="managed", ResultConfiguration={})


def _answers(server, upload):
    """What the server says about everything, by what was asked."""
    s3, glue, athena = server.client("s3"), server.client("glue"), server.client("athena")
    asked = {
        f"object {key!r}": [
            s3.get_object(Bucket="odd", Key=key)["Body"].read(),
            s3.head_object(Bucket="odd", Key=key)["Metadata"],
            s3.get_object_tagging(Bucket="odd", Key=key)["TagSet"],
        ]
        for key in KEYS
    }
    for name in (
        *("get_bucket_tagging", "get_bucket_lifecycle_configuration", "get_bucket_cors", "get_bucket_policy"),
        *("get_bucket_versioning", "get_bucket_encryption", "list_object_versions", "get_bucket_acl"),
    ):
        asked[name] = getattr(s3, name)(Bucket="versions")
    for version in s3.list_object_versions(Bucket="versions")["Versions"]:
        head = s3.head_object(
            Bucket="versions", Key="k", VersionId=version["VersionId"], ChecksumMode="ENABLED"
        )
        asked[version["VersionId"]] = [head["ContentType"], head["ChecksumSHA256"], head["ETag"]]
    asked["buckets"] = s3.list_buckets()
    asked["listing"] = s3.list_objects_v2(Bucket="results")
    asked["uploads"] = s3.list_multipart_uploads(Bucket="odd")
    asked["parts"] = s3.list_parts(Bucket="odd", Key="parts", UploadId=upload)
    table = {"DatabaseName": "lake", "TableName": "t"}
    asked["databases"] = glue.get_databases()
    asked["tables"] = glue.get_tables(DatabaseName="lake")
    asked["versions"] = glue.get_table_versions(**table)
    asked["partitions"] = glue.get_partitions(**table)
    asked["tags"] = glue.get_tags(ResourceArn=ARN)
    asked["classifier"] = glue.get_classifier(Name="semicolons")
    asked["crawler"] = glue.get_crawler(Name="crawler")
    asked["crawls"] = glue.list_crawls(CrawlerName="crawler")
    asked["workgroups"] = [athena.get_work_group(WorkGroup=name) for name in ("primary", "wg")]
    asked["workgroup tags"] = athena.list_tags_for_resource(
        ResourceARN="arn:aws:athena:us-east-1:123456789012:workgroup/wg"
    )
    asked["named"] = [
        athena.get_named_query(NamedQueryId=one)
        for one in athena.list_named_queries(WorkGroup="wg")["NamedQueryIds"]
    ]
    asked["prepared"] = athena.get_prepared_statement(StatementName="prepared", WorkGroup="wg")
    asked["catalogs"] = athena.list_data_catalogs()
    for workgroup in ("primary", "wg", "managed"):
        for one in athena.list_query_executions(WorkGroup=workgroup)["QueryExecutionIds"]:
            asked[f"execution {one}"] = execution = athena.get_query_execution(QueryExecutionId=one)
            if execution["QueryExecution"]["Status"]["State"] == "SUCCEEDED":
                asked[f"results {one}"] = athena.get_query_results(QueryExecutionId=one)
    for answer in asked.values():
        if isinstance(answer, dict):
            answer.pop("ResponseMetadata", None)
        for one in answer if isinstance(answer, list) else []:
            if isinstance(one, dict):
                one.pop("ResponseMetadata", None)
    return asked


def _expect_reuse(athena):
    """An earlier server's result answers an equal query."""
    by_age = {"Enabled": True, "MaxAgeInMinutes": 60}
    reuse = {"ResultReuseConfiguration": {"ResultReuseByAgeConfiguration": by_age}}
    found = _run(athena, "SELECT 1 AS one", WorkGroup="wg", **reuse)
    assert found["Statistics"]["ResultReuseInformation"]["ReusedPreviousResult"]
    rows = athena.get_query_results(QueryExecutionId=found["QueryExecutionId"])["ResultSet"]["Rows"]
    assert [row["Data"][0]["VarCharValue"] for row in rows] == ["one", "1"]


@pytest.mark.parametrize("ending", ["stopped", "killed"])
def test_all_answers_are_the_same_after_a_restart(tmp_path, ending):
    server = Server(data_dir=tmp_path, workers=1).start()
    upload = _fill_s3(server.client("s3"))
    _fill_glue(server.client("glue"))
    _fill_athena(server.client("athena"))
    before = _answers(server, upload)
    assert len([name for name in before if name.startswith("execution")]) == 4
    if ending == "killed":
        os.kill(server.pid, signal.SIGKILL)
    server.stop()
    with Server(data_dir=tmp_path, workers=1) as again:
        after = _answers(again, upload)
        assert after.keys() == before.keys()
        assert [name for name in before if after[name] != before[name]] == []
        _expect_reuse(again.client("athena"))
        s3 = again.client("s3")
        parts = [{"PartNumber": one["PartNumber"], "ETag": one["ETag"]} for one in before["parts"]["Parts"]]
        s3.complete_multipart_upload(
            Bucket="odd", Key="parts", UploadId=upload, MultipartUpload={"Parts": parts}
        )
        found = s3.get_object(Bucket="odd", Key="parts")
        assert (found["Body"].read(), found["Metadata"]) == (PART * 2, {"m": "n"})


def test_an_execution_that_the_servers_end_cut_off_is_failed(tmp_path):
    server = Server(data_dir=tmp_path, workers=1).start()
    server.client("s3").create_bucket(Bucket="results")
    started = server.client("athena").start_query_execution(
        QueryString="SELECT count(*) FROM UNNEST(sequence(1, 5000)) t(a), UNNEST(sequence(1, 5000)) u(b), "
        "UNNEST(sequence(1, 5000)) v(c) WHERE a * b * c % 7 = 3",
        ResultConfiguration={"OutputLocation": "s3://results/"},
    )["QueryExecutionId"]
    os.kill(server.pid, signal.SIGKILL)
    server.stop()
    with Server(data_dir=tmp_path, workers=1) as again:
        status = again.client("athena").get_query_execution(QueryExecutionId=started)["QueryExecution"][
            "Status"
        ]
        assert status["State"] == "FAILED"
        assert "the server ended while the query ran" in status["StateChangeReason"]
        assert again.client("s3").list_objects_v2(Bucket="results")["KeyCount"] == 0


def test_deleting_frees_the_files(tmp_path):
    def files():
        return [path for path in (tmp_path / "objects").rglob("*") if path.is_file()]

    with Server(data_dir=tmp_path, workers=1) as server:
        s3 = server.client("s3")
        s3.create_bucket(Bucket="bin")
        s3.put_bucket_versioning(Bucket="bin", VersioningConfiguration={"Status": "Enabled"})
        versions = [s3.put_object(Bucket="bin", Key="k", Body=b"x")["VersionId"] for _ in range(3)]
        upload = s3.create_multipart_upload(Bucket="bin", Key="m")["UploadId"]
        for _ in range(2):
            s3.upload_part(Bucket="bin", Key="m", UploadId=upload, PartNumber=1, Body=b"x")
        s3.copy_object(Bucket="bin", Key="c", CopySource="bin/k")
        assert len(files()) == 5, "three versions, one part, one copy"
        s3.abort_multipart_upload(Bucket="bin", Key="m", UploadId=upload)
        for version in versions:
            s3.delete_object(Bucket="bin", Key="k", VersionId=version)
        assert len(files()) == 1
        assert s3.get_object(Bucket="bin", Key="c")["Body"].read() == b"x"


def test_an_ephemeral_server_keeps_no_index_and_leaves_nothing():
    with Server(workers=1) as server:
        place = server.data_dir
        server.client("s3").create_bucket(Bucket="bin")
        assert {path.name for path in place.iterdir()} == {"lock", "token", "objects", "tmp", "scratch"}
    assert not place.exists()


def test_files_are_their_owners_alone(tmp_path):
    with Server(data_dir=tmp_path, workers=1) as server:
        server.client("s3").create_bucket(Bucket="bin")
        server.client("s3").put_object(Bucket="bin", Key="k", Body=b"x")
        modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.rglob("*") if path.is_file()}
    assert set(modes.values()) == {0o600}, modes
