"""Settings come from the nearest file, then variables, then flags, and each says who gave it."""

import json
import os
from pathlib import Path

import pytest

from lakebench.config import TargetKind, resolve
from lakebench.errors import ConfigError

CASES = json.loads(Path(__file__).parents[1].joinpath("cases/config/files.json").read_text(encoding="utf-8"))
RIGHT = [case for case in CASES if "expect" in case]
WRONG = [case for case in CASES if "refused" in case]


def names(cases):
    return [case["name"] for case in cases]


def resolved(case, folder):
    for name, text in case["files"].items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    directory = folder / case.get("directory", "")
    directory.mkdir(parents=True, exist_ok=True)
    return resolve(
        case.get("flags", {}),
        environ=case.get("environ", {}),
        directory=directory,
        local_endpoint="http://127.0.0.1:4566",
    )


@pytest.mark.parametrize("case", RIGHT, ids=names(RIGHT))
def test_a_setting_has_its_value_and_its_origin(case, tmp_path):
    found = {one.name: one for one in resolved(case, tmp_path).settings}
    for name, (value, origin) in case["expect"].items():
        assert (found[name].value, found[name].origin.replace(f"{tmp_path}{os.sep}", "")) == (value, origin)


@pytest.mark.parametrize("case", WRONG, ids=names(WRONG))
def test_what_is_wrong_in_a_file_is_refused_in_words(case, tmp_path):
    with pytest.raises(ConfigError) as refused:
        resolved(case, tmp_path)
    assert case["refused"] in str(refused.value)
    assert case.get("hint", "") in (refused.value.hint or "")


def test_a_target_of_the_file_is_of_its_kind(tmp_path):
    text = "[targets.production]\nkind = 'aws'\nregion = 'eu-west-1'\nmax_usd = '0.10'\n"
    case = {"files": {"lakebench.toml": text}, "flags": {"target": "production"}}
    target = resolved(case, tmp_path).target
    assert (target.kind, target.region, target.endpoint) == (TargetKind.AWS, "eu-west-1", None)
