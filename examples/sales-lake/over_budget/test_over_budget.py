"""A test that fails by its budget, to show the message."""

import pytest


@pytest.mark.query_budget(max_bytes="1 KB", max_usd="0.0003")
def test_a_report_forgets_the_region(ventas, athena):
    athena.query("SELECT producto, sum(precio) FROM ventas_curated GROUP BY producto")
