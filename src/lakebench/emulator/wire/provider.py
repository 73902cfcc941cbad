"""What a provider of one AWS service sees of a request, and how it refuses one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lakebench.errors import LakebenchError

Wire = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestContext:
    """Who asks, where, and for what; from the SigV4 credential scope, as moto reads it.

    A 12-digit access key is the account, any other belongs to account 123456789012.
    """

    service: str
    operation: str
    account_id: str
    region: str
    request_id: str


class ServiceError(LakebenchError):
    """A modelled exception of the service: ``code`` is the shape's name in botocore's model.

    ``fields`` are further members of that shape (``AthenaErrorCode``, ``Reason``).
    """

    def __init__(self, code: str, message: str, *, status: int = 400, **fields: Any) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.fields = fields


Operation = Callable[[RequestContext, Wire], Wire]
"""Takes validated parameters, answers the output shape's members; raises ServiceError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """The operations of one service that we answer ourselves, by their names in the service model.

    What is not listed here goes to moto when ``falls_through``, and is refused otherwise. ``reset`` forgets
    what is kept in memory, so that it is read again from the rows. ``document`` answers a path below
    ``/_lakebench/`` with JSON, None where this service has nothing to show there.
    """

    service: str
    operations: Mapping[str, Operation]
    falls_through: bool
    close: Callable[[], None] = field(default=lambda: None)
    reset: Callable[[], None] = field(default=lambda: None)
    restore: Callable[[], None] = field(default=lambda: None)
    document: Callable[[str], Wire | None] = field(default=lambda _: None)
