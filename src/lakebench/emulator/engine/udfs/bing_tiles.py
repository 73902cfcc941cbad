"""Bing tiles, carried as their quadkeys (Trino: geospatial; the tile system is Microsoft's)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import pyarrow as pa
import shapely
from shapely.geometry.base import BaseGeometry

from lakebench.emulator.engine.udfs.shapes import blob, invalid, per_value

_MAX_ZOOM, _PIXELS, _RADIUS_KM = 23, 256, 6371.01
_MAX_LATITUDE, _MAX_LONGITUDE = 85.05112878, 180.0
_COARSE_ZOOM = 10
"""From here on a geometry's tiles are found by halving those that it only touches."""

Tile = tuple[int, int, int]
"""x, y, zoom."""


def _check(ok: bool, message: str) -> None:
    if not ok:
        raise invalid(message)


def _check_zoom(zoom: int) -> None:
    _check(zoom > 0, "Zoom level must be > 0")
    _check(zoom <= _MAX_ZOOM, f"Zoom level must be <= {_MAX_ZOOM}")


def _key(tile: Tile) -> str:
    x, y, zoom = tile
    return "".join(str((x >> at & 1) + 2 * (y >> at & 1)) for at in range(zoom - 1, -1, -1))


def _tile(key: str) -> Tile:
    x = int("".join(str(int(digit) & 1) for digit in key), 2)
    y = int("".join(str(int(digit) >> 1) for digit in key), 2)
    return x, y, len(key)


def _of_key(key: str) -> str:
    _check(key != "", "QuadKey must not be empty string")
    _check(len(key) <= _MAX_ZOOM, f"QuadKey must be {_MAX_ZOOM} characters or less")
    _check(re.fullmatch("[0-3]+", key) is not None, f"Invalid QuadKey digit sequence: {key}")
    return key


def _of_coordinates(x: int, y: int, zoom: int) -> str:
    _check_zoom(zoom)
    for number in (x, y):
        _check(
            0 <= number < 1 << zoom,
            f"XY coordinates for a Bing tile at zoom level {zoom} must be within [0, {1 << zoom}) range",
        )
    return _key((x, y, zoom))


def _check_place(latitude: float, longitude: float) -> None:
    _check(abs(latitude) <= _MAX_LATITUDE, f"Latitude must be between -{_MAX_LATITUDE} and {_MAX_LATITUDE}")
    _check(
        abs(longitude) <= _MAX_LONGITUDE, f"Longitude must be between -{_MAX_LONGITUDE} and {_MAX_LONGITUDE}"
    )


def _index(share: float, zoom: int) -> int:
    size = _PIXELS << zoom
    return int(min(max(share * size, 0), size - 1)) // _PIXELS


def _holding(latitude: float, longitude: float, zoom: int) -> Tile:
    sine = math.sin(latitude * math.pi / 180)
    down = 0.5 - math.log((1 + sine) / (1 - sine)) / (4 * math.pi)
    return _index((longitude + 180) / 360, zoom), _index(down, zoom), zoom


def _at(latitude: float, longitude: float, zoom: int) -> str:
    _check_place(latitude, longitude)
    _check_zoom(zoom)
    return _key(_holding(latitude, longitude, zoom))


def _corner(x: int, y: int, zoom: int) -> tuple[float, float]:
    """Longitude and latitude of a tile's upper left corner."""
    size = _PIXELS << zoom
    across, up = x * _PIXELS / size - 0.5, 0.5 - y * _PIXELS / size
    return 360 * across, 90 - 360 * math.atan(math.exp(-up * 2 * math.pi)) / math.pi


def _polygon(tile: Tile) -> BaseGeometry:
    x, y, zoom = tile
    (west, north), (east, south) = _corner(x, y, zoom), _corner(x + 1, y + 1, zoom)
    return shapely.Polygon([(west, south), (east, south), (east, north), (west, north), (west, south)])


bing_tile_of_key = per_value(_of_key, "_", pa.string())
bing_tile_of_xy = per_value(_of_coordinates, "___", pa.string())
bing_tile_at = per_value(_at, "___", pa.string())
bing_tile_coordinates = per_value(
    lambda key: dict(zip("xy", _tile(key), strict=False)),
    "_",
    pa.struct([("x", pa.int32()), ("y", pa.int32())]),
)
bing_tile_polygon = per_value(lambda key: blob(_polygon(_tile(key))), "_", pa.binary())
bing_tile_text = per_value(lambda key: '{{"x":{},"y":{},"zoom":{}}}'.format(*_tile(key)), "_", pa.string())


def _neighbours(latitude: float, longitude: float, zoom: int) -> list[str]:
    _check_place(latitude, longitude)
    _check_zoom(zoom)
    x, y, _ = _holding(latitude, longitude, zoom)
    near = [(x + right, y + down, zoom) for right in (-1, 0, 1) for down in (-1, 0, 1)]
    return [_key(tile) for tile in near if 0 <= tile[0] < 1 << zoom and 0 <= tile[1] < 1 << zoom]


bing_tiles_next_to = per_value(_neighbours, "___", pa.list_(pa.string()))


def _moved_latitude(latitude: float, ratio: float, sign: int) -> float:
    start = math.radians(latitude)
    moved = math.asin(math.sin(start) * math.cos(ratio) + math.cos(start) * math.sin(ratio) * sign)
    return min(max(math.degrees(moved), -_MAX_LATITUDE), _MAX_LATITUDE)


def _moved_longitude(latitude: float, longitude: float, ratio: float, sign: int) -> float:
    start = math.radians(latitude)
    moved = math.degrees(
        math.radians(longitude)
        + math.atan2(sign * math.sin(ratio) * math.cos(start), math.cos(ratio) - math.sin(start) ** 2)
    )
    if moved > _MAX_LONGITUDE:
        return moved - 2 * _MAX_LONGITUDE
    return moved + 2 * _MAX_LONGITUDE if moved < -_MAX_LONGITUDE else moved


def _within(latitude: float, longitude: float, zoom: int, radius: float) -> list[str]:
    """Tiles of a circle: the cross through its centre, then each corner column from where it is reached."""
    _check_place(latitude, longitude)
    _check_zoom(zoom)
    _check(radius >= 0, "Radius must be >= 0")
    _check(radius <= 1000, "Radius must be <= 1,000 km")
    x, y, _ = _holding(latitude, longitude, zoom)
    ratio, side = radius / _RADIUS_KM, 1 << zoom
    top = _holding(_moved_latitude(latitude, ratio, 1), longitude, zoom)[1]
    bottom = _holding(_moved_latitude(latitude, ratio, -1), longitude, zoom)[1]
    left = _holding(latitude, _moved_longitude(latitude, longitude, ratio, -1), zoom)[0]
    right = _holding(latitude, _moved_longitude(latitude, longitude, ratio, 1), zoom)[0]
    columns = (right - left) % side + 1
    count = columns * (bottom - top + 1)
    _check(
        count <= 1_000_000,
        "The number of tiles covering input rectangle exceeds the limit of 1M. "
        f"Number of tiles: {count}. Radius: {radius:.1f} km. Zoom level: {zoom}.",
    )
    found = [((left + at) % side, y, zoom) for at in range(columns)]
    found += [(x, row, zoom) for row in range(top, bottom + 1) if row != y]
    circle = (latitude, longitude, radius)
    for first, step, inner in ((right, -1, 0), (left, 1, 1)):
        column = first
        while column != x:
            for rows, edge in ((range(top, y), 1), (range(bottom, y, -1), 0)):
                found += _reached(column, rows, (inner, edge), zoom=zoom, circle=circle)
            column = (column + step) % side
    return [_key(tile) for tile in found]


def _reached(
    column: int, rows: range, corner: tuple[int, int], *, zoom: int, circle: tuple[float, float, float]
) -> Iterator[Tile]:
    """The rows of a column from the first whose inner corner is within the radius."""
    inside = False
    for row in rows:
        if not inside:
            longitude, latitude = _corner(column + corner[0], row + corner[1], zoom)
            inside = _kilometres(*circle[:2], latitude, longitude) <= circle[2]
        if inside:
            yield column, row, zoom


def _kilometres(latitude1: float, longitude1: float, latitude2: float, longitude2: float) -> float:
    phi1, phi2 = math.radians(latitude1), math.radians(latitude2)
    delta = math.radians(longitude1) - math.radians(longitude2)
    across = math.cos(phi2) * math.sin(delta)
    up = math.cos(phi1) * math.sin(phi2) - math.sin(phi1) * math.cos(phi2) * math.cos(delta)
    ahead = math.sin(phi1) * math.sin(phi2) + math.cos(phi1) * math.cos(phi2) * math.cos(delta)
    return math.atan2(math.sqrt(across * across + up * up), ahead) * _RADIUS_KM


bing_tiles_within = per_value(_within, "____", pa.list_(pa.string()))


def _covering(shape: BaseGeometry, zoom: int) -> list[str]:
    """The fewest tiles that cover a geometry, column by column."""
    _check_zoom(zoom)
    if shape.is_empty:
        return []
    west, south, east, north = shape.bounds
    _check(
        max(-south, north) <= _MAX_LATITUDE,
        "Latitude span for the geometry must be in [-85.05, 85.05] range",
    )
    _check(
        max(-west, east) <= _MAX_LONGITUDE,
        "Longitude span for the geometry must be in [-180.00, 180.00] range",
    )
    left, top, _ = _holding(north, west, zoom)
    right, bottom = _last(south, east, zoom)
    count = (right - left + 1) * (bottom - top + 1)
    simple = shape.geom_type == "Point" or (
        shape.geom_type == "Polygon" and bool(shape.equals(shapely.box(*shape.bounds)))
    )
    _check_size(shape, count, zoom, simple=simple)
    if simple or zoom <= _COARSE_ZOOM:
        tiles = ((x, y, zoom) for x in range(left, right + 1) for y in range(top, bottom + 1))
        return [_key(tile) for tile in tiles if simple or not shapely.disjoint(_polygon(tile), shape)]
    shift = zoom - _COARSE_ZOOM
    coarse = [
        (x, y, _COARSE_ZOOM)
        for x in range(left >> shift, (right >> shift) + 1)
        for y in range(top >> shift, (bottom >> shift) + 1)
    ]
    shapely.prepare(shape)
    return [_key(tile) for start in coarse for tile in _halved(shape, zoom, start)]


def _last(south: float, east: float, zoom: int) -> tuple[int, int]:
    """The lower right tile; one that the box only touches with its edge does not count."""
    x, y, _ = _holding(south, east, zoom)
    longitude, latitude = _corner(x, y, zoom)
    return x - (longitude == east), y - (latitude == south)


def _check_size(shape: BaseGeometry, count: int, zoom: int, *, simple: bool) -> None:
    west, south, east, north = shape.bounds
    if simple:
        _check(
            count <= 1_000_000,
            "The number of tiles covering input rectangle exceeds the limit of 1M. "
            f"Number of tiles: {count}. "
            f"Rectangle: xMin={west:.2f}, yMin={south:.2f}, xMax={east:.2f}, yMax={north:.2f}. "
            f"Zoom level: {zoom}.",
        )
        return
    _check(count < 1 << 31, "The zoom level is too high to compute a set of covering Bing tiles.")
    _check(
        count * int(shapely.get_num_coordinates(shape)) <= 25_000_000,
        "The zoom level is too high or the geometry is too complex to compute a set of covering Bing tiles. "
        "Please use a lower zoom level or convert the geometry to its bounding box using the ST_Envelope "
        "function.",
    )


def _halved(shape: BaseGeometry, zoom: int, tile: Tile) -> Iterator[Tile]:
    x, y, level = tile
    polygon = _polygon(tile)
    if level == zoom:
        if not shapely.disjoint(polygon, shape):
            yield tile
    elif shapely.contains(shape, polygon):
        side = 1 << (zoom - level)
        for column in range(x * side, (x + 1) * side):
            yield from ((column, row, zoom) for row in range(y * side, (y + 1) * side))
    elif not shapely.disjoint(polygon, shape):
        for column in (2 * x, 2 * x + 1):
            for row in (2 * y, 2 * y + 1):
                yield from _halved(shape, zoom, (column, row, level + 1))


geometry_to_bing_tiles = per_value(_covering, "g_", pa.list_(pa.string()))
