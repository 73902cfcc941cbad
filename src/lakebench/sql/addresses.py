"""IP addresses: 16 bytes in DuckDB, as Trino keeps them (Trino: functions/ipaddress)."""

from __future__ import annotations

from lakebench.sql.signatures import Function, fixed

ADDRESSES = [
    Function(
        name="contains",
        arguments="vA",
        returns=fixed("boolean"),
        sql="lb_py_network_contains({0}, {1})",
    ),
]
