"""The Configuration JSON of a crawler: read whole, and refused where it asks for what is not done here.

Keys and values are those of AWS: crawler-configuration; facts/glue-crawler.md 3.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lakebench.emulator.crawler.spec import OutputConfiguration
from lakebench.errors import ConfigError

_MAX_TABLE_LEVEL = 100


def parse_configuration(text: str | None) -> OutputConfiguration:
    """Read the JSON; an empty text means the defaults. Raises ConfigError naming the member at fault."""
    if not text:
        return OutputConfiguration()
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"Crawler configuration is not valid JSON: {error}") from None
    root = _Section(whole, "Configuration")
    if str(root.take("Version")) not in {"1", "1.0"}:
        raise ConfigError("Crawler configuration needs a Version of 1.0")
    output = root.section("CrawlerOutput")
    partitions, tables = output.section("Partitions"), output.section("Tables")
    grouping = root.section("Grouping")
    result = OutputConfiguration(
        partitions_inherit=partitions.choice("AddOrUpdateBehavior", "InheritFromTable"),
        merge_new_columns=tables.choice("AddOrUpdateBehavior", "MergeNewColumns"),
        combine_compatible_schemas=grouping.choice("TableGroupingPolicy", "CombineCompatibleSchemas"),
        table_level=grouping.number("TableLevelConfiguration", _MAX_TABLE_LEVEL),
        table_threshold=tables.number("TableThreshold"),
        partition_index=root.flag("CreatePartitionIndex", default=True),
    )
    for section in (root, output, partitions, tables, grouping):
        section.expect_end()
    return result


class _Section:
    """An object of the JSON whose members are taken out one by one; what is left over is refused."""

    def __init__(self, value: Any, name: str) -> None:
        if not isinstance(value, Mapping):
            raise ConfigError(f"Crawler configuration: {name} must be an object")
        self._left = dict(value)
        self._name = name

    def take(self, key: str) -> Any:
        return self._left.pop(key, None)

    def section(self, key: str) -> _Section:
        return _Section(self._left.pop(key, {}), key)

    def choice(self, key: str, only: str) -> bool:
        value = self.take(key)
        if value is not None and value != only:
            raise ConfigError(f"Crawler configuration: {self._name}.{key} must be {only}, not {value!r}")
        return value is not None

    def number(self, key: str, largest: int | None = None) -> int | None:
        value = self.take(key)
        if value is None:
            return None
        if isinstance(value, str) and value.isdecimal():  # AWS's examples write both 2 and "2"
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise ConfigError(f"Crawler configuration: {self._name}.{key} must be a whole number from 1")
        if largest is not None and value > largest:
            raise ConfigError(f"Crawler configuration: {self._name}.{key} must not exceed {largest}")
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        value = self.take(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise ConfigError(f"Crawler configuration: {self._name}.{key} must be true or false")
        return value

    def expect_end(self) -> None:
        if self._left:
            unknown = ", ".join(sorted(map(str, self._left)))
            raise ConfigError(f"Crawler configuration: {self._name} has members not known here: {unknown}")
