"""Geometries between DuckDB's blobs (WKB) and shapely, and what the geospatial functions share.

Rings are kept as Trino writes them: shells counter-clockwise, holes clockwise, each from its first point.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from inspect import Parameter, Signature
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from shapely.geometry.base import BaseGeometry

from lakebench.emulator.engine.udfs.raising import raised

_ENUM_NAMES = {
    "Point": "POINT",
    "MultiPoint": "MULTI_POINT",
    "LineString": "LINE_STRING",
    "LinearRing": "LINE_STRING",
    "MultiLineString": "MULTI_LINE_STRING",
    "Polygon": "POLYGON",
    "MultiPolygon": "MULTI_POLYGON",
    "GeometryCollection": "GEOMETRY_COLLECTION",
}
LINES = ("LINE_STRING", "MULTI_LINE_STRING")
POLYGONS = ("POLYGON", "MULTI_POLYGON")

Value = Any
"""One argument of one row: a shapely geometry, a number, a text or a list; never None."""


def read(values: pa.Array) -> Any:
    """The geometries of a column as an object array; None where the column is NULL."""
    return shapely.from_wkb(values.to_numpy(zero_copy_only=False))


def write(shapes: Any) -> pa.Array:
    """A column of WKB."""
    return pa.array(shapely.to_wkb(np.asarray(shapes, dtype=object)), pa.binary())


def blob(shape: BaseGeometry | None) -> bytes | None:
    """One geometry as WKB."""
    return None if shape is None else bytes(shapely.to_wkb(shape))


def blobs(shapes: Collection[BaseGeometry]) -> list[bytes]:
    """Several geometries as WKB."""
    return [bytes(shapely.to_wkb(shape)) for shape in shapes]


def oriented(shapes: Any) -> Any:
    """With shells counter-clockwise and holes clockwise."""
    return shapely.orient_polygons(shapes, exterior_cw=False)


def invalid(message: str) -> ValueError:
    """INVALID_FUNCTION_ARGUMENT, as nearly all geospatial functions fail."""
    return raised("INVALID_FUNCTION_ARGUMENT", message)


def kind_of(shape: BaseGeometry) -> str:
    """The type's name in Trino's messages: ``MULTI_LINE_STRING``."""
    return _ENUM_NAMES[shape.geom_type]


def must_be(function: str, shape: BaseGeometry, *kinds: str) -> None:
    """Refuse geometries of other types, in Trino's words."""
    if kind_of(shape) not in kinds:
        wanted = " or ".join(kinds)
        raise invalid(f"{function} only applies to {wanted}. Input type is: {kind_of(shape)}")


def declared(run: Callable[..., pa.Array], count: int) -> Callable[..., pa.Array]:
    """The function with so many parameters to be seen: DuckDB counts them."""
    names = [Parameter(f"a{at}", Parameter.POSITIONAL_ONLY) for at in range(count)]
    vars(run)["__signature__"] = Signature(names)
    return run


def per_value(function: Callable[..., Any], takes: str, gives: pa.DataType) -> Callable[..., pa.Array]:
    """An Arrow function from one of values: ``takes`` has a ``g`` for each geometry, ``_`` for the rest.

    NULL in any argument gives NULL.
    """

    def run(*columns: pa.Array) -> pa.Array:
        arguments = [
            read(column).tolist() if letter == "g" else column.to_pylist()
            for letter, column in zip(takes, columns, strict=True)
        ]
        return pa.array(
            [
                None if any(value is None for value in row) else function(*row)
                for row in zip(*arguments, strict=True)
            ],
            gives,
        )

    return declared(run, len(takes))


def per_column(function: Callable[..., Any], takes: str, gives: pa.DataType) -> Callable[..., pa.Array]:
    """The same from a function of whole arrays; NaN means NULL as well."""

    def run(*columns: pa.Array) -> pa.Array:
        arguments = [
            read(column) if letter == "g" else column.to_numpy(zero_copy_only=False)
            for letter, column in zip(takes, columns, strict=True)
        ]
        missing = np.zeros(len(columns[0]), dtype=bool)
        for column in columns:
            missing |= column.is_null().to_numpy(zero_copy_only=False)
        found = function(*arguments)
        if gives == pa.binary():
            return write(np.where(missing, None, found))
        if gives == pa.float64():
            missing |= np.isnan(found)
        return pa.array(found, gives, mask=missing)

    return declared(run, len(takes))
