"""Seeded data sets: the same seed gives the same bytes."""

from lakebench.datagen.ventas import COLUMNS, DEFAULT_ROWS, DEFAULT_SEED, VentasGenerator

__all__ = ["COLUMNS", "DEFAULT_ROWS", "DEFAULT_SEED", "VentasGenerator"]
