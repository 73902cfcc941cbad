"""Functions that DuckDB lacks, as vectorised Arrow functions inside the worker process.

``sql`` writes calls of the names ``lb_py_*``; ``registry`` says which module has each. The worker registers a
name when a statement first calls it, so that pyarrow and the libraries load only for queries that need them.
"""
