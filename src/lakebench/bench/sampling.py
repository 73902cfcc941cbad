"""Which objects of a table are taken: the same for the same seed, and more of them for a larger sample."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from lakebench.client.contents import ContentObject, TableContents, partition_key
from lakebench.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """``share`` of a table's bytes (0 to 1) and at most ``max_bytes``; None takes no account of it."""

    share: Decimal | None = None
    max_bytes: int | None = None
    seed: int = 7

    @property
    def is_whole(self) -> bool:
        """Whether every object is taken."""
        return self.share is None and self.max_bytes is None

    def of(self, contents: TableContents) -> TableContents:
        """The contents with fewer objects, and the partitions that still have one.

        Raises ConfigError when not even one object fits, and for a bucketed table: a bucket that misses its
        objects would be read as an empty one.
        """
        if self.is_whole:
            return contents
        table = contents.table
        if table.storage.bucket_columns:
            raise ConfigError(
                f"{table.database}.{table.name} is bucketed: a sample of its objects would break its buckets",
                hint="take whole partitions with --partitions, or all of it",
            )
        taken = self._taken(contents.objects)
        if contents.objects and not taken:
            smallest = min(each.stored.size for each in contents.objects)
            raise ConfigError(
                f"no object fits into {self.max_bytes:,} bytes: the smallest has {smallest:,}",
                hint="give a larger --max-bytes",
            )
        kept = {each.partition for each in taken}
        partitions = tuple(one for one in contents.partitions if partition_key(one) in kept)
        return replace(contents, objects=tuple(taken), partitions=partitions)

    def _taken(self, objects: Sequence[ContentObject]) -> list[ContentObject]:
        """In an order that the seed draws, until the share is reached; what does not fit is passed over."""
        enough = sum(each.stored.size for each in objects) * (
            Decimal(1) if self.share is None else self.share
        )
        taken: list[ContentObject] = []
        size = 0
        for each in sorted(objects, key=self._draw):
            if taken and size >= enough:
                break
            if self.max_bytes is None or size + each.stored.size <= self.max_bytes:
                taken.append(each)
                size += each.stored.size
        return sorted(taken, key=lambda each: each.stored.place.key)

    def _draw(self, each: ContentObject) -> bytes:
        return hashlib.sha256(f"{self.seed}/{each.stored.place}".encode()).digest()


def parse_share(text: str) -> Decimal:
    """Read ``1%`` or ``0.01``; ConfigError for what is not more than nothing and at most all."""
    try:
        share = Decimal(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except InvalidOperation:
        share = Decimal("NaN")
    if not share.is_finite() or not 0 < share <= 1:
        raise ConfigError(f"--sample is not a share: {text!r}", hint="write 1% or 0.01")
    return share
