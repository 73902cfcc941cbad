"""``/_lakebench/executions/<id>/scan``: why an execution scanned what it scanned."""

from __future__ import annotations

import re

from lakebench.emulator.athena.service import AthenaService
from lakebench.emulator.wire.provider import Wire
from lakebench.metering import explanation_document

_PATH = re.compile(r"executions/([0-9a-f-]{36})/scan")


def scan_document(service: AthenaService, path: str) -> Wire | None:
    """The scans of an execution of any account and region; None for other paths and unknown ids.

    One that has not ended, or that read no table, has no scans.
    """
    found = _PATH.fullmatch(path)
    execution = service.find_execution(found[1]) if found is not None else None
    if execution is None:
        return None
    progress = execution.progress
    return {
        "execution": execution.request.execution_id,
        "statement": execution.request.sql,
        "state": progress.state.value,
        "data_scanned_in_bytes": progress.result.data_scanned,
        **explanation_document(execution.progress.measured.explanation),
    }
