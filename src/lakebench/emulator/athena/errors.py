"""Athena's refusals: InvalidRequestException with AthenaErrorCode, and the texts measured on the service.

Source of texts: facts/athena.md 4 (states and API errors, measured 2026-09).
"""

from __future__ import annotations

import uuid

from lakebench.emulator.wire.provider import ServiceError
from lakebench.errors import StatementRefused


def invalid_request(message: str, athena_error_code: str = "INVALID_INPUT") -> ServiceError:
    """An InvalidRequestException; the body also carries ``ErrorCode``, equal to ``AthenaErrorCode``."""
    return ServiceError(
        "InvalidRequestException",
        message,
        AthenaErrorCode=athena_error_code,
        ErrorCode=athena_error_code,
    )


def refused(refusal: StatementRefused) -> ServiceError:
    """A statement that StartQueryExecution does not take."""
    return invalid_request(refusal.message, refusal.athena_error_code)


def entity_not_found(message: str) -> ServiceError:
    """A MetadataException: the data catalogue has no such database or table.

    Glue's own error stands in the text, where PyAthena looks for its code.
    """
    return ServiceError(
        "MetadataException",
        f"{message} (Service: AmazonDataCatalog; Status Code: 400; Error Code: EntityNotFoundException; "
        f"Request ID: {uuid.uuid4()}; Proxy: null)",
    )


def resource_not_found(message: str, resource: str) -> ServiceError:
    """A ResourceNotFoundException naming the ARN or name that was asked for."""
    return ServiceError("ResourceNotFoundException", message, ResourceName=resource)


def execution_not_found(execution_id: str) -> ServiceError:
    """No execution of this id in the account and region."""
    return invalid_request(f"QueryExecution {execution_id} was not found", "QUERY_EXECUTION_NOT_FOUND")


def results_not_found() -> ServiceError:
    """The execution was cancelled, or its result file is gone."""
    return invalid_request("Could not find results", "RESULT_NOT_FOUND")


def workgroup_not_found() -> ServiceError:
    """No workgroup of this name."""
    return invalid_request("WorkGroup is not found.")
