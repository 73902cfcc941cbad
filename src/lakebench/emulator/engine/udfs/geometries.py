"""Geometries from texts, bytes and points, back to texts, and what they are made of (Trino: geospatial)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from lakebench.emulator.engine.udfs.shapes import (
    LINES,
    blob,
    blobs,
    invalid,
    kind_of,
    must_be,
    oriented,
    per_column,
    per_value,
    read,
    write,
)

_EXPONENT = re.compile(r"-?\d+(?:\.\d+)?e[+-]?\d+")
_LIST = pa.list_(pa.binary())


def _of_texts(texts: Sequence[str | None]) -> Any:
    values = np.array(texts, dtype=object)
    shapes = shapely.from_wkt(values, on_invalid="fix")
    for text, shape in zip(texts, shapes, strict=True):
        if text is not None and shape is None:
            raise invalid(f"Invalid WKT: {text}")
    return oriented(shapes)


def st_geometryfromtext(texts: pa.Array) -> pa.Array:
    """WKT; rings that are not closed are closed, as Trino does."""
    return write(_of_texts(texts.to_pylist()))


def _text_of(function: str, kind: str) -> Callable[[pa.Array], pa.Array]:
    def run(texts: pa.Array) -> pa.Array:
        shapes = _of_texts(texts.to_pylist())
        for shape in shapes:
            if shape is not None:
                must_be(function, shape, kind)
        return write(shapes)

    return run


st_linefromtext = _text_of("ST_LineFromText", "LINE_STRING")
st_polygon = _text_of("ST_Polygon", "POLYGON")


def st_geomfrombinary(values: pa.Array) -> pa.Array:
    """WKB of any writer."""
    try:
        shapes = shapely.from_wkb(values.to_numpy(zero_copy_only=False), on_invalid="raise")
    except (ShapelyError, TypeError):
        raise invalid("Invalid WKB") from None
    return write(oriented(shapes))


def _plain(match: re.Match[str]) -> str:
    return format(Decimal(match[0]), "f")


def st_astext(values: pa.Array) -> pa.Array:
    """WKT with the shortest digits that give the same doubles."""
    texts = shapely.to_wkt(read(values), rounding_precision=-1, trim=True)
    return pa.array(
        [None if text is None else _EXPONENT.sub(_plain, text) for text in texts.tolist()], pa.string()
    )


def _point(x: Any, y: Any) -> Any:
    return shapely.points(x.astype(float), y.astype(float))


st_point = per_column(_point, "__", pa.binary())


def _points_of(
    function: str, items: Sequence[bytes | None], words: tuple[str, str, str]
) -> list[BaseGeometry]:
    """The points of an array; ``words`` tell of a NULL, of what is no point, of an empty point."""
    points = []
    for at, item in enumerate(items, 1):
        if item is None:
            raise invalid(f"Invalid input to {function}: {words[0].format(at=at)}")
        shape = shapely.from_wkb(item)
        if shape.geom_type != "Point":
            raise invalid(words[1].format(at=at, kind=shape.geom_type))
        if shape.is_empty:
            raise invalid(f"Invalid input to {function}: {words[2].format(at=at)}")
        points.append(shape)
    return points


def _line_string(items: Sequence[bytes | None]) -> bytes | None:
    words = (
        "null point at index {at}",
        "ST_LineString takes only an array of valid points, {kind} was passed",
        "empty point at index {at}",
    )
    points = _points_of("ST_LineString", items, words)
    for at, (left, right) in enumerate(itertools.pairwise(points), 2):
        if left == right:
            raise invalid(f"Invalid input to ST_LineString: consecutive duplicate points at index {at}")
    return blob(shapely.LineString(points if len(points) > 1 else []))


def _multi_point(items: Sequence[bytes | None]) -> bytes | None:
    words = (
        "null at index {at}",
        "Invalid input to ST_MultiPoint: geometry is not a point: {kind} at index {at}",
        "empty point at index {at}",
    )
    points = _points_of("ST_MultiPoint", items, words)
    return blob(shapely.MultiPoint(points)) if points else None


st_linestring = per_value(_line_string, "_", pa.binary())
st_multipoint = per_value(_multi_point, "_", pa.binary())


def _coordinate(function: str, get: Callable[[Any], Any]) -> Callable[[pa.Array], pa.Array]:
    def one(shape: BaseGeometry) -> float | None:
        must_be(function, shape, "POINT")
        return None if shape.is_empty else float(get(shape))

    return per_value(one, "g", pa.float64())


st_x = _coordinate("ST_X", shapely.get_x)
st_y = _coordinate("ST_Y", shapely.get_y)


def _bound(at: int) -> Callable[[pa.Array], pa.Array]:
    return per_column(lambda shapes: shapely.bounds(shapes)[:, at], "g", pa.float64())


st_xmin, st_ymin, st_xmax, st_ymax = (_bound(at) for at in range(4))


def _type_name(shape: BaseGeometry) -> str:
    return "ST_GeomCollection" if shape.geom_type == "GeometryCollection" else f"ST_{shape.geom_type}"


st_geometrytype = per_value(_type_name, "g", pa.string())
st_isempty = per_column(shapely.is_empty, "g", pa.bool_())
st_dimension = per_column(lambda shapes: np.maximum(shapely.get_dimensions(shapes), 0), "g", pa.int8())
st_coorddim = per_column(shapely.get_coordinate_dimension, "g", pa.int8())
st_area = per_column(shapely.area, "g", pa.float64())


def _length(shape: BaseGeometry) -> float:
    must_be("ST_Length", shape, *LINES)
    return float(shape.length)


st_length = per_value(_length, "g", pa.float64())


def _number_of_points(shape: BaseGeometry) -> int:
    """Points that close a ring are not counted."""
    rings = sum(1 + len(part.interiors) for part in parts(shape) if part.geom_type == "Polygon")
    return int(shapely.get_num_coordinates(shape)) - rings


def parts(shape: BaseGeometry) -> list[BaseGeometry]:
    """The geometries of one part that it is made of, at every depth; empty ones left out."""
    found = []
    for part in shapely.get_parts(shape):
        found.extend(parts(part) if hasattr(part, "geoms") else [part])
    return [part for part in found if not part.is_empty]


st_numpoints = per_value(_number_of_points, "g", pa.int64())


def _members(shape: BaseGeometry) -> list[BaseGeometry]:
    return [] if shape.is_empty else list(shapely.get_parts(shape))


st_numgeometries = per_value(lambda shape: len(_members(shape)), "g", pa.int32())
st_geometries = per_value(lambda shape: blobs(_members(shape)) or None, "g", _LIST)


def _nth(shapes: Sequence[BaseGeometry], at: int) -> bytes | None:
    return blob(shapes[at - 1]) if 1 <= at <= len(shapes) else None


st_geometryn = per_value(lambda shape, at: _nth(_members(shape), at), "g_", pa.binary())


def _vertices(shape: BaseGeometry) -> list[BaseGeometry]:
    return list(shapely.points(shapely.get_coordinates(shape, include_z=shape.has_z)))


def _point_n(shape: BaseGeometry, at: int) -> bytes | None:
    must_be("ST_PointN", shape, "LINE_STRING")
    return _nth(_vertices(shape), at)


st_pointn = per_value(_point_n, "g_", pa.binary())


def _end_point(function: str, at: int) -> Callable[[pa.Array], pa.Array]:
    def one(shape: BaseGeometry) -> bytes | None:
        must_be(function, shape, "LINE_STRING")
        return None if shape.is_empty else blob(_vertices(shape)[at])

    return per_value(one, "g", pa.binary())


st_startpoint, st_endpoint = _end_point("ST_StartPoint", 0), _end_point("ST_EndPoint", -1)


def _all_points(shape: BaseGeometry) -> list[bytes] | None:
    """Trino gives the points of a ring clockwise here, though its texts turn the other way."""
    if shape.is_empty:
        return None
    found: list[bytes] = []
    for part in parts(shapely.orient_polygons(shape, exterior_cw=True)):
        found.extend(blobs(_vertices(part)))
    return found


st_points = per_value(_all_points, "g", _LIST)


def _exterior(shape: BaseGeometry) -> bytes | None:
    must_be("ST_ExteriorRing", shape, "POLYGON")
    return None if shape.is_empty else blob(shapely.LineString(shape.exterior))


def _interiors(function: str, shape: BaseGeometry) -> list[BaseGeometry]:
    must_be(function, shape, "POLYGON")
    return [shapely.LineString(ring) for ring in shape.interiors]


st_exteriorring = per_value(_exterior, "g", pa.binary())
st_interiorrings = per_value(
    lambda shape: (
        None
        if shape.is_empty and kind_of(shape) == "POLYGON"
        else blobs(_interiors("ST_InteriorRings", shape))
    ),
    "g",
    _LIST,
)
st_interiorringn = per_value(
    lambda shape, at: _nth(_interiors("ST_InteriorRingN", shape), at), "g_", pa.binary()
)
st_numinteriorring = per_value(
    lambda shape: (
        None
        if shape.is_empty and kind_of(shape) == "POLYGON"
        else len(_interiors("ST_NumInteriorRing", shape))
    ),
    "g",
    pa.int64(),
)
