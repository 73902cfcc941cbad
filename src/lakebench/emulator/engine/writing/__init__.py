"""Data files of tables, written inside the worker: record batches in, Parquet, ORC, Avro, JSON and text out.

``order`` runs in the server and says what to write (``WriteOrder`` as JSON); all else runs in the worker,
which imports it with the first statement that writes, and pyarrow with it.
"""
