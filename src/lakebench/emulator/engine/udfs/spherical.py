"""Geometry on a sphere of 6371.01 km: distances, lengths, areas, and GeoJSON (Trino: geospatial)."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from lakebench.emulator.engine.udfs.geometries import parts
from lakebench.emulator.engine.udfs.shapes import (
    LINES,
    POLYGONS,
    blob,
    invalid,
    kind_of,
    oriented,
    per_value,
)

_RADIUS_KM = 6371.01
_GEOJSON = {"Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon"}


def _check(degrees: Any, limit: int, name: str) -> None:
    if not np.all(np.abs(degrees) <= limit):  # NaN is in no range
        raise invalid(f"{name} must be between -{limit} and {limit}")


def _distance_km(latitude1: Any, longitude1: Any, latitude2: Any, longitude2: Any) -> Any:
    """The great circle by the formula that stays exact for near and for opposite points."""
    phi1, phi2 = np.radians(latitude1), np.radians(latitude2)
    delta = np.radians(longitude1) - np.radians(longitude2)
    across = np.cos(phi2) * np.sin(delta)
    up = np.cos(phi1) * np.sin(phi2) - np.sin(phi1) * np.cos(phi2) * np.cos(delta)
    ahead = np.sin(phi1) * np.sin(phi2) + np.cos(phi1) * np.cos(phi2) * np.cos(delta)
    return np.arctan2(np.sqrt(across * across + up * up), ahead) * _RADIUS_KM


def _great_circle(*columns: Any) -> Any:
    latitude1, longitude1, latitude2, longitude2 = (column.astype(float) for column in columns)
    for latitude, longitude in ((latitude1, longitude1), (latitude2, longitude2)):
        _check(latitude, 90, "Latitude")
        _check(longitude, 180, "Longitude")
    return _distance_km(latitude1, longitude1, latitude2, longitude2)


def great_circle_distance(
    latitude1: pa.Array, longitude1: pa.Array, latitude2: pa.Array, longitude2: pa.Array
) -> pa.Array:
    """Kilometres between two places in degrees; NULL in any argument gives NULL."""
    columns = (latitude1, longitude1, latitude2, longitude2)
    missing = np.zeros(len(latitude1), dtype=bool)
    for column in columns:
        missing |= column.is_null().to_numpy(zero_copy_only=False)
    found = np.zeros(len(missing))
    present = [column.to_numpy(zero_copy_only=False)[~missing] for column in columns]
    found[~missing] = _great_circle(*present)
    return pa.array(found, pa.float64(), mask=missing)


def _to_sphere(shape: BaseGeometry) -> bytes | None:
    if not shape.is_empty:
        low_x, low_y, high_x, high_y = shape.bounds
        _check(np.array([low_y, high_y]), 90, "Latitude")
        _check(np.array([low_x, high_x]), 180, "Longitude")
    if shape.has_z:
        raise invalid("Cannot convert 3D geometry to a spherical geography")
    return blob(shape)


to_spherical_geography = per_value(_to_sphere, "g", pa.binary())


def _must_be(function: str, shape: BaseGeometry, *kinds: str) -> None:
    if kind_of(shape) not in kinds:
        raise invalid(
            f"When applied to SphericalGeography inputs, {function} only supports {' or '.join(kinds)}. "
            f"Input type is: {kind_of(shape)}"
        )


def _distance(left: BaseGeometry, right: BaseGeometry) -> float | None:
    if left.is_empty or right.is_empty:
        return None
    _must_be("ST_Distance", left, "POINT")
    _must_be("ST_Distance", right, "POINT")
    return float(_distance_km(left.y, left.x, right.y, right.x)) * 1000


spherical_distance = per_value(_distance, "gg", pa.float64())


def _length(shape: BaseGeometry) -> float | None:
    if shape.is_empty:
        return None
    _must_be("ST_Length", shape, *LINES)
    total = 0.0
    for part in parts(shape):
        x, y = shapely.get_coordinates(part).T
        total += float(np.sum(_distance_km(y[:-1], x[:-1], y[1:], x[1:])))
    return total * 1000


spherical_length = per_value(_length, "g", pa.float64())


def _area(shape: BaseGeometry) -> float | None:
    if shape.is_empty:
        return None
    _must_be("ST_Area", shape, *POLYGONS)
    excess = 0.0
    for part in parts(shape):
        excess += abs(_excess(part.exterior)) - sum(abs(_excess(hole)) for hole in part.interiors)
    return abs(excess * (_RADIUS_KM * 1000) ** 2)


spherical_area = per_value(_area, "g", pa.float64())


def _excess(ring: BaseGeometry) -> float:
    """The spherical excess of a ring by the sum over its sides; a ring around a pole turns by nothing."""
    longitude, latitude = np.radians(shapely.get_coordinates(ring)[:-1]).T
    if len(latitude) < 3:
        raise invalid("Polygon is not valid: a loop contains less then 3 vertices.")
    before_latitude, before_longitude = np.roll(latitude, 1), np.roll(longitude, 1)
    delta = longitude - before_longitude
    if np.any((delta == 0) & (latitude == before_latitude)):
        raise invalid("Polygon is not valid: it has two identical consecutive vertices")
    tangent, before = np.tan(latitude / 2), np.tan(before_latitude / 2)
    total = float(np.sum(2 * np.arctan2(np.tan(delta / 2) * (before + tangent), 1 + before * tangent)))
    departing = _bearing(before_latitude, latitude, delta)
    arriving = (_bearing(latitude, before_latitude, -delta) + math.pi) % (2 * math.pi)
    turns = _turn(arriving, departing) + _turn(np.roll(departing, -1), arriving)
    return abs(total) - 2 * math.pi if abs(float(np.sum(turns))) < math.pi / 4 else total


def _bearing(start: Any, end: Any, delta: Any) -> Any:
    east = np.sin(delta) * np.cos(end)
    north = np.cos(start) * np.sin(end) - np.sin(start) * np.cos(end) * np.cos(delta)
    return (np.arctan2(east, north) + 2 * math.pi) % (2 * math.pi)


def _turn(new: Any, old: Any) -> Any:
    return (new - old + 3 * math.pi) % (2 * math.pi) - math.pi


def _of_geojson(text: str) -> bytes | None:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise invalid(f"Invalid GeoJSON: {error}") from None
    return blob(oriented(_shape(value)))


def _shape(value: Any) -> BaseGeometry:
    kind = value.get("type") if isinstance(value, dict) else None
    if kind is None:
        raise invalid(
            "Invalid GeoJSON: Could not parse Geometry from Json string.  No 'type' property found."
        )
    if kind == "Feature":
        if not isinstance(value.get("geometry"), dict):
            raise invalid("Invalid GeoJSON: Could not parse Feature from GeoJson string.")
        return _shape(value["geometry"])
    if kind in {"FeatureCollection", "GeometryCollection"}:
        key = "features" if kind == "FeatureCollection" else "geometries"
        return shapely.GeometryCollection([_shape(item) for item in value.get(key) or []])
    if kind not in _GEOJSON:
        raise invalid(
            f"Invalid GeoJSON: Could not parse Geometry from GeoJson string.  Unsupported 'type':{kind}"
        )
    coordinates = value.get("coordinates") or []
    try:
        made = shapely.from_geojson(json.dumps({"type": kind, "coordinates": coordinates}))
    except ShapelyError as error:
        raise invalid(f"Invalid GeoJSON: {error}") from None
    return made


from_geojson_geometry = per_value(_of_geojson, "_", pa.binary())


def _as_geojson(shape: BaseGeometry) -> str:
    kind = json.dumps(shape.geom_type)
    if shape.geom_type == "GeometryCollection":
        return f'{{"type":{kind},"geometries":[{",".join(_as_geojson(part) for part in shape.geoms)}]}}'
    coordinates = json.loads(shapely.to_geojson(shape))["coordinates"]
    return f'{{"type":{kind},"coordinates":{_numbers(coordinates)}}}'


def _numbers(value: Any) -> str:
    if isinstance(value, list):
        return f"[{','.join(_numbers(item) for item in value)}]"
    rounded = math.floor(value * 1e8 + 0.5) / 1e8
    return str(int(rounded)) if rounded == int(rounded) else repr(rounded)


to_geojson_geometry = per_value(_as_geojson, "g", pa.string())
