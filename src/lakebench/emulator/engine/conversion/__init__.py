"""Formats that DuckDB does not read, rewritten in the worker as Parquet files of its scratch directory.

Column by column through Arrow, only the columns that the query names, one stripe or some thousand records
at a time, so that memory stays flat. A row group of the copy is a stripe of an ORC object: what the engine
reads of the copy tells what Athena would have read of the object.
"""
