"""Bad input is refused in words before anything is started, written or sent."""

import json
from pathlib import Path

import pytest

CASES = json.loads(Path(__file__).parents[1].joinpath("cases/demo/refused.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[" ".join(case["arguments"]) for case in CASES])
def test_bad_input_is_refused_in_words(run_demo, case, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full/mine.txt").write_text("mine")
    done = run_demo(*case["arguments"], cwd=tmp_path, **case.get("variables", {}))
    assert done.returncode == case["exit"], done.stderr
    assert case["says"] in " ".join(done.stderr.split())
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert "Generating" not in done.stderr
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")) == [
        "full",
        "full/mine.txt",
    ]
