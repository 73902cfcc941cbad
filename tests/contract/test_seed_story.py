"""The seed's story with plain boto3 over HTTP: CSV in raw, a crawler, Athena, CTAS to Parquet, fewer bytes.

Every expectation is computed here: from the bytes that were uploaded, and from the footers of the objects
that CTAS wrote, read with pyarrow from a download.
"""

import csv
import io
import random
import time

import pyarrow.parquet as pq
import pytest

REGIONS = ["Andalucía", "Cataluña", "Galicia", "Madrid", "País Vasco"]
PRODUCTS = ["Teclado", "Ratón", "Monitor", "Portátil", "Auriculares", "Impresora"]
HEADER = ["id_venta", "fecha", "cliente", "producto", "region", "cantidad", "precio", "total"]
SELECTIVE = (
    "SELECT region, sum(total) AS total FROM {table} WHERE cantidad >= 5 GROUP BY region ORDER BY region"
)


def _sales(rows: int) -> bytes:
    draw = random.Random(7)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    for i in range(rows):
        amount, price = draw.randint(1, 9), round(draw.uniform(5, 900), 2)
        day = f"{draw.randint(2022, 2025)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"
        name = f"Cliente {draw.randint(1, 400)}"
        writer.writerow(
            [
                i + 1,
                day,
                name,
                draw.choice(PRODUCTS),
                draw.choice(REGIONS),
                amount,
                price,
                round(amount * price, 2),
            ]
        )
    return out.getvalue().encode()


def _wait(ask, done, seconds=30.0):
    deadline = time.monotonic() + seconds
    while not done(answer := ask()):
        assert time.monotonic() < deadline, f"still {answer}"
        time.sleep(0.01)
    return answer


class Lake:
    """A bucket, a database and the calls of the story."""

    def __init__(self, s3, glue, athena, bucket):
        self.s3, self.glue, self.athena, self.bucket = s3, glue, athena, bucket
        self.database = "lake_" + bucket.replace("-", "_").replace(".", "_")

    def run(self, sql):
        started = self.athena.start_query_execution(
            QueryString=sql,
            QueryExecutionContext={"Database": self.database},
            ResultConfiguration={"OutputLocation": f"s3://{self.bucket}/results/"},
        )["QueryExecutionId"]
        execution = _wait(
            lambda: self.athena.get_query_execution(QueryExecutionId=started)["QueryExecution"],
            lambda answer: answer["Status"]["State"] in {"SUCCEEDED", "FAILED", "CANCELLED"},
        )
        assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]
        return execution

    def rows(self, execution):
        answer = self.athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])
        rows = [[d.get("VarCharValue") for d in row["Data"]] for row in answer["ResultSet"]["Rows"]]
        return rows[1:]

    def crawl(self, name, path):
        self.glue.create_crawler(
            Name=name,
            Role="arn:aws:iam::123456789012:role/crawler",
            DatabaseName=self.database,
            Targets={"S3Targets": [{"Path": path}]},
        )
        self.glue.start_crawler(Name=name)
        crawler = _wait(
            lambda: self.glue.get_crawler(Name=name)["Crawler"], lambda answer: answer["State"] == "READY"
        )
        assert crawler["LastCrawl"]["Status"] == "SUCCEEDED", crawler["LastCrawl"]

    def footers(self, prefix):
        listing = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix).get("Contents", [])
        for item in listing:
            body = self.s3.get_object(Bucket=self.bucket, Key=item["Key"])["Body"].read()
            yield pq.ParquetFile(io.BytesIO(body)).metadata


def _chunk_bytes(footers, columns):
    total = 0
    for footer in footers:
        for group in range(footer.num_row_groups):
            for index in range(footer.num_columns):
                chunk = footer.row_group(group).column(index)
                if columns is None or chunk.path_in_schema in columns:
                    total += chunk.total_compressed_size
    return total


@pytest.fixture
def lake(s3, glue, athena, bucket):
    lake = Lake(s3, glue, athena, bucket)
    lake.sales = _sales(5000)
    s3.put_object(Bucket=bucket, Key="raw/raw_data/ventas.csv", Body=lake.sales)
    lake.crawl(f"crawler-{bucket}", f"s3://{bucket}/raw/raw_data/")
    lake.run(
        f"""CREATE TABLE "ventas_parquet" WITH (format = 'PARQUET', write_compression = 'SNAPPY',
            external_location = 's3://{bucket}/curated/') AS SELECT * FROM "raw_data";"""
    )
    return lake


def test_the_crawler_infers_the_seeds_types(lake):
    table = lake.glue.get_table(DatabaseName=lake.database, Name="raw_data")["Table"]
    types = {c["Name"]: c["Type"] for c in table["StorageDescriptor"]["Columns"]}
    assert types == {
        "id_venta": "bigint",
        "fecha": "string",
        "cliente": "string",
        "producto": "string",
        "region": "string",
        "cantidad": "bigint",
        "precio": "double",
        "total": "double",
    }
    assert table["Parameters"]["skip.header.line.count"] == "1"
    assert table["Parameters"]["sizeKey"] == str(len(lake.sales))


def test_any_query_on_csv_scans_the_whole_object(lake):
    for sql in [
        SELECTIVE.format(table="raw_data"),
        "SELECT * FROM raw_data",
        "SELECT count(*) FROM raw_data",
    ]:
        assert lake.run(sql)["Statistics"]["DataScannedInBytes"] == len(lake.sales)


def test_a_query_on_parquet_scans_the_compressed_chunks_of_its_columns(lake):
    execution = lake.run(SELECTIVE.format(table="ventas_parquet"))
    expected = _chunk_bytes(lake.footers("curated/"), {"region", "total", "cantidad"})
    assert execution["Statistics"]["DataScannedInBytes"] == expected > 0


def test_select_star_scans_every_chunk_and_count_star_none(lake):
    everything = lake.run("SELECT * FROM ventas_parquet")["Statistics"]["DataScannedInBytes"]
    assert everything == _chunk_bytes(lake.footers("curated/"), None)
    assert lake.run("SELECT count(*) FROM ventas_parquet")["Statistics"]["DataScannedInBytes"] == 0


def test_both_layouts_answer_the_same_rows(lake):
    csv_rows = lake.rows(lake.run(SELECTIVE.format(table="raw_data")))
    parquet_rows = lake.rows(lake.run(SELECTIVE.format(table="ventas_parquet")))
    assert [row[0] for row in csv_rows] == REGIONS
    assert csv_rows == parquet_rows
    expected = {}
    for row in csv.DictReader(io.StringIO(lake.sales.decode())):
        if int(row["cantidad"]) >= 5:
            expected[row["region"]] = expected.get(row["region"], 0.0) + float(row["total"])
    assert {region: float(total) for region, total in csv_rows} == pytest.approx(expected)


def test_ctas_wrote_snappy_parquet_without_bloom_filters_and_scanned_the_source_only(lake):
    for footer in lake.footers("curated/"):
        assert footer.row_group(0).column(0).compression == "SNAPPY"
    again = lake.run(
        f"CREATE TABLE copy WITH (format='PARQUET', external_location='s3://{lake.bucket}/copy/') "
        "AS SELECT * FROM raw_data"
    )
    assert again["Statistics"]["DataScannedInBytes"] == len(lake.sales)
    table = lake.glue.get_table(DatabaseName=lake.database, Name="copy")["Table"]
    assert table["StorageDescriptor"]["Location"] == f"s3://{lake.bucket}/copy/"


def test_the_result_file_lies_at_the_output_location_with_every_value_quoted(lake):
    execution = lake.run("SELECT 1 AS one, 'a\"b' AS quoted, CAST(NULL AS varchar) AS nothing, '' AS empty")
    place = f"results/{execution['QueryExecutionId']}.csv"
    assert execution["ResultConfiguration"]["OutputLocation"] == f"s3://{lake.bucket}/{place}"
    body = lake.s3.get_object(Bucket=lake.bucket, Key=place)["Body"].read()
    assert body == b'"one","quoted","nothing","empty"\n"1","a""b",,""\n'
    assert lake.s3.head_object(Bucket=lake.bucket, Key=place + ".metadata")["ContentLength"] > 0


def test_a_partition_that_the_predicate_leaves_out_costs_nothing(lake):
    lake.run(
        f"""CREATE TABLE by_region WITH (format = 'PARQUET', write_compression = 'SNAPPY',
            external_location = 's3://{lake.bucket}/by_region/', partitioned_by = ARRAY['region'])
            AS SELECT id_venta, total, region FROM raw_data"""
    )
    partitions = lake.glue.get_partitions(DatabaseName=lake.database, TableName="by_region")["Partitions"]
    assert sorted(p["Values"][0] for p in partitions) == sorted(REGIONS)
    [madrid] = [p["StorageDescriptor"]["Location"] for p in partitions if p["Values"] == ["Madrid"]]
    prefix = madrid.removeprefix(f"s3://{lake.bucket}/")
    one = lake.run("SELECT sum(total) FROM by_region WHERE region = 'Madrid'")
    assert one["Statistics"]["DataScannedInBytes"] == _chunk_bytes(lake.footers(prefix), {"total"})
    none = lake.run("SELECT sum(total) FROM by_region WHERE region = 'Atlantis'")
    assert none["Statistics"]["DataScannedInBytes"] == 0


def test_gzip_counts_its_compressed_size(lake):
    import gzip

    packed = gzip.compress(lake.sales)
    lake.s3.put_object(Bucket=lake.bucket, Key="packed/sales/ventas.csv.gz", Body=packed)
    lake.crawl(f"packed-{lake.bucket}", f"s3://{lake.bucket}/packed/sales/")
    execution = lake.run("SELECT count(*), sum(cantidad) FROM sales")
    assert execution["Statistics"]["DataScannedInBytes"] == len(packed)
    assert lake.rows(execution)[0][0] == "5000"


def test_a_csv_of_341350_bytes_reads_341350(lake):
    """The seed's own number: 341 KB of CSV, a full scan whatever the query asks."""
    line = b"1,2024-01-01,Madrid,12.50\n"
    body = b"id,fecha,region,total\n" + line * ((341_350 - 24) // len(line))
    body += b" " * (341_350 - len(body) - 1) + b"\n"
    assert len(body) == 341_350
    lake.s3.put_object(Bucket=lake.bucket, Key="exact/data.csv", Body=body)
    lake.crawl(f"exact-{lake.bucket}", f"s3://{lake.bucket}/exact/")
    execution = lake.run("SELECT avg(total) FROM exact")
    assert execution["Statistics"]["DataScannedInBytes"] == 341_350
