"""What a statement will scan, asked of Glue and S3 and never of Athena: nothing runs, nothing is billed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from lakebench.catalog import Table
from lakebench.client.call import CallFailed, aws_call
from lakebench.client.footers import FooterReader
from lakebench.client.glue import get_table
from lakebench.client.objects import TableObjects
from lakebench.client.session import AwsSession
from lakebench.metering import Explanation, Span
from lakebench.metering.estimate import Estimator
from lakebench.metering.evaluator import own_evaluator
from lakebench.sql import parse, resolve
from lakebench.sql import statement as statements
from lakebench.sql.resolved import ResolvedQuery


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementEstimate:
    """A statement's scans; ``billable`` is False for those that are free (DDL, EXPLAIN)."""

    explanation: Explanation
    billable: bool

    @property
    def span(self) -> Span:
        """DataScannedInBytes, or its range."""
        return self.explanation.span


def estimate_statement(session: AwsSession, sql: str, *, database: str) -> StatementEstimate:
    """The scans of one statement with their bytes; raises as StatementEstimator.estimate does."""
    return StatementEstimator(session).estimate(sql, database=database)


def resolve_by_glue(session: AwsSession, query: statements.Query, database: str) -> ResolvedQuery:
    """The query with its names resolved to tables of the session's catalogue.

    Raises QueryFailed in Athena's words, and ClientError.
    """
    return StatementEstimator(session).resolve(query, database)


class StatementEstimator:
    """Estimates statements over one catalogue as it stands: what was asked of Glue and S3 is kept."""

    def __init__(self, session: AwsSession) -> None:
        self._session = session
        evaluator = own_evaluator()
        self._estimator = Estimator(
            bind=TableObjects(session, evaluator).bind,
            read_footers=FooterReader(session).read,
            evaluator=evaluator,
        )
        self._table = cache(self._find_table)
        self._has_database = cache(self._find_database)

    def estimate(self, sql: str, *, database: str) -> StatementEstimate:
        """The scans of a statement with their bytes; none of one that scans nothing.

        Raises StatementRefused and QueryFailed in Athena's words, ClientError (NotEstimable for tables whose
        objects the catalogue does not tell), and DataError for objects that are not what their table says.
        """
        query = scanned_query(parse(sql))
        if query is None:
            return StatementEstimate(explanation=Explanation(scans=()), billable=False)
        resolved = self.resolve(query, database)
        return StatementEstimate(explanation=self._estimator.estimate(resolved), billable=True)

    def resolve(self, query: statements.Query, database: str) -> ResolvedQuery:
        """The query with its names resolved. Raises QueryFailed in Athena's words, and ClientError."""
        return resolve(query, self._table, self._has_database, database)

    def _find_table(self, database: str, name: str) -> Table | None:
        try:
            return get_table(self._session, database, name)
        except CallFailed as error:
            if error.code == "EntityNotFoundException":
                return None
            raise

    def _find_database(self, name: str) -> bool:
        try:
            with aws_call("glue:GetDatabase", name):
                self._session.glue.get_database(Name=name)
        except CallFailed as error:
            if error.code == "EntityNotFoundException":
                return name == "default"
            raise
        return True


def scanned_query(statement: object) -> statements.Query | None:
    """The query whose scans a statement is billed for; None when it reads no data (facts/athena.md 1.4)."""
    match statement:
        case statements.Query():
            return statement
        case statements.CreateTableAs(query=query, with_data=with_data):
            return query if with_data else None
        case statements.InsertInto(query=query) | statements.Unload(query=query):
            return query
        case statements.ExplainAnalyze(explained=explained):
            return scanned_query(explained)
    return None
