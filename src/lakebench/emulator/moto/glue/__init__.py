"""The operations of Glue's catalogue over moto's backend, with AWS's fields, pages, expressions and errors.

moto answers these too, but without pages, with prefixes for expressions, in the case that a client wrote, and
without column statistics, functions, indexes and search. What is added is kept as members of moto's own
databases, tables and partitions, so that it lives and dies with them.
"""

from lakebench.emulator.moto.glue.operations import catalog_operations

__all__ = ["catalog_operations"]
