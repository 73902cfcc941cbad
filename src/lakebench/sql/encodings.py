"""Binary values, their encodings and hashes (Trino: functions/binary)."""

from __future__ import annotations

from collections.abc import Callable

from lakebench.sql.signatures import Call, Function, fixed


def _row(name: str, arguments: str, returns: str, sql: str | Callable[[Call], str]) -> Function:
    return Function(name=name, arguments=arguments, returns=fixed(returns), sql=sql)


_DECODERS = ("from_base64", "from_base64url", "from_base32")
ENCODINGS = [
    _row("to_utf8", "v", "varbinary", "encode({0})"),
    _row("from_utf8", "y", "varchar", "coalesce(TRY(decode({0})), lb_py_from_utf8({0}, chr(65533)))"),
    _row("from_utf8", "yv", "varchar", "coalesce(TRY(decode({0})), lb_py_from_utf8({0}, {1}))"),
    _row("from_utf8", "yi", "varchar", "coalesce(TRY(decode({0})), lb_py_from_utf8({0}, lb_chr({1})))"),
    _row("to_hex", "y", "varchar", "hex({0})"),
    _row("from_hex", "v", "varbinary", "lb_from_hex({0})"),
    _row("from_hex", "y", "varbinary", "lb_from_hex(decode({0}))"),
    _row("to_base64", "y", "varchar", "to_base64({0})"),
    *(_row(name, "v", "varbinary", f"lb_py_{name}({{0}})") for name in _DECODERS),
    *(_row(name, "y", "varbinary", f"lb_py_{name}(decode({{0}}))") for name in _DECODERS),
    _row("to_base64url", "y", "varchar", "translate(to_base64({0}), '+/', '-_')"),
    _row("to_base32", "y", "varchar", "lb_to_base32({0})"),
    _row("md5", "y", "varbinary", "unhex(md5({0}))"),
    _row("sha1", "y", "varbinary", "unhex(sha1({0}))"),
    _row("sha256", "y", "varbinary", "unhex(sha256({0}))"),
    *(_row(name, "y", "varbinary", f"lb_py_{name}({{0}})") for name in ("sha512", "xxhash64", "murmur3")),
    _row("crc32", "y", "bigint", "lb_py_crc32({0})"),
    *(
        _row(f"hmac_{name}", "yy", "varbinary", f"lb_py_hmac_digest({{0}}, {{1}}, '{name}')")
        for name in ("md5", "sha1", "sha256", "sha512")
    ),
    _row("to_ieee754_32", "n", "varbinary", "lb_py_to_ieee754_32(CAST({0} AS FLOAT))"),
    _row("to_ieee754_64", "n", "varbinary", "lb_py_to_ieee754_64(CAST({0} AS DOUBLE))"),
    _row("from_ieee754_32", "y", "real", "lb_py_from_ieee754_32({0})"),
    _row("from_ieee754_64", "y", "double", "lb_py_from_ieee754_64({0})"),
    _row("lpad", "yiy", "varbinary", "lb_py_pad_bytes({0}, CAST({1} AS BIGINT), {2}, true)"),
    _row("rpad", "yiy", "varbinary", "lb_py_pad_bytes({0}, CAST({1} AS BIGINT), {2}, false)"),
    _row("to_big_endian_64", "i", "varbinary", "unhex(printf('%016X', CAST({0} AS BIGINT)))"),
    _row("to_big_endian_32", "i", "varbinary", "lb_to_big_endian_32({0})"),
    _row("from_big_endian_64", "y", "bigint", "lb_from_big_endian({0}, 8, 18446744073709551616)"),
    _row("from_big_endian_32", "y", "integer", "CAST(lb_from_big_endian({0}, 4, 4294967296) AS INTEGER)"),
    _row("length", "y", "bigint", "octet_length({0})"),
    _row("reverse", "y", "varbinary", "lb_reverse_bytes({0})"),
    _row("concat", "yyy*", "varbinary", lambda call: "(" + " || ".join(call.texts) + ")"),
    _row("concat", "yy", "varbinary", "({0} || {1})"),
    _row("substr", "yi", "varbinary", "unhex(lb_substr_bytes(hex({0}), {1}, 536870912))"),
    _row("substr", "yii", "varbinary", "unhex(lb_substr_bytes(hex({0}), {1}, {2}))"),
]
