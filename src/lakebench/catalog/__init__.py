"""The frozen values that every other room talks in: tables, columns, types, partitions, places.

Pure room: imports nothing but ``errors``. Wire dictionaries of Glue become these values in
``catalog.glue`` and nowhere else.
"""

from lakebench.catalog.s3 import S3Uri
from lakebench.catalog.table import (
    Column,
    Database,
    DataFormat,
    Partition,
    SerDe,
    Storage,
    Table,
)
from lakebench.catalog.types import DataType, Field, parse_type

__all__ = [
    "Column",
    "DataFormat",
    "DataType",
    "Database",
    "Field",
    "Partition",
    "S3Uri",
    "SerDe",
    "Storage",
    "Table",
    "parse_type",
]
