"""Macros for arrays, maps and rows: see ``sql.macros``."""

from __future__ import annotations

CONTAINERS = r"""
lb_contains_sequence(a, b) AS CASE WHEN a IS NULL OR b IS NULL THEN NULL WHEN len(b) = 0 THEN true ELSE \
len(list_filter(range(1, len(a) - len(b) + 2), lambda lb_i: a[lb_i:lb_i + len(b) - 1] = b)) > 0 END
lb_first_pairs(a) AS list_filter(a, lambda lb_x, lb_i: lb_x.k IS NOT NULL AND NOT list_contains( \
list_transform(a[1:lb_i - 1], lambda lb_y: lb_y.k), lb_x.k))
lb_map_of_pairs(a) AS CASE WHEN list_unique(list_transform(a, lambda lb_x: lb_x.k)) = len(a) AND len(a) > \
0 THEN map(list_transform(a, lambda lb_x: lb_x.k), list_transform(a, lambda lb_x: lb_x.v)) WHEN \
len(lb_first_pairs(a)) > 0 THEN map( list_transform(lb_first_pairs(a), lambda lb_x: lb_x.k), \
list_transform(lb_first_pairs(a), lambda lb_x: lb_x.v)) END
lb_no_nulls(a) AS lb_checked(list_count(a) = len(a), 'NOT_SUPPORTED', \
'ARRAY comparison not supported for arrays with null elements', a)
lb_map(keys, held) AS lb_guard(keys IS NULL OR held IS NULL OR (len(keys) = len(held) AND \
list_count(keys) = len(keys) AND len(list_distinct(keys)) = len(keys)), CASE WHEN len(keys) <> len(held) \
THEN 'Key and value arrays must be the same length' WHEN list_count(keys) < len(keys) \
THEN 'map key cannot be null' ELSE 'Duplicate map keys are not allowed' END, map(keys, held))
lb_cast_map(keys, held) AS lb_checked(keys IS NULL OR list_unique(keys) = len(keys), \
'INVALID_CAST_ARGUMENT', CASE WHEN list_count(keys) < len(keys) THEN 'map key is null' \
ELSE 'duplicate keys' END, map(keys, held))
lb_contains(a, x) AS CASE WHEN x IS NULL THEN NULL WHEN list_contains(a, x) THEN true WHEN list_count(a) \
< len(a) THEN NULL ELSE list_contains(a, x) END
lb_at(a, i) AS CASE WHEN a IS NULL OR i IS NULL THEN NULL WHEN i BETWEEN 1 AND len(a) THEN i WHEN i = 0 \
THEN lb_fail('INVALID_FUNCTION_ARGUMENT', 'SQL array indices start at 1') WHEN i < 0 THEN \
lb_fail('INVALID_FUNCTION_ARGUMENT', 'Array subscript is negative: ' || CAST(i AS VARCHAR)) ELSE \
lb_fail('INVALID_FUNCTION_ARGUMENT', 'Array subscript must be less than or equal to array length: ' || \
CAST(i AS VARCHAR) || ' > ' || CAST(len(a) AS VARCHAR)) END
lb_subscript(a, i) AS a[lb_at(a, i)]
lb_key(m, k) AS lb_guard(m IS NULL OR k IS NULL OR map_contains(m, k), \
'Key not present in map: ' || CAST(k AS VARCHAR), m[k])
lb_element_at(a, i) AS a[CASE WHEN i = 0 THEN lb_fail('INVALID_FUNCTION_ARGUMENT', \
'SQL array indices start at 1') ELSE i END]
lb_slice(a, start, size) AS lb_guard(start <> 0, 'SQL array indices start at 1', lb_guard(size >= 0, \
'length must be greater than or equal to 0', CASE WHEN size = 0 OR start < -len(a) THEN a[1:0] WHEN start \
> 0 THEN a[start:start + size - 1] ELSE a[len(a) + start + 1:len(a) + start + size] END))
lb_array_distinct(a) AS list_filter(a, lambda lb_x, lb_i: CASE WHEN lb_x IS NULL THEN list_count(a[1:lb_i \
- 1]) = lb_i - 1 ELSE NOT list_contains(a[1:lb_i - 1], lb_x) END)
lb_kept(a, b) AS list_filter(lb_array_distinct(a), lambda lb_x: CASE WHEN lb_x IS NULL THEN list_count(b) \
< len(b) ELSE list_contains(b, lb_x) END)
lb_array_except(a, b) AS list_filter(lb_array_distinct(a), lambda lb_x: CASE WHEN lb_x IS NULL THEN \
list_count(b) = len(b) ELSE NOT list_contains(b, lb_x) END)
lb_nested_nan(found, name) AS CASE WHEN found THEN lb_fail('NOT_SUPPORTED', name || \
' of containers with NaN is not supported yet') = 0 ELSE true END
lb_numbers(a) AS list_filter(a, lambda lb_x: NOT isnan(lb_x))
lb_array_max_number(a) AS CASE WHEN list_count(a) < len(a) THEN NULL ELSE \
coalesce(list_max(lb_numbers(a)), list_max(a)) END
lb_array_min_number(a) AS CASE WHEN list_count(a) < len(a) THEN NULL ELSE list_min(a) END
lb_without_nan(a, name) AS CASE WHEN lb_nested_nan(len(list_filter(a, lambda lb_x: \
contains(lower(CAST(lb_x AS VARCHAR)), 'nan'))) > 0, name) THEN a END
lb_array_max(a) AS CASE WHEN list_count(a) < len(a) THEN NULL ELSE list_max(a) END
lb_array_min(a) AS CASE WHEN list_count(a) < len(a) THEN NULL ELSE list_min(a) END
lb_array_join(a, mark, blank) AS array_to_string(list_transform(a, lambda lb_x: coalesce(CAST(lb_x AS \
VARCHAR), blank)), mark)
lb_array_intersect(a, b) AS CASE WHEN len(a) < len(b) THEN lb_kept(b, a) ELSE lb_kept(a, b) END
lb_array_remove(a, x) AS CASE WHEN a IS NULL OR x IS NULL THEN NULL ELSE list_filter(a, lambda lb_x: \
coalesce(lb_x <> x, true)) END
lb_array_position(a, x) AS CASE WHEN a IS NULL OR x IS NULL THEN NULL ELSE CAST(coalesce(list_position(a, \
x), 0) AS BIGINT) END
lb_array_position_at(a, x, n) AS CASE WHEN a IS NULL OR x IS NULL OR n IS NULL THEN NULL WHEN \
lb_argument(n <> 0, 'array_position cannot take a 0-valued instance argument.') THEN \
CAST(coalesce(list_filter(range(1, len(a) + 1), lambda lb_i: a[lb_i] = x)[n], 0) AS BIGINT) END
lb_arrays_overlap(a, b) AS CASE WHEN list_has_any(list_filter(a, lambda lb_x: lb_x IS NOT NULL), \
list_filter(b, lambda lb_x: lb_x IS NOT NULL)) THEN true WHEN len(a) = 0 OR len(b) = 0 THEN false WHEN \
list_count(a) < len(a) OR list_count(b) < len(b) THEN NULL WHEN a IS NULL OR b IS NULL THEN NULL ELSE \
false END
lb_ngrams(a, n) AS lb_guard(n > 0, 'N must be positive', CASE WHEN len(a) <= n THEN [a] ELSE \
list_transform(range(1, len(a) - n + 2), lambda lb_i: a[lb_i:lb_i + n - 1]) END)
lb_trim_array(a, n) AS lb_guard(n >= 0, 'size must not be negative: ' || CAST(n AS VARCHAR), lb_guard(n \
<= len(a), 'size must not exceed array cardinality', a[1:len(a) - n]))
lb_sequence(first, last, step) AS list_transform([{'a': first, 'b': last, 's': step}], lambda lb_q: \
lb_guard(lb_q.s <> 0, 'step must not be zero', lb_guard(CASE WHEN lb_q.s > 0 THEN lb_q.b >= lb_q.a ELSE \
lb_q.b <= lb_q.a END, \
'sequence stop value should be greater than or equal to start value if step is greater than zero ' || \
'otherwise stop should be less than or equal to start', lb_guard((CAST(lb_q.b AS HUGEINT) - lb_q.a) // \
lb_q.s < 10000, 'result of sequence function must not have more than 10000 entries', \
generate_series(CAST(lb_q.a AS BIGINT), CAST(lb_q.b AS BIGINT), CAST(lb_q.s AS BIGINT))))))[1]
lb_whole_days(i) AS lb_guard(lb_interval_ms(i) % 86400000 = 0, \
'sequence step must be a day interval if start and end values are dates', lb_interval_ms(i) // 86400000)
lb_map_concat(a, b) AS map_concat(a, b)
lb_map_equal_keys(a, b) AS lb_array_distinct(list_concat(map_keys(a), map_keys(b)))
lb_any(a) AS CASE WHEN list_contains(a, true) THEN true WHEN list_count(a) < len(a) THEN NULL WHEN a IS \
NULL THEN NULL ELSE false END
lb_all(a) AS CASE WHEN list_contains(a, false) THEN false WHEN list_count(a) < len(a) THEN NULL WHEN a IS \
NULL THEN NULL ELSE true END
lb_repeated(n) AS lb_guard(n >= 0, \
'count argument of repeat function must be greater than or equal to 0', lb_guard(n <= 10000, \
'count argument of repeat function must be less than or equal to 10000', n))
lb_comparison(n) AS lb_guard(coalesce(n IN (-1, 0, 1), false), \
'Lambda comparator must return either -1, 0, or 1', n)
lb_longer(a, n) AS flatten(list_transform(range(1, n + 1), lambda lb_m: list_transform(list_filter(a, \
lambda lb_c: coalesce(lb_c[-1], 0) < lb_m), lambda lb_c: list_append(lb_c, lb_m))))
lb_choices(n, k) AS CASE CAST(k AS INTEGER) WHEN 0 THEN [[]::BIGINT[]] WHEN 1 THEN \
lb_longer([[]::BIGINT[]], n) WHEN 2 THEN lb_longer(lb_longer([[]::BIGINT[]], n), n) WHEN 3 THEN \
lb_longer(lb_longer(lb_longer([[]::BIGINT[]], n), n), n) WHEN 4 THEN \
lb_longer(lb_longer(lb_longer(lb_longer([[]::BIGINT[]], n), n), n), n) ELSE \
lb_longer(lb_longer(lb_longer(lb_longer(lb_longer([[]::BIGINT[]], n), n), n), n), n) END
lb_choose(n, k) AS CASE WHEN k > n THEN 0 ELSE list_product(list_transform(range(1, k + 1), lambda lb_j: \
(n - k + lb_j) / CAST(lb_j AS DOUBLE))) END
lb_combinations(n, k) AS CASE WHEN n IS NULL OR k IS NULL THEN NULL WHEN lb_argument(k >= 0, \
'combination size must not be negative: ' || CAST(k AS VARCHAR)) THEN lb_guard(k <= 5, \
'combination size must not exceed 5: ' || CAST(k AS VARCHAR), lb_guard(coalesce(lb_choose(n, k), 1) <= \
100000, 'combinations exceed max size', lb_choices(n, k))) END
lb_undecided(a, found) AS len(list_filter(range(1, len(a) + 1), lambda lb_i: a[lb_i] IS NOT NULL AND \
found[lb_i] IS NULL)) > 0
lb_nested(ok, name) AS CASE WHEN ok THEN true ELSE lb_fail('NOT_SUPPORTED', name || \
' does not support arrays with elements that are null or contain null') = 0 END
lb_contains_by(a, found, x, name) AS CASE WHEN a IS NULL OR x IS NULL THEN NULL WHEN list_contains(found, \
true) THEN true WHEN lb_nested(NOT lb_undecided(a, found), name) THEN CASE WHEN list_count(a) < len(a) \
THEN NULL ELSE false END END
lb_position_by(a, found, x, name) AS CASE WHEN a IS NULL OR x IS NULL THEN NULL WHEN list_contains(found, \
true) THEN CAST(list_position(found, true) AS BIGINT) WHEN lb_nested(NOT lb_undecided(a, found), name) \
THEN 0::BIGINT END
lb_remove_by(a, found, x, name) AS CASE WHEN a IS NULL OR x IS NULL THEN NULL WHEN lb_nested(NOT \
lb_undecided(a, found), name) THEN list_transform(list_filter(list_zip(a, found), lambda lb_z: \
coalesce(NOT lb_z[2], true)), lambda lb_z: lb_z[1]) END
lb_entries(a) AS CASE WHEN a IS NULL THEN NULL WHEN lb_argument(list_count(a) = len(a), \
'map entry cannot be null') THEN a END
lb_entry_lists(a) AS CASE WHEN a IS NULL THEN NULL WHEN lb_argument(list_count(list_transform(a, lambda \
lb_x: lb_x.k)) = len(a), 'map key cannot be null') THEN map(lb_array_distinct(list_transform(a, lambda \
lb_x: lb_x.k)), list_transform(lb_array_distinct(list_transform(a, lambda lb_x: lb_x.k)), lambda lb_k: \
list_transform(list_filter(a, lambda lb_x: lb_x.k = lb_k), lambda lb_x: lb_x.v))) END
"""
