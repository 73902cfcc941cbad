"""One door for the three formats."""

from __future__ import annotations

from lakebench.catalog import S3Uri
from lakebench.emulator.crawler.spec import TableFormat, TableFormatTarget
from lakebench.emulator.crawler.table_formats.delta import describe_delta, manifests_of
from lakebench.emulator.crawler.table_formats.found import FoundTable
from lakebench.emulator.crawler.table_formats.hudi import describe_hudi
from lakebench.emulator.crawler.table_formats.iceberg import describe_iceberg
from lakebench.emulator.storage.objects import ObjectStore


def describe(
    root: S3Uri, target: TableFormatTarget, objects: ObjectStore
) -> tuple[list[FoundTable], dict[S3Uri, str]]:
    """The tables at a folder, and the symlink manifests to be written for them; raises NotReadable."""
    match target.table_format:
        case TableFormat.ICEBERG:
            return [describe_iceberg(root, objects)], {}
        case TableFormat.HUDI:
            return describe_hudi(root, objects), {}
        case TableFormat.DELTA:
            found, state = describe_delta(root, objects, native=target.native)
            wanted = target.write_manifest and not target.native
            return [found], manifests_of(root, state) if wanted else {}
