"""The Athena service: executions, results, workgroups, over an engine and a catalogue it does not know.

The one door is ``athena_provider``.
"""

from lakebench.emulator.athena.provider import athena_provider

__all__ = ["athena_provider"]
