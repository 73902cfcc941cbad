"""The suites that come with lakebench: named queries, each with an answer in one order.

Sums are of decimals, so that no layout's order of rows moves their digits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from importlib.resources import files

from lakebench.bench.nearest import nearest
from lakebench.bench.suite import Suite, SuiteTable
from lakebench.datagen.data_sets import DEFAULT_SCALE, DataSet
from lakebench.datagen.tpch import TPCH_TABLES
from lakebench.errors import ConfigError

_VENTAS_COLUMNS = {
    "id_venta": "bigint",
    "fecha": "string",
    "id_cliente": "bigint",
    "cliente": "string",
    "producto": "string",
    "categoria": "string",
    "pais": "string",
    "region": "string",
    "ciudad": "string",
    "vendedor": "string",
    "canal": "string",
    "metodo_pago": "string",
    "cantidad": "bigint",
    "precio_unitario": "decimal(12,2)",
    "descuento": "double",
    "total": "decimal(12,2)",
}

VENTAS = Suite(
    name="ventas",
    data=DataSet.VENTAS,
    tables=(
        SuiteTable(
            name="table",
            columns=_VENTAS_COLUMNS,
            delimiter=",",
            bucketed_by="id_venta",
            sorted_by=("categoria", "id_venta"),
        ),
    ),
    partitioned={
        "parquet_by_category": {"table": ("categoria",)},
        "parquet_by_category_channel": {"table": ("categoria", "canal")},
    },
    queries={
        "full_scan": (
            "SELECT " + ", ".join(f"count({name}) AS {name}" for name in _VENTAS_COLUMNS) + "\nFROM {table}"
        ),
        "selective_columns": (
            "SELECT region, categoria, sum(total) AS importe\nFROM {table}\n"
            "GROUP BY region, categoria\nORDER BY region, categoria"
        ),
        "date_range": (
            "SELECT fecha, sum(cantidad) AS piezas, sum(total) AS importe\nFROM {table}\n"
            "WHERE fecha BETWEEN '2025-11-24' AND '2025-11-30'\nGROUP BY fecha\nORDER BY fecha"
        ),
        "one_partition": (
            "SELECT canal, count(*) AS ventas, sum(total) AS importe\nFROM {table}\n"
            "WHERE categoria = 'Libros'\nGROUP BY canal\nORDER BY canal"
        ),
        "point_look_up": "SELECT fecha, producto, total\nFROM {table}\nWHERE id_venta = 1000042",
        "top_n": "SELECT id_venta, producto, total\nFROM {table}\nORDER BY total DESC, id_venta\nLIMIT 10",
        "join": (
            "SELECT one.producto, count(*) AS ventas\nFROM {table} one\n"
            "JOIN (SELECT producto, max(total) AS mayor FROM {table} GROUP BY producto) most\n"
            "  ON one.producto = most.producto AND one.total = most.mayor\n"
            "GROUP BY one.producto\nORDER BY one.producto"
        ),
        "distinct": (
            "SELECT pais, count(DISTINCT id_cliente) AS clientes\nFROM {table}\nGROUP BY pais\nORDER BY pais"
        ),
        "window": (
            "SELECT region, mes, importe, rank() OVER (PARTITION BY mes ORDER BY importe DESC) AS puesto\n"
            "FROM (SELECT region, substr(fecha, 1, 7) AS mes, sum(total) AS importe FROM {table}\n"
            "      GROUP BY region, substr(fecha, 1, 7))\nORDER BY mes, puesto, region"
        ),
        "select_star": "SELECT *\nFROM {table}\nORDER BY total DESC, id_venta\nLIMIT 100",
    },
)

_LOG_COLUMNS = {
    "log_date": "string",
    "log_time": "string",
    "edge_location": "string",
    "bytes_sent": "bigint",
    "client_ip": "string",
    "method": "string",
    "host": "string",
    "uri": "string",
    "status": "bigint",
    "referer": "string",
    "user_agent": "string",
    "query_string": "string",
    "result_type": "string",
    "request_id": "string",
    "protocol": "string",
    "bytes_received": "bigint",
    "time_taken": "decimal(9,3)",
    "country": "string",
}

LOGS = Suite(
    name="logs",
    data=DataSet.LOGS,
    tables=(
        SuiteTable(
            name="table",
            columns=_LOG_COLUMNS,
            delimiter=",",
            bucketed_by="client_ip",
            sorted_by=("host", "status", "request_id"),
        ),
    ),
    partitioned={
        "parquet_by_day": {"table": ("log_date",)},
        "parquet_by_host_status": {"table": ("host", "status")},
    },
    queries={
        "requests_per_day": (
            "SELECT log_date, count(*) AS requests, sum(bytes_sent) AS bytes\nFROM {table}\n"
            "GROUP BY log_date\nORDER BY log_date"
        ),
        "one_day": (
            "SELECT substr(log_time, 1, 2) AS hour, count(*) AS requests,\n"
            "  count(DISTINCT client_ip) AS clients\nFROM {table}\nWHERE log_date = '2025-11-28'\n"
            "GROUP BY substr(log_time, 1, 2)\nORDER BY hour"
        ),
        "origin_failures": (
            "SELECT log_date, substr(log_time, 1, 2) AS hour, count(*) AS failures\nFROM {table}\n"
            "WHERE status >= 500\nGROUP BY log_date, substr(log_time, 1, 2)\n"
            "ORDER BY failures DESC, log_date, hour\nLIMIT 20"
        ),
        "cache_hits": (
            "SELECT host, result_type, count(*) AS requests, sum(bytes_sent) AS bytes\nFROM {table}\n"
            "GROUP BY host, result_type\nORDER BY host, result_type"
        ),
        "top_paths": (
            "SELECT uri, count(*) AS requests, sum(bytes_sent) AS bytes\nFROM {table}\n"
            "GROUP BY uri\nORDER BY bytes DESC, uri\nLIMIT 25"
        ),
        "not_found": (
            "SELECT host, uri, count(*) AS requests\nFROM {table}\nWHERE status = 404\n"
            "GROUP BY host, uri\nORDER BY requests DESC, host, uri\nLIMIT 25"
        ),
        "robots": (
            "SELECT user_agent, count(*) AS requests, count(DISTINCT uri) AS paths\nFROM {table}\n"
            "WHERE user_agent LIKE '%bot%'\nGROUP BY user_agent\nORDER BY requests DESC, user_agent"
        ),
        "slow_requests": (
            "SELECT host, country, count(*) AS requests, max(time_taken) AS slowest,\n"
            "  sum(time_taken) AS seconds\nFROM {table}\nWHERE time_taken > DECIMAL '0.250'\n"
            "GROUP BY host, country\nORDER BY seconds DESC, host, country\nLIMIT 20"
        ),
        "busiest_paths_of_each_day": (
            "SELECT log_date, uri, requests\nFROM (\n"
            "  SELECT log_date, uri, count(*) AS requests,\n"
            "    row_number() OVER (PARTITION BY log_date ORDER BY count(*) DESC, uri) AS place\n"
            "  FROM {table}\n  GROUP BY log_date, uri\n)\nWHERE place <= 3\nORDER BY log_date, place"
        ),
        "failures_in_full": (
            "SELECT *\nFROM {table}\nWHERE log_date = '2025-11-27' AND status IN (500, 502, 503)\n"
            "ORDER BY log_time, request_id\nLIMIT 100"
        ),
    },
)

_TPCH_KEYS = {
    "region": "r_regionkey",
    "nation": "n_nationkey",
    "supplier": "s_suppkey",
    "part": "p_partkey",
    "partsupp": "ps_partkey",
    "customer": "c_custkey",
    "orders": "o_orderkey",
    "lineitem": "l_orderkey",
}

_SORTED = {"orders": ("o_orderdate", "o_orderkey"), "lineitem": ("l_shipdate", "l_orderkey")}
_TPCH_QUERY = re.compile(r"^-- (Q\d+)\n(.*?)(?=^-- Q|\Z)", re.MULTILINE | re.DOTALL)


def tpch_queries(scale: float) -> Mapping[str, str]:
    """The 22 queries by name (``q1`` to ``q22``), with each table's name in braces."""
    text = files("lakebench.bench").joinpath("tpch.sql").read_text(encoding="utf-8")
    fraction = format(Decimal("0.0001") / Decimal(str(scale)), "f")  # TPC-H specification 2.4.11.3
    return {
        name.lower(): sql.strip().replace("{fraction}", fraction) for name, sql in _TPCH_QUERY.findall(text)
    }


def tpch_suite(scale: float) -> Suite:
    """TPC-H at a scale, which stands in one of its queries."""
    return Suite(
        name="tpch",
        data=DataSet.TPCH,
        tables=tuple(
            SuiteTable(
                name=name,
                columns=TPCH_TABLES[name],
                delimiter="|",
                bucketed_by=key,
                sorted_by=_SORTED.get(name, (key,)),
            )
            for name, key in _TPCH_KEYS.items()
        ),
        partitioned={
            "parquet_by_status": {"orders": ("o_orderstatus",), "lineitem": ("l_returnflag",)},
            "parquet_by_status_mode": {
                "orders": ("o_orderstatus", "o_orderpriority"),
                "lineitem": ("l_returnflag", "l_shipmode"),
            },
        },
        queries=tpch_queries(scale),
    )


SUITE_NAMES: tuple[str, ...] = tuple(DataSet)


def find_suite(name: str, *, scale: float | None = None) -> Suite:
    """The suite of that name. Raises ConfigError with the nearest one."""
    if name == DataSet.TPCH:
        return tpch_suite(DEFAULT_SCALE if scale is None else scale)
    for suite in (VENTAS, LOGS):
        if suite.name == name:
            return suite
    raise ConfigError(f"unknown suite {name!r}", hint=nearest(name, SUITE_NAMES, "suites"))
