"""Where the harness points: settings from files, LAKEBENCH_* variables and flags; target local or aws."""
