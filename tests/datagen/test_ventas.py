"""The sales look like sales, and the same seed gives the same bytes."""

import csv
import hashlib
import io
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from lakebench.datagen import COLUMNS, VentasGenerator
from lakebench.datagen.extra import require_packages
from lakebench.datagen.source import BLOCK_ROWS
from lakebench.errors import ConfigError

SEED_FILE_BYTES = 341_350


@pytest.fixture(scope="module")
def sales():
    """100,000 sales as dictionaries of text."""
    text = b"".join(VentasGenerator(rows=100_000, seed=7).csv()).decode()
    return list(csv.DictReader(io.StringIO(text)))


def test_the_default_file_is_about_as_large_as_the_seeds():
    size = sum(map(len, VentasGenerator().csv()))
    assert size == pytest.approx(SEED_FILE_BYTES, rel=0.02)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others():
    digest = [
        hashlib.sha256(b"".join(VentasGenerator(rows=3_000, seed=seed).csv())).hexdigest()
        for seed in (1, 1, 2)
    ]
    assert digest[0] == digest[1] != digest[2]


def test_blocks_are_the_same_in_any_order_and_from_many_workers():
    rows = 2 * BLOCK_ROWS + 1_000
    in_order = list(VentasGenerator(rows=rows, seed=3).csv())
    generator = VentasGenerator(rows=rows, seed=3)
    with ThreadPoolExecutor(4) as workers:
        backwards = list(workers.map(generator.csv_block, reversed(range(generator.block_count))))
    assert backwards[::-1] == in_order
    assert [generator.rows_in(block) for block in range(3)] == [BLOCK_ROWS, BLOCK_ROWS, 1_000]


def test_the_csv_has_one_header_no_quotes_and_the_same_number_of_fields_in_every_line():
    lines = b"".join(VentasGenerator(rows=70_000, seed=7).csv()).decode().split("\n")
    assert lines[0] == ",".join(COLUMNS)
    assert lines[-1] == ""
    assert len(lines) == 70_002
    assert {line.count(",") for line in lines[:-1]} == {len(COLUMNS) - 1}
    assert not any('"' in line or "\r" in line for line in lines)
    assert sum(line.startswith("id_venta") for line in lines) == 1


def test_numbers_are_written_as_the_crawler_reads_bigint_and_double(sales):
    for sale in sales[:2_000]:
        assert sale["id_venta"].isdigit()
        assert sale["cantidad"].isdigit()
        assert sale["id_cliente"].isdigit() or sale["id_cliente"] == ""
        for name in ("precio_unitario", "total"):
            whole, point, cents = sale[name].partition(".")
            assert (whole.isdigit(), point, len(cents)) == (True, ".", 2)


def test_sales_are_numbered_and_in_time_order_over_four_years(sales):
    numbers = [int(sale["id_venta"]) for sale in sales]
    days = [sale["fecha"] for sale in sales]
    assert numbers == list(range(numbers[0], numbers[0] + len(sales)))
    assert days == sorted(days)
    assert (days[0], days[-1]) == ("2022-01-01", "2025-12-31")


def test_december_sells_more_than_august_and_each_year_more_than_the_last(sales):
    months = Counter(sale["fecha"][5:7] for sale in sales)
    years = Counter(sale["fecha"][:4] for sale in sales)
    assert months["12"] > 1.5 * months["08"]
    assert years["2022"] < years["2023"] < years["2024"] < years["2025"]


def test_few_products_and_customers_make_many_sales(sales):
    products = [count for _, count in Counter(sale["producto"] for sale in sales).most_common()]
    assert products[0] > 8 * products[len(products) // 2]
    customers = Counter(sale["id_cliente"] for sale in sales if sale["id_cliente"])
    assert sum(count for _, count in customers.most_common(400)) > 0.3 * sum(customers.values())


def test_a_total_is_its_quantity_times_its_price_less_its_discount(sales):
    for sale in sales[:2_000]:
        gross = int(sale["cantidad"]) * float(sale["precio_unitario"])
        assert float(sale["total"]) == pytest.approx(gross * (1 - float(sale["descuento"] or 0)), abs=0.006)


def test_price_follows_product_and_year_and_city_follows_customer(sales):
    prices, cities = {}, {}
    for sale in sales:
        prices.setdefault((sale["producto"], sale["fecha"][:4]), set()).add(sale["precio_unitario"])
        if sale["id_cliente"]:
            cities.setdefault(sale["id_cliente"], set()).add((sale["ciudad"], sale["region"], sale["pais"]))
    assert {len(found) for found in prices.values()} == {1}
    assert {len(found) for found in cities.values()} == {1}


def test_wholesale_buys_more_and_gets_more_discount_than_the_shop(sales):
    def mean(channel, column):
        values = [float(sale[column] or 0) for sale in sales if sale["canal"] == channel]
        return sum(values) / len(values)

    assert mean("Mayorista", "cantidad") > 5 * mean("Tienda", "cantidad")
    assert mean("Mayorista", "descuento") > 3 * mean("Tienda", "descuento")


def test_some_values_are_missing_where_they_would_be(sales):
    share = {name: sum(sale[name] == "" for sale in sales) / len(sales) for name in COLUMNS}
    assert {name for name, missing in share.items() if missing} == {
        "id_cliente",
        "cliente",
        "vendedor",
        "metodo_pago",
        "descuento",
    }
    assert 0.05 < share["id_cliente"] < 0.2
    assert share["id_cliente"] == share["cliente"]
    assert all(sale["vendedor"] == "" for sale in sales if sale["canal"] in {"Web", "App móvil"})
    assert 0.005 < share["metodo_pago"] < 0.03


def test_one_row_is_enough_for_a_file():
    assert b"".join(VentasGenerator(rows=1).csv()).count(b"\n") == 2


@pytest.mark.parametrize(("rows", "seed"), [(0, 1), (-5, 1), (10**11, 1), (10, -1)])
def test_counts_that_make_no_sense_are_refused(rows, seed):
    with pytest.raises(ConfigError, match=r"rows must be between|seed must be"):
        VentasGenerator(rows=rows, seed=seed)


def test_a_missing_package_is_named_with_the_command_that_installs_it():
    with pytest.raises(ConfigError, match="no_such_package_here, which is not installed") as refused:
        require_packages(("numpy", "no_such_package_here"))
    assert refused.value.hint == 'pip install "athena-lakebench[datagen]"'
