"""Tables out of folders: what lies side by side and is alike becomes partitions of one table.

The walk goes from the leaves up. Objects of one folder that are alike make a group rooted there. A
folder's sub-folders that are each one whole group, of equal format, compression and depth and of similar
schema, rise: they become partitions of one group rooted at the folder, when they are all of its
sub-folders or their majority. What does not rise stays a table of its own (AWS:
crawler-s3-folder-table-partition, "when the majority of schemas at a folder level are similar").
Objects beside sub-folders, and unlike objects in one folder, become a table each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lakebench.catalog import S3Uri
from lakebench.emulator.crawler.columns import (
    SIMILARITY_THRESHOLD,
    InferredColumn,
    merge_columns,
    similarity,
)
from lakebench.emulator.crawler.format import Format
from lakebench.emulator.crawler.inspection import Inspected, Inspector
from lakebench.emulator.crawler.listing import Folder
from lakebench.emulator.crawler.spec import OutputConfiguration
from lakebench.emulator.crawler.volume import Volume, total


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """Objects of one folder: a partition, or a whole table. ``path`` are the folders below its root."""

    uri: S3Uri
    path: tuple[str, ...]
    columns: tuple[InferredColumn, ...]
    volume: Volume


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """What becomes one table. ``root`` is its location, a key without a slash for a single object."""

    root: S3Uri
    name: str
    format: Format
    compression: str
    columns: tuple[InferredColumn, ...]
    leaves: tuple[Leaf, ...]

    @property
    def depth(self) -> int:
        """Folders between the root and the objects: as many partition keys."""
        return len(self.leaves[0].path)

    @property
    def volume(self) -> Volume:
        """All of it."""
        return total([leaf.volume for leaf in self.leaves])


def find_groups(
    folder: Folder, inspector: Inspector, output: OutputConfiguration, sample_size: int | None
) -> list[Group]:
    """The tables of a folder and all folders below it."""
    return _Walk(inspector, output, sample_size).groups(folder)


def single_object_group(inspected: Inspected) -> Group:
    """A table of one object: named after it, located at it (facts/glue-crawler.md 2, names)."""
    leaf = Leaf(uri=inspected.uri, path=(), columns=inspected.columns, volume=inspected.volume)
    return Group(
        root=inspected.uri,
        name=inspected.uri.key.rpartition("/")[2],
        format=inspected.format,
        compression=inspected.compression,
        columns=inspected.columns,
        leaves=(leaf,),
    )


class _Walk:
    def __init__(self, inspector: Inspector, output: OutputConfiguration, sample_size: int | None) -> None:
        self.inspector = inspector
        self.output = output
        self.sample_size = sample_size

    def groups(self, folder: Folder) -> list[Group]:
        below = [self.groups(sub) for sub in folder.folders.values()]
        sub_groups = [group for groups in below for group in groups]
        own = self.inspector.inspect_folder(folder, self.sample_size)
        if not sub_groups:
            return self.of_objects(folder, own)
        if all(one.is_unknown for one in own):
            for one in own:
                self.inspector.leave_out(one.uri, "is of no known format, beside folders that are tables")
            return self.risen(folder, below)
        return [*map(single_object_group, own), *sub_groups]

    def of_objects(self, folder: Folder, own: Sequence[Inspected]) -> list[Group]:
        """One group for all objects of a folder that are alike; one each when no majority is."""
        singles = [single_object_group(one) for one in own]
        main, rest = self.majority(singles, len(singles))
        if not main:
            return singles
        columns = _merged(main)
        volume = total([group.volume for group in main])
        leaf = Leaf(uri=folder.uri, path=(), columns=columns, volume=volume)
        return [_group(folder, main, columns, (leaf,)), *rest]

    def risen(self, folder: Folder, below: Sequence[list[Group]]) -> list[Group]:
        """The groups below a folder, those that are alike made partitions of one."""
        everything = [group for groups in below for group in groups]
        if self.output.table_level is not None and folder.level < self.output.table_level:
            return everything
        whole = [groups[0] for groups in below if len(groups) == 1 and groups[0].root.key.endswith("/")]
        whole = [group for group in whole if _is_child(group.root, folder.uri)]
        occupied = sum(bool(groups) for groups in below)
        main, _ = self.majority(whole, occupied)
        if not main:
            return everything
        leaves = tuple(
            Leaf(uri=leaf.uri, path=(group.name, *leaf.path), columns=leaf.columns, volume=leaf.volume)
            for group in main
            for leaf in group.leaves
        )
        risen = set(map(id, main))
        rest = [group for group in everything if id(group) not in risen]
        return [_group(folder, main, _merged(main), leaves), *rest]

    def majority(self, groups: Sequence[Group], siblings: int) -> tuple[list[Group], list[Group]]:
        """The largest cluster of alike groups and the rest; no cluster unless it is all or most siblings."""
        clusters: list[tuple[list[Group], tuple[InferredColumn, ...]]] = []
        for group in groups:
            for i, (members, columns) in enumerate(clusters):
                if self.alike(members[0], group, columns):
                    members.append(group)
                    clusters[i] = members, merge_columns(columns, group.columns)
                    break
            else:
                clusters.append(([group], group.columns))
        main = max((members for members, _ in clusters), key=len, default=[])
        if len(main) == siblings or (len(main) >= 2 and len(main) * 2 > siblings):
            kept = set(map(id, main))
            return main, [group for group in groups if id(group) not in kept]
        return [], list(groups)

    def alike(self, first: Group, second: Group, columns: Sequence[InferredColumn]) -> bool:
        """Whether ``second`` belongs with ``first``, whose cluster has these columns."""
        if first.format != second.format or first.compression != second.compression:
            return False
        if first.depth != second.depth:
            return False
        if self.output.combine_compatible_schemas:
            return True
        return similarity(columns, second.columns) >= SIMILARITY_THRESHOLD


def _group(
    folder: Folder, members: Sequence[Group], columns: tuple[InferredColumn, ...], leaves: tuple[Leaf, ...]
) -> Group:
    return Group(
        root=folder.uri,
        name=folder.name,
        format=members[0].format,
        compression=members[0].compression,
        columns=columns,
        leaves=leaves,
    )


def _merged(groups: Sequence[Group]) -> tuple[InferredColumn, ...]:
    columns = groups[0].columns
    for group in groups[1:]:
        columns = merge_columns(columns, group.columns)
    return columns


def _is_child(root: S3Uri, parent: S3Uri) -> bool:
    """Whether a place is a direct sub-folder of another."""
    return root.key.removeprefix(parent.key).count("/") == 1
