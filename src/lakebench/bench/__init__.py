"""Benchmarks as stories and measurements; speaks only through ``client``."""
