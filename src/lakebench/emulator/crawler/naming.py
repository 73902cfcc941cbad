"""Names of tables and partition keys (AWS: crawler-running; facts/glue-crawler.md 2 and 3)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from lakebench.catalog import S3Uri

MAX_TABLE_NAME = 128
_NOT_IN_NAMES = re.compile(r"[^a-z0-9_]")


def table_name(prefix: str, folder: str) -> str:
    """Prefix and folder in lower case; what is no letter, digit or underscore becomes an underscore."""
    return _NOT_IN_NAMES.sub("_", (prefix + folder).lower())[:MAX_TABLE_NAME] or "_"


def with_hash(name: str, location: S3Uri) -> str:
    """The name that a table gets when its own is taken: with a hash of its location, the same each time."""
    digest = hashlib.md5(str(location).encode(), usedforsecurity=False).hexdigest()
    return f"{name[: MAX_TABLE_NAME - 33]}_{digest}"


def split_hive(folder: str) -> tuple[str | None, str]:
    """Key and value of a folder ``key=value``, escapes of Hive undone; no key for any other folder."""
    key, sign, value = folder.partition("=")
    if not sign or not key:
        return None, folder
    return unquote(key).lower(), unquote(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionScheme:
    """Which partition keys the folders of a table make. ``keyed`` says of each level whether all its
    folders are ``key=value`` with one key.
    """

    names: tuple[str, ...]
    keyed: tuple[bool, ...]

    @classmethod
    def of(cls, paths: Sequence[tuple[str, ...]], columns: Collection[str]) -> PartitionScheme:
        """A name for each folder level: the key that all folders share, ``partition_N`` otherwise.

        A key that is also a column is named ``partition_N`` too: Hive takes no two columns of one name.
        """
        names: list[str] = []
        keyed = []
        for level in range(len(paths[0])):
            keys = {split_hive(path[level])[0] for path in paths}
            key = keys.pop() if len(keys) == 1 else None
            keyed.append(key is not None)
            free = key is not None and key not in columns and key not in names
            names.append(key if key is not None and free else f"partition_{level}")
        return cls(names=tuple(names), keyed=tuple(keyed))

    def values(self, path: tuple[str, ...]) -> tuple[str, ...]:
        """The values of one partition: what stands behind ``key=``, or the folder's whole name."""
        pairs = zip(path, self.keyed, strict=True)
        return tuple(split_hive(folder)[1] if keyed else folder for folder, keyed in pairs)
