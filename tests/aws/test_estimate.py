"""An estimate against AWS asks Glue and S3 alone, signs what it asks, and runs nothing."""

import io
import json

import pyarrow as pa
import pyarrow.parquet as pq

from lakebench.client.session import local_session

PARQUET = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
}


def make_table(aws):
    """A table of one Parquet object, made as at home; its column chunks' sizes."""
    session, body = local_session(aws.proxy), io.BytesIO()
    pq.write_table(pa.table({"id": list(range(1000)), "note": ["x"] * 1000}), body)
    session.s3.create_bucket(Bucket="estimated-lake")
    session.s3.put_object(Bucket="estimated-lake", Key="t/1", Body=body.getvalue())
    session.glue.create_database(DatabaseInput={"Name": "estimated"})
    columns = [{"Name": "id", "Type": "bigint"}, {"Name": "note", "Type": "string"}]
    place = {"Columns": columns, "Location": "s3://estimated-lake/t/", **PARQUET}
    table = {"Name": "t", "TableType": "EXTERNAL_TABLE", "StorageDescriptor": place}
    session.glue.create_table(DatabaseName="estimated", TableInput=table)
    group = pq.read_metadata(body).row_group(0)
    return [group.column(at).total_compressed_size for at in range(2)]


def test_an_estimate_on_aws_is_exact_and_never_asks_athena(lakebench, aws):
    id_bytes, note_bytes = make_table(aws)
    aws.calls.clear()
    on_aws = ("--target", "aws", "--database", "estimated", "--json")
    one = lakebench("estimate", "SELECT id FROM t", *on_aws)
    assert one.returncode == 0, one.stderr
    assert json.loads(one.stdout)["bytes"] == {"least": id_bytes, "most": id_bytes, "exact": True}
    both = lakebench("explain", "SELECT id, note FROM t", *on_aws)
    assert json.loads(both.stdout)["bytes"]["most"] == id_bytes + note_bytes
    assert {call.partition(":")[0] for call in aws.calls} == {"glue", "s3"}
    assert aws.refused == []
    over = lakebench("estimate", "SELECT id FROM t", *on_aws, "--max-bytes", "1")
    assert over.returncode == 3
