"""Binary values, encodings, hashes and URLs."""

from __future__ import annotations

from collections.abc import Callable

from lakebench.sql.signatures import Call, Function, fixed

# RFC 2396's grammar as Java's URI reads it: scheme, authority, path, query, fragment.
_URL = r"^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$"


def _part(group: int) -> str:
    return f"regexp_extract({{0}}, '{_URL}', {group})"


def _parameter(call: Call) -> str:
    query = _part(4).format(call.texts[0])
    name = call.texts[1]
    pairs = f"list_filter(string_split({query}, '&'), lambda lb_q: split_part(lb_q, '=', 1) = {name})"
    held = f"({pairs})[1]"
    value = f"CASE WHEN contains({held}, '=') THEN {held}[length({name}) + 2:] ELSE '' END"
    return f"(CASE WHEN lb_is_url({call.texts[0]}) AND {held} IS NOT NULL THEN lb_url_text({value}) END)"


def _row(name: str, arguments: str, returns: str, sql: str | Callable[[Call], str]) -> Function:
    return Function(name=name, arguments=arguments, returns=fixed(returns), sql=sql)


def _url(name: str, value: str) -> Function:
    text = f"(CASE WHEN lb_is_url({{0}}) THEN {value} END)"
    return _row(f"url_extract_{name}", "v", "varchar", text)


_AUTHORITY_HOST = f"nullif(regexp_extract({_part(2)}, '^(?:[^@]*@)?([^:@]*)', 1), '')"
_AUTHORITY_PORT = f"TRY_CAST(nullif(regexp_extract({_part(2)}, ':([0-9]+)$', 1), '') AS BIGINT)"

ENCODINGS = [
    _row("to_utf8", "v", "varbinary", "encode({0})"),
    _row("from_utf8", "y", "varchar", "decode({0})"),
    _row("to_hex", "y", "varchar", "hex({0})"),
    _row("from_hex", "v", "varbinary", "lb_from_hex({0})"),
    _row("from_hex", "y", "varbinary", "lb_from_hex(decode({0}))"),
    _row("to_base64", "y", "varchar", "to_base64({0})"),
    _row("from_base64", "v", "varbinary", "from_base64({0})"),
    _row("to_base64url", "y", "varchar", "translate(to_base64({0}), '+/', '-_')"),
    _row("from_base64url", "v", "varbinary", "from_base64(translate({0}, '-_', '+/'))"),
    _row("to_base32", "y", "varchar", "lb_to_base32({0})"),
    _row("md5", "y", "varbinary", "unhex(md5({0}))"),
    _row("sha1", "y", "varbinary", "unhex(sha1({0}))"),
    _row("sha256", "y", "varbinary", "unhex(sha256({0}))"),
    _row("xxhash64", "y", "varbinary", "lb_py_xxhash64({0})"),
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
    _row("url_encode", "v", "varchar", "lb_url_encode({0})"),
    _row("url_decode", "v", "varchar", "url_decode(replace({0}, '+', ' '))"),
    _url("protocol", f"nullif({_part(1)}, '')"),
    _url("host", _AUTHORITY_HOST),
    _row("url_extract_port", "v", "bigint", f"(CASE WHEN lb_is_url({{0}}) THEN {_AUTHORITY_PORT} END)"),
    _url("path", f"lb_url_text({_part(3)})"),
    _url("query", f"lb_url_text({_part(4)})"),
    _url("fragment", f"lb_url_text({_part(5)})"),
    _row("url_extract_parameter", "vv", "varchar", _parameter),
]
