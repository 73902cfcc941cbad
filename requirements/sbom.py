"""Writes a CycloneDX 1.5 bill of materials of a lock file: each pinned distribution with its hashes.

python requirements/sbom.py requirements/runtime.lock dist/sbom.json
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

_PIN = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)\s*(?:;\s*(?P<marker>.*?))?\s*\\?$")
_HASH = re.compile(r"\s+--hash=sha256:([0-9a-f]{64})")


def components(lock: str) -> list[dict[str, Any]]:
    """One component for each pin; a pin may be of several files, so hashes are properties of their own."""
    found: list[dict[str, Any]] = []
    for line in lock.splitlines():
        if pin := _PIN.match(line):
            purl = f"pkg:pypi/{pin['name'].lower().replace('_', '-')}@{pin['version']}"
            marker = [{"name": "python:marker", "value": pin["marker"]}] if pin["marker"] else []
            found.append(
                {
                    "type": "library",
                    "bom-ref": purl,
                    "name": pin["name"],
                    "version": pin["version"],
                    "purl": purl,
                    "properties": marker,
                }
            )
        elif found and (digest := _HASH.match(line)):
            found[-1]["properties"].append({"name": "python:file-sha256", "value": digest[1]})
    return found


def bill(lock: Path, project: Path) -> dict[str, Any]:
    """The whole document; the same lock and project give the same bytes, so there is no time in it."""
    about = tomllib.loads(project.read_text(encoding="utf-8"))["project"]
    text = lock.read_text(encoding="utf-8")
    purl = f"pkg:pypi/{about['name']}@{about['version']}"
    main = {"type": "application", "bom-ref": purl, "name": about["name"], "version": about["version"]}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": {**main, "purl": purl, "licenses": [{"license": {"id": about["license"]}}]},
            "properties": [{"name": "lock:sha256", "value": hashlib.sha256(text.encode()).hexdigest()}],
        },
        "components": components(text),
    }


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    document = bill(source, Path(__file__).parents[1] / "pyproject.toml")
    target.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
