"""docs/limits.md names every public limit of the server, with the value that the code has."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = [
    [cell.strip() for cell in line.strip("|\n").split(" | ")]
    for line in (ROOT / "docs/limits.md").read_text().splitlines()
    if line.startswith("| ") and "constant" in line
]
UNITS = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
PACKAGES = ("lakebench", "lakebench.emulator")
NUMBER = re.compile(r"(\d[\d,]*)(?: (KiB|MiB|GiB)\b)?")


def value_of(name):
    module, _, attribute = name.rpartition(".")
    home = module.replace(".", "/")
    (path,) = [f"{package}.{module}" for package in PACKAGES if is_module(package, home)]
    return getattr(importlib.import_module(path), attribute)


def is_module(package, home):
    return (ROOT / "src" / package.replace(".", "/") / f"{home}.py").exists()


NAMED = [
    (row, name)
    for row in ROWS
    for name in re.findall(r"`([a-z_.]+\.[A-Z_]+)`", row[-1].partition("constant")[2])
]


@pytest.mark.parametrize(("row", "name"), NAMED, ids=[name for _, name in NAMED])
def test_a_named_constant_has_the_value_that_the_page_tells(row, name):
    told = [int(number.replace(",", "")) * UNITS.get(unit, 1) for number, unit in NUMBER.findall(row[1])]
    assert value_of(name) in told, row


def test_every_public_limit_of_the_code_is_on_the_page():
    page = {name for _, name in NAMED}
    for path in sorted((ROOT / "src/lakebench").rglob("*.py")):
        parts = path.relative_to(ROOT / "src/lakebench").with_suffix("").parts
        if parts[0] in {"datagen", "bench", "report", "cli", "client"}:
            continue  # what the harness asks of itself
        module = ".".join(parts[1:] if parts[0] == "emulator" else parts)
        for name in re.findall(r"(?m)^(MAX_[A-Z_]+)\b[^=\n]*= *\d", path.read_text()):
            assert f"{module}.{name}" in page
