"""Macros for strings, regular expressions, JSON, bytes and URLs: see ``sql.macros``."""

from __future__ import annotations

STRINGS = r"""
lb_upper(s) AS replace(upper(s), 'ẞ', 'ß')
lb_codepoint(s) AS CASE WHEN lb_argument(length(s) = 1, 'Input string must be a single character string') \
THEN unicode(s) END
lb_chr(n) AS CASE WHEN lb_argument(n BETWEEN 0 AND 1114111, 'Not a valid Unicode code point: ' || \
CAST(n AS VARCHAR)) THEN chr(CAST(n AS INTEGER)) END
lb_hamming(a, b) AS CASE WHEN lb_argument(length(a) = length(b), \
'The input strings to hamming_distance function must have the same length') THEN \
CAST(len(list_filter(range(1, length(a) + 1), lambda lb_i: a[lb_i] <> b[lb_i])) AS BIGINT) END
lb_levenshtein(a, b) AS CASE WHEN a IS NULL OR b IS NULL THEN NULL WHEN strlen(a) = length(a) \
AND strlen(b) = length(b) THEN levenshtein(a, b) \
ELSE lb_fail('NOT_SUPPORTED', 'levenshtein_distance of texts beyond ASCII is not supported yet') END
lb_split(s, mark) AS CASE WHEN lb_argument(mark <> '', 'The delimiter may not be the empty string') \
THEN string_split(s, mark) END
lb_split_limit(s, mark, n) AS CASE WHEN lb_argument(n > 0, 'Limit must be positive') THEN \
CASE WHEN len(lb_split(s, mark)) <= n THEN lb_split(s, mark) ELSE \
list_append(lb_split(s, mark)[1:n - 1], array_to_string(lb_split(s, mark)[n:], mark)) END END
lb_strpos_at(s, mark, n) AS CASE WHEN s IS NULL OR mark IS NULL OR n IS NULL THEN NULL \
WHEN lb_argument(n <> 0, '''instance'' must not be a positive or negative number.') \
THEN CASE WHEN mark = '' THEN CASE WHEN n > 0 AND n <= length(s) + 1 THEN n WHEN n < 0 \
AND -n <= length(s) + 1 THEN length(s) + 2 + n ELSE 0 END ELSE \
coalesce(list_filter(range(1, length(s) + 1), lambda lb_i: s[lb_i:lb_i + length(mark) - 1] = mark)[n], 0) \
END END
lb_lpad(s, n, fill) AS CASE WHEN lb_argument(n BETWEEN 0 AND 2147483647, \
'Target length must be in the range [0..2147483647]') THEN CASE WHEN \
lb_argument(fill <> '', 'Padding string must not be empty') THEN lpad(s, CAST(n AS INTEGER), fill) END END
lb_rpad(s, n, fill) AS CASE WHEN lb_argument(n BETWEEN 0 AND 2147483647, \
'Target length must be in the range [0..2147483647]') THEN CASE WHEN \
lb_argument(fill <> '', 'Padding string must not be empty') THEN rpad(s, CAST(n AS INTEGER), fill) END END
lb_soundex_code(c) AS CASE WHEN c IN ('B', 'F', 'P', 'V') THEN '1' \
WHEN c IN ('C', 'G', 'J', 'K', 'Q', 'S', 'X', 'Z') THEN '2' WHEN c IN ('D', 'T') THEN '3' WHEN c = 'L' \
THEN '4' \
WHEN c IN ('M', 'N') THEN '5' WHEN c = 'R' THEN '6' WHEN c IN ('H', 'W') THEN '-' ELSE '0' END
lb_soundex_codes(s) AS replace(array_to_string(list_transform(string_split(upper(s), ''), \
lambda lb_c: lb_soundex_code(lb_c)), ''), '-', '')
lb_soundex_rest(s) AS replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace( \
regexp_replace(s, '1+', '1', 'g'), '2+', '2', 'g'), '3+', '3', 'g'), '4+', '4', 'g'), '5+', '5', 'g'), \
'6+', '6', 'g')[2:], '0', '')
lb_soundex(s) AS CASE WHEN s = '' THEN '' WHEN regexp_full_match(s, '[A-Za-z]+') THEN \
upper(s[1]) || rpad(lb_soundex_rest(CASE WHEN upper(s[1]) IN ('H', 'W') THEN '0' ELSE '' END \
|| lb_soundex_codes(s)), 3, '0')[1:3] WHEN s IS NULL THEN NULL ELSE CAST(lb_fail('NOT_SUPPORTED', \
'soundex of other signs than letters is not supported yet') AS VARCHAR) END
lb_split_to_map(s, entry, pair) AS CASE WHEN s IS NULL THEN NULL WHEN s = '' THEN MAP([]::VARCHAR[], \
[]::VARCHAR[]) \
ELSE lb_map(list_transform(string_split(s, entry), lambda lb_e: CASE WHEN contains(lb_e, pair) THEN \
lb_e[1:strpos(lb_e, pair) - 1] ELSE CAST(lb_fail('INVALID_FUNCTION_ARGUMENT', \
'Key-value delimiter must appear exactly once in each entry. Bad input: ''' || lb_e || '''') AS VARCHAR) \
END), \
list_transform(string_split(s, entry), lambda lb_e: lb_e[strpos(lb_e, pair) + length(pair):])) END
lb_translate(s, wanted, new) AS array_to_string(list_transform(string_split(s, ''), lambda lb_c: \
CASE WHEN strpos(wanted, lb_c) > 0 AND lb_c <> '' THEN new[strpos(wanted, lb_c)] ELSE lb_c END), '')
lb_normalize(s) AS nfc_normalize(s)
"""

REGEXPS = r"""
lb_regexp_extract_sure(s, pattern, g) AS CASE WHEN regexp_matches(s, pattern) THEN \
CASE WHEN regexp_extract(s, pattern, g) = '' THEN CAST(lb_fail('NOT_SUPPORTED', \
'An empty group of a regular expression that need not match is not supported yet') AS VARCHAR) \
ELSE regexp_extract(s, pattern, g) END END
lb_regexp_split(s, pattern) AS CASE WHEN regexp_full_match('', pattern) THEN \
CAST(CAST(lb_fail('NOT_SUPPORTED', \
'regexp_split by a pattern that matches nothing is not supported yet') AS VARCHAR) AS VARCHAR[]) \
ELSE string_split_regex(s, pattern) END
lb_regexp_position(s, pattern, start, turn) AS CASE WHEN s IS NULL OR pattern IS NULL THEN NULL \
WHEN lb_argument(start > 0, 'start position cannot be smaller than 1') THEN \
CASE WHEN start > length(s) OR NOT regexp_matches(s[start:], pattern) THEN -1 ELSE CAST(start + \
strpos(s[start:], regexp_extract(s[start:], pattern)) - 1 AS INTEGER) END END
"""

JSON = r"""
lb_json(j) AS CASE WHEN json_valid(j) THEN j END
lb_json_number(j, path) AS CASE WHEN regexp_matches(CAST(j AS VARCHAR), '(^|[:\[,\s])' || \
regexp_escape(json_extract_string(lb_json(j), path)) || '($|[,}\]\s])') THEN \
json_extract_string(lb_json(j), path) \
ELSE CAST(lb_fail('NOT_SUPPORTED', 'A JSON number in this spelling is not supported yet') AS VARCHAR) END
lb_json_extract_scalar(j, path) AS CASE WHEN json_type(lb_json(j), path) IN ('OBJECT', 'ARRAY', 'NULL') \
THEN NULL WHEN json_type(lb_json(j), path) = 'DOUBLE' THEN lb_json_number(j, path) \
ELSE json_extract_string(lb_json(j), path) END
lb_json_extract(j, path) AS json_extract(lb_json(j), path)
lb_json_parse(s) AS CASE WHEN s IS NULL THEN NULL WHEN NOT json_valid(s) THEN \
CAST(CAST(lb_fail('INVALID_FUNCTION_ARGUMENT', 'Cannot convert value to JSON: ''' || s || '''') AS \
VARCHAR) AS JSON) \
WHEN json_type(s) = 'OBJECT' AND json_keys(s) <> list_sort(json_keys(s)) THEN CAST('{' || array_to_string( \
list_transform(list_sort(json_keys(s)), lambda lb_k: CAST(to_json(lb_k) AS VARCHAR) || ':' || \
CAST(json_extract(s, '$."' || lb_k || '"') AS VARCHAR)), ',') || '}' AS JSON) ELSE json(s) END
lb_json_array_length(j) AS CASE WHEN json_type(lb_json(j)) = 'ARRAY' \
THEN CAST(json_array_length(lb_json(j)) AS BIGINT) END
lb_json_array_get(j, i) AS CASE WHEN json_type(lb_json(j)) = 'ARRAY' THEN \
json_extract(lb_json(j), '$[' || CASE WHEN i < 0 THEN json_array_length(lb_json(j)) + i ELSE i END || ']') END
lb_json_size(j, path) AS CASE json_type(lb_json(j), path) \
WHEN 'ARRAY' THEN CAST(json_array_length(lb_json(j), path) AS BIGINT) \
WHEN 'OBJECT' THEN CAST(len(json_keys(lb_json(j), path)) AS BIGINT) ELSE \
CASE WHEN json_type(lb_json(j), path) IS NOT NULL THEN 0::BIGINT END END
lb_json_text(j) AS CASE WHEN json_type(j) = 'NULL' THEN NULL WHEN json_type(j) IN ('OBJECT', 'ARRAY') THEN \
CAST(lb_fail('INVALID_CAST_ARGUMENT', 'Cannot cast ''' || CAST(j AS VARCHAR) || ''' to varchar') AS VARCHAR) \
ELSE json_extract_string(j, '$') END
"""

BYTES = r"""
lb_from_hex(s) AS CASE WHEN lb_argument(length(s) % 2 = 0 AND regexp_full_match(s, '[0-9A-Fa-f]*'), \
'Invalid hex string') THEN unhex(s) END
lb_to_big_endian_32(n) AS unhex(printf('%016X', CAST(n AS BIGINT))[9:])
lb_from_big_endian(b, size, whole) AS CASE WHEN lb_argument(octet_length(b) = size, \
'expected ' || size || '-byte input, but got instead: ' || octet_length(b)) THEN \
CAST(CASE WHEN hex(b)[1] >= '8' THEN CAST(('0x' || hex(b)) AS HUGEINT) - whole \
ELSE CAST(('0x' || hex(b)) AS HUGEINT) END AS BIGINT) END
lb_reverse_bytes(b) AS unhex(array_to_string(list_reverse(regexp_extract_all(hex(b), '..')), ''))
lb_substr_bytes(h, start, size) AS CASE WHEN start = 0 OR start < -(length(h) // 2) OR size <= 0 THEN '' \
WHEN start > 0 THEN substr(h, start * 2 - 1, size * 2) ELSE substr(h, length(h) + start * 2 + 1, size * 2) END
lb_bits(b) AS array_to_string(list_transform(regexp_extract_all(hex(b), '.'), lambda lb_h: \
['0000','0001','0010','0011','0100','0101','0110','0111', \
'1000','1001','1010','1011','1100','1101','1110','1111'] \
[strpos('0123456789ABCDEF', lb_h)]), '')
lb_to_base32(b) AS rpad(array_to_string(list_transform(regexp_extract_all(rpad(lb_bits(b), \
CAST((octet_length(b) * 8 + 4) // 5 * 5 AS INTEGER), '0'), '.....'), lambda lb_q: \
'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[1 + lb_q[1]::INTEGER * 16 + lb_q[2]::INTEGER * 8 + lb_q[3]::INTEGER * 4 \
+ lb_q[4]::INTEGER * 2 + lb_q[5]::INTEGER]), ''), CAST((octet_length(b) + 4) // 5 * 8 AS INTEGER), '=')
lb_is_url(s) AS s IS NOT NULL AND regexp_full_match(s, \
'([A-Za-z0-9._~:/?#@!$&()*+,;=-]|\[|\]|''|%[0-9A-Fa-f]{2}|[^\x00-\xA0])+')
lb_url_text(s) AS CASE WHEN contains(s, '%') THEN url_decode(s) ELSE s END
"""
