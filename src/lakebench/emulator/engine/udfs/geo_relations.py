"""How two geometries lie to each other, and whether one is well made (Trino: geospatial)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from shapely.errors import GEOSException
from shapely.geometry.base import BaseGeometry

from lakebench.emulator.engine.udfs.geometries import parts
from lakebench.emulator.engine.udfs.raising import raised
from lakebench.emulator.engine.udfs.shapes import LINES, blobs, invalid, must_be, per_column, per_value


def _predicate(function: Callable[[Any, Any], Any]) -> Callable[..., pa.Array]:
    def run(left: Any, right: Any) -> Any:
        try:
            return function(left, right)
        except GEOSException as error:
            raise raised(
                "NOT_SUPPORTED", f"This relation of geometries is not supported yet: {error}"
            ) from None

    return per_column(run, "gg", pa.bool_())


st_contains = _predicate(shapely.contains)
st_within = _predicate(shapely.within)
st_crosses = _predicate(shapely.crosses)
st_disjoint = _predicate(shapely.disjoint)
st_equals = _predicate(shapely.equals)
st_intersects = _predicate(shapely.intersects)
st_overlaps = _predicate(shapely.overlaps)
st_touches = _predicate(shapely.touches)
st_relate = per_value(
    lambda left, right, pattern: bool(shapely.relate_pattern(left, right, pattern)), "gg_", pa.bool_()
)
st_distance = per_column(shapely.distance, "gg", pa.float64())


def _nearest(left: BaseGeometry, right: BaseGeometry) -> list[bytes] | None:
    if left.is_empty or right.is_empty:
        return None
    coordinates = shapely.get_coordinates(shapely.shortest_line(left, right))
    return blobs(list(shapely.points(coordinates)))


nearest_points = per_value(_nearest, "gg", pa.list_(pa.binary()))


def _is_closed(shape: BaseGeometry) -> bool:
    must_be("ST_IsClosed", shape, *LINES)
    return all(bool(shapely.is_closed(part)) for part in parts(shape))


def _is_ring(shape: BaseGeometry) -> bool:
    must_be("ST_IsRing", shape, "LINE_STRING")
    return bool(shapely.is_closed(shape)) and _is_well_made(shape)


def _is_well_made(shape: BaseGeometry) -> bool:
    """Trino's validity: no point twice in a row, no line that meets itself, OGC's rules for polygons."""
    if shape.geom_type == "GeometryCollection":
        return all(_is_well_made(part) for part in shape.geoms)
    for part in parts(shape):
        for line in [part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part]:
            steps = np.diff(shapely.get_coordinates(line), axis=0)
            if not np.all(np.any(steps != 0, axis=1)):
                return False
    if shape.geom_type in {"Polygon", "MultiPolygon"}:
        return bool(shapely.is_valid(shape))
    return bool(shapely.is_simple(shape))


def _invalid_reason(shape: BaseGeometry) -> None:
    if not _is_well_made(shape):
        raise raised("NOT_SUPPORTED", "The reason of an invalid geometry is not supported yet")


st_isclosed = per_value(_is_closed, "g", pa.bool_())
st_isring = per_value(_is_ring, "g", pa.bool_())
st_isvalid = per_value(_is_well_made, "g", pa.bool_())
st_issimple = per_value(_is_well_made, "g", pa.bool_())
geometry_invalid_reason = per_value(_invalid_reason, "g", pa.string())


def _locate(line: BaseGeometry, point: BaseGeometry) -> float | None:
    if line.is_empty or point.is_empty:
        return None
    if line.geom_type not in {"LineString", "MultiLineString"}:
        raise invalid(
            "First argument to line_locate_point must be a LineString or a MultiLineString. "
            f"Got: {line.geom_type}"
        )
    if point.geom_type != "Point":
        raise invalid(f"Second argument to line_locate_point must be a Point. Got: {point.geom_type}")
    return float(shapely.line_locate_point(line, point)) / float(line.length)


line_locate_point = per_value(_locate, "gg", pa.float64())
