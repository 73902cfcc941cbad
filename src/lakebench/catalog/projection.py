"""Partition projection: partition values and locations that table properties tell instead of the catalogue.

Source: AWS (athena-ug partition-projection-setting-up, partition-projection-supported-types); what a date's
bounds come to is Trino's DateProjection.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from math import prod

from lakebench.catalog.java_dates import DatePattern, UnknownPattern
from lakebench.catalog.s3 import S3Uri
from lakebench.catalog.table import Column, Table

_NOW = re.compile(
    r"\s*NOW\s*(([+\-])\s*([0-9]+)\s*(YEARS?|MONTHS?|WEEKS?|DAYS?|HOURS?|MINUTES?|SECONDS?)\s*)?"
)
_PLACEHOLDER = re.compile(r"\$\{([^}]+)\}")
_ESCAPED = frozenset("\"#%'*/:=?\\{[]^\x7f") | {chr(code) for code in range(32)}
_UNITS = {
    "WEEKS": timedelta(weeks=1),
    "DAYS": timedelta(days=1),
    "HOURS": timedelta(hours=1),
    "MINUTES": timedelta(minutes=1),
    "SECONDS": timedelta(seconds=1),
    "MILLIS": timedelta(milliseconds=1),
}
_MONTHS = {"YEARS": 12, "MONTHS": 1}
_LONG = 1 << 63
HIVE_DEFAULT_PARTITION = "__HIVE_DEFAULT_PARTITION__"


class InvalidProjection(ValueError):
    """The properties do not make a projection; the text says which and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Projected:
    """A partition's value as queries see it, and as it stands in the location's template."""

    value: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectedColumn:
    """The values of one partition key.

    ``size`` of them come from ``values``; an injected one has none of its own (None) and takes what a query
    compares it with. ``find`` answers a value that was asked for, or None.
    """

    name: str
    size: int | None
    values: Callable[[], Iterator[Projected]]
    find: Callable[[str], Projected | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """A table's projection: its columns in the order of the partition keys, and where partitions lie."""

    columns: tuple[ProjectedColumn, ...]
    location: S3Uri
    template: str | None

    def place(self, values: Sequence[Projected]) -> S3Uri:
        """The location of a partition, ending in a slash."""
        return self.placing()(values)

    def placing(self, *, escaped: bool = True) -> Callable[[Sequence[Projected]], S3Uri]:
        """``place`` for very many partitions: what is the same for all is looked at once.

        Without a template a partition's folder has its name: as Hive and Athena's INSERT escape it, or as
        it is, which is how others write it (awswrangler).
        """
        if self.template is not None:
            return _by_template(self.template, [column.name for column in self.columns])
        above, bucket = self.location.as_prefix.key, self.location.bucket
        shown = _escape if escaped else str
        names = [f"{shown(column.name)}=" for column in self.columns]

        def below(values: Sequence[Projected]) -> S3Uri:
            folders = (f"{name}{shown(value.place)}/" for name, value in zip(names, values, strict=True))
            return S3Uri(bucket, above + "".join(folders))

        return below


def _by_template(template: str, names: Sequence[str]) -> Callable[[Sequence[Projected]], S3Uri]:
    """Fills a template's places; those that name no column stay as they are."""
    ordinals = {name: ordinal for ordinal, name in enumerate(names)}
    pieces: list[str | int] = []
    at = 0
    for found in _PLACEHOLDER.finditer(template):
        ordinal = ordinals.get(found[1].strip().lower())
        pieces += [template[at : found.start()], found[0] if ordinal is None else ordinal]
        at = found.end()
    pieces.append(template[at:])

    def filled(values: Sequence[Projected]) -> S3Uri:
        text = "".join(piece if isinstance(piece, str) else values[piece].place for piece in pieces)
        return S3Uri.parse(text).as_prefix

    return filled


def is_projected(table: Table) -> bool:
    """Whether ``projection.enabled`` is true and the table has partition keys."""
    return bool(table.partition_keys) and _properties(table).get("projection.enabled", "").lower() == "true"


def projection_of(table: Table, now: datetime) -> Projection:
    """The table's projection at a moment of UTC; raises InvalidProjection."""
    properties = _properties(table)
    keys = table.partition_keys
    missing = [key.name for key in keys if f"projection.{key.name}.type" not in properties]
    if missing:
        raise InvalidProjection(
            f"Table {table.database}.{table.name} is configured for partition projection, but the following "
            f"partition columns are missing projection configuration: [{', '.join(missing)}]"
        )
    template = properties.get("storage.location.template")
    if template is not None:
        named = {name.strip().lower() for name in _PLACEHOLDER.findall(template)}
        for key in keys:
            if key.name not in named:
                raise InvalidProjection(
                    f"Partition projection location template: {template} is missing partition column: "
                    f"'{key.name}' placeholder"
                )
        _check_place(template)
    if table.storage.location is None:
        raise InvalidProjection(f"Table {table.database}.{table.name} has no location")
    columns = tuple(_column(key, _Settings(key.name, properties), now) for key in keys)
    return Projection(columns=columns, location=table.storage.location, template=template)


def _check_place(template: str) -> None:
    try:
        S3Uri.parse(_PLACEHOLDER.sub("x", template))
    except ValueError as error:
        raise InvalidProjection(f"storage.location.template is no S3 path: {template}") from error


def size_of(columns: Sequence[Sequence[Projected]]) -> int:
    """How many partitions these values of the columns make."""
    return prod(len(values) for values in columns)


def _properties(table: Table) -> dict[str, str]:
    return {
        key.strip().lower(): value.strip() if "values" not in key else value
        for key, value in table.parameters.items()
    }


@dataclass(frozen=True, slots=True)
class _Settings:
    """The properties of one column."""

    column: str
    properties: Mapping[str, str]

    def get(self, name: str) -> str | None:
        return self.properties.get(f"projection.{self.column}.{name}")

    def need(self, name: str) -> str:
        value = self.get(name)
        if value is None:
            raise self.wrong(name, "is required and missing")
        return value

    def wrong(self, name: str, problem: str) -> InvalidProjection:
        return InvalidProjection(
            f"Column projection for column '{self.column}' failed. "
            f"Property: 'projection.{self.column}.{name}' {problem}"
        )

    def positive(self, name: str, default: int | None) -> int:
        text = self.get(name)
        if text is None and default is not None:
            return default
        if text is None or not re.fullmatch(r"[0-9]{1,19}", text) or int(text) < 1:
            raise self.wrong(name, f"value '{text}' is invalid: it must be a positive integer")
        return int(text)


def _column(key: Column, settings: _Settings, now: datetime) -> ProjectedColumn:
    kind = settings.need("type").lower()
    makers = {"enum": _enum, "integer": _integer, "injected": _injected}
    if kind == "date":
        return _date(key, settings, now)
    if kind not in makers:
        raise settings.wrong(
            "type", f"value '{kind}' is invalid. Available options: enum, integer, date, injected"
        )
    return makers[kind](key, settings)


def _fixed(name: str, values: Sequence[Projected]) -> ProjectedColumn:
    by_value = {value.value: value for value in values}
    return ProjectedColumn(
        name=name, size=len(by_value), values=lambda: iter(by_value.values()), find=by_value.get
    )


def _enum(key: Column, settings: _Settings) -> ProjectedColumn:
    """White space counts (AWS: "any white space is considered part of an enum value")."""
    values = settings.need("values").split(",")
    return _fixed(key.name, [Projected(value=value, place=value) for value in values])


def _injected(key: Column, settings: _Settings) -> ProjectedColumn:
    del settings
    return ProjectedColumn(
        name=key.name,
        size=None,
        values=lambda: iter(()),
        find=lambda text: Projected(value=text, place=text),
    )


MAX_FORMAT = 256
"""Characters of a date's format."""

MAX_DATES = 1_000_000
"""Dates of a column: a scan may read as many partitions, and they are held in memory."""

MAX_DIGITS = 1024
"""Of a projected integer: an object key has no room for more."""


def _integer(key: Column, settings: _Settings) -> ProjectedColumn:
    bounds = [text.strip() for text in settings.need("range").split(",")]
    if len(bounds) != 2 or not all(re.fullmatch(r"[+-]?\d{1,19}", text) for text in bounds):
        raise settings.wrong("range", "needs to be list of 2 integers")
    low, high = map(int, bounds)
    if low > high or low < -_LONG or high >= _LONG:
        raise settings.wrong("range", f"value '{settings.get('range')}' is no range")
    step = settings.positive("interval", 1)
    digits = settings.positive("digits", 1)
    if digits > MAX_DIGITS:
        raise settings.wrong(
            "digits", f"value '{digits}' is invalid: no object key is longer than {MAX_DIGITS}"
        )

    def shown(number: int) -> Projected:
        text = f"{number:0{digits + (number < 0)}d}"
        return Projected(value=text, place=text)

    def find(text: str) -> Projected | None:
        if re.fullmatch(r"[+-]?\d{1,30}", text) is None:
            return None
        number = int(text)
        inside = low <= number <= high and (number - low) % step == 0
        return shown(number) if inside else None

    size = (high - low) // step + 1
    return ProjectedColumn(
        name=key.name, size=size, values=lambda: map(shown, range(low, high + 1, step)), find=find
    )


def _date(key: Column, settings: _Settings, now: datetime) -> ProjectedColumn:
    if key.type.name not in {"varchar", "char", "date", "timestamp"}:
        raise settings.wrong("type", f"date is not for columns of type {key.type.hive}")
    try:
        form = settings.need("format")
        if len(form) > MAX_FORMAT:
            raise settings.wrong("format", f"is invalid: it is longer than {MAX_FORMAT} characters")
        pattern = DatePattern.of(form)
    except UnknownPattern as error:
        raise settings.wrong("format", f"is invalid: {error}") from error
    bounds = settings.need("range").split(",")
    if len(bounds) != 2:
        raise settings.wrong("range", "needs to be a list of 2 dates")
    low, high = (_bound(text, pattern, settings, now) for text in bounds)
    if low > high:
        raise settings.wrong("range", f"value '{settings.get('range')}' is no range")
    step = _step(pattern, settings)
    counted = islice(_dates(key, pattern, low, high, step), MAX_DATES + 1)
    if key.type.name in {"varchar", "char"}:
        return _distinct_texts(settings, [date.value for date in counted])
    dates = list(counted)
    _check_dates(settings, len(dates))
    return _fixed(key.name, dates)


def _check_dates(settings: _Settings, count: int) -> None:
    if count > MAX_DATES:
        raise settings.wrong("range", f"has more than {MAX_DATES} dates, which is not supported")


def _distinct_texts(settings: _Settings, texts: Sequence[str]) -> ProjectedColumn:
    """Values that are their own places: a million of them are texts and nothing else in memory."""
    _check_dates(settings, len(texts))
    values = list(dict.fromkeys(texts))
    return ProjectedColumn(
        name=settings.column,
        size=len(values),
        values=lambda: (Projected(value=text, place=text) for text in values),
        find=lambda text: Projected(value=text, place=text) if text in values else None,
    )


def _bound(text: str, pattern: DatePattern, settings: _Settings, now: datetime) -> datetime:
    """A date as the format shows it; NOW has a moment's precision until it is shown."""
    match = _NOW.fullmatch(text)
    try:
        if match is None:
            return pattern.parse(text.strip())
        moment = now
        if match[1]:
            count = int(match[3]) * (1 if match[2] == "+" else -1)
            moment = _later(now, count, match[4].rstrip("S") + "S")
        return pattern.parse(pattern.format(moment))
    except (ValueError, OverflowError) as error:
        raise settings.wrong(
            "range", f"needs to be a list of 2 valid dates formatted as '{pattern.text}' or NOW: {error}"
        ) from error


def _step(pattern: DatePattern, settings: _Settings) -> tuple[int, str]:
    """The interval; one day or one month when the format is that precise and nothing is said."""
    unit = None
    if not pattern.letters & frozenset("HhmsSa"):
        unit = "DAYS" if "d" in pattern.letters or "D" in pattern.letters else None
        unit = "MONTHS" if unit is None and pattern.letters & frozenset("ML") else unit
    told = settings.get("interval.unit")
    if told is not None:
        told = told.upper().rstrip("S") + "S"
        if told not in {*_UNITS, *_MONTHS}:
            raise settings.wrong("interval.unit", f"value '{settings.get('interval.unit')}' is invalid")
    if told is None and unit is None:
        raise settings.wrong(
            "interval.unit",
            "needs to be set when provided 'format' is less than single-day precision. Interval defaults to "
            "1 day or 1 month, respectively. Otherwise, interval is required",
        )
    return settings.positive("interval", 1 if unit is not None else None), told or unit or "DAYS"


def _dates(
    key: Column, pattern: DatePattern, low: datetime, high: datetime, step: tuple[int, str]
) -> Iterator[Projected]:
    count, unit = step
    moment, at = low, 0
    while moment <= high:
        place = pattern.format(moment)
        if key.type.name == "date":
            yield Projected(value=f"{moment:%Y-%m-%d}", place=place)
        elif key.type.name == "timestamp":
            yield Projected(value=f"{moment:%Y-%m-%d %H:%M:%S}", place=place)
        else:
            yield Projected(value=place, place=place)
        at += 1
        try:
            moment = _later(low, at * count, unit)
        except OverflowError:
            return


def _later(moment: datetime, count: int, unit: str) -> datetime:
    if unit in _UNITS:
        return moment + _UNITS[unit] * count
    months = moment.year * 12 + moment.month - 1 + count * _MONTHS[unit]
    year, month = divmod(months, 12)
    if not 1 <= year <= 9999:
        raise OverflowError("a year beyond 9999")
    for day in range(moment.day, 27, -1):
        try:
            return moment.replace(year=year, month=month + 1, day=day)
        except ValueError:  # the month is shorter
            continue
    return moment.replace(year=year, month=month + 1)


def partition_name(keys: Sequence[str], values: Sequence[str | None]) -> str:
    """``year=2024/city=A%3AB`` as Hive names a partition; None is its default partition."""
    return "/".join(
        f"{_escape(key)}={_escape(HIVE_DEFAULT_PARTITION if value is None else value)}"
        for key, value in zip(keys, values, strict=True)
    )


_NEEDS_ESCAPE = re.compile(f"[{re.escape(''.join(sorted(_ESCAPED)))}]")


def _escape(text: str) -> str:
    """A folder's name as Hive escapes it."""
    if _NEEDS_ESCAPE.search(text) is None:
        return text
    return "".join(f"%{ord(char):02X}" if char in _ESCAPED else char for char in text)
