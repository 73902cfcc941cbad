"""Run a server below another process; see ``lakebench.emulator.main``."""

from __future__ import annotations

import sys

from lakebench.emulator.main import main

if __name__ == "__main__":
    sys.exit(main())
