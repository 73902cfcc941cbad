"""Seeded data sets: the same seed gives the same bytes."""
