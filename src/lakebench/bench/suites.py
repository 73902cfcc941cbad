"""The suites that come with lakebench: named queries over one table, each with an answer in one order.

Sums are of decimals, so that no layout's order of rows moves their digits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lakebench.bench.layouts import nearest
from lakebench.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """Queries by name with ``{table}`` for the quoted table; ``columns`` are the table's, with Hive types.

    ``expected_rows`` is how many rows a query must give, by name, where that is known.
    """

    name: str
    columns: Mapping[str, str]
    queries: Mapping[str, str]
    expected_rows: Mapping[str, int] = field(default_factory=dict)


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
    columns=_VENTAS_COLUMNS,
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

SUITES: tuple[Suite, ...] = (VENTAS,)


def find_suite(name: str) -> Suite:
    """The suite of that name. Raises ConfigError with the nearest one."""
    for suite in SUITES:
        if suite.name == name:
            return suite
    raise ConfigError(f"unknown suite {name!r}", hint=nearest(name, [each.name for each in SUITES], "suites"))
