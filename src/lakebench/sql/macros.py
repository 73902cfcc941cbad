"""The DuckDB macros that translated queries and result texts call, in the order of their making.

A macro raises by a cast that fails, because DuckDB's TRY takes failing casts and not ``error()``
(facts/sql.md, "Levers"): ``lb_fail('CODE', 'message')``; ``sql.failures`` reads the text back. What Trino's
TRY does not catch (``errors.TRIED``) is raised as a time zone that is not there: DuckDB's TRY lets it pass.
"""

from __future__ import annotations

from lakebench.errors import FAIL_HEAD, FAIL_TAIL, TRIED
from lakebench.sql import (
    container_macros,
    date_formats,
    fractions,
    macro_texts,
    temporal_arithmetic,
    temporal_casts,
    temporal_texts,
    vectors,
    zones,
)
from lakebench.sql.aggregate_macros import AGGREGATE_MACROS

_RAISING = f"""
lb_fail_text(code, message) AS '{FAIL_HEAD}' || code || ':' || message || '{FAIL_TAIL}'
lb_fail(code, message) AS CASE WHEN code IN ({", ".join(f"'{code}'" for code in sorted(TRIED))}) \
THEN CAST(lb_fail_text(code, message) AS BIGINT) \
ELSE CAST(timezone(lb_fail_text(code, message), TIMESTAMP '2000-01-01') IS NULL AS BIGINT) END
lb_checked(ok, code, message, x) AS CASE WHEN ok THEN x WHEN ok IS NULL THEN NULL \\
ELSE [CASE WHEN false THEN x END][lb_fail(code, message)] END
lb_guard(ok, message, x) AS lb_checked(ok, 'INVALID_FUNCTION_ARGUMENT', message, x)
lb_argument(ok, message) AS CASE ok WHEN true THEN true WHEN false THEN \
lb_fail('INVALID_FUNCTION_ARGUMENT', message) = 0 END
"""

# Java's text of a double, from DuckDB's shortest digits: 1.0E7 where DuckDB writes 10000000.0.
_FLOATS = """
lb_digits(s) AS rtrim(ltrim(replace(split_part(s, 'e', 1), '.', ''), '0'), '0')
lb_exponent(s, x) AS CASE WHEN contains(s, 'e') THEN CAST(split_part(s, 'e', 2) AS INTEGER) WHEN x >= 1 \
THEN length(split_part(s, '.', 1)) - 1 ELSE length(ltrim(split_part(s, '.', 2), '0')) - \
length(split_part(s, '.', 2)) - 1 END
lb_scientific(s, x) AS lb_digits(s)[1] || '.' || CASE WHEN length(lb_digits(s)) > 1 THEN lb_digits(s)[2:] \
ELSE '0' END || 'E' || CAST(lb_exponent(s, x) AS VARCHAR)
lb_special(x) AS CASE WHEN isnan(x) THEN 'NaN' WHEN x > 0 THEN 'Infinity' ELSE '-Infinity' END
lb_java(x) AS CASE WHEN x IS NULL THEN NULL WHEN NOT isfinite(x) THEN lb_special(x) WHEN x = 0 OR (abs(x) \
>= 0.001 AND abs(x) < 10000000) THEN CAST(x AS VARCHAR) ELSE CASE WHEN x < 0 THEN '-' ELSE '' END || \
lb_scientific(CAST(abs(x) AS VARCHAR), abs(x)) END
lb_double_varchar(x) AS CASE WHEN x IS NULL THEN NULL WHEN NOT isfinite(x) THEN lb_special(x) \
WHEN x = 0 THEN CASE WHEN starts_with(CAST(x AS VARCHAR), '-') THEN '-0E0' ELSE '0E0' END \
ELSE CASE WHEN x < 0 THEN '-' ELSE '' END || lb_scientific(CAST(abs(x) AS VARCHAR), abs(x)) END
lb_seven_digits(s) AS regexp_replace(split_part(s, 'e', 1), '(\\.[0-9]+?)0*$', '\\1') || 'E' \
|| CAST(CAST(split_part(s, 'e', 2) AS INTEGER) AS VARCHAR)
lb_real_varchar(x) AS CASE WHEN isfinite(x) AND x <> 0 \
THEN lb_seven_digits(printf('%.6e', CAST(CAST(x AS VARCHAR) AS DOUBLE))) ELSE lb_double_varchar(x) END
lb_divide_units(x, y) AS CASE WHEN y = 0 THEN CAST(1 // CAST(y AS INTEGER) AS HUGEINT) ELSE (CASE WHEN (x \
< 0) <> (y < 0) THEN -1 ELSE 1 END) * (abs(x) // abs(y) + CASE WHEN abs(x) % abs(y) >= abs(y) - abs(x) % \
abs(y) THEN 1 ELSE 0 END) END
lb_units_text(x, scale) AS CASE WHEN x < 0 THEN '-' ELSE '' END || CASE WHEN scale = 0 THEN CAST(abs(x) \
AS VARCHAR) ELSE CAST(abs(x) // CAST(pow(10, scale) AS HUGEINT) AS VARCHAR) || '.' || right(repeat('0', \
scale) || CAST(abs(x) AS VARCHAR), scale) END
lb_divide(x, y) AS CASE WHEN y = 0 THEN CASE WHEN x = 0 OR isnan(x) THEN CAST('NaN' AS DOUBLE) WHEN x > 0 \
THEN CAST('Infinity' AS DOUBLE) ELSE CAST('-Infinity' AS DOUBLE) END ELSE x / y END
lb_cbrt(x) AS CASE WHEN pow(round(cbrt(x)), 3) = x OR x = 0 OR NOT isfinite(CAST(x AS DOUBLE)) THEN \
round(cbrt(x)) ELSE cbrt(x) - (pow(cbrt(x), 3) - x) / (3 * pow(cbrt(x), 2)) END
lb_sqrt(x) AS CASE WHEN x < 0 THEN CAST('NaN' AS DOUBLE) ELSE sqrt(CAST(x AS DOUBLE)) END
lb_ln(x) AS CASE WHEN x < 0 THEN CAST('NaN' AS DOUBLE) WHEN x = 0 THEN CAST('-Infinity' AS DOUBLE) ELSE \
ln(CAST(x AS DOUBLE)) END
lb_log2(x) AS CASE WHEN x < 0 THEN CAST('NaN' AS DOUBLE) WHEN x = 0 THEN CAST('-Infinity' AS DOUBLE) ELSE \
log2(CAST(x AS DOUBLE)) END
lb_log10(x) AS CASE WHEN x < 0 THEN CAST('NaN' AS DOUBLE) WHEN x = 0 THEN CAST('-Infinity' AS DOUBLE) \
ELSE log10(CAST(x AS DOUBLE)) END
lb_sign(x) AS CASE WHEN isnan(x) THEN x ELSE sign(x) END
lb_truncate(x, n) AS CASE WHEN isfinite(CAST(x AS DOUBLE)) THEN trunc(x * pow(10, n)) / pow(10, n) ELSE x \
END
lb_width_bucket(x, low, high, n) AS lb_guard(n > 0, 'bucketCount must be greater than 0', lb_guard(NOT \
isnan(x), 'operand must not be NaN', lb_guard(low <> high, 'bounds cannot equal each other', CASE WHEN \
low < high THEN CASE WHEN x < low THEN 0 WHEN x >= high THEN n + 1 ELSE CAST(floor(n * ((x - low) / (high \
- low))) AS BIGINT) + 1 END ELSE CASE WHEN x > low THEN 0 WHEN x <= high THEN n + 1 ELSE CAST(floor(n * \
((low - x) / (low - high))) AS BIGINT) + 1 END END)))
lb_width_buckets(x, bins) AS lb_guard(len(bins) > 0, 'Bins cannot be an empty array', lb_guard(bins = \
list_sort(bins), 'Bin values are not sorted in ascending order', CAST(len(list_filter(bins, lambda lb_x: \
lb_x <= x)) AS BIGINT)))
lb_bit_count(x, n) AS lb_guard(n BETWEEN 2 AND 64, \
'Bits specified in bit_count must be between 2 and 64, got ' || CAST(n AS VARCHAR), lb_guard(n = 64 OR (x \
>= -(CAST(1 AS HUGEINT) << (n - 1)) AND x < (CAST(1 AS HUGEINT) << (n - 1))), \
'Number must be representable with the bits specified. ' || CAST(x AS VARCHAR) || \
' cannot be represented with ' || CAST(n AS VARCHAR) || ' bits', CAST(bit_count(CAST(x AS BIGINT)) - CASE \
WHEN x < 0 THEN 64 - n ELSE 0 END AS BIGINT)))
lb_bits_of(x, bits) AS CAST(CASE WHEN x < 0 THEN CAST(x AS HUGEINT) + CAST(pow(2, bits) AS HUGEINT) ELSE \
x END AS HUGEINT)
lb_signed(x, bits) AS CAST(CASE WHEN x >= CAST(pow(2, bits - 1) AS HUGEINT) THEN x - CAST(pow(2, bits) AS \
HUGEINT) ELSE x END AS BIGINT)
lb_shift_left(x, n, bits) AS CASE WHEN n >= bits THEN 0::BIGINT ELSE lb_signed(CAST((lb_bits_of(x, bits) \
% CAST(pow(2, greatest(bits - n, 0)) AS HUGEINT)) * CAST(pow(2, least(n, bits)) AS HUGEINT) AS HUGEINT), \
bits) END
lb_shift_right(x, n, bits) AS CASE WHEN n >= bits THEN 0::BIGINT ELSE lb_signed(lb_bits_of(x, bits) // \
CAST(pow(2, least(n, bits)) AS HUGEINT), bits) END
lb_shift_signed(x, n, bits) AS CASE WHEN n >= 63 THEN CASE WHEN x < 0 THEN -1::BIGINT ELSE 0::BIGINT END \
ELSE CAST(CASE WHEN x >= 0 THEN CAST(x AS HUGEINT) // CAST(pow(2, least(n, 63)) AS HUGEINT) ELSE \
-((-CAST(x AS HUGEINT) - 1) // CAST(pow(2, least(n, 63)) AS HUGEINT)) - 1 END AS BIGINT) END
lb_out_of_range(message) AS lb_fail('NUMERIC_VALUE_OUT_OF_RANGE', message)
lb_negated(x, kind, least) AS CASE WHEN x = least THEN lb_out_of_range(kind || ' negation overflow: ' || \
CAST(least AS VARCHAR)) ELSE -x END
lb_abs_integer(x, kind, least) AS CASE WHEN x = least THEN lb_out_of_range( 'Value ' || CAST(least AS \
VARCHAR) || ' is out of range for abs(' || kind || ')') ELSE abs(x) END
lb_round(x, n) AS CASE WHEN NOT isfinite(x) OR abs(x) * pow(10, n) >= 9e18 THEN x ELSE round(x * pow(10, \
n)) / pow(10, n) END
lb_random_below(n, share) AS lb_guard(n > 0, 'bound must be positive', floor(share * n))
lb_random_between(low, high, share) AS lb_guard(low < high, 'start value must be less than stop value', \
low + floor(share * (high - low)))
lb_radix(n) AS lb_argument(n BETWEEN 2 AND 36, 'Radix must be between 2 and 36')
lb_to_base(x, n) AS CASE WHEN lb_radix(n) THEN CASE WHEN x < 0 THEN '-' ELSE '' END || \
lower(to_base(abs(x), CAST(n AS INTEGER))) END
lb_digit(c) AS strpos('0123456789abcdefghijklmnopqrstuvwxyz', lower(c)) - 1
lb_base_digits(s) AS regexp_replace(s, '^[+-]', '')
lb_base_value(s, n, x) AS lb_guard(x BETWEEN -9223372036854775808 AND 9223372036854775807, \
'Not a valid base-' || CAST(n AS VARCHAR) || ' number: ' || s, CAST(x AS BIGINT))
lb_from_base(s, n) AS CASE WHEN lb_radix(n) THEN lb_guard(regexp_full_match(s, '[+-]?[0-9A-Za-z]+') AND \
list_max(list_transform(string_split(lb_base_digits(s), ''), lambda lb_c: lb_digit(lb_c))) < n, \
'Not a valid base-' || CAST(n AS VARCHAR) || ' number: ' || s, lb_base_value(s, n, CASE WHEN s[1] = '-' \
THEN -1 ELSE 1 END * list_reduce(list_transform(string_split(lb_base_digits(s), ''), lambda lb_c: \
CAST(lb_digit(lb_c) AS HUGEINT)), lambda lb_s, lb_d: CASE WHEN lb_s > 9223372036854775808 \
THEN lb_s ELSE lb_s * n + lb_d END))) END
lb_asin(x) AS CASE WHEN abs(x) > 1 THEN CAST('NaN' AS DOUBLE) ELSE asin(CAST(x AS DOUBLE)) END
lb_acos(x) AS CASE WHEN abs(x) > 1 THEN CAST('NaN' AS DOUBLE) ELSE acos(CAST(x AS DOUBLE)) END
"""

_CASTS = """
lb_to_integer(s, kind) AS CASE WHEN s IS NULL OR regexp_full_match(s, '[+-]?[0-9]+') THEN s ELSE \
CAST(lb_fail('INVALID_CAST_ARGUMENT', 'Cannot cast ''' || s || ''' to ' || kind) AS VARCHAR) END
lb_to_boolean(s) AS CASE WHEN lower(s) IN ('t', 'true', '1') THEN true WHEN lower(s) IN ('f', 'false', \
'0') THEN false WHEN s IS NULL THEN NULL ELSE lb_fail('INVALID_CAST_ARGUMENT', 'Cannot cast ''' || s || \
''' to BOOLEAN') = 0 END
lb_fits(s, value, kind, size) AS CASE WHEN s IS NULL OR length(s) <= size THEN s ELSE CAST(lb_fail( \
'INVALID_CAST_ARGUMENT', 'Value ' || value || ' cannot be represented as ' || kind || '(' || CAST(size AS \
VARCHAR) || ')') AS VARCHAR) END
lb_uuid_text(s) AS CASE WHEN s IS NULL OR regexp_full_match(s, \
'[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}') THEN s ELSE \
CAST(lb_fail('INVALID_CAST_ARGUMENT', 'Cannot cast value to UUID: ' || s) AS VARCHAR) END
lb_uuid_of(b) AS CASE WHEN b IS NULL OR octet_length(b) = 16 THEN CAST(regexp_replace(hex(b), \
'(.{8})(.{4})(.{4})(.{4})(.{12})', '\\1-\\2-\\3-\\4-\\5') AS UUID) ELSE CAST(CAST(lb_fail( \
'INVALID_CAST_ARGUMENT', 'Invalid UUID binary length: ' || CAST(octet_length(b) AS VARCHAR)) AS VARCHAR) \
AS UUID) END
lb_address_bytes(b) AS CASE WHEN b IS NULL OR octet_length(b) = 16 THEN b WHEN octet_length(b) = 4 THEN \
unhex('00000000000000000000FFFF') || b ELSE CAST(CAST(lb_fail('INVALID_CAST_ARGUMENT', \
'Invalid InetAddress binary length: ' || CAST(octet_length(b) AS VARCHAR)) AS VARCHAR) AS BLOB) END
lb_to_real(x) AS CASE WHEN abs(x) >= 3.4028235677973366e38 THEN CAST(CASE WHEN isnan(x) THEN 'NaN' \
WHEN x > 0 THEN 'Infinity' ELSE '-Infinity' END AS FLOAT) ELSE CAST(x AS FLOAT) END
lb_is_decimal(s) AS regexp_full_match(s, '[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?')
lb_decimal_text(s, kind) AS CASE WHEN s IS NULL OR lb_is_decimal(s) THEN s ELSE CAST(lb_fail( \
'INVALID_CAST_ARGUMENT', 'Cannot cast VARCHAR ''' || s || ''' to ' || kind || '. Value is not a number.') \
AS VARCHAR) END
lb_decimal_varchar(x) AS regexp_replace(CAST(x AS VARCHAR), '^(-?)[.]', '\\10.')
lb_try_integer(s) AS CASE WHEN regexp_full_match(s, '[+-]?[0-9]+') THEN s END
lb_date_plus(d, i) AS lb_guard(lb_interval_ms(i) % 86400000 = 0, \
'Cannot add hour, minutes or seconds to a date', CAST(d + i AS DATE))
lb_years_of(i) AS (datepart('year', i) * 12 + datepart('month', i)) // 12
lb_months_of(i) AS (datepart('year', i) * 12 + datepart('month', i)) % 12
lb_count_of(n, word) AS CASE WHEN n = 0 THEN NULL ELSE CAST(n AS VARCHAR) || ' ' || word || CASE WHEN n = \
1 THEN '' ELSE 's' END END
lb_human_text(x) AS CASE WHEN round(abs(x)) = 0 THEN '0 seconds' ELSE CASE WHEN x < 0 THEN '-' ELSE '' \
END || concat_ws(', ', lb_count_of(CAST(round(abs(x)) AS BIGINT) // 604800, 'week'), \
lb_count_of(CAST(round(abs(x)) AS BIGINT) // 86400 % 7, 'day'), lb_count_of(CAST(round(abs(x)) AS BIGINT) \
// 3600 % 24, 'hour'), lb_count_of(CAST(round(abs(x)) AS BIGINT) // 60 % 60, 'minute'), \
lb_count_of(CAST(round(abs(x)) AS BIGINT) % 60, 'second')) END
lb_human_seconds(x) AS lb_human_text(lb_guard(isfinite(x), 'Invalid argument found: ' || lb_special(x), \
x))
lb_duration(s) AS lb_guard(regexp_full_match(s, '\\s*\\d+(\\.\\d+)?\\s*(ns|us|ms|s|m|h|d)\\s*'), \
'Input string is not a valid duration', to_milliseconds(CAST(round(CAST(regexp_extract(s, '[\\d.]+') AS \
DOUBLE) * CASE regexp_extract(s, '[a-z]+') WHEN 'ns' THEN 1e-6 WHEN 'us' THEN 1e-3 WHEN 'ms' THEN 1 WHEN \
's' THEN 1000 WHEN 'm' THEN 60000 WHEN 'h' THEN 3600000 ELSE 86400000 END) AS BIGINT)))
"""

_STRINGS = """
lb_substr(s, start) AS CASE WHEN start = 0 OR start < -length(s) THEN '' ELSE substr(s, start) END
lb_substr(s, start, size) AS CASE WHEN start = 0 OR start < -length(s) OR size <= 0 THEN '' \
ELSE substr(s, start, size) END
lb_split_part(s, mark, i) AS lb_guard(i > 0, 'Index must be greater than zero', string_split(s, mark)[i])
lb_joined(a, mark) AS substring(array_to_string(list_transform(a, lambda lb_x: mark || lb_x), ''), \
length(mark) + 1)
lb_replace(s, wanted, new) AS CASE WHEN wanted <> '' THEN replace(s, wanted, new) WHEN s = '' THEN new \
ELSE lb_joined(list_append(list_prepend('', string_split(s, wanted)), ''), new) END
lb_like_pattern(pattern, mark) AS lb_guard(length(mark) = 1, 'Escape string must be a single character', \
lb_guard(regexp_full_match(replace(replace(replace(pattern, mark || mark, ''), mark || '%', ''), mark || \
'_', ''), '(?s)[^' || regexp_escape(mark) || ']*'), 'Escape character must be followed by ''%'', ''_'' or \
the escape character itself', pattern))
lb_url_encode(s) AS replace(replace(replace(url_encode(s), '%20', '+'), '~', '%7E'), '%2A', '*')
lb_blank() AS chr(32) || chr(9) || chr(10) || chr(11) || chr(12) || chr(13)
lb_trim(s) AS trim(s, lb_blank())
lb_ltrim(s) AS ltrim(s, lb_blank())
lb_rtrim(s) AS rtrim(s, lb_blank())
lb_regexp_extract(s, pattern, g) AS CASE WHEN regexp_matches(s, pattern) \
THEN regexp_extract(s, pattern, g) END
"""

_TEXTS = """
lb_boolean(b) AS CASE WHEN b THEN 'true' WHEN NOT b THEN 'false' END
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

_GROUPS = (
    *(_RAISING, _TEXTS, temporal_texts.MACROS, _FLOATS),
    *(container_macros.CONTAINERS, AGGREGATE_MACROS, _CASTS, _STRINGS),
    *(macro_texts.STRINGS, macro_texts.JSON, macro_texts.BYTES),
    *(fractions.MACROS, zones.MACROS, temporal_casts.MACROS),
    *(temporal_arithmetic.MACROS, date_formats.MACROS, vectors.MACROS),
)


def macros() -> list[str]:
    """CREATE MACRO statements, to be run once an instance, in this order, before it is locked."""
    rows = [line for group in _GROUPS for line in group.replace("\\\n", "").strip().splitlines()]
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
