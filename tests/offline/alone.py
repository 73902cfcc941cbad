"""Runs a program in a network of its own with nothing in it, where that is possible; it takes this process's place.

For programs that try to reach the world whatever they are told, as a browser does: its attempts end there and are
not counted as the tests'.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from run import enter_namespace

if __name__ == "__main__":
    enter_namespace()
    os.execv(sys.argv[1], sys.argv[1:])
