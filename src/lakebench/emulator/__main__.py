"""Run a server below another process; see ``lakebench.emulator.main``."""

from __future__ import annotations

import os
import sys

from lakebench.emulator.main import main

if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # All is closed by now; taking moto's modules apart in memory would be half a second of the parent's time.
    os._exit(code)
