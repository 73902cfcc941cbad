"""What QueryExecution reports a statement to be: StatementType and SubstatementType."""

from __future__ import annotations

from lakebench.sql.statement import (
    AddPartitions,
    CreateDatabase,
    CreateExternalTable,
    CreateTableAs,
    CreateView,
    Deallocate,
    Describe,
    DropDatabase,
    DropPartitions,
    DropTable,
    DropView,
    ExecutePrepared,
    Explain,
    InsertInto,
    Prepare,
    Query,
    RepairTable,
    ShowColumns,
    ShowCreateTable,
    ShowCreateView,
    ShowDatabases,
    ShowPartitions,
    ShowTableProperties,
    ShowTables,
    Statement,
    StatementType,
    Unload,
)

_DML, _DDL, _UTILITY = StatementType.DML, StatementType.DDL, StatementType.UTILITY


def statement_type(statement: Statement) -> StatementType:
    """DDL, DML or UTILITY (AWS: QueryExecution.StatementType).

    CTAS is DDL to the API although it reads and is billed; SHOW, DESCRIBE and EXPLAIN are UTILITY.
    """
    return _kind(statement)[0]


def substatement_type(statement: Statement) -> str:
    """``SELECT``, ``CREATE_TABLE_AS_SELECT``, ``SHOW_TABLES``, ... (AWS: QueryExecution.SubstatementType)."""
    return _kind(statement)[1]


def _kind(statement: Statement) -> tuple[StatementType, str]:
    if isinstance(statement, ShowTables) and statement.views_only:
        return _UTILITY, "SHOW_VIEWS"
    return {
        Query: (_DML, "SELECT"),
        InsertInto: (_DML, "INSERT"),
        CreateTableAs: (_DDL, "CREATE_TABLE_AS_SELECT"),
        CreateDatabase: (_DDL, "CREATE_DATABASE"),
        DropDatabase: (_DDL, "DROP_DATABASE"),
        CreateExternalTable: (_DDL, "CREATE_TABLE"),
        DropTable: (_DDL, "DROP_TABLE"),
        CreateView: (_DDL, "CREATE_VIEW"),
        DropView: (_DDL, "DROP_VIEW"),
        AddPartitions: (_DDL, "ALTER_TABLE_ADD_PARTITION"),
        DropPartitions: (_DDL, "ALTER_TABLE_DROP_PARTITION"),
        RepairTable: (_DDL, "MSCK_REPAIR"),
        ShowDatabases: (_UTILITY, "SHOW_DATABASES"),
        ShowTables: (_UTILITY, "SHOW_TABLES"),
        ShowColumns: (_UTILITY, "SHOW_COLUMNS"),
        ShowPartitions: (_UTILITY, "SHOW_PARTITIONS"),
        ShowCreateTable: (_UTILITY, "SHOW_CREATE_TABLE"),
        ShowTableProperties: (_UTILITY, "SHOW_TBLPROPERTIES"),
        Describe: (_UTILITY, "DESCRIBE_TABLE"),
        ShowCreateView: (_UTILITY, "SHOW_CREATE_VIEW"),
        Explain: (_UTILITY, "EXPLAIN"),
        Unload: (_DML, "UNLOAD"),
        Prepare: (_DDL, "PREPARE"),
        ExecutePrepared: (_DML, "EXECUTE"),
        Deallocate: (_DDL, "DEALLOCATE"),
    }[type(statement)]
