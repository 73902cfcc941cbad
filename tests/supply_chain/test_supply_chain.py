"""What others get from a build: pinned with hashes, listed, the same bytes each time."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
PIN = re.compile(r"^[A-Za-z0-9._-]+(?:\[[^]]*\])?==\S+")


def built(tree, out):
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1577836800"}
    subprocess.run(command, cwd=tree, check=True, capture_output=True, env=environment)
    return hashlib.sha256(next(out.glob("*.whl")).read_bytes()).hexdigest()


def test_two_builds_of_the_wheel_are_the_same_bytes(tmp_path):
    hashes = []
    for name, moment in (("one", 1_000_000_000), ("two", 1_500_000_000)):
        tree = tmp_path / name
        tree.mkdir()
        shutil.copytree(ROOT / "src", tree / "src", ignore=shutil.ignore_patterns("__pycache__"))
        for file in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(ROOT / file, tree / file)
        for path in tree.rglob("*"):
            os.utime(path, (moment, moment))
        hashes.append(built(tree, tmp_path / f"{name}-dist"))
    assert hashes[0] == hashes[1]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_pin_of_a_lock_has_a_hash_and_no_host(lock):
    text = lock.read_text()
    pins = re.split(r"(?m)^(?=[A-Za-z0-9])", text)[1:]
    assert len(pins) > 5
    assert [pin.splitlines()[0] for pin in pins if not PIN.match(pin) or "--hash=sha256:" not in pin] == []
    assert "://" not in re.sub(r"(?m)^\s*#.*$", "", text)


def test_the_bill_of_materials_lists_every_pin_of_the_runtime(tmp_path):
    target = tmp_path / "sbom.json"
    lock = ROOT / "requirements/runtime.lock"
    subprocess.run([sys.executable, ROOT / "requirements/sbom.py", lock, target], check=True)
    bill = json.loads(target.read_text())
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5")
    listed = {f"{one['name']}=={one['version']}" for one in bill["components"]}
    assert listed == set(re.findall(r"(?m)^[A-Za-z0-9._-]+==[^\s;]+", lock.read_text()))
    assert all(
        any(p["name"] == "python:file-sha256" for p in one["properties"]) for one in bill["components"]
    )


def test_each_base_dependency_is_one_that_somebody_decided_on():
    """A new one is added here too, so that it is seen in review."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = {re.match(r"[a-z0-9-]+", one)[0] for one in project["dependencies"]}
    assert names <= {
        "anycrc",
        "boto3",
        "cheroot",
        "cramjam",
        "datasketches",
        "duckdb",
        "fastavro",
        "mmh3",
        "moto",
        "pyarrow",
        "regex",
        "rich",
        "shapely",
        "sqlglot",
        "typer",
        "xxhash",
    }


def test_the_example_workflow_pins_actions_by_commit_and_has_no_permissions_by_default():
    text = (ROOT / "docs/examples/ci.yml").read_text()
    actions = re.findall(r"uses:\s*(\S+)", text)
    assert actions
    assert [one for one in actions if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", one)] == []
    assert re.search(r"(?m)^permissions: \{\}$", text)
