"""URLs (Trino: functions/url)."""

from __future__ import annotations

from lakebench.sql.signatures import Function, fixed


def _row(name: str, arguments: str, returns: str, sql: str) -> Function:
    return Function(name=name, arguments=arguments, returns=fixed(returns), sql=sql)


def _part(name: str, part: str) -> Function:
    return _row(f"url_extract_{name}", "v", "varchar", f"lb_py_url_part({{0}}, '{part}')")


URLS = [
    _row("url_encode", "v", "varchar", "lb_url_encode({0})"),
    _row("url_decode", "v", "varchar", "lb_py_url_decode({0})"),
    _part("protocol", "scheme"),
    _part("host", "host"),
    _row("url_extract_port", "v", "bigint", "CAST(nullif(lb_py_url_part({0}, 'port'), '') AS BIGINT)"),
    _part("path", "path"),
    _part("query", "query"),
    _part("fragment", "fragment"),
    _row("url_extract_parameter", "vv", "varchar", "lb_py_url_parameter({0}, {1})"),
]
