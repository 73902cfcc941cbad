"""TPC-H through tpchgen-cli: the benchmark's eight tables at any scale, streamed as Arrow.

The rows are TPC-H's own and know no seed. A file is a part of the generator's own division (``--part``), so
files may be made in any order. The generator's CSV quotes comments that hold commas; read with the columns'
types and written again, fields stand between ``|`` and need no quotes, as in TPC-H's own ``.tbl`` files.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv

from lakebench.errors import ConfigError, DataError

_TOOL = "tpchgen-cli"
_BLOCK_BYTES = 8 << 20
_LEAST, _MOST = 0.001, 100_000.0

TPCH_TABLES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "region": {"r_regionkey": "bigint", "r_name": "string", "r_comment": "string"},
        "nation": {
            "n_nationkey": "bigint",
            "n_name": "string",
            "n_regionkey": "bigint",
            "n_comment": "string",
        },
        "supplier": {
            "s_suppkey": "bigint",
            "s_name": "string",
            "s_address": "string",
            "s_nationkey": "bigint",
            "s_phone": "string",
            "s_acctbal": "decimal(15,2)",
            "s_comment": "string",
        },
        "part": {
            "p_partkey": "bigint",
            "p_name": "string",
            "p_mfgr": "string",
            "p_brand": "string",
            "p_type": "string",
            "p_size": "int",
            "p_container": "string",
            "p_retailprice": "decimal(15,2)",
            "p_comment": "string",
        },
        "partsupp": {
            "ps_partkey": "bigint",
            "ps_suppkey": "bigint",
            "ps_availqty": "int",
            "ps_supplycost": "decimal(15,2)",
            "ps_comment": "string",
        },
        "customer": {
            "c_custkey": "bigint",
            "c_name": "string",
            "c_address": "string",
            "c_nationkey": "bigint",
            "c_phone": "string",
            "c_acctbal": "decimal(15,2)",
            "c_mktsegment": "string",
            "c_comment": "string",
        },
        "orders": {
            "o_orderkey": "bigint",
            "o_custkey": "bigint",
            "o_orderstatus": "string",
            "o_totalprice": "decimal(15,2)",
            "o_orderdate": "date",
            "o_orderpriority": "string",
            "o_clerk": "string",
            "o_shippriority": "int",
            "o_comment": "string",
        },
        "lineitem": {
            "l_orderkey": "bigint",
            "l_partkey": "bigint",
            "l_suppkey": "bigint",
            "l_linenumber": "int",
            "l_quantity": "decimal(15,2)",
            "l_extendedprice": "decimal(15,2)",
            "l_discount": "decimal(15,2)",
            "l_tax": "decimal(15,2)",
            "l_returnflag": "string",
            "l_linestatus": "string",
            "l_shipdate": "date",
            "l_commitdate": "date",
            "l_receiptdate": "date",
            "l_shipinstruct": "string",
            "l_shipmode": "string",
            "l_comment": "string",
        },
    }
)
"""The tables and their columns with Hive's types (TPC-H specification 1.4)."""

_ROWS = {
    "supplier": 10_000,
    "part": 200_000,
    "partsupp": 800_000,
    "customer": 150_000,
    "orders": 1_500_000,
    "lineitem": 6_000_000,
}
"""At scale 1 (TPC-H specification 4.2.5); lineitem has about so many."""

_FIXED = {"region": 5, "nation": 25}


class TpchTable:
    """One table at a scale; raises ConfigError for a bad scale, or where the generator is not installed."""

    delimiter = "|"

    def __init__(self, name: str, *, scale: float) -> None:
        if not _LEAST <= scale <= _MOST:
            raise ConfigError(f"the scale must be between {_LEAST} and {_MOST:,.0f}, not {scale}")
        self.name = name
        self.rows = _FIXED.get(name) or max(1, round(_ROWS[name] * scale))
        self.most_files = 1 if name in _FIXED else self.rows
        self._scale = scale
        self._tool = _tool()

    def file(self, number: int, files: int) -> Iterator[Any]:
        """The rows of a part; raises DataError when the generator fails."""
        command = [self._tool, "csv", "-s", str(self._scale), "-T", self.name, "--stdout"]
        if files > 1:
            command += ["--parts", str(files), "--part", str(number + 1)]
        # Its messages come when it fails, and then fit into the pipe.
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            try:
                yield from self._tables(process.stdout)
            except pa.ArrowInvalid as error:
                process.kill()
                said = process.stderr.read().decode(errors="replace").strip() if process.stderr else ""
                raise DataError(f"{_TOOL} gave no {self.name}: {said or error}") from error
            finally:
                if process.poll() is None:
                    process.kill()
            if process.wait():
                raise DataError(f"{_TOOL} ended with {process.returncode} while it wrote {self.name}")

    def typed(self, table: Any) -> Any:
        """The table as it is: the columns have their types."""
        return table

    def _tables(self, stream: Any) -> Iterator[Any]:
        types = {name: _arrow_type(kind) for name, kind in TPCH_TABLES[self.name].items()}
        with pa_csv.open_csv(
            stream,
            read_options=pa_csv.ReadOptions(block_size=_BLOCK_BYTES, use_threads=False),
            convert_options=pa_csv.ConvertOptions(column_types=types),
        ) as reader:
            for batch in reader:
                if batch.num_rows:
                    yield pa.Table.from_batches([batch])


def _tool() -> str:
    """The generator beside this Python, or on the path."""
    beside = Path(sys.executable).parent / _TOOL
    if os.access(beside, os.X_OK):
        return str(beside)
    found = shutil.which(_TOOL)
    if found is None:
        raise ConfigError(
            f"TPC-H needs {_TOOL}, which is not installed", hint='pip install "athena-lakebench[datagen]"'
        )
    return found


def _arrow_type(kind: str) -> Any:
    plain = {"bigint": pa.int64(), "int": pa.int32(), "string": pa.string(), "date": pa.date32()}
    return plain.get(kind) or pa.decimal128(15, 2)
