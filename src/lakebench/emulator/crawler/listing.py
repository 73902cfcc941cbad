"""The folders and objects below an include path."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from lakebench.catalog import S3Uri
from lakebench.emulator.crawler.globs import compile_glob
from lakebench.emulator.crawler.spec import S3Target
from lakebench.emulator.storage.objects import BucketMissing, ObjectStore, StoredObject

_HIDDEN = ("_", ".")


@dataclass(slots=True)
class Folder:
    """A folder: its place (ending in a slash), its own objects and the folders below it, in key order.

    ``name`` is the last part of the path, or the bucket's name at its root. Of its objects it
    has the keys, which are the store's own texts, so that a listing of many stays small.
    """

    uri: S3Uri
    name: str
    objects: list[str] = field(default_factory=list)
    folders: dict[str, Folder] = field(default_factory=dict)

    def below(self, name: str) -> Folder:
        """The folder of this name below this one, made when it is not there."""
        if name not in self.folders:
            self.folders[name] = Folder(S3Uri(self.uri.bucket, f"{self.uri.key}{name}/"), name)
        return self.folders[name]

    @property
    def level(self) -> int:
        """Depth below S3, the bucket being 1 (AWS: TableLevelConfiguration)."""
        return 1 + self.uri.key.count("/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What lies at an include path: a folder, or the one object that the path names."""

    target: S3Target
    folder: Folder
    single: StoredObject | None = None


def list_target(target: S3Target, objects: ObjectStore, check_stopped: Callable[[], None]) -> Listing:
    """List an include path; raises BucketMissing.

    Left out: objects of zero bytes and folder markers, excluded ones, and those in whose path below the
    include path a name begins with ``_`` or ``.``: Athena does not read them either (AWS: athena
    troubleshooting, hidden files), so ``_SUCCESS``, ``_temporary/`` and the like make no tables.
    """
    bucket = target.path.bucket
    if not objects.bucket_exists(bucket):
        raise BucketMissing(bucket)
    single = _single_object(target, objects)
    root = target.path.as_prefix
    folder = Folder(root, root.key.rstrip("/").rpartition("/")[2] or bucket)
    if single is not None:
        return Listing(target=target, folder=folder, single=single)
    excluded = [compile_glob(pattern) for pattern in target.exclusions]
    for stored in objects.list(root):
        check_stopped()
        relative = stored.uri.key.removeprefix(root.key)
        if stored.size == 0 or relative.endswith("/") or any(e.fullmatch(relative) for e in excluded):
            continue
        *folders, name = relative.split("/")
        if any(part.startswith(_HIDDEN) for part in (*folders, name)):
            continue
        place = folder
        for part in folders:
            place = place.below(part)
        place.objects.append(stored.uri.key)
    return Listing(target=target, folder=folder)


def _single_object(target: S3Target, objects: ObjectStore) -> StoredObject | None:
    """The object that the include path names, if it names one instead of a folder."""
    if not target.path.key or target.path.key.endswith("/"):
        return None
    stored = objects.get(target.path)
    return stored if stored is not None and stored.size else None
