"""Tables made with clients of an account from behind: no call of theirs is noted."""

import io

import pyarrow as pa
import pyarrow.parquet as pq

PARQUET = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
}
COLUMNS = [{"Name": "id", "Type": "bigint"}, {"Name": "note", "Type": "string"}]
DAYS = ("2026-01-01", "2026-01-02", "2026-01-03")


def parquet_bytes(rows=1000):
    """An object of two columns, and what a query scans of each."""
    body = io.BytesIO()
    pq.write_table(pa.table({"id": list(range(rows)), "note": ["x"] * rows}), body)
    group = pq.read_metadata(body).row_group(0)
    return body.getvalue(), [group.column(at).total_compressed_size for at in range(2)]


def make_table(client, database, *, objects=1, rows=1000):
    """``database.t`` in bucket ``<database>-lake``; the sizes of its column chunks in one object."""
    body, chunks = parquet_bytes(rows)
    s3, glue = client("s3"), client("glue")
    s3.create_bucket(Bucket=f"{database}-lake")
    for number in range(objects):
        s3.put_object(Bucket=f"{database}-lake", Key=f"t/{number:03d}", Body=body)
    glue.create_database(DatabaseInput={"Name": database})
    place = {"Columns": COLUMNS, "Location": f"s3://{database}-lake/t/", **PARQUET}
    table = {"Name": "t", "TableType": "EXTERNAL_TABLE", "StorageDescriptor": place}
    glue.create_table(DatabaseName=database, TableInput=table)
    return chunks


def make_days(client, database, *, objects=2):
    """``database.t`` with a partition a day, each of so many objects."""
    body, _ = parquet_bytes()
    s3, glue = client("s3"), client("glue")
    s3.create_bucket(Bucket=f"{database}-lake")
    glue.create_database(DatabaseInput={"Name": database})
    keys = [{"Name": "day", "Type": "string"}]
    place = {"Columns": COLUMNS, "Location": f"s3://{database}-lake/t/", **PARQUET}
    table = {
        "Name": "t",
        "TableType": "EXTERNAL_TABLE",
        "StorageDescriptor": place,
        "PartitionKeys": keys,
        "Parameters": {"classification": "parquet"},
    }
    glue.create_table(DatabaseName=database, TableInput=table)
    for day in DAYS:
        for number in range(objects):
            s3.put_object(Bucket=f"{database}-lake", Key=f"t/day={day}/{number}", Body=body)
        of_day = {**place, "Location": f"s3://{database}-lake/t/day={day}/"}
        glue.create_partition(
            DatabaseName=database,
            TableName="t",
            PartitionInput={"Values": [day], "StorageDescriptor": of_day},
        )
