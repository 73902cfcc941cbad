"""What the fixtures give: a lake of one test, and its Athena, which writes down what each query scanned."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from lakebench.bench.run_result import TableScan
from lakebench.bench.table_scans import table_scans
from lakebench.catalog import S3Uri
from lakebench.client import AwsSession
from lakebench.client.athena import QueryContext, QueryStatistics, Row, result_rows, run_query
from lakebench.client.execution_scan import execution_scan
from lakebench.client.poll import Poll
from lakebench.pricing import known_tariffs, tariff_cost

BUCKET = "lake"
DATABASE = "lake"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lake:
    """An empty server with one bucket and one database; ``session`` has boto3's s3, glue and athena."""

    session: AwsSession
    bucket: str = BUCKET
    database: str = DATABASE

    def put(self, key: str, body: bytes) -> str:
        """Store an object; its address."""
        self.session.s3.put_object(Bucket=self.bucket, Key=key, Body=body)
        return f"s3://{self.bucket}/{key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryResult:
    """A query that SUCCEEDED: its rows, what it scanned and why, and what AWS would bill for it.

    ``cost_usd`` has the bill's rounding and minimum; ``statistics`` is Athena's. ``scans`` is a scan of each
    use of a table.
    """

    sql: str
    execution_id: str
    rows: tuple[Row, ...]
    scanned_bytes: int
    cost_usd: Decimal
    statistics: QueryStatistics
    scans: tuple[TableScan, ...]

    @property
    def objects(self) -> int:
        """Objects that were read."""
        return sum(scan.objects.kept for scan in self.scans)

    @property
    def row_groups(self) -> int:
        """Row groups that were read; 0 for formats that have none."""
        return sum(scan.row_groups.kept for scan in self.scans)


class LakeAthena:
    """Athena over one lake; ``queries`` are those that succeeded, in order."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self.queries: list[QueryResult] = []

    def query(self, sql: str) -> QueryResult:
        """Run a statement to its end; raises ClientError with Athena's reason."""
        session = self.lake.session
        context = QueryContext(
            database=self.lake.database,
            output=S3Uri.parse(f"s3://{self.lake.bucket}/athena-results/"),
            poll=Poll(),
        )
        run = run_query(session, sql, context)
        document = execution_scan(session, run.execution_id)
        scanned = run.statistics.scanned_bytes
        billable = run.statement_type == "DML"  # Athena bills no DDL and no utility statements
        tariff = known_tariffs().tariff(session.region)
        result = QueryResult(
            sql=sql,
            execution_id=run.execution_id,
            rows=tuple(result_rows(session, run.execution_id)),
            scanned_bytes=scanned,
            cost_usd=tariff_cost(scanned, tariff) if billable or scanned else Decimal(0),
            statistics=run.statistics,
            scans=() if document is None else table_scans(document),
        )
        self.queries.append(result)
        return result
