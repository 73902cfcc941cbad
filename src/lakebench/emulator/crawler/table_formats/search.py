"""Where tables of a format lie below a path: the folders that hold the format's metadata folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lakebench.catalog import S3Uri
from lakebench.emulator.crawler.globs import compile_glob
from lakebench.emulator.crawler.spec import TableFormat, TableFormatTarget
from lakebench.emulator.storage.objects import BucketMissing, ObjectStore


def _shows(table_format: TableFormat, parts: Sequence[str]) -> bool:
    """Whether a path below a folder, split at its slashes, shows that the folder is a table."""
    match table_format:
        case TableFormat.DELTA:
            return parts[0] == "_delta_log"
        case TableFormat.ICEBERG:
            return parts[0] == "metadata" and parts[-1].endswith(".metadata.json")
        case TableFormat.HUDI:
            return list(parts) == [".hoodie", "hoodie.properties"]


def find_roots(
    target: TableFormatTarget, objects: ObjectStore, check_stopped: Callable[[], None]
) -> list[S3Uri]:
    """The tables' own folders, ending in a slash, in key order; raises BucketMissing.

    A table is not looked for within another one. An excluded folder or metadata object hides its table.
    """
    root = target.path.as_prefix
    if not objects.bucket_exists(root.bucket):
        raise BucketMissing(root.bucket)
    excluded = [compile_glob(pattern) for pattern in target.exclusions]
    found: list[S3Uri] = []
    for stored in objects.list(root):
        check_stopped()
        if found and stored.uri.key.startswith(found[-1].key):
            continue
        relative = stored.uri.key.removeprefix(root.key)
        parts = relative.split("/")
        for depth in range(min(target.depth, len(parts) - 2) + 1):
            folders = "".join(f"{part}/" for part in parts[:depth])
            if _shows(target.table_format, parts[depth:]) and not any(
                pattern.fullmatch(name) for pattern in excluded for name in (relative, folders, folders[:-1])
            ):
                found.append(S3Uri(root.bucket, root.key + folders))
                break
    return found
