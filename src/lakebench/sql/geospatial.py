"""Trino's geospatial functions: shapely behind ``lb_py_*`` (emulator/engine/udfs), geometries as WKB.

Refused are the functions of spatial joins (``spatial_partitioning``) and Hadoop's shapes.
"""

from __future__ import annotations

from collections.abc import Callable

from lakebench.catalog import DataType, parse_type
from lakebench.sql import types
from lakebench.sql.signatures import Call, Function, Types

_NAMED = {"Geometry": types.GEOMETRY, "SphericalGeography": types.SPHERICAL, "BingTile": types.BING_TILE}


def _type(text: str) -> DataType | None:
    if text.startswith("array(") and text[6:-1] in _NAMED:
        return types.array(_NAMED[text[6:-1]])
    return _NAMED.get(text) or parse_type(text)


def _row(name: str, arguments: str, returns: str, sql: str | Callable[[Call], str] | None = None) -> Function:
    result = _type(returns)

    def find(_: Types) -> DataType | None:
        return result

    written = sql or f"lb_py_{name}({{all}})"
    return Function(name=name, arguments=arguments, returns=find, sql=written)


def _aggregate(name: str, function: str) -> Function:
    def find(_: Types) -> DataType | None:
        return types.GEOMETRY

    finish = f"lb_py_{function}({{0}})"
    return Function(name=name, arguments="E", returns=find, sql="list({0})", finish=finish, aggregate=True)


_PREDICATES = ["contains", "crosses", "disjoint", "equals", "intersects", "overlaps", "touches", "within"]
_MEASURES = ["area", "x", "y", "xmin", "xmax", "ymin", "ymax"]
_TO_GEOMETRY = ["boundary", "centroid", "convexhull", "endpoint", "envelope", "exteriorring", "startpoint"]
_TO_ARRAY = ["envelopeaspts", "geometries", "interiorrings", "points"]
_TO_BOOLEAN = ["isclosed", "isempty", "isring", "issimple", "isvalid"]
_NTH = "lb_py_{name}({{0}}, CAST({{1}} AS INTEGER))"

GEOSPATIAL = [
    _row("st_point", "nn", "Geometry"),
    _row("st_geometryfromtext", "v", "Geometry"),
    _row("st_linefromtext", "v", "Geometry"),
    _row("st_polygon", "v", "Geometry"),
    _row("st_geomfrombinary", "y", "Geometry"),
    _row("st_linestring", "a", "Geometry"),
    _row("st_multipoint", "a", "Geometry"),
    _row("st_astext", "E", "varchar"),
    _row("st_asbinary", "E", "varbinary", "{0}"),
    _row("st_geometrytype", "E", "varchar"),
    *(_row(f"st_{name}", "EE", "boolean") for name in _PREDICATES),
    _row("st_relate", "EEv", "boolean"),
    *(_row(f"st_{name}", "E", "double") for name in _MEASURES),
    *(_row(f"st_{name}", "E", "Geometry") for name in _TO_GEOMETRY),
    *(_row(f"st_{name}", "E", "array(Geometry)") for name in _TO_ARRAY),
    *(_row(f"st_{name}", "E", "boolean") for name in _TO_BOOLEAN),
    *(_row(f"st_{name}", "E", "tinyint") for name in ("coorddim", "dimension")),
    *(_row(f"st_{name}", "E", "bigint") for name in ("numpoints", "numinteriorring")),
    _row("st_numgeometries", "E", "integer"),
    *(
        _row(name, "Ei", "Geometry", _NTH.format(name=name))
        for name in ("st_geometryn", "st_pointn", "st_interiorringn")
    ),
    *(
        _row(f"st_{name}", "EE", "Geometry")
        for name in ("intersection", "difference", "symdifference", "union")
    ),
    _row("geometry_union", "a", "Geometry"),
    _aggregate("geometry_union_agg", "geometry_union"),
    _aggregate("convex_hull_agg", "convex_hull_agg"),
    _row("st_buffer", "En", "Geometry"),
    _row("simplify_geometry", "En", "Geometry"),
    _row("geometry_invalid_reason", "E", "varchar"),
    _row("st_length", "E", "double"),
    _row("st_distance", "EE", "double"),
    _row("line_locate_point", "EE", "double"),
    _row("line_interpolate_point", "En", "Geometry"),
    _row("line_interpolate_points", "En", "array(Geometry)"),
    _row("to_encoded_polyline", "E", "varchar"),
    _row("from_encoded_polyline", "v", "Geometry"),
    _row("great_circle_distance", "nnnn", "double"),
    _row("to_spherical_geography", "E", "SphericalGeography"),
    _row("to_geometry", "P", "Geometry", "{0}"),
    _row("st_distance", "PP", "double", "lb_py_spherical_distance({0}, {1})"),
    _row("st_length", "P", "double", "lb_py_spherical_length({0})"),
    _row("st_area", "P", "double", "lb_py_spherical_area({0})"),
    _row("to_geojson_geometry", "P", "varchar"),
    _row("from_geojson_geometry", "v", "SphericalGeography"),
    _row("bing_tile", "v", "BingTile", "lb_py_bing_tile_of_key({0})"),
    _row("bing_tile", "iii", "BingTile", "lb_py_bing_tile_of_xy({0}, {1}, {2})"),
    _row("bing_tile_at", "nni", "BingTile"),
    _row("bing_tile_coordinates", "B", "row(x integer, y integer)"),
    _row("bing_tile_polygon", "B", "Geometry"),
    _row("bing_tile_quadkey", "B", "varchar", "{0}"),
    _row("bing_tile_zoom_level", "B", "tinyint", "CAST(length({0}) AS TINYINT)"),
    _row("bing_tiles_around", "nni", "array(BingTile)", "lb_py_bing_tiles_next_to({all})"),
    _row("bing_tiles_around", "nnin", "array(BingTile)", "lb_py_bing_tiles_within({all})"),
    _row("geometry_to_bing_tiles", "Ei", "array(BingTile)"),
]


def _nearest_type(_: Types) -> DataType | None:
    return types.row([types.GEOMETRY, types.GEOMETRY])


GEOSPATIAL.append(
    Function(
        name="geometry_nearest_points",
        arguments="EE",
        returns=_nearest_type,
        sql="lb_pair(lb_py_nearest_points({0}, {1}))",
    )
)
