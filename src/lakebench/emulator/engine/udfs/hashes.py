"""Hashes and encodings of bytes that DuckDB lacks (Trino: functions/binary)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
import zlib
from collections.abc import Callable

import mmh3
import pyarrow as pa
import xxhash

from lakebench.emulator.engine.udfs.columns import each
from lakebench.emulator.engine.udfs.raising import raised


def xxhash64(values: pa.Array) -> pa.Array:
    """The 8 bytes of XXH64 with seed 0, big end first, as Trino gives them."""
    return each(xxhash.xxh64_digest, pa.binary(), values)


def crc32(values: pa.Array) -> pa.Array:
    """CRC-32 as a bigint."""
    return each(zlib.crc32, pa.int64(), values)


def sha512(values: pa.Array) -> pa.Array:
    """The 64 bytes of SHA-512."""
    return each(lambda value: hashlib.sha512(value).digest(), pa.binary(), values)


def murmur3(values: pa.Array) -> pa.Array:
    """The 16 bytes of MurmurHash3 x64 128, its two longs little end first."""
    return each(
        lambda value: mmh3.hash128(value, 0, x64arch=True).to_bytes(16, "little"), pa.binary(), values
    )


def hmac_digest(values: pa.Array, keys: pa.Array, names: pa.Array) -> pa.Array:
    """HMAC by the hash that ``names`` gives: md5, sha1, sha256, sha512."""
    return each(lambda value, key, name: hmac.digest(key, value, name), pa.binary(), values, keys, names)


def to_ieee754_32(values: pa.Array) -> pa.Array:
    """The 4 bytes of a real, big end first."""
    return each(struct.Struct(">f").pack, pa.binary(), values)


def to_ieee754_64(values: pa.Array) -> pa.Array:
    """The 8 bytes of a double, big end first."""
    return each(struct.Struct(">d").pack, pa.binary(), values)


def from_ieee754_32(values: pa.Array) -> pa.Array:
    """A real from its 4 bytes; INVALID_FUNCTION_ARGUMENT for another length."""
    return each(
        _unpacked(">f", "Input floating-point value must be exactly 4 bytes long"), pa.float32(), values
    )


def from_ieee754_64(values: pa.Array) -> pa.Array:
    """A double from its 8 bytes; INVALID_FUNCTION_ARGUMENT for another length."""
    return each(
        _unpacked(">d", "Input floating-point value must be exactly 8 bytes long"), pa.float64(), values
    )


def _unpacked(form: str, wrong: str) -> Callable[[bytes], float]:
    layout = struct.Struct(form)

    def unpack(value: bytes) -> float:
        if len(value) != layout.size:
            raise raised("INVALID_FUNCTION_ARGUMENT", wrong)
        (number,) = layout.unpack(value)
        return float(number)

    return unpack


def from_base32(values: pa.Array) -> pa.Array:
    """Bytes of RFC 4648's Base32; padding may be left out."""
    return each(_base32, pa.binary(), values)


def _base32(text: str) -> bytes:
    bare = text.rstrip("=")
    try:
        if len(bare) % 8 in {1, 3, 6}:
            raise ValueError
        return base64.b32decode(bare + "=" * (-len(bare) % 8))
    except ValueError:
        raise raised("INVALID_FUNCTION_ARGUMENT", f"Invalid base 32 encoding: {text}") from None


def from_base64(values: pa.Array) -> pa.Array:
    """Bytes of Base64 in its basic alphabet as Java's decoder reads it: padding may be left out."""
    return each(lambda text: _base64(text, altchars=None), pa.binary(), values)


def from_base64url(values: pa.Array) -> pa.Array:
    """Bytes of Base64 in the alphabet for URLs; padding may be left out."""
    return each(lambda text: _base64(text, altchars=b"-_"), pa.binary(), values)


def _base64(text: str, *, altchars: bytes | None) -> bytes:
    bare = text.rstrip("=")
    given = len(text) - len(bare)
    foreign = "+/" if altchars else "-_"
    try:
        if any(sign in bare for sign in foreign) or (given and len(text) % 4):
            raise ValueError
        return base64.b64decode(bare + "=" * (-len(bare) % 4), altchars, validate=True)
    except ValueError:
        raise raised("INVALID_FUNCTION_ARGUMENT", f"Illegal base64 text: {text[:100]}") from None


def pad_bytes(values: pa.Array, sizes: pa.Array, fills: pa.Array, left: pa.Array) -> pa.Array:
    """lpad and rpad of bytes; a longer value is cut at its end."""
    return each(_padded, pa.binary(), values, sizes, fills, left)


def _padded(value: bytes, size: int, fill: bytes, left: bool) -> bytes:
    if not 0 <= size <= 2**31 - 1:
        raise raised("INVALID_FUNCTION_ARGUMENT", "Target length must be in the range [0..2147483647]")
    if not fill:
        raise raised("INVALID_FUNCTION_ARGUMENT", "Padding bytes must not be empty")
    if len(value) >= size:
        return value[:size]
    missing = size - len(value)
    padding = (fill * (missing // len(fill) + 1))[:missing]
    return padding + value if left else value + padding


def from_utf8(values: pa.Array, marks: pa.Array) -> pa.Array:
    """Text of bytes; each broken sequence becomes the mark, which is one code point or empty."""
    return each(_decoded, pa.string(), values, marks)


def _decoded(value: bytes, mark: str) -> str:
    if len(mark) > 1:
        message = "Replacement character string must empty or a single character"
        raise raised("INVALID_FUNCTION_ARGUMENT", message)
    text = value.decode("utf-8", errors="replace")
    return text if mark == "\ufffd" else _marked(value, mark)


def _marked(value: bytes, mark: str) -> str:
    pieces, at = [], 0
    while at < len(value):
        try:
            pieces.append(value[at:].decode("utf-8"))
            break
        except UnicodeDecodeError as error:
            pieces.append(value[at : at + error.start].decode("utf-8"))
            pieces.append(mark)
            at += error.end
    return "".join(pieces)
