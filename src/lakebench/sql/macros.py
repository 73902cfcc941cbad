"""The DuckDB macros that translated queries and result texts call, in the order of their making.

A macro raises by a cast that fails, because DuckDB's TRY takes failing casts and not ``error()``
(facts/sql.md, "Levers"): ``lb_fail('CODE', 'message')``; ``sql.failures`` reads the text back.
"""

from __future__ import annotations

FAIL_HEAD, FAIL_TAIL = "<lakebench:", ":lakebench>"

_RAISING = f"""
lb_fail(code, message) AS CAST('{FAIL_HEAD}' || code || ':' || message || '{FAIL_TAIL}' AS BIGINT)
lb_argument(ok, message) AS CASE WHEN ok THEN true ELSE lb_fail('INVALID_FUNCTION_ARGUMENT', message) = 0 END
"""

# Java's text of a double, from DuckDB's shortest digits: 1.0E7 where DuckDB writes 10000000.0.
_FLOATS = """
lb_digits(s) AS rtrim(ltrim(replace(split_part(s, 'e', 1), '.', ''), '0'), '0')
lb_exponent(s, x) AS CASE WHEN contains(s, 'e') THEN CAST(split_part(s, 'e', 2) AS INTEGER) \
WHEN x >= 1 THEN length(split_part(s, '.', 1)) - 1 \
ELSE length(ltrim(split_part(s, '.', 2), '0')) - length(split_part(s, '.', 2)) - 1 END
lb_scientific(s, x) AS lb_digits(s)[1] || '.' || CASE WHEN length(lb_digits(s)) > 1 \
THEN lb_digits(s)[2:] ELSE '0' END || 'E' || CAST(lb_exponent(s, x) AS VARCHAR)
lb_shortest(s, x) AS lb_digits(s)[1] || CASE WHEN length(lb_digits(s)) > 1 \
THEN '.' || lb_digits(s)[2:] ELSE '' END || 'E' || CAST(lb_exponent(s, x) AS VARCHAR)
lb_special(x) AS CASE WHEN isnan(x) THEN 'NaN' WHEN x > 0 THEN 'Infinity' ELSE '-Infinity' END
lb_java(x) AS CASE WHEN x IS NULL THEN NULL WHEN NOT isfinite(x) THEN lb_special(x) \
WHEN x = 0 OR (abs(x) >= 0.001 AND abs(x) < 10000000) THEN CAST(x AS VARCHAR) \
ELSE CASE WHEN x < 0 THEN '-' ELSE '' END || lb_scientific(CAST(abs(x) AS VARCHAR), abs(x)) END
lb_float_varchar(x) AS CASE WHEN x IS NULL THEN NULL WHEN NOT isfinite(x) THEN lb_special(x) \
WHEN x = 0 THEN CASE WHEN starts_with(CAST(x AS VARCHAR), '-') THEN '-0E0' ELSE '0E0' END \
ELSE CASE WHEN x < 0 THEN '-' ELSE '' END || lb_shortest(CAST(abs(x) AS VARCHAR), abs(x)) END
lb_divide_decimal(x, y, scale) AS CASE WHEN y = 0 THEN CAST(1 // CAST(y AS INTEGER) AS DOUBLE) \
ELSE round(CAST(x AS DOUBLE) / CAST(y AS DOUBLE), scale) END
lb_divide(x, y) AS CASE WHEN y = 0 THEN CASE WHEN x = 0 OR isnan(x) THEN CAST('NaN' AS DOUBLE) \
WHEN x > 0 THEN CAST('Infinity' AS DOUBLE) ELSE CAST('-Infinity' AS DOUBLE) END ELSE x / y END
lb_cbrt(x) AS CASE WHEN pow(round(cbrt(x)), 3) = x THEN round(cbrt(x)) ELSE cbrt(x) END
lb_sqrt(x) AS CASE WHEN x < 0 THEN CAST('NaN' AS DOUBLE) ELSE sqrt(CAST(x AS DOUBLE)) END
lb_ln(x) AS CASE WHEN x < 0 THEN CAST('NaN' AS DOUBLE) WHEN x = 0 THEN CAST('-Infinity' AS DOUBLE) \
ELSE ln(CAST(x AS DOUBLE)) END
lb_log2(x) AS CASE WHEN x < 0 THEN CAST('NaN' AS DOUBLE) WHEN x = 0 THEN CAST('-Infinity' AS DOUBLE) \
ELSE log2(CAST(x AS DOUBLE)) END
lb_log10(x) AS CASE WHEN x < 0 THEN CAST('NaN' AS DOUBLE) WHEN x = 0 THEN CAST('-Infinity' AS DOUBLE) \
ELSE log10(CAST(x AS DOUBLE)) END
lb_asin(x) AS CASE WHEN abs(x) > 1 THEN CAST('NaN' AS DOUBLE) ELSE asin(CAST(x AS DOUBLE)) END
lb_acos(x) AS CASE WHEN abs(x) > 1 THEN CAST('NaN' AS DOUBLE) ELSE acos(CAST(x AS DOUBLE)) END
"""

_CASTS = """
lb_to_integer(s, kind) AS CASE WHEN s IS NULL OR regexp_full_match(s, '[+-]?[0-9]+') THEN s \
ELSE CAST(lb_fail('INVALID_CAST_ARGUMENT', 'Cannot cast ''' || s || ''' to ' || kind) AS VARCHAR) END
lb_try_integer(s) AS CASE WHEN regexp_full_match(s, '[+-]?[0-9]+') THEN s END
lb_milliseconds(t) AS make_timestamp(CASE WHEN epoch_us(t) % 1000 = 0 THEN epoch_us(t) \
ELSE CAST(floor((epoch_us(t) + 500) / 1000e0) AS BIGINT) * 1000 END)
lb_now() AS date_trunc('millisecond', transaction_timestamp())
"""

_STRINGS = """
lb_substr(s, start) AS CASE WHEN start = 0 OR start < -length(s) THEN '' ELSE substr(s, start) END
lb_substr(s, start, size) AS CASE WHEN start = 0 OR start < -length(s) OR size <= 0 THEN '' \
ELSE substr(s, start, size) END
lb_split_part(s, mark, i) AS CASE WHEN CASE WHEN i > 0 THEN true ELSE \
lb_fail('INVALID_FUNCTION_ARGUMENT', 'Index must be greater than zero') = 0 END \
THEN string_split(s, mark)[i] END
lb_replace(s, wanted, new) AS CASE WHEN wanted = '' THEN regexp_replace(s, '(.)', new || '\\1', 'g') || new \
ELSE replace(s, wanted, new) END
lb_url_encode(s) AS replace(replace(replace(url_encode(s), '%20', '+'), '~', '%7E'), '%2A', '*')
lb_blank() AS chr(32) || chr(9) || chr(10) || chr(11) || chr(12) || chr(13)
lb_trim(s) AS trim(s, lb_blank())
lb_ltrim(s) AS ltrim(s, lb_blank())
lb_rtrim(s) AS rtrim(s, lb_blank())
lb_regexp_extract(s, pattern, g) AS CASE WHEN regexp_matches(s, pattern) \
THEN regexp_extract(s, pattern, g) END
lb_json(j) AS CASE WHEN json_valid(j) THEN j END
lb_json_extract_scalar(j, path) AS CASE WHEN json_type(lb_json(j), path) IN ('OBJECT', 'ARRAY', 'NULL') \
THEN NULL ELSE json_extract_string(lb_json(j), path) END
lb_json_extract(j, path) AS json_extract(lb_json(j), path)
lb_json_array_length(j) AS CASE WHEN json_type(lb_json(j)) = 'ARRAY' \
THEN CAST(json_array_length(lb_json(j)) AS BIGINT) END
lb_json_text(j) AS CASE WHEN json_type(j) = 'NULL' THEN NULL ELSE json_extract_string(j, '$') END
"""

_CONTAINERS = """
lb_contains(a, x) AS CASE WHEN x IS NULL THEN NULL WHEN list_contains(a, x) THEN true \
WHEN list_count(a) < len(a) THEN NULL ELSE list_contains(a, x) END
lb_at(a, i) AS CASE WHEN a IS NULL OR i IS NULL THEN NULL WHEN i BETWEEN 1 AND len(a) THEN i \
WHEN i = 0 THEN lb_fail('INVALID_FUNCTION_ARGUMENT', 'SQL array indices start at 1') \
WHEN i < 0 THEN lb_fail('INVALID_FUNCTION_ARGUMENT', 'Array subscript is negative: ' || CAST(i AS VARCHAR)) \
ELSE lb_fail('INVALID_FUNCTION_ARGUMENT', 'Array subscript must be less than or equal to array length: ' \
|| CAST(i AS VARCHAR) || ' > ' || CAST(len(a) AS VARCHAR)) END
lb_subscript(a, i) AS a[lb_at(a, i)]
lb_key(m, k) AS CASE WHEN CASE WHEN m IS NULL OR k IS NULL OR map_contains(m, k) THEN true ELSE \
lb_fail('INVALID_FUNCTION_ARGUMENT', 'Key not present in map: ' || CAST(k AS VARCHAR)) = 0 END THEN m[k] END
lb_element_at(a, i) AS a[CASE WHEN i = 0 THEN \
lb_fail('INVALID_FUNCTION_ARGUMENT', 'SQL array indices start at 1') ELSE i END]
lb_slice(a, start, size) AS CASE WHEN lb_argument(start <> 0, 'SQL array indices start at 1') \
THEN CASE WHEN lb_argument(size >= 0, 'length must be greater than or equal to 0') \
THEN CASE WHEN size = 0 OR start < -len(a) THEN a[1:0] WHEN start > 0 THEN a[start:start + size - 1] \
ELSE a[len(a) + start + 1:len(a) + start + size] END END END
lb_array_distinct(a) AS list_filter(a, lambda lb_x, lb_i: CASE WHEN lb_x IS NULL \
THEN list_count(a[1:lb_i - 1]) = lb_i - 1 ELSE NOT list_contains(a[1:lb_i - 1], lb_x) END)
lb_array_except(a, b) AS list_filter(lb_array_distinct(a), lambda lb_x: CASE WHEN lb_x IS NULL \
THEN list_count(b) = len(b) ELSE NOT list_contains(b, lb_x) END)
lb_months_between(first, last, months) AS range(0, datesub('month', first, last) // months + 1)
lb_array_max(a) AS CASE WHEN list_count(a) < len(a) THEN NULL ELSE list_max(a) END
lb_array_min(a) AS CASE WHEN list_count(a) < len(a) THEN NULL ELSE list_min(a) END
lb_array_join(a, mark, blank) AS array_to_string(list_transform(a, lambda lb_x: \
coalesce(CAST(lb_x AS VARCHAR), blank)), mark)
lb_any(a) AS CASE WHEN list_contains(a, true) THEN true WHEN list_count(a) < len(a) THEN NULL \
WHEN a IS NULL THEN NULL ELSE false END
lb_all(a) AS CASE WHEN list_contains(a, false) THEN false WHEN list_count(a) < len(a) THEN NULL \
WHEN a IS NULL THEN NULL ELSE true END
"""

_TEXTS = """
lb_boolean(b) AS CASE WHEN b THEN 'true' WHEN NOT b THEN 'false' END
lb_timestamp(t) AS strftime(t, '%Y-%m-%d %H:%M:%S.%g')
lb_timestamp_tz(t) AS strftime(t AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M:%S.%g') || ' UTC'
lb_blob(b) AS rtrim(regexp_replace(lower(hex(b)), '(..)', '\\1 ', 'g'))
lb_interval_ms(i) AS CAST(epoch(i) * 1000 AS BIGINT)
lb_days(i) AS CASE WHEN lb_interval_ms(i) < 0 THEN '-' ELSE '' END \
|| CAST(abs(lb_interval_ms(i)) // 86400000 AS VARCHAR) || ' ' \
|| printf('%02d:%02d:%02d.%03d', abs(lb_interval_ms(i)) // 3600000 % 24, \
abs(lb_interval_ms(i)) // 60000 % 60, abs(lb_interval_ms(i)) // 1000 % 60, abs(lb_interval_ms(i)) % 1000)
lb_months(i) AS CASE WHEN datepart('year', i) * 12 + datepart('month', i) < 0 THEN '-' ELSE '' END \
|| CAST(abs(datepart('year', i) * 12 + datepart('month', i)) // 12 AS VARCHAR) || '-' \
|| CAST(abs(datepart('year', i) * 12 + datepart('month', i)) % 12 AS VARCHAR)
"""

_GROUPS = (_RAISING, _FLOATS, _CASTS, _STRINGS, _CONTAINERS, _TEXTS)


def macros() -> list[str]:
    """CREATE MACRO statements, to be run once an instance, in this order, before it is locked."""
    rows = [line for group in _GROUPS for line in group.strip().splitlines()]
    named: dict[str, list[str]] = {}
    for row in rows:
        name, _, rest = row.partition("(")
        named.setdefault(name, []).append(f"({rest}")
    made = [f"CREATE OR REPLACE MACRO {name} {', '.join(bodies)}" for name, bodies in named.items()]
    return [*made, _extreme("greatest"), _extreme("least")]


def _extreme(name: str) -> str:
    """greatest and least give NULL when one argument is NULL, as in Trino; up to ten arguments."""
    overloads = []
    for count in range(2, 11):
        names = ", ".join(f"x{at}" for at in range(count))
        nulls = " OR ".join(f"x{at} IS NULL" for at in range(count))
        overloads.append(f"({names}) AS CASE WHEN {nulls} THEN NULL ELSE {name}({names}) END")
    return f"CREATE OR REPLACE MACRO lb_{name} {', '.join(overloads)}"
