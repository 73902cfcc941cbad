"""How a scan's objects become a relation: one module a format, each giving DuckDB's SELECT over links."""
