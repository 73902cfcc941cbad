"""A small lake on a running server: one logical table in many physical forms."""

from __future__ import annotations

import datetime as dt
import decimal
import io
import time
from collections.abc import Mapping
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 6000
COLUMNS = [
    ("id", "bigint"),
    ("qty", "int"),
    ("city", "string"),
    ("price", "double"),
    ("weight", "double"),
    ("note", "string"),
    ("day", "date"),
    ("at", "timestamp"),
    ("amount", "decimal(10,2)"),
    ("ok", "boolean"),
    ("tiny", "tinyint"),
    ("small", "smallint"),
    ("ratio", "float"),
    ("void", "string"),
    ("half", "bigint"),
    ("address", "struct<city:string,geo:struct<lat:double,lon:double>>"),
    ("tags", "array<string>"),
    ("attrs", "map<string,bigint>"),
    ("items", "array<struct<sku:string,n:int>>"),
]
_START = dt.datetime.fromisoformat("2024-01-01")
PARQUET_SERDE = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
}
TEXT_SERDE = {
    "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
    "SerdeInfo": {
        "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
        "Parameters": {"field.delim": ","},
    },
}


def sales() -> pa.Table:
    """6,000 rows sorted by id: ranges, NULLs, NaN, nested values."""
    n = range(ROWS)
    return pa.table(
        {
            "id": pa.array(n, pa.int64()),
            "qty": pa.array([None if i % 11 == 0 else i * 7919 % 50 for i in n], pa.int32()),
            "city": [f"{'ABCDEF'[i // 1000]}city{i % 20:02d}" for i in n],
            "price": [float("nan") if 2000 <= i < 2010 else float(i % 500) for i in n],
            "weight": [i / 2 for i in n],
            "note": [f"note {i * 7919 % 6007} of {i % 13}" for i in n],
            "day": [(_START + dt.timedelta(days=i // 200)).date() for i in n],
            "at": pa.array([_START + dt.timedelta(minutes=10 * i) for i in n], pa.timestamp("us")),
            "amount": pa.array([decimal.Decimal(i) / 4 for i in n], pa.decimal128(10, 2)),
            "ok": [i < ROWS // 2 for i in n],
            "tiny": pa.array([i // 1000 for i in n], pa.int8()),
            "small": pa.array([i // 10 for i in n], pa.int16()),
            "ratio": pa.array([i / 2 for i in n], pa.float32()),
            "void": pa.array([None] * ROWS, pa.string()),
            "half": pa.array([None if i < ROWS // 2 else i for i in n], pa.int64()),
            "address": [
                {"city": f"street {i % 50}", "geo": {"lat": float(i), "lon": -float(i % 7)}} for i in n
            ],
            "tags": [[f"t{i % 9}", "x"][: i % 3] for i in n],
            "attrs": pa.array([[("a", i), ("b", 1)][: i % 3] for i in n], pa.map_(pa.string(), pa.int64())),
            "items": [[{"sku": f"s{i % 40}", "n": i % 5}] for i in n],
        }
    )


def parquet(table: pa.Table, **options: Any) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, **options)
    return out.getvalue()


def forms(table: pa.Table) -> dict[str, dict[str, bytes]]:
    """Objects of each form of the table, by name: codecs, writers, pages, row groups, files."""
    thirds = [table.slice(at, 2000) for at in (0, 2000, 4000)]
    return {
        "plain": {"1": parquet(table, row_group_size=1000, compression="none", use_dictionary=False)},
        "snappy": {"1": parquet(table, row_group_size=1000, compression="snappy")},
        "gzip": {"1": parquet(table, row_group_size=500, compression="gzip", data_page_version="2.0")},
        "zstd": {
            str(at): parquet(part, row_group_size=700 + 300 * at, compression="zstd")
            for at, part in enumerate(thirds)
        },
        "bare": {"1": parquet(table, row_group_size=1000, write_statistics=False)},
        "some": {"1": parquet(table, row_group_size=1000, write_statistics=["id", "city"])},
        "pages": {
            "1": parquet(
                table, row_group_size=2500, data_page_size=512, write_page_index=True, write_batch_size=64
            )
        },
        "mixed": {
            "a": parquet(thirds[0], compression="snappy"),
            "b": parquet(thirds[1], row_group_size=333, compression="gzip"),
            "c": parquet(thirds[2].select(list(reversed(table.column_names))), compression="none"),
        },
        "duck": {"1": duck_bytes(table)},
    }


def duck_bytes(table: pa.Table) -> bytes:
    """DuckDB's own writer, with the bloom filters that it writes unless told otherwise."""
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as directory, duckdb.connect() as connection:
        path = Path(directory) / "t.parquet"
        connection.register("source", table)
        connection.execute("SET threads=1")
        connection.execute(f"COPY source TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE 2048)")
        return path.read_bytes()


class Lake:
    """One database on the server, its objects in one bucket."""

    def __init__(self, server: Any, bucket: str) -> None:
        self.s3, self.glue, self.athena = (server.client(name) for name in ("s3", "glue", "athena"))
        self.bucket, self.database = bucket, bucket.replace("-", "_")
        self.s3.create_bucket(Bucket=bucket)
        self.glue.create_database(DatabaseInput={"Name": self.database})

    def put(self, objects: Mapping[str, bytes]) -> None:
        for key, body in objects.items():
            self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)

    def table(
        self,
        name: str,
        objects: Mapping[str, bytes],
        *,
        columns: Any = COLUMNS,
        serde: Any = PARQUET_SERDE,
        keys: Any = (),
        partitions: Mapping[str, list[str]] | None = None,
    ) -> None:
        """A table at ``name/``; ``partitions`` gives the values of folders below it, object by object."""
        places = {key: f"{name}/{key}" if partitions is None else f"{name}/{key}/{key}" for key in objects}
        self.put({places[key]: body for key, body in objects.items()})
        storage = {"Columns": _columns(columns), "Location": f"s3://{self.bucket}/{name}/", **serde}
        self.glue.create_table(
            DatabaseName=self.database,
            TableInput={
                "Name": name,
                "TableType": "EXTERNAL_TABLE",
                "StorageDescriptor": storage,
                "PartitionKeys": _columns(keys),
            },
        )
        for key, values in (partitions or {}).items():
            self.glue.create_partition(
                DatabaseName=self.database,
                TableName=name,
                PartitionInput={
                    "Values": values,
                    "StorageDescriptor": {**storage, "Location": f"s3://{self.bucket}/{name}/{key}/"},
                },
            )

    def run(self, sql: str, workgroup: str = "primary") -> dict[str, Any]:
        """Run to the end, whatever it is."""
        execution = self.athena.start_query_execution(
            QueryString=sql,
            QueryExecutionContext={"Database": self.database},
            ResultConfiguration={"OutputLocation": f"s3://{self.bucket}/results/"},
            WorkGroup=workgroup,
        )["QueryExecutionId"]
        pause = 0.002
        while True:
            found = self.athena.get_query_execution(QueryExecutionId=execution)["QueryExecution"]
            if found["Status"]["State"] not in {"QUEUED", "RUNNING"}:
                return dict(found)
            time.sleep(pause)
            pause = min(pause * 1.5, 0.05)

    def scanned(self, sql: str) -> int:
        """DataScannedInBytes of a query that succeeds."""
        execution = self.run(sql)
        assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]
        return int(execution["Statistics"]["DataScannedInBytes"])

    def objects(self, prefix: str) -> dict[str, bytes]:
        """What lies below a prefix."""
        listed = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix).get("Contents", [])
        return {
            item["Key"]: self.s3.get_object(Bucket=self.bucket, Key=item["Key"])["Body"].read()
            for item in listed
        }


def _columns(pairs: Any) -> list[dict[str, str]]:
    return [{"Name": name, "Type": kind} for name, kind in pairs]
