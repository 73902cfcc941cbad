"""Glue's crawler operations; the catalogue itself stays moto's."""
