"""How much a table or partition holds, and the numbers that a crawler writes about it.

Checked against ten published tables, facts/glue-crawler.md 2: for text ``recordCount`` is
``floor(sizeKey / averageRecordSize)``, an estimate and no count, at least 1; for Parquet it is the rows of
the footers, and ``averageRecordSize`` their uncompressed bytes by rows.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """Stored bytes of some objects, and the records seen in them.

    ``sampled_bytes`` are the decompressed bytes of the ``sampled_records``; with ``exact`` these are all
    records there are.
    """

    objects: int = 0
    size: int = 0
    sampled_bytes: int = 0
    sampled_records: int = 0
    exact: bool = False

    def __add__(self, other: Volume) -> Volume:
        return Volume(
            objects=self.objects + other.objects,
            size=self.size + other.size,
            sampled_bytes=self.sampled_bytes + other.sampled_bytes,
            sampled_records=self.sampled_records + other.sampled_records,
            exact=self.exact and other.exact,
        )

    @property
    def average_record_size(self) -> int:
        """Bytes a record, truncated."""
        return self.sampled_bytes // self.sampled_records if self.sampled_records else 0

    @property
    def record_count(self) -> int:
        """Counted when exact, estimated from the average size otherwise."""
        if self.exact:
            return self.sampled_records
        return estimated_records(self.size, self.average_record_size)


def estimated_records(size: int, average_record_size: int) -> int:
    """``floor(sizeKey / averageRecordSize)``, at least 1."""
    return max(size // max(average_record_size, 1), 1)


def total(volumes: list[Volume]) -> Volume:
    """The sum of at least one volume."""
    result = volumes[0]
    for volume in volumes[1:]:
        result += volume
    return result
