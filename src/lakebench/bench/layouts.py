"""The layouts that a benchmark compares: the same rows, stored otherwise by Athena's own CTAS or locally.

Source of the properties and their names: facts/athena.md 4, CTAS/INSERT output.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from lakebench.bench.local_layouts import LocalParquet
from lakebench.bench.nearest import nearest
from lakebench.bench.suite import Suite, SuiteTable
from lakebench.errors import ConfigError

SOURCE_LAYOUT = "csv"
"""What the others are compared with: generated rows as uploaded, or a CTAS of tables that are there."""

IN_PLACE = "source"
"""Tables that are there, as they stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutSpec:
    """A layout: format and codec in CTAS's words, keys that partition a table, and buckets of one column.

    ``partitioned_by`` is by the suite's table; a table that it does not name has no partitions.
    ``local`` is how this machine writes it, None where CTAS does.
    """

    name: str
    data_format: str
    compression: str | None = None
    partitioned_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    buckets: int = 0
    local: LocalParquet | None = None

    def table_name(self, suite: Suite, table: SuiteTable) -> str:
        """The table in the run's database: the layout's name, with the table's own where there are more."""
        return self.name if len(suite.tables) == 1 else f"{self.name}__{table.name}"

    def is_ctas(self, suite: Suite) -> bool:
        """Whether Athena writes it, by reading the source once."""
        uploaded = self.name == SOURCE_LAYOUT and suite.data is not None
        return not uploaded and self.local is None and self.name != IN_PLACE

    def ctas(
        self, *, table: SuiteTable, name: str, source: str, columns: Sequence[str], location: str
    ) -> str:
        """The statement that makes a table of it from a quoted one with these columns; keys come last."""
        properties = [f"format = '{self.data_format}'", f"external_location = '{location}'"]
        if self.compression is not None:
            properties.append(f"write_compression = '{self.compression}'")
        if self.data_format == "TEXTFILE" and table.delimiter is not None:
            properties.append(f"field_delimiter = '{table.delimiter}'")
        keys = self.partitioned_by.get(table.name, ())
        if keys:
            properties.append(f"partitioned_by = ARRAY[{_texts(keys)}]")
        if self.buckets and table.bucketed_by is not None:
            properties += [f"bucketed_by = ARRAY['{table.bucketed_by}']", f"bucket_count = {self.buckets}"]
        ordered = [column for column in columns if column not in keys] + list(keys)
        listed = ",\n  ".join(properties)
        head = f'CREATE TABLE "{name}"\nWITH (\n  {listed}\n) AS\n'
        return head + "SELECT {}\nFROM {}".format(", ".join(f'"{each}"' for each in ordered), source)


_GENERAL: tuple[LayoutSpec, ...] = (
    LayoutSpec(name=SOURCE_LAYOUT, data_format="TEXTFILE", compression="NONE"),
    LayoutSpec(name="csv_gz", data_format="TEXTFILE", compression="GZIP"),
    LayoutSpec(name="json", data_format="JSON", compression="NONE"),
    LayoutSpec(name="parquet_none", data_format="PARQUET", compression="NONE"),
    LayoutSpec(name="parquet_snappy", data_format="PARQUET", compression="SNAPPY"),
    LayoutSpec(name="parquet_gzip", data_format="PARQUET", compression="GZIP"),
    LayoutSpec(name="parquet_zstd", data_format="PARQUET", compression="ZSTD"),
    LayoutSpec(name="orc", data_format="ORC", compression="ZLIB"),
    LayoutSpec(name="avro", data_format="AVRO", compression="SNAPPY"),
)
_BUCKETED: tuple[LayoutSpec, ...] = (
    LayoutSpec(name="parquet_bucketed", data_format="PARQUET", compression="SNAPPY", buckets=4),
    LayoutSpec(name="parquet_small_files", data_format="PARQUET", compression="SNAPPY", buckets=64),
)
_LOCAL: tuple[LayoutSpec, ...] = (
    LayoutSpec(
        name="parquet_sorted",
        data_format="PARQUET",
        local=LocalParquet(is_sorted=True, row_group_rows=8_192),
    ),
    LayoutSpec(name="parquet_small_groups", data_format="PARQUET", local=LocalParquet(row_group_rows=8_192)),
    LayoutSpec(name="parquet_no_dictionary", data_format="PARQUET", local=LocalParquet(dictionary=False)),
)
_IN_PLACE = LayoutSpec(name=IN_PLACE, data_format="AS IT IS")

_USUAL = (SOURCE_LAYOUT, "csv_gz", "parquet_snappy", "parquet_zstd", "orc")


def layouts_of(suite: Suite) -> Mapping[str, LayoutSpec]:
    """All layouts that the suite's tables can have, by name, the source first."""
    partitioned = (
        LayoutSpec(name=name, data_format="PARQUET", compression="SNAPPY", partitioned_by=keys)
        for name, keys in suite.partitioned.items()
    )
    bucketed = _BUCKETED if any(table.bucketed_by for table in suite.tables) else ()
    own = _LOCAL if suite.data is not None else (_IN_PLACE,)
    return MappingProxyType({each.name: each for each in (*_GENERAL, *partitioned, *bucketed, *own)})


def usual_layouts(suite: Suite) -> tuple[str, ...]:
    """The names of those that a run takes when none are named."""
    return (*_USUAL, *list(suite.partitioned)[:1], *((IN_PLACE,) if suite.data is None else ()))


def choose_layouts(names: Sequence[str], suite: Suite) -> tuple[LayoutSpec, ...]:
    """The layouts of these names, the source first; ConfigError for one that is unknown or named twice."""
    known = layouts_of(suite)
    for name in names:
        if name not in known:
            raise ConfigError(f"unknown layout {name!r}", hint=nearest(name, list(known), "layouts"))
        if list(names).count(name) > 1:
            raise ConfigError(f"layout {name} is named twice")
    others = tuple(known[name] for name in names if name != SOURCE_LAYOUT)
    return (known[SOURCE_LAYOUT], *others)


def _texts(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
