"""Which Python function answers a name, and its types in DuckDB's words; nothing heavy is imported here.

A row is ``name(parameter, ...) -> result``; the function of that name (without ``lb_py_``) in the module
takes as many Arrow arrays and gives one of the same length. NULLs are the function's own to see. To fail
the query it raises ``raised(code, message)`` of ``udfs.raising``; DuckDB's TRY turns that to NULL.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_ROWS: Mapping[str, str] = {
    "date_texts": """
        lb_py_format_mysql(TIMESTAMP, VARCHAR) -> VARCHAR
        lb_py_format_teradata(TIMESTAMP, VARCHAR) -> VARCHAR
        lb_py_format_joda(TIMESTAMP, VARCHAR, BIGINT, VARCHAR) -> VARCHAR
        lb_py_parse_mysql(VARCHAR, VARCHAR) -> TIMESTAMP
        lb_py_parse_teradata(VARCHAR, VARCHAR) -> TIMESTAMP
        lb_py_parse_joda(VARCHAR, VARCHAR) -> STRUCT(c TIMESTAMP, z VARCHAR)
        lb_py_from_iso8601(VARCHAR) -> STRUCT(c TIMESTAMP, z VARCHAR)
        lb_py_from_iso8601_date(VARCHAR) -> DATE
    """,
    "captures": """
        lb_py_pattern_groups(VARCHAR, VARCHAR, VARCHAR) -> VARCHAR[]
    """,
    "hashes": """
        lb_py_xxhash64(BLOB) -> BLOB
        lb_py_crc32(BLOB) -> BIGINT
        lb_py_sha512(BLOB) -> BLOB
        lb_py_murmur3(BLOB) -> BLOB
        lb_py_hmac_digest(BLOB, BLOB, VARCHAR) -> BLOB
        lb_py_to_ieee754_32(FLOAT) -> BLOB
        lb_py_to_ieee754_64(DOUBLE) -> BLOB
        lb_py_from_ieee754_32(BLOB) -> FLOAT
        lb_py_from_ieee754_64(BLOB) -> DOUBLE
        lb_py_from_base32(VARCHAR) -> BLOB
        lb_py_from_base64(VARCHAR) -> BLOB
        lb_py_from_base64url(VARCHAR) -> BLOB
        lb_py_pad_bytes(BLOB, BIGINT, BLOB, BOOLEAN) -> BLOB
        lb_py_from_utf8(BLOB, VARCHAR) -> VARCHAR
    """,
    "urls": """
        lb_py_url_part(VARCHAR, VARCHAR) -> VARCHAR
        lb_py_url_parameter(VARCHAR, VARCHAR) -> VARCHAR
        lb_py_url_decode(VARCHAR) -> VARCHAR
    """,
    "texts": """
        lb_py_levenshtein(VARCHAR, VARCHAR) -> BIGINT
        lb_py_normalize(VARCHAR, VARCHAR) -> VARCHAR
        lb_py_soundex(VARCHAR) -> VARCHAR
        lb_py_luhn_check(VARCHAR) -> BOOLEAN
        lb_py_split_pairs(VARCHAR, VARCHAR, VARCHAR, BOOLEAN) -> STRUCT(k VARCHAR, v VARCHAR)[]
        lb_py_format_number(VARCHAR) -> VARCHAR
        lb_py_parse_data_size(VARCHAR) -> DECIMAL(38,0)
        lb_py_char2hexint(VARCHAR) -> VARCHAR
        lb_py_cast_double(VARCHAR, VARCHAR) -> DOUBLE
    """,
    "java_format": """
        lb_py_java_format(VARCHAR, VARCHAR, VARCHAR[]) -> VARCHAR
    """,
    "probability": """
        lb_py_normal_cdf(DOUBLE, DOUBLE, DOUBLE) -> DOUBLE
        lb_py_inverse_normal_cdf(DOUBLE, DOUBLE, DOUBLE) -> DOUBLE
        lb_py_beta_cdf(DOUBLE, DOUBLE, DOUBLE) -> DOUBLE
        lb_py_inverse_beta_cdf(DOUBLE, DOUBLE, DOUBLE) -> DOUBLE
        lb_py_wilson_lower(BIGINT, BIGINT, DOUBLE) -> DOUBLE
        lb_py_wilson_upper(BIGINT, BIGINT, DOUBLE) -> DOUBLE
    """,
    "regexps": """
        lb_py_regexp_like(VARCHAR, VARCHAR) -> BOOLEAN
        lb_py_regexp_extract(VARCHAR, VARCHAR, BIGINT) -> VARCHAR
        lb_py_regexp_extract_all(VARCHAR, VARCHAR, BIGINT) -> VARCHAR[]
        lb_py_regexp_replace(VARCHAR, VARCHAR, VARCHAR) -> VARCHAR
        lb_py_regexp_pieces(VARCHAR, VARCHAR) -> STRUCT(t VARCHAR, g VARCHAR[])[]
        lb_py_regexp_split(VARCHAR, VARCHAR) -> VARCHAR[]
        lb_py_regexp_count(VARCHAR, VARCHAR) -> BIGINT
        lb_py_regexp_position(VARCHAR, VARCHAR, BIGINT, BIGINT) -> BIGINT
    """,
    "sql_json": """
        lb_py_json_exists(VARCHAR, VARCHAR, VARCHAR[]) -> BOOLEAN
        lb_py_json_value(VARCHAR, VARCHAR, VARCHAR[]) -> STRUCT(s VARCHAR, v VARCHAR)
        lb_py_json_query(VARCHAR, VARCHAR, VARCHAR[]) -> VARCHAR
        lb_py_json_input(VARCHAR) -> VARCHAR
        lb_py_json_object(VARCHAR[], VARCHAR[], VARCHAR) -> VARCHAR
    """,
    "jsons": """
        lb_py_json_parse(VARCHAR) -> VARCHAR
        lb_py_json_extract(VARCHAR, VARCHAR) -> VARCHAR
        lb_py_json_extract_scalar(VARCHAR, VARCHAR) -> VARCHAR
        lb_py_json_size(VARCHAR, VARCHAR) -> BIGINT
        lb_py_is_json_scalar(VARCHAR) -> BOOLEAN
        lb_py_json_array_get(VARCHAR, BIGINT) -> VARCHAR
        lb_py_json_array_contains(VARCHAR, VARCHAR, VARCHAR) -> BOOLEAN
        lb_py_json_cast(VARCHAR, VARCHAR) -> VARCHAR
    """,
    "addresses": """
        lb_py_address_of(VARCHAR) -> BLOB
        lb_py_address_text(BLOB) -> VARCHAR
        lb_py_network_contains(VARCHAR, BLOB) -> BOOLEAN
    """,
    "sketches": """
        lb_py_hll(VARCHAR[]) -> BLOB
        lb_py_hll_merge(BLOB[]) -> BLOB
        lb_py_hll_cardinality(BLOB) -> BIGINT
        lb_py_digest(DOUBLE[]) -> BLOB
        lb_py_digest_weighted(STRUCT(v DOUBLE, w DOUBLE)[]) -> BLOB
        lb_py_digest_merge(BLOB[]) -> BLOB
        lb_py_quantile(BLOB, DOUBLE) -> DOUBLE
        lb_py_quantile_upper(BLOB, DOUBLE) -> DOUBLE
        lb_py_quantile_of(BLOB, DOUBLE) -> DOUBLE
        lb_py_percentile(DOUBLE[], DOUBLE[], DOUBLE) -> DOUBLE
        lb_py_set_digest_of_numbers(BIGINT[]) -> BLOB
        lb_py_set_digest_of_texts(VARCHAR[]) -> BLOB
        lb_py_set_digest_merge(BLOB[]) -> BLOB
        lb_py_set_digest_cardinality(BLOB) -> BIGINT
        lb_py_set_digest_common(BLOB, BLOB) -> BIGINT
        lb_py_jaccard(BLOB, BLOB) -> DOUBLE
        lb_py_hash_counts(BLOB) -> STRUCT(k BIGINT, v SMALLINT)[]
    """,
    "statistics": """
        lb_py_skewness(DOUBLE[]) -> DOUBLE
        lb_py_kurtosis(DOUBLE[]) -> DOUBLE
        lb_py_checksum_whole(BIGINT[]) -> BLOB
        lb_py_checksum_double(DOUBLE[]) -> BLOB
        lb_py_checksum_bytes(BLOB[]) -> BLOB
        lb_py_numeric_histogram(INTEGER, STRUCT(v DOUBLE, w DOUBLE)[]) -> STRUCT(k DOUBLE, v DOUBLE)[]
    """,
    "geometries": """
        lb_py_st_geometryfromtext(VARCHAR) -> BLOB
        lb_py_st_linefromtext(VARCHAR) -> BLOB
        lb_py_st_polygon(VARCHAR) -> BLOB
        lb_py_st_geomfrombinary(BLOB) -> BLOB
        lb_py_st_astext(BLOB) -> VARCHAR
        lb_py_st_point(DOUBLE, DOUBLE) -> BLOB
        lb_py_st_linestring(BLOB[]) -> BLOB
        lb_py_st_multipoint(BLOB[]) -> BLOB
        lb_py_st_x(BLOB) -> DOUBLE
        lb_py_st_y(BLOB) -> DOUBLE
        lb_py_st_xmin(BLOB) -> DOUBLE
        lb_py_st_xmax(BLOB) -> DOUBLE
        lb_py_st_ymin(BLOB) -> DOUBLE
        lb_py_st_ymax(BLOB) -> DOUBLE
        lb_py_st_area(BLOB) -> DOUBLE
        lb_py_st_length(BLOB) -> DOUBLE
        lb_py_st_geometrytype(BLOB) -> VARCHAR
        lb_py_st_isempty(BLOB) -> BOOLEAN
        lb_py_st_dimension(BLOB) -> TINYINT
        lb_py_st_coorddim(BLOB) -> TINYINT
        lb_py_st_numpoints(BLOB) -> BIGINT
        lb_py_st_numgeometries(BLOB) -> INTEGER
        lb_py_st_geometries(BLOB) -> BLOB[]
        lb_py_st_geometryn(BLOB, INTEGER) -> BLOB
        lb_py_st_pointn(BLOB, INTEGER) -> BLOB
        lb_py_st_startpoint(BLOB) -> BLOB
        lb_py_st_endpoint(BLOB) -> BLOB
        lb_py_st_points(BLOB) -> BLOB[]
        lb_py_st_exteriorring(BLOB) -> BLOB
        lb_py_st_interiorrings(BLOB) -> BLOB[]
        lb_py_st_interiorringn(BLOB, INTEGER) -> BLOB
        lb_py_st_numinteriorring(BLOB) -> BIGINT
    """,
    "geo_relations": """
        lb_py_st_contains(BLOB, BLOB) -> BOOLEAN
        lb_py_st_within(BLOB, BLOB) -> BOOLEAN
        lb_py_st_crosses(BLOB, BLOB) -> BOOLEAN
        lb_py_st_disjoint(BLOB, BLOB) -> BOOLEAN
        lb_py_st_equals(BLOB, BLOB) -> BOOLEAN
        lb_py_st_intersects(BLOB, BLOB) -> BOOLEAN
        lb_py_st_overlaps(BLOB, BLOB) -> BOOLEAN
        lb_py_st_touches(BLOB, BLOB) -> BOOLEAN
        lb_py_st_relate(BLOB, BLOB, VARCHAR) -> BOOLEAN
        lb_py_st_distance(BLOB, BLOB) -> DOUBLE
        lb_py_nearest_points(BLOB, BLOB) -> BLOB[]
        lb_py_st_isclosed(BLOB) -> BOOLEAN
        lb_py_st_isring(BLOB) -> BOOLEAN
        lb_py_st_isvalid(BLOB) -> BOOLEAN
        lb_py_st_issimple(BLOB) -> BOOLEAN
        lb_py_geometry_invalid_reason(BLOB) -> VARCHAR
        lb_py_line_locate_point(BLOB, BLOB) -> DOUBLE
    """,
    "geo_overlays": """
        lb_py_st_intersection(BLOB, BLOB) -> BLOB
        lb_py_st_difference(BLOB, BLOB) -> BLOB
        lb_py_st_symdifference(BLOB, BLOB) -> BLOB
        lb_py_st_union(BLOB, BLOB) -> BLOB
        lb_py_geometry_union(BLOB[]) -> BLOB
        lb_py_convex_hull_agg(BLOB[]) -> BLOB
        lb_py_st_convexhull(BLOB) -> BLOB
        lb_py_st_buffer(BLOB, DOUBLE) -> BLOB
        lb_py_simplify_geometry(BLOB, DOUBLE) -> BLOB
        lb_py_st_boundary(BLOB) -> BLOB
        lb_py_st_envelope(BLOB) -> BLOB
        lb_py_st_envelopeaspts(BLOB) -> BLOB[]
        lb_py_st_centroid(BLOB) -> BLOB
        lb_py_line_interpolate_point(BLOB, DOUBLE) -> BLOB
        lb_py_line_interpolate_points(BLOB, DOUBLE) -> BLOB[]
        lb_py_to_encoded_polyline(BLOB) -> VARCHAR
        lb_py_from_encoded_polyline(VARCHAR) -> BLOB
    """,
    "spherical": """
        lb_py_great_circle_distance(DOUBLE, DOUBLE, DOUBLE, DOUBLE) -> DOUBLE
        lb_py_to_spherical_geography(BLOB) -> BLOB
        lb_py_spherical_distance(BLOB, BLOB) -> DOUBLE
        lb_py_spherical_length(BLOB) -> DOUBLE
        lb_py_spherical_area(BLOB) -> DOUBLE
        lb_py_to_geojson_geometry(BLOB) -> VARCHAR
        lb_py_from_geojson_geometry(VARCHAR) -> BLOB
    """,
    "bing_tiles": """
        lb_py_bing_tile_of_key(VARCHAR) -> VARCHAR
        lb_py_bing_tile_of_xy(INTEGER, INTEGER, INTEGER) -> VARCHAR
        lb_py_bing_tile_at(DOUBLE, DOUBLE, INTEGER) -> VARCHAR
        lb_py_bing_tile_coordinates(VARCHAR) -> STRUCT(x INTEGER, y INTEGER)
        lb_py_bing_tile_polygon(VARCHAR) -> BLOB
        lb_py_bing_tile_text(VARCHAR) -> VARCHAR
        lb_py_bing_tiles_next_to(DOUBLE, DOUBLE, INTEGER) -> VARCHAR[]
        lb_py_bing_tiles_within(DOUBLE, DOUBLE, INTEGER, DOUBLE) -> VARCHAR[]
        lb_py_geometry_to_bing_tiles(BLOB, INTEGER) -> VARCHAR[]
    """,
}
"""By module of this package."""

_NAME = re.compile(r"\blb_py_\w+")
_ROW = re.compile(r"(lb_py_\w+)\((.*)\) -> (.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Udf:
    """One function: ``module`` is a module of this package, types are DuckDB's names."""

    name: str
    module: str
    parameters: tuple[str, ...]
    returns: str


def _read(module: str, rows: str) -> Iterable[Udf]:
    for line in filter(None, map(str.strip, rows.splitlines())):
        match = _ROW.fullmatch(line)
        if match is None:
            raise ValueError(f"not a row of the registry: {line}")
        name, parameters, returns = match.groups()
        yield Udf(name=name, module=module, parameters=_types(parameters), returns=returns.strip())


def _types(text: str) -> tuple[str, ...]:
    """Types between commas outside of parentheses: ``VARCHAR, DECIMAL(38,0)``."""
    return tuple(part.strip() for part in re.split(r",(?![^(]*\))", text) if part.strip())


UDFS: Mapping[str, Udf] = {udf.name: udf for module, rows in _ROWS.items() for udf in _read(module, rows)}


def called(statement: str) -> list[Udf]:
    """The functions that a statement calls, each once; a name within a string does no harm."""
    return [UDFS[name] for name in dict.fromkeys(_NAME.findall(statement)) if name in UDFS]
