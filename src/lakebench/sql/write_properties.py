"""What CREATE TABLE AS and UNLOAD say of the files that they write, checked and given Athena's defaults.

Which codecs a format is written with, engine version 3: AWS: compression-support-hive (LZO never, LZ4 not
in Parquet); levels: AWS: compression-support-zstd-levels. The words are Trino's, of the property manager.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lakebench.catalog import DataFormat
from lakebench.errors import QueryFailed
from lakebench.sql.with_properties import WithProperty

_FORMATS = {
    "PARQUET": DataFormat.PARQUET,
    "ORC": DataFormat.ORC,
    "AVRO": DataFormat.AVRO,
    "JSON": DataFormat.JSON,
    "TEXTFILE": DataFormat.TEXT,
}
_TEXT_CODECS = ("gzip", "bzip2", "lz4", "snappy", "zstd", "none")
CODECS: Mapping[DataFormat, tuple[str, ...]] = {
    DataFormat.PARQUET: ("gzip", "snappy", "zstd", "none"),
    DataFormat.ORC: ("zlib", "lz4", "snappy", "zstd", "none"),
    DataFormat.AVRO: ("none", "deflate", "snappy", "bzip2", "zstd"),
    DataFormat.JSON: _TEXT_CODECS,
    DataFormat.TEXT: _TEXT_CODECS,
}
"""The codecs of each format, its default first."""

_DELIMITERS = {"\\t": "\t", "\\001": "\x01", "\\u0001": "\x01"}
_MAX_LEVEL = 22


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteProperties:
    """Properties of one statement; ``kind`` names them in failures (``catalog 'x' table property``)."""

    given: Mapping[str, WithProperty]
    kind: str

    def data_format(self, default: DataFormat | None) -> DataFormat:
        """``format``; ION is refused, since Athena alone writes it."""
        value = self.given.get("format")
        if value is None:
            if default is None:
                raise QueryFailed("INVALID_TABLE_PROPERTY", f"The {self.kind} 'format' is required")
            return default
        name = value.text.upper()
        if name == "ION":
            raise value.fail("NOT_SUPPORTED", "Writing files in the format ION is not supported")
        if name not in _FORMATS:
            raise self.unset("format", f"Invalid value [{value.text}]. Valid values: [{', '.join(_FORMATS)}]")
        return _FORMATS[name]

    def compression(self, data_format: DataFormat, keys: Mapping[str, DataFormat | None]) -> str:
        """The codec in lower case; of ``keys`` one may be given, some only with one format."""
        named = [key for key in keys if key in self.given]
        if len(named) > 1:
            raise self.given[named[1]].fail(
                "INVALID_TABLE_PROPERTY", f"Only one of the properties {', '.join(keys)} may be given"
            )
        if not named:
            return CODECS[data_format][0]
        (key,) = named
        value, only = self.given[key], keys[key]
        if only is not None and only is not data_format:
            raise value.fail(
                "INVALID_TABLE_PROPERTY", f"{key} may be given only with format = '{_name(only)}'"
            )
        codec = value.text.lower()
        codec = "none" if codec == "uncompressed" else codec
        if codec not in CODECS[data_format]:
            raise value.fail(
                "INVALID_TABLE_PROPERTY",
                f"Compression {value.text} is not supported for {_name(data_format)}. "
                f"Valid values: [{', '.join(codec.upper() for codec in CODECS[data_format])}]",
            )
        return codec

    def compression_level(self, data_format: DataFormat, codec: str) -> int | None:
        """``compression_level``, 1 to 22, of Zstandard only, and not in ORC."""
        value = self.given.get("compression_level")
        if value is None:
            return None
        level = value.number()
        if codec != "zstd" or data_format is DataFormat.ORC:
            raise value.fail(
                "INVALID_TABLE_PROPERTY",
                f"compression_level may be given only with ZSTD compression of a format other than ORC: "
                f"{_name(data_format)} with {codec.upper()}",
            )
        if level is None or not 1 <= level <= _MAX_LEVEL:
            raise value.fail(
                "INVALID_TABLE_PROPERTY",
                f"compression_level must be between 1 and {_MAX_LEVEL}: {value.text}",
            )
        return level

    def field_delimiter(self, data_format: DataFormat) -> str:
        """``field_delimiter``: one character, of text only; ``\\001`` unless given."""
        value = self.given.get("field_delimiter")
        if value is None:
            return "\x01"
        self._text_only("field_delimiter", data_format)
        delimiter = _DELIMITERS.get(value.text, value.text)
        if len(delimiter) != 1 or ord(delimiter) > 127:
            raise value.fail("INVALID_TABLE_PROPERTY", "field_delimiter must be one character")
        return delimiter

    def null_format(self, data_format: DataFormat) -> str | None:
        """``null_format``: the text of NULL, of text only; None unless given."""
        value = self.given.get("null_format")
        if value is not None:
            self._text_only("null_format", data_format)
        return None if value is None else value.text

    def names(self, key: str) -> tuple[str, ...]:
        """An ARRAY of column names, in lower case, no two the same."""
        value = self.given.get(key)
        if value is None:
            return ()
        names = tuple(name.lower() for name in value.items)
        if len(set(names)) < len(names):
            raise value.fail("INVALID_TABLE_PROPERTY", f"{key} names a column twice: {list_text(names)}")
        return names

    def unset(self, key: str, why: str) -> QueryFailed:
        """A value that the property does not take."""
        value = self.given[key]
        return value.fail(
            "INVALID_TABLE_PROPERTY", f"Unable to set {self.kind} '{key}' to ['{value.text}']: {why}"
        )

    def _text_only(self, key: str, data_format: DataFormat) -> None:
        if data_format is not DataFormat.TEXT:
            raise self.given[key].fail(
                "INVALID_TABLE_PROPERTY", f"{key} may be given only with format = 'TEXTFILE'"
            )


def list_text(names: Sequence[str]) -> str:
    """Java's text of a list: ``[a, b]``."""
    return f"[{', '.join(names)}]"


def _name(data_format: DataFormat) -> str:
    return next(name for name, known in _FORMATS.items() if known is data_format)
