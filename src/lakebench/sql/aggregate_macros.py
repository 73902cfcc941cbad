"""DuckDB macros that finish aggregates (``sql.aggregates``); they call those of ``sql.macros``."""

from __future__ import annotations

AGGREGATE_MACROS = """
lb_pair(a) AS CASE WHEN a IS NULL THEN NULL ELSE row(a[1], a[2]) END
lb_bigint_sum(x) AS CASE WHEN x BETWEEN -9223372036854775808 AND 9223372036854775807 THEN CAST(x AS BIGINT) \
WHEN x IS NOT NULL THEN lb_fail('NUMERIC_VALUE_OUT_OF_RANGE', 'bigint addition overflow: ' \
|| CAST(x AS VARCHAR)) END
lb_fail_at(hit, code, message) AS CASE WHEN hit THEN lb_fail(code, message) = 0 ELSE false END
lb_at_least(n, least, message) AS CASE WHEN n < least THEN lb_fail('INVALID_FUNCTION_ARGUMENT', message) \
ELSE n END
lb_finite(x) AS CASE WHEN isfinite(x) THEN x END
lb_listagg(s) AS CASE WHEN octet_length(encode(s)) > 1048576 THEN CAST(lb_fail( \
'EXCEEDED_FUNCTION_MEMORY_LIMIT', 'Concatenated string has the length in bytes larger than the ' \
|| 'maximum output length 1048576') AS VARCHAR) ELSE s END
lb_by_count(m) AS list_transform(list_sort(list_transform(map_entries(m), lambda lb_e: \
{'n': -CAST(lb_e.value AS BIGINT), 'k': lb_e.key})), lambda lb_s: {'k': lb_s.k, 'v': -lb_s.n})
lb_most_frequent(m, n) AS CASE WHEN lb_argument(n >= 2, \
'approx_most_frequent bucket count must be greater than one, input bucket count: ' || CAST(n AS VARCHAR)) \
THEN map_from_entries(lb_by_count(m)[1:n]) END
lb_multimap(a) AS CASE WHEN len(lb_first_pairs(a)) > 0 THEN map(list_transform(lb_first_pairs(a), \
lambda lb_p: lb_p.k), list_transform(lb_first_pairs(a), lambda lb_p: list_transform(list_filter(a, \
lambda lb_x: lb_x.k = lb_p.k), lambda lb_y: lb_y.v))) END
lb_map_union(a) AS lb_map_of_pairs(list_transform(flatten(list_transform(a, lambda lb_m: \
map_entries(lb_m))), lambda lb_e: {'k': lb_e.key, 'v': lb_e.value}))
"""
