"""What the crash and fault tests do to a server: named lists of steps, each one request or statement."""

import time
import uuid
from dataclasses import dataclass, field
from typing import Any

PART = bytes(range(256)) * (5 << 12)  # 5 MiB, the smallest part that is not the last
TABLE = {
    "Name": "t",
    "TableType": "EXTERNAL_TABLE",
    "PartitionKeys": [{"Name": "p", "Type": "string"}],
    "StorageDescriptor": {"Columns": [{"Name": "c", "Type": "int"}], "Location": "s3://lake/t/"},
}
SALES = {
    "Name": "sales",
    "TableType": "EXTERNAL_TABLE",
    "StorageDescriptor": {
        "Columns": [{"Name": "n", "Type": "int"}, {"Name": "city", "Type": "string"}],
        "Location": "s3://lake/sales/",
        "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
        "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "SerdeInfo": {
            "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
            "Parameters": {"field.delim": ","},
        },
    },
}


class StepFailed(Exception):
    """A statement ended FAILED."""


@dataclass
class Lake:
    """Clients of one server, and what a client remembers from one step to the next."""

    s3: Any
    glue: Any
    athena: Any
    memory: dict[str, Any] = field(default_factory=dict)

    def query(self, sql):
        started = self.athena.start_query_execution(
            QueryString=sql,
            ResultConfiguration={"OutputLocation": "s3://lake/results/"},
            QueryExecutionContext={"Database": "lake"},
            ClientRequestToken=str(uuid.uuid4()),
        )["QueryExecutionId"]
        while True:
            answer = self.athena.get_query_execution(QueryExecutionId=started)
            if "QueryExecution" not in answer:
                raise ConnectionError("the answer was cut off")
            status = answer["QueryExecution"]["Status"]
            if status["State"] in {"SUCCEEDED", "FAILED", "CANCELLED"}:
                break
            time.sleep(0.01)
        if status["State"] != "SUCCEEDED":
            raise StepFailed(status["StateChangeReason"])


@dataclass(frozen=True)
class Workload:
    name: str
    prepare: list[Any]
    steps: list[Any]
    engine: bool = False


def _bucket(lake):
    lake.s3.create_bucket(Bucket="lake")


def _put(key, body, **options):
    return lambda lake: lake.s3.put_object(Bucket="lake", Key=key, Body=body, **options)


def _versioned(lake):
    lake.s3.put_bucket_versioning(Bucket="lake", VersioningConfiguration={"Status": "Enabled"})


def _copy(lake):
    lake.s3.copy_object(Bucket="lake", Key="copy", CopySource="lake/a")


def _tag(lake):
    lake.s3.put_object_tagging(Bucket="lake", Key="copy", Tagging={"TagSet": [{"Key": "k", "Value": "v"}]})


PUT = Workload(
    name="put",
    prepare=[],
    steps=[
        _bucket,
        _put("a", b"one"),
        _put("a", b"two" * 200_000),
        _put("b\n", b"odd", Metadata={"m": "n"}, Tagging="x=y"),
        _copy,
        _tag,
        _put("empty", b""),
        _versioned,
        _put("a", b"three"),
        _put("a", b"four", ChecksumAlgorithm="SHA256"),
    ],
)


def _upload(name):
    def create(lake):
        lake.memory[name] = lake.s3.create_multipart_upload(Bucket="lake", Key=name)["UploadId"]

    return create


def _part(name, number, body):
    def send(lake):
        answer = lake.s3.upload_part(
            Bucket="lake", Key=name, UploadId=lake.memory[name], PartNumber=number, Body=body
        )
        lake.memory[name, number] = answer["ETag"]

    return send


def _part_copy(name, number):
    def send(lake):
        answer = lake.s3.upload_part_copy(
            Bucket="lake",
            Key=name,
            UploadId=lake.memory[name],
            PartNumber=number,
            CopySource="lake/source",
            CopySourceRange="bytes=1-4",
        )
        lake.memory[name, number] = answer["CopyPartResult"]["ETag"]

    return send


def _complete(name, numbers):
    def complete(lake):
        parts = [{"PartNumber": number, "ETag": lake.memory[name, number]} for number in numbers]
        lake.s3.complete_multipart_upload(
            Bucket="lake", Key=name, UploadId=lake.memory[name], MultipartUpload={"Parts": parts}
        )

    return complete


def _abort(name):
    return lambda lake: lake.s3.abort_multipart_upload(Bucket="lake", Key=name, UploadId=lake.memory[name])


MULTIPART = Workload(
    name="multipart",
    prepare=[_bucket, _put("source", b"0123456789")],
    steps=[
        _upload("big"),
        _part("big", 1, PART),
        _part("big", 2, b"thrown away"),
        _part("big", 2, PART[::-1]),
        _part_copy("big", 3),
        _complete("big", [1, 2, 3]),
        _upload("aborted"),
        _part("aborted", 1, b"x"),
        _abort("aborted"),
        _upload("single"),
        _part("single", 7, b"alone"),
        _complete("single", [7]),
    ],
)


def _delete(key):
    return lambda lake: lake.s3.delete_object(Bucket="lake", Key=key)


def _delete_many(lake):
    keys = [{"Key": key} for key in ("b", "c", "missing")]
    lake.s3.delete_objects(Bucket="lake", Delete={"Objects": keys})


def _delete_version(which):
    def delete(lake):
        listed = lake.s3.list_object_versions(Bucket="lake", Prefix="v")
        if which == "marker":
            version = listed["DeleteMarkers"][0]["VersionId"]
        else:
            version = sorted(listed["Versions"], key=lambda one: one["Size"])[which]["VersionId"]
        lake.s3.delete_object(Bucket="lake", Key="v", VersionId=version)

    return delete


def _empty_bucket(lake):
    lake.s3.delete_bucket(Bucket="other")


def _other_bucket(lake):
    lake.s3.create_bucket(Bucket="other")


DELETE = Workload(
    name="delete",
    prepare=[
        _bucket,
        _other_bucket,
        *[_put(key, key.encode() * 9) for key in "abcdefgh"],
        _versioned,
        *[_put("v", b"v" * size) for size in (1, 2, 3)],
    ],
    steps=[
        lambda lake: lake.s3.put_bucket_versioning(
            Bucket="lake", VersioningConfiguration={"Status": "Enabled"}
        ),
        _delete("v"),
        _delete_version(1),
        _delete_version("marker"),
        _delete_version(0),
        _delete_version(0),
        _delete_many,
        _delete("d"),
        _delete("d"),
        _empty_bucket,
        lambda lake: lake.s3.delete_objects(
            Bucket="lake",
            Delete={
                "Objects": [
                    {"Key": one["Key"], "VersionId": one["VersionId"]}
                    for one in lake.s3.list_object_versions(Bucket="lake", Prefix="e")["Versions"]
                ]
            },
        ),
        lambda lake: lake.s3.put_bucket_tagging(
            Bucket="lake", Tagging={"TagSet": [{"Key": "k", "Value": "v"}]}
        ),
        lambda lake: lake.s3.delete_bucket_tagging(Bucket="lake"),
    ],
)


def _table(lake):
    lake.glue.create_table(DatabaseName="lake", TableInput=TABLE)


def _update_table(value):
    return lambda lake: lake.glue.update_table(
        DatabaseName="lake", TableInput=TABLE | {"Parameters": {"value": value}}
    )


def _partition(value, place="s3://lake/t/"):
    return {"Values": [value], "StorageDescriptor": {"Columns": [], "Location": place}}


_AT = {"DatabaseName": "lake", "TableName": "t"}

CATALOGUE = Workload(
    name="catalogue",
    prepare=[],
    steps=[
        lambda lake: lake.glue.create_database(DatabaseInput={"Name": "lake"}),
        lambda lake: lake.glue.update_database(
            Name="lake", DatabaseInput={"Name": "lake", "Description": "d"}
        ),
        _table,
        _update_table("1"),
        _update_table("2"),
        lambda lake: lake.glue.batch_create_partition(
            **_AT, PartitionInputList=[_partition(one) for one in "abcde"]
        ),
        lambda lake: lake.glue.create_partition(**_AT, PartitionInput=_partition("f")),
        lambda lake: lake.glue.update_partition(
            **_AT, PartitionValueList=["a"], PartitionInput=_partition("a", "s3://lake/elsewhere/")
        ),
        lambda lake: lake.glue.batch_delete_partition(
            **_AT, PartitionsToDelete=[{"Values": ["b"]}, {"Values": ["c"]}]
        ),
        lambda lake: lake.glue.delete_partition(**_AT, PartitionValues=["d"]),
        lambda lake: lake.glue.create_classifier(CsvClassifier={"Name": "csv", "Delimiter": ";"}),
        lambda lake: lake.glue.update_classifier(CsvClassifier={"Name": "csv", "Delimiter": "|"}),
        lambda lake: lake.glue.create_crawler(
            Name="crawler", Role="r", DatabaseName="lake", Targets={"S3Targets": [{"Path": "s3://lake/x/"}]}
        ),
        lambda lake: lake.glue.update_crawler(Name="crawler", Description="d"),
        lambda lake: lake.glue.delete_classifier(Name="csv"),
        lambda lake: lake.glue.delete_crawler(Name="crawler"),
        lambda lake: lake.athena.create_work_group(Name="wg"),
        lambda lake: lake.athena.update_work_group(WorkGroup="wg", Description="d"),
        lambda lake: lake.athena.create_named_query(
            Name="n", Database="lake", QueryString="SELECT 1", WorkGroup="wg", ClientRequestToken="t" * 32
        ),
        lambda lake: lake.athena.create_prepared_statement(
            StatementName="prepared", WorkGroup="wg", QueryStatement="SELECT ?"
        ),
        lambda lake: lake.athena.update_prepared_statement(
            StatementName="prepared", WorkGroup="wg", QueryStatement="SELECT ?, 2"
        ),
        lambda lake: lake.athena.delete_prepared_statement(StatementName="prepared", WorkGroup="wg"),
        lambda lake: lake.athena.delete_work_group(WorkGroup="wg", RecursiveDeleteOption=True),
        lambda lake: lake.glue.delete_table(DatabaseName="lake", Name="t"),
        _table,
        lambda lake: lake.glue.delete_database(Name="lake"),
    ],
)


def _statement(sql):
    return lambda lake: lake.query(sql)


CTAS = Workload(
    name="ctas",
    engine=True,
    prepare=[
        _bucket,
        lambda lake: lake.glue.create_database(DatabaseInput={"Name": "lake"}),
        _put("sales/1.csv", b"1,a\n2,b\n3,a\n"),
        lambda lake: lake.glue.create_table(DatabaseName="lake", TableInput=SALES),
    ],
    steps=[
        _statement("CREATE TABLE made AS SELECT n, city FROM sales"),
        _statement("INSERT INTO made SELECT n + 10, city FROM sales"),
        _statement(
            "CREATE TABLE parted WITH (partitioned_by = ARRAY['city'], external_location = 's3://lake/parted/') "
            "AS SELECT n, city FROM sales"
        ),
        _statement("SELECT count(*) FROM made"),
        _statement("DROP TABLE made"),
    ],
)

WORKLOADS = (PUT, MULTIPART, DELETE, CATALOGUE, CTAS)
BY_NAME = {workload.name: workload for workload in WORKLOADS}
