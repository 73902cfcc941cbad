"""One crawler and its database, as the contract tests drive them."""

import json
import time
import uuid

ROLE = "arn:aws:iam::123456789012:role/crawler"
SALES = b"id,day,total\n1,2024-01-01,2.5\n2,2024-01-02,3.5\n"


class Crawlers:
    """A crawler for each test, in a database of its own."""

    def __init__(self, s3, glue, bucket):
        self.s3, self.glue, self.bucket = s3, glue, bucket
        self.name = f"crawler-{uuid.uuid4().hex[:8]}"
        self.database = f"db_{uuid.uuid4().hex[:8]}"

    def put(self, key, body=SALES):
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)

    def create(self, *paths, **options):
        targets = [{"Path": f"s3://{self.bucket}/{path}"} for path in paths]
        request = {"DatabaseName": self.database, "Targets": {"S3Targets": targets}} | options
        self.glue.create_crawler(Name=self.name, Role=ROLE, **request)

    def run(self):
        self.glue.start_crawler(Name=self.name)
        return self.wait()

    def wait(self, seconds=30.0):
        deadline = time.monotonic() + seconds
        while (crawler := self.glue.get_crawler(Name=self.name)["Crawler"])["State"] != "READY":
            assert time.monotonic() < deadline, crawler
            time.sleep(0.005)
        return crawler["LastCrawl"]

    def table(self, name):
        return self.glue.get_table(DatabaseName=self.database, Name=name)["Table"]

    def tables(self):
        found = self.glue.get_tables(DatabaseName=self.database)["TableList"]
        return sorted(table["Name"] for table in found)

    def versions(self, name):
        return len(self.glue.get_table_versions(DatabaseName=self.database, TableName=name)["TableVersions"])

    def query(self, athena, sql):
        started = athena.start_query_execution(
            QueryString=sql,
            QueryExecutionContext={"Database": self.database},
            ResultConfiguration={"OutputLocation": f"s3://{self.bucket}/results/"},
        )["QueryExecutionId"]
        deadline = time.monotonic() + 30
        while True:
            status = athena.get_query_execution(QueryExecutionId=started)["QueryExecution"]["Status"]
            if status["State"] not in {"QUEUED", "RUNNING"}:
                break
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert status["State"] == "SUCCEEDED", status
        rows = athena.get_query_results(QueryExecutionId=started)["ResultSet"]["Rows"][1:]
        return [[datum["VarCharValue"] for datum in row["Data"]] for row in rows]

    def summary(self):
        return json.loads(self.glue.list_crawls(CrawlerName=self.name)["Crawls"][0]["Summary"])
