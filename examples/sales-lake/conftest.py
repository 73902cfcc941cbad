"""The lake of this project, built anew for each test: raw sales, then the curated model."""

from pathlib import Path

import pytest

MODELS = Path(__file__).parent / "models"
REGIONS = ("norte", "sur", "este", "oeste")


@pytest.fixture
def ventas(lake, athena):
    """Both models; what building them scans is not counted in a test's budget."""
    lines = [
        f"{number},producto {number % 7},{number % 100}.5,{REGIONS[number % 4]}" for number in range(4000)
    ]
    lake.put("raw/ventas/ventas.csv", "\n".join(lines).encode())
    athena.query((MODELS / "ventas_raw.sql").read_text())
    athena.query((MODELS / "ventas_curated.sql").read_text())
