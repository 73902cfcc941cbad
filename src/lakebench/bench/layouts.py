"""The layouts that a benchmark compares: the same rows, stored otherwise by Athena's own CTAS or locally.

Source of the properties and their names: facts/athena.md 4, CTAS/INSERT output.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from lakebench.bench.local_layouts import LocalParquet
from lakebench.errors import ConfigError

SOURCE_LAYOUT = "csv"
"""The rows as they are uploaded; all other layouts are made of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutSpec:
    """A layout: format and codec in CTAS's words, keys that partition it, and buckets of one column.

    ``name`` is also the table's name. ``local`` is how this machine writes it, None where CTAS does.
    """

    name: str
    data_format: str
    compression: str | None = None
    partitioned_by: tuple[str, ...] = ()
    bucketed_by: str | None = None
    buckets: int = 0
    local: LocalParquet | None = None

    def ctas(self, *, source: str, columns: Sequence[str], location: str) -> str:
        """The statement that makes it from a table with these columns; partition keys come last."""
        properties = [f"format = '{self.data_format}'", f"external_location = '{location}'"]
        if self.compression is not None:
            properties.append(f"write_compression = '{self.compression}'")
        if self.data_format == "TEXTFILE":
            properties.append("field_delimiter = ','")
        if self.partitioned_by:
            properties.append(f"partitioned_by = ARRAY[{_texts(self.partitioned_by)}]")
        if self.bucketed_by is not None:
            properties += [f"bucketed_by = ARRAY['{self.bucketed_by}']", f"bucket_count = {self.buckets}"]
        ordered = [name for name in columns if name not in self.partitioned_by] + list(self.partitioned_by)
        listed = ",\n  ".join(properties)
        head = f'CREATE TABLE "{self.name}"\nWITH (\n  {listed}\n) AS\n'
        return head + 'SELECT {}\nFROM "{}"'.format(", ".join(ordered), source)


LAYOUTS: tuple[LayoutSpec, ...] = (
    LayoutSpec(name=SOURCE_LAYOUT, data_format="TEXTFILE"),
    LayoutSpec(name="csv_gz", data_format="TEXTFILE", compression="GZIP"),
    LayoutSpec(name="json", data_format="JSON", compression="NONE"),
    LayoutSpec(name="parquet_none", data_format="PARQUET", compression="NONE"),
    LayoutSpec(name="parquet_snappy", data_format="PARQUET", compression="SNAPPY"),
    LayoutSpec(name="parquet_gzip", data_format="PARQUET", compression="GZIP"),
    LayoutSpec(name="parquet_zstd", data_format="PARQUET", compression="ZSTD"),
    LayoutSpec(name="orc", data_format="ORC", compression="ZLIB"),
    LayoutSpec(name="avro", data_format="AVRO", compression="SNAPPY"),
    LayoutSpec(
        name="parquet_by_category",
        data_format="PARQUET",
        compression="SNAPPY",
        partitioned_by=("categoria",),
    ),
    LayoutSpec(
        name="parquet_by_category_channel",
        data_format="PARQUET",
        compression="SNAPPY",
        partitioned_by=("categoria", "canal"),
    ),
    LayoutSpec(
        name="parquet_bucketed",
        data_format="PARQUET",
        compression="SNAPPY",
        bucketed_by="id_venta",
        buckets=4,
    ),
    LayoutSpec(
        name="parquet_small_files",
        data_format="PARQUET",
        compression="SNAPPY",
        bucketed_by="id_venta",
        buckets=64,
    ),
    LayoutSpec(
        name="parquet_sorted",
        data_format="PARQUET",
        local=LocalParquet(sorted_by=("categoria", "id_venta"), row_group_rows=8_192),
    ),
    LayoutSpec(name="parquet_small_groups", data_format="PARQUET", local=LocalParquet(row_group_rows=8_192)),
    LayoutSpec(name="parquet_no_dictionary", data_format="PARQUET", local=LocalParquet(dictionary=False)),
)

DEFAULT_LAYOUTS = (SOURCE_LAYOUT, "csv_gz", "parquet_snappy", "parquet_zstd", "orc", "parquet_by_category")


def choose_layouts(names: Sequence[str]) -> tuple[LayoutSpec, ...]:
    """The layouts of these names, the source first; ConfigError for one that is unknown or named twice."""
    known = {each.name: each for each in LAYOUTS}
    for name in names:
        if name not in known:
            raise ConfigError(f"unknown layout {name!r}", hint=nearest(name, list(known), "layouts"))
        if list(names).count(name) > 1:
            raise ConfigError(f"layout {name} is named twice")
    others = tuple(known[name] for name in names if name != SOURCE_LAYOUT)
    return (known[SOURCE_LAYOUT], *others)


def nearest(name: str, known: Sequence[str], what: str) -> str:
    """A hint: the nearest known name, and all of them."""
    near = get_close_matches(name, known, n=1, cutoff=0.4)
    guess = f"did you mean {near[0]}? " if near else ""
    return f"{guess}the {what} are {', '.join(known)}"


def _texts(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
