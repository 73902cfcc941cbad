"""Macros for strings, regular expressions, JSON, bytes and URLs: see ``sql.macros``."""

from __future__ import annotations

STRINGS = r"""
lb_upper(s) AS replace(upper(s), 'ẞ', 'ß')
lb_codepoint(s) AS lb_guard(length(s) = 1, 'Input string must be a single character string', unicode(s))
lb_chr(n) AS lb_guard(n BETWEEN 0 AND 1114111, 'Not a valid Unicode code point: ' || CAST(n AS VARCHAR), \
chr(CAST(n AS INTEGER)))
lb_hamming(a, b) AS lb_guard(length(a) = length(b), \
'The input strings to hamming_distance function must have the same length', CAST(len(list_filter(range(1, \
length(a) + 1), lambda lb_i: a[lb_i] <> b[lb_i])) AS BIGINT))
lb_split(s, mark) AS lb_guard(mark <> '', 'The delimiter may not be the empty string', string_split(s, \
mark))
lb_split_limit(s, mark, n) AS lb_guard(n > 0, 'Limit must be positive', CASE WHEN len(lb_split(s, mark)) \
<= n THEN lb_split(s, mark) ELSE list_append(lb_split(s, mark)[1:n - 1], lb_joined(lb_split(s, mark)[n:], \
mark)) END)
lb_strpos_at(s, mark, n) AS CASE WHEN s IS NULL OR mark IS NULL OR n IS NULL THEN NULL WHEN lb_argument(n \
<> 0, '''instance'' must be a positive or negative number.') THEN CASE WHEN mark = '' THEN 1 ELSE \
coalesce(list_filter(range(1, length(s) + 1), lambda lb_i: s[lb_i:lb_i + length(mark) - 1] = mark)[n], 0) \
END END
lb_lpad(s, n, fill) AS lb_guard(n BETWEEN 0 AND 2147483647, \
'Target length must be in the range [0..2147483647]', lb_guard(fill <> '', \
'Padding string must not be empty', lpad(s, CAST(n AS INTEGER), fill)))
lb_rpad(s, n, fill) AS lb_guard(n BETWEEN 0 AND 2147483647, \
'Target length must be in the range [0..2147483647]', lb_guard(fill <> '', \
'Padding string must not be empty', rpad(s, CAST(n AS INTEGER), fill)))
lb_split_map(pairs) AS CASE WHEN pairs IS NOT NULL THEN map(list_transform(pairs, lambda lb_e: lb_e.k), \
list_transform(pairs, lambda lb_e: lb_e.v)) END
lb_split_multimap(pairs) AS CASE WHEN pairs IS NOT NULL THEN map(lb_array_distinct(list_transform(pairs, \
lambda lb_e: lb_e.k)), list_transform(lb_array_distinct(list_transform(pairs, lambda lb_e: lb_e.k)), \
lambda lb_k: list_transform(list_filter(pairs, lambda lb_e: lb_e.k = lb_k), lambda lb_e: lb_e.v))) END
lb_reverse(s) AS CASE WHEN strlen(s) = length(s) THEN reverse(s) ELSE \
array_to_string(list_reverse(regexp_extract_all(s, '(?s).')), '') END
lb_concat_ws(mark, parts) AS lb_joined(parts, mark)
lb_translate(s, wanted, new) AS array_to_string(list_transform(string_split(s, ''), lambda lb_c: CASE \
WHEN strpos(wanted, lb_c) > 0 AND lb_c <> '' THEN new[strpos(wanted, lb_c)] ELSE lb_c END), '')
"""

JSON = r"""
lb_json(j) AS CASE WHEN json_valid(j) THEN j END
lb_json_array_length(j) AS CASE WHEN json_type(lb_json(j)) = 'ARRAY' \
THEN CAST(json_array_length(lb_json(j)) AS BIGINT) END
"""

BYTES = r"""
lb_from_hex(s) AS lb_guard(length(s) % 2 = 0 AND regexp_full_match(s, '[0-9A-Fa-f]*'), \
'Invalid hex string', unhex(s))
lb_to_big_endian_32(n) AS unhex(printf('%016X', CAST(n AS BIGINT))[9:])
lb_from_big_endian(b, size, whole) AS lb_guard(octet_length(b) = size, 'expected ' || size || \
'-byte input, but got instead: ' || octet_length(b), CAST(CASE WHEN hex(b)[1] >= '8' THEN CAST(('0x' || \
hex(b)) AS HUGEINT) - whole ELSE CAST(('0x' || hex(b)) AS HUGEINT) END AS BIGINT))
lb_reverse_bytes(b) AS unhex(array_to_string(list_reverse(regexp_extract_all(hex(b), '..')), ''))
lb_substr_bytes(h, start, size) AS CASE WHEN start = 0 OR start < -(length(h) // 2) OR size <= 0 THEN '' \
WHEN start > 0 THEN substr(h, start * 2 - 1, size * 2) ELSE substr(h, length(h) + start * 2 + 1, size * \
2) END
lb_bits(b) AS array_to_string(list_transform(regexp_extract_all(hex(b), '.'), lambda lb_h: \
['0000','0001','0010','0011','0100','0101','0110','0111', \
'1000','1001','1010','1011','1100','1101','1110','1111'] [strpos('0123456789ABCDEF', lb_h)]), '')
lb_to_base32(b) AS rpad(array_to_string(list_transform(regexp_extract_all(rpad(lb_bits(b), \
CAST((octet_length(b) * 8 + 4) // 5 * 5 AS INTEGER), '0'), '.....'), lambda lb_q: \
'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[1 + lb_q[1]::INTEGER * 16 + lb_q[2]::INTEGER * 8 + lb_q[3]::INTEGER * \
4 + lb_q[4]::INTEGER * 2 + lb_q[5]::INTEGER]), ''), CAST((octet_length(b) + 4) // 5 * 8 AS INTEGER), '=')
"""
