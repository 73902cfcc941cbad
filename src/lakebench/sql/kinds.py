"""What QueryExecution reports a statement to be: StatementType and SubstatementType.

Names are measured (athena-local, docs/dev/measurements, 2026-09) where the docstring of the table does
not say otherwise; a statement whose name nobody has measured has none.
"""

from __future__ import annotations

from lakebench.sql import statement as sql
from lakebench.sql.leading import first_word
from lakebench.sql.statement import Statement, StatementType

_DML, _DDL, _UTILITY = StatementType.DML, StatementType.DDL, StatementType.UTILITY


def statement_type(statement: Statement) -> StatementType:
    """DDL, DML or UTILITY (AWS: QueryExecution.StatementType).

    CTAS is DDL to the API although it reads and is billed, EXPLAIN is DML although it is not; SHOW and
    DESCRIBE are UTILITY.
    """
    return _kind(statement)[0]


def substatement_type(statement: Statement) -> str | None:
    """``SELECT``, ``CREATE_TABLE_AS_SELECT``, ``SHOW_TABLES``, ... (AWS: QueryExecution.SubstatementType)."""
    return _kind(statement)[1]


def kind_of_text(text: str) -> tuple[StatementType, str | None]:
    """The same for a statement that Athena takes and that cannot be run here, by its first words."""
    word, end = first_word(text)
    words = (word, first_word(text[end:])[0])
    if words == ("CREATE", "TABLE") and "AS" not in text.upper().replace("(", " ").split():
        return _DDL, "CREATE_TABLE"
    for known, kind in _BY_WORDS.items():
        if words[: len(known)] == known:
            return kind
    return _DML, None


_BY_WORDS: dict[tuple[str, ...], tuple[StatementType, str | None]] = {
    ("CREATE", "TABLE"): (_DDL, "CREATE_TABLE_AS_SELECT"),
    ("CREATE", "EXTERNAL"): (_DDL, "CREATE_TABLE"),
    ("CREATE", "VIEW"): (_DDL, "CREATE_VIEW"),
    ("CREATE", "OR"): (_DDL, "CREATE_VIEW"),
    ("CREATE",): (_DDL, None),
    ("ALTER",): (_DDL, None),
    ("DROP",): (_DDL, None),
    **{(word,): (_DML, "SELECT") for word in ("SELECT", "WITH", "VALUES", "TABLE", "")},
    ("INSERT",): (_DML, "INSERT"),
    ("EXPLAIN",): (_DML, "EXPLAIN"),
    ("UNLOAD",): (_DML, "UNLOAD"),
    ("UPDATE",): (_DML, "UPDATE"),
    ("DELETE",): (_DML, "DELETE"),
    ("MERGE",): (_DML, "MERGE"),
    ("SHOW", "FUNCTIONS"): (_UTILITY, "SHOW_FUNCTIONS"),
    ("VACUUM",): (_DML, "VACUUM_TABLE"),
    ("OPTIMIZE",): (_DDL, "CREATE_TABLE_AS_SELECT"),
}


def _kind(statement: Statement) -> tuple[StatementType, str | None]:
    if isinstance(statement, sql.ShowTables) and statement.views_only:
        return _UTILITY, "SHOW_VIEWS"
    return _KINDS[type(statement)]


_KINDS: dict[type, tuple[StatementType, str | None]] = {
    sql.Query: (_DML, "SELECT"),
    sql.InsertInto: (_DML, "INSERT"),
    sql.CreateTableAs: (_DDL, "CREATE_TABLE_AS_SELECT"),
    sql.Unload: (_DML, "UNLOAD"),
    sql.CreateDatabase: (_DDL, "CREATE_DATABASE"),
    sql.AlterDatabase: (_DDL, None),
    sql.DropDatabase: (_DDL, "DROP_DATABASE"),
    sql.CreateExternalTable: (_DDL, "CREATE_TABLE"),
    sql.DropTable: (_DDL, "DROP_TABLE"),
    sql.CreateView: (_DDL, "CREATE_VIEW"),
    sql.DropView: (_DDL, "DROP_VIEW"),
    sql.AddPartitions: (_DDL, "ALTER_TABLE_ADD_PARTITION"),
    sql.DropPartitions: (_DDL, "ALTER_TABLE_DROP_PARTITION"),
    sql.RenamePartition: (_DDL, None),
    sql.AddColumns: (_DDL, "ALTER_TABLE_ADD_COLUMN"),
    sql.ReplaceColumns: (_DDL, "ALTER_TABLE_REPLACE_COLUMN"),
    sql.ChangeColumn: (_DDL, "ALTER_TABLE_CHANGE_COLUMN"),
    sql.DropColumn: (_DDL, "ALTER_TABLE_DROP_COLUMN"),
    sql.RenameTable: (_DDL, "ALTER_TABLE_RENAME"),
    sql.SetLocation: (_DDL, "ALTER_TABLE_SET_LOCATION"),
    sql.SetTableProperties: (_DDL, "ALTER_TABLE_PROPERTIES"),
    sql.RepairTable: (_DDL, "MSCK_REPAIR"),
    sql.ShowDatabases: (_UTILITY, "SHOW_DATABASES"),
    sql.ShowTables: (_UTILITY, "SHOW_TABLES"),
    sql.ShowColumns: (_UTILITY, "SHOW_COLUMNS"),
    sql.ShowPartitions: (_UTILITY, "SHOW_PARTITIONS"),
    sql.ShowCreateTable: (_UTILITY, "SHOW_CREATE_TABLE"),
    sql.ShowCreateView: (_UTILITY, "SHOW_CREATE_VIEW"),
    sql.ShowTableProperties: (_UTILITY, "SHOW_TABLE_PROPERTIES"),
    sql.Describe: (_UTILITY, "DESCRIBE_TABLE"),
    sql.Explain: (_DML, "EXPLAIN"),
    sql.ExplainAnalyze: (_DML, "EXPLAIN"),
    sql.Prepare: (_DDL, "PREPARE"),
    sql.ExecutePrepared: (_DML, "EXECUTE"),
    sql.Deallocate: (_DDL, "DEALLOCATE"),
}
"""PREPARE, EXECUTE and DEALLOCATE are named after their words; nobody has published Athena's."""
