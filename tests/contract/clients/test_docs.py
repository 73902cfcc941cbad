"""docs/clients.md does what it says: each snippet runs as it stands and prints what stands below it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[3] / "docs/clients.md"
_SNIPPET = re.compile(r"```(sh|python)\n(.*?)```\n\n```\n(.*?)```", re.DOTALL)


def test_every_snippet_prints_what_the_page_shows():
    snippets = _SNIPPET.findall(PAGE.read_text())
    assert len(snippets) == PAGE.read_text().count("```python") + PAGE.read_text().count("```sh")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for language, source, expected in snippets:
        command = ["bash", "-eu"] if language == "sh" else [sys.executable, "-W", "ignore", "-"]
        ran = subprocess.run(
            command,
            check=False,
            input=source,
            env=os.environ | {"PATH": path},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert ran.stdout == expected, (source, ran.stderr)
