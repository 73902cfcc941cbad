"""Where the harness points: settings from files, LAKEBENCH_* variables and flags; target local or aws."""

from lakebench.config.resolution import Resolved, Setting, resolve, target_for
from lakebench.config.settings import read_settings, read_target, variables_of
from lakebench.config.target import Target, TargetKind, parse_target_kind

__all__ = [
    "Resolved",
    "Setting",
    "Target",
    "TargetKind",
    "parse_target_kind",
    "read_settings",
    "read_target",
    "resolve",
    "target_for",
    "variables_of",
]
