"""Geometries made of others: union, difference, hull, buffer, envelope, points along a line.

Results of overlays begin at their lowest, then leftmost point, and multi-geometries are sorted by it: the
order that Trino's library gives nearly always; shapes are equal in any case (Trino: functions/geospatial).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from shapely.errors import GEOSException
from shapely.geometry.base import BaseGeometry

from lakebench.emulator.engine.udfs.geometries import parts
from lakebench.emulator.engine.udfs.shapes import blob, blobs, invalid, kind_of, must_be, oriented, per_value

_NOTHING = shapely.MultiPolygon()


def _lowest(shape: BaseGeometry) -> tuple[float, float]:
    x, y = shapely.get_coordinates(shape)[0]
    return float(y), float(x)


def _ring(points: Any) -> list[tuple[float, ...]]:
    """A closed ring from its lowest, then leftmost point."""
    open_ring = [tuple(point) for point in points][:-1]
    first = min(range(len(open_ring)), key=lambda at: (open_ring[at][1], open_ring[at][0]))
    turned = open_ring[first:] + open_ring[:first]
    return [*turned, turned[0]]


def _sorted_part(shape: BaseGeometry) -> BaseGeometry:
    if shape.geom_type == "Polygon":
        holes = sorted((_ring(hole.coords) for hole in shape.interiors), key=lambda ring: ring[0][::-1])
        return shapely.Polygon(_ring(shape.exterior.coords), holes)
    if shape.geom_type == "LineString":
        points = [tuple(point) for point in shape.coords]
        if points[0] == points[-1]:
            return shapely.LineString(_ring(points))
        return shapely.LineString(points if points[0][::-1] <= points[-1][::-1] else points[::-1])
    return shape


def _arranged(shape: BaseGeometry) -> BaseGeometry:
    """In the order that the module's docstring tells."""
    found = [_sorted_part(part) for part in parts(oriented(shape))]
    if not found:
        return shape
    groups = []
    for kind, several in (
        ("Point", shapely.MultiPoint),
        ("LineString", shapely.MultiLineString),
        ("Polygon", shapely.MultiPolygon),
    ):
        members = sorted((part for part in found if part.geom_type == kind), key=_lowest)
        if members:
            groups.append(members[0] if len(members) == 1 else several(members))
    return groups[0] if len(groups) == 1 else shapely.GeometryCollection(groups)


def _merged(lines: BaseGeometry) -> BaseGeometry:
    return shapely.line_merge(lines) if lines.geom_type == "MultiLineString" else lines


def _overlay(function: Callable[[Any, Any], Any]) -> Callable[..., pa.Array]:
    def one(left: BaseGeometry, right: BaseGeometry) -> bytes | None:
        try:
            made = function(left, right)
        except GEOSException:  # GEOS wants valid geometries, Trino's library makes them so by itself
            made = function(shapely.make_valid(left), shapely.make_valid(right))
        return blob(_NOTHING if made.is_empty else _arranged(made))

    return per_value(one, "gg", pa.binary())


st_intersection = _overlay(shapely.intersection)
st_difference = _overlay(shapely.difference)
st_symdifference = _overlay(shapely.symmetric_difference)


def _union(shapes: Sequence[BaseGeometry]) -> BaseGeometry:
    """Union by dimension; what lies in something of a higher dimension goes."""
    found = [part for shape in shapes for part in parts(shape)]
    if not found:
        return shapely.GeometryCollection()
    if len(found) == 1:
        return found[0]
    by_dimension = [
        [part for part in found if shapely.get_dimensions(part) == dimension] for dimension in range(3)
    ]
    polygons = shapely.union_all(by_dimension[2])
    lines = _merged(shapely.union_all(by_dimension[1]))
    lines = shapely.difference(lines, polygons)
    points = shapely.difference(shapely.union_all(by_dimension[0]), shapely.union(lines, polygons))
    return _arranged(shapely.GeometryCollection([points, lines, polygons]))


def _union_of_two(left: BaseGeometry, right: BaseGeometry) -> bytes | None:
    return blob(_union([left, right]))


def _union_of_array(items: Sequence[bytes | None]) -> bytes | None:
    shapes = [shapely.from_wkb(item) for item in items if item is not None]
    return blob(_union(shapes)) if items else None


st_union = per_value(_union_of_two, "gg", pa.binary())
geometry_union = per_value(_union_of_array, "_", pa.binary())


def _hull(shape: BaseGeometry) -> BaseGeometry:
    """The hull from the first point of the geometry that lies on it."""
    if shape.is_empty or shape.geom_type == "Point":
        return shape
    hull = shapely.convex_hull(shape)
    if hull.geom_type != "Polygon":
        return hull
    ring = [tuple(point) for point in oriented(hull).exterior.coords][:-1]
    first = next(
        at for point in shapely.get_coordinates(shape) if (at := _index(ring, tuple(point))) is not None
    )
    turned = ring[first:] + ring[:first]
    return shapely.Polygon([*turned, turned[0]])


def _index(ring: list[tuple[float, ...]], point: tuple[float, ...]) -> int | None:
    return ring.index(point) if point in ring else None


st_convexhull = per_value(lambda shape: blob(_hull(shape)), "g", pa.binary())


def _hull_of_array(items: Sequence[bytes | None]) -> bytes | None:
    shapes = [shapely.from_wkb(item) for item in items if item is not None]
    return blob(_hull(shapely.GeometryCollection(shapes))) if shapes else None


convex_hull_agg = per_value(_hull_of_array, "_", pa.binary())


def _buffer(shape: BaseGeometry, distance: float) -> bytes | None:
    if math.isnan(distance):
        raise invalid("distance is NaN")
    if distance < 0:
        raise invalid("distance is negative")
    if distance == 0:
        return blob(shape)
    if shape.is_empty:
        return None
    made = _NOTHING if math.isinf(distance) else shapely.buffer(shape, distance, quad_segs=24)
    return blob(oriented(made))


st_buffer = per_value(_buffer, "g_", pa.binary())


def _simplified(shape: BaseGeometry, tolerance: float) -> bytes | None:
    if math.isnan(tolerance):
        raise invalid("distanceTolerance is NaN")
    if tolerance < 0:
        raise invalid("distanceTolerance is negative")
    if tolerance == 0:
        return blob(shape)
    clockwise = shapely.orient_polygons(shape, exterior_cw=True)
    return blob(oriented(shapely.simplify(clockwise, tolerance, preserve_topology=True)))


simplify_geometry = per_value(_simplified, "g_", pa.binary())


def _boundary(shape: BaseGeometry) -> bytes | None:
    made = shapely.boundary(shape) if shape.geom_type != "GeometryCollection" else None
    if made is None:
        raise invalid("ST_Boundary does not apply to GEOMETRY_COLLECTION")
    if made.geom_type == "LineString":
        return blob(shapely.MultiLineString([made]))
    if shape.geom_type in {"Polygon", "MultiPolygon"}:
        return blob(made)
    if shape.geom_type == "MultiLineString" and not shape.is_empty:
        ends = [point for part in parts(shape) if not part.is_closed for point in part.boundary.geoms]
        kept = [point for point in ends if sum(point == other for other in ends) % 2]
        return blob(shapely.MultiPoint(kept))
    return blob(shapely.MultiPoint() if made.is_empty else made)


st_boundary = per_value(_boundary, "g", pa.binary())


def _envelope(shape: BaseGeometry) -> bytes | None:
    if shape.is_empty:
        return blob(shapely.Polygon())
    low_x, low_y, high_x, high_y = shape.bounds
    corners = [(low_x, low_y), (high_x, low_y), (high_x, high_y), (low_x, high_y), (low_x, low_y)]
    return blob(shapely.Polygon(corners))


def _envelope_points(shape: BaseGeometry) -> list[bytes] | None:
    if shape.is_empty:
        return None
    low_x, low_y, high_x, high_y = shape.bounds
    return blobs([shapely.Point(low_x, low_y), shapely.Point(high_x, high_y)])


st_envelope = per_value(_envelope, "g", pa.binary())
st_envelopeaspts = per_value(_envelope_points, "g", pa.list_(pa.binary()))


def _centroid(shape: BaseGeometry) -> bytes | None:
    """Trino weighs each path of a line by the straight way from its start to its end."""
    kinds = ("POINT", "MULTI_POINT", "LINE_STRING", "MULTI_LINE_STRING", "POLYGON", "MULTI_POLYGON")
    must_be("ST_Centroid", shape, *kinds)
    if shape.geom_type == "Point":
        return blob(shape)
    if shape.is_empty:
        return blob(shapely.Point())
    if kind_of(shape) not in {"LINE_STRING", "MULTI_LINE_STRING"}:
        return blob(shapely.centroid(shape))
    ends = [(np.array(part.coords[0]), np.array(part.coords[-1])) for part in parts(shape)]
    weights = [float(np.hypot(*(last - first)[:2])) for first, last in ends]
    if not sum(weights):
        raise invalid("The centroid of closed lines is not a number")
    middle = sum((first + last)[:2] * weight / 2 for (first, last), weight in zip(ends, weights, strict=True))
    return blob(shapely.Point(middle / sum(weights)))


st_centroid = per_value(_centroid, "g", pa.binary())


def _along(shape: BaseGeometry, fraction: float, *, repeated: bool) -> list[BaseGeometry]:
    """Points at each multiple of the fraction of the line's length."""
    must_be("line_interpolate_point", shape, "LINE_STRING")
    if not 0 <= fraction <= 1:
        raise invalid("fraction must be between 0 and 1")
    corners = shapely.get_coordinates(shape)
    if fraction in {0, 1}:
        return [shapely.Point(corners[0 if fraction == 0 else -1])]
    wanted = math.floor(1 / fraction) if repeated else 1
    found: list[BaseGeometry] = []
    used, reach = 0.0, fraction
    for before, after in itertools.pairwise(corners):
        share = math.hypot(*(after - before)) / shape.length
        while reach < used + share and len(found) < wanted:
            found.append(shapely.Point(before + (after - before) * ((reach - used) / share)))
            reach += fraction
        used += share
    return found if len(found) >= wanted else [*found, shapely.Point(corners[-1])]


line_interpolate_point = per_value(
    lambda shape, at: None if shape.is_empty else blob(_along(shape, at, repeated=False)[0]),
    "g_",
    pa.binary(),
)
line_interpolate_points = per_value(
    lambda shape, at: None if shape.is_empty else blobs(_along(shape, at, repeated=True)),
    "g_",
    pa.list_(pa.binary()),
)


def _encoded(shape: BaseGeometry) -> str:
    """Google's polyline: differences of 1e-5 degrees, latitude first, five bits a sign."""
    must_be("to_encoded_polyline", shape, "LINE_STRING", "MULTI_POINT")
    text = ""
    last = (0, 0)
    for x, y in shapely.get_coordinates(shape):
        now = (math.floor(y * 1e5 + 0.5), math.floor(x * 1e5 + 0.5))
        text += "".join(_signs(new - old) for new, old in zip(now, last, strict=True))
        last = now
    return text


def _signs(number: int) -> str:
    bits = ~(number << 1) if number < 0 else number << 1
    signs = ""
    while bits >= 0x20:
        signs += chr((0x20 | (bits & 0x1F)) + 63)
        bits >>= 5
    return signs + chr(bits + 63)


def _decoded(text: str) -> bytes | None:
    numbers = [0]
    shift = 0
    for sign in text:
        bits = ord(sign) - 63
        numbers[-1] |= (bits & 0x1F) << shift
        shift += 5
        if bits < 0x20:
            numbers.append(0)
            shift = 0
    signed = [~(number >> 1) if number & 1 else number >> 1 for number in numbers[:-1]]
    latitudes, longitudes = (np.cumsum(signed[at::2]) * 1e-5 for at in (0, 1))
    points = list(zip(longitudes, latitudes, strict=False))
    return blob(shapely.LineString(points if len(points) > 1 else []))


to_encoded_polyline = per_value(_encoded, "g", pa.string())
from_encoded_polyline = per_value(_decoded, "_", pa.binary())
