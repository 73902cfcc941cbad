"""The data sets by name, each as the rows of its tables."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from lakebench.datagen.source import RowSource
from lakebench.errors import ConfigError

DEFAULT_SCALE = 0.01
"""TPC-H at some 10 MB."""

DEFAULT_ROWS = 100_000


class DataSet(StrEnum):
    """What can be generated."""

    VENTAS = "ventas"
    LOGS = "logs"
    TPCH = "tpch"


def row_sources(
    data_set: DataSet, *, rows: int | None, scale: float | None, seed: int
) -> Mapping[str, RowSource]:
    """The tables of a data set: rows and seed make those that are drawn, a scale TPC-H's; None: a few.

    Raises ConfigError for bad counts, for rows where a scale says how much and the other way round, and where
    a package is missing.
    """
    if data_set is DataSet.TPCH:
        if rows is not None:
            raise ConfigError("tpch has a scale, not a number of rows", hint="write --scale 0.1")
        from lakebench.datagen.tpch import TPCH_TABLES, TpchTable

        at = DEFAULT_SCALE if scale is None else scale
        return {name: TpchTable(name, scale=at) for name in TPCH_TABLES}
    if scale is not None:
        raise ConfigError(f"{data_set} has a number of rows, not a scale", hint="write --rows 1_000_000")
    count = DEFAULT_ROWS if rows is None else rows
    if data_set is DataSet.LOGS:
        from lakebench.datagen.logs import LogsGenerator

        return {data_set.value: LogsGenerator(rows=count, seed=seed)}
    from lakebench.datagen.ventas import VentasGenerator

    return {data_set.value: VentasGenerator(rows=count, seed=seed)}
