"""What the models say, and what asking them may scan."""

import pytest

pytestmark = pytest.mark.usefixtures("ventas")


@pytest.mark.query_budget(max_bytes="20 KB", max_usd="0.00005")
def test_the_sales_of_one_region_are_read_from_its_partition_alone(athena):
    answer = athena.query("SELECT count(*), sum(precio) FROM ventas_curated WHERE region = 'norte'")
    assert answer.rows[0] == (1000, 48500.0)
    assert answer.scanned_bytes > 0


@pytest.mark.query_budget(max_bytes="200 KB")
def test_the_curated_model_has_every_raw_sale(athena):
    raw = athena.query("SELECT count(*), sum(precio) FROM ventas_raw")
    curated = athena.query("SELECT count(*), sum(precio) FROM ventas_curated")
    assert raw.rows == curated.rows
    assert curated.scanned_bytes < raw.scanned_bytes / 5
