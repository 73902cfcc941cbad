"""Tables out of folders: what lies side by side and is alike becomes partitions of one table.

The walk goes from the leaves up. Objects of one folder that are alike make a group rooted there. A
folder's sub-folders that are each one whole group, of equal format, compression and depth and of similar
schema, rise: they become partitions of one group rooted at the folder, when they are all of its
sub-folders or their majority. What does not rise stays a table of its own (AWS:
crawler-s3-folder-table-partition, "when the majority of schemas at a folder level are similar").
Objects beside sub-folders, and unlike objects in one folder, become a table each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lakebench.catalog import S3Uri
from lakebench.emulator.crawler.columns import (
    SIMILARITY_THRESHOLD,
    InferredColumn,
    may_be_similar,
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
    format: Format
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
    leaf = Leaf(
        uri=inspected.uri,
        path=(),
        format=inspected.format,
        columns=inspected.columns,
        volume=inspected.volume,
    )
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

    def groups(self, top: Folder) -> list[Group]:
        """From the leaves up without recursion: a key may have five hundred folders."""
        found: dict[int, list[Group]] = {}
        for folder in _bottom_up(top):
            objects = self.inspector.inspect_folder(folder, self.sample_size)
            below = [found.pop(id(sub)) for sub in folder.folders.values()]
            found[id(folder)] = self.of_folder(folder, objects, below)
        return found[id(top)]

    def of_folder(
        self, folder: Folder, own: Sequence[Inspected], below: Sequence[list[Group]]
    ) -> list[Group]:
        """The groups of a folder, given its own objects and the groups of each folder below."""
        sub_groups = [group for groups in below for group in groups]
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
        leaf = Leaf(uri=folder.uri, path=(), format=main[0].format, columns=columns, volume=volume)
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
            replace(leaf, path=(group.name, *leaf.path)) for group in main for leaf in group.leaves
        )
        risen = set(map(id, main))
        rest = [group for group in everything if id(group) not in risen]
        return [_group(folder, main, _merged(main), leaves), *rest]

    def majority(self, groups: Sequence[Group], siblings: int) -> tuple[list[Group], list[Group]]:
        """The largest cluster of alike groups and the rest; no cluster unless it is all or most siblings."""
        clusters: list[_Cluster] = []
        for group in groups:
            self.inspector.check_stopped()
            names = {column.name for column in group.columns}
            for cluster in clusters:
                if self.belongs(group, names, cluster):
                    cluster.take(group, names)
                    break
            else:
                clusters.append(_Cluster([group], group.columns, names))
        main = max((cluster.members for cluster in clusters), key=len, default=[])
        if len(main) == siblings or (len(main) >= 2 and len(main) * 2 > siblings):
            kept = set(map(id, main))
            return main, [group for group in groups if id(group) not in kept]
        return [], list(groups)

    def belongs(self, group: Group, names: set[str], cluster: _Cluster) -> bool:
        """Whether a group is of the cluster's format, compression, depth and, unless combined, schema."""
        combined = self.output.combine_compatible_schemas
        if not combined and not may_be_similar(names, cluster.names):
            return False
        first = cluster.members[0]
        if (first.format, first.compression, first.depth) != (group.format, group.compression, group.depth):
            return False
        return combined or similarity(cluster.columns, group.columns) >= SIMILARITY_THRESHOLD


def _bottom_up(top: Folder) -> Iterator[Folder]:
    """Every folder after those below it, in key order: what was found in one is summed up before the next."""
    path = [(top, iter(top.folders.values()))]
    while path:
        folder, below = path[-1]
        sub = next(below, None)
        if sub is None:
            path.pop()
            yield folder
        else:
            path.append((sub, iter(sub.folders.values())))


@dataclass(slots=True)
class _Cluster:
    """Groups that are alike, and their columns together."""

    members: list[Group]
    columns: tuple[InferredColumn, ...]
    names: set[str]

    def take(self, group: Group, names: set[str]) -> None:
        self.members.append(group)
        self.columns = merge_columns(self.columns, group.columns)
        self.names = self.names | names


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
