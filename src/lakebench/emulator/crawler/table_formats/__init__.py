"""Delta, Iceberg and Hudi tables, registered from their own metadata files."""

from lakebench.emulator.crawler.table_formats.describe import describe
from lakebench.emulator.crawler.table_formats.found import FoundTable, NotReadable
from lakebench.emulator.crawler.table_formats.search import find_roots

__all__ = ["FoundTable", "NotReadable", "describe", "find_roots"]
