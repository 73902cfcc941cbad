"""One service of the AWS JSON protocol, driven by botocore's model: parse, validate, dispatch, serialise."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import botocore.session

from lakebench.emulator.wire.bodies import MAX_DOCUMENT, NotGzip, read_document
from lakebench.emulator.wire.http import BodyTooLarge, Request, Response, account_of, json_response
from lakebench.emulator.wire.parameters import NotTheModelsType, read_parameters
from lakebench.emulator.wire.provider import Operation, Provider, RequestContext, ServiceError, Wire
from lakebench.emulator.wire.results import write_result

_CONSTRAINT_ERRORS = ("InvalidRequestException", "InvalidInputException", "ValidationException")


class JsonService:
    """Answers a provider's operations; requests to other services, and what falls through, get None."""

    def __init__(self, provider: Provider, *, account_of: Callable[[str], str] = account_of) -> None:
        self._provider = provider
        self._account_of = account_of
        self._model = botocore.session.Session().get_service_model(provider.service)
        self._prefix = f"{self._model.metadata['targetPrefix']}."
        self._content_type = f"application/x-amz-json-{self._model.metadata['jsonVersion']}"

    def answer(self, request: Request) -> Response | None:
        """Run the operation that X-Amz-Target names."""
        target = request.header("X-Amz-Target") or ""
        if not target.startswith(self._prefix):
            return None
        name = target.removeprefix(self._prefix)
        operation = self._provider.operations.get(name)
        if operation is None and self._provider.falls_through:
            return None
        context = RequestContext(
            service=self._provider.service,
            operation=name,
            account_id=self._account_of(request.credentials.access_key),
            region=request.region,
            request_id=request.request_id,
        )
        try:
            if operation is None:
                raise ServiceError("UnknownOperationException", f"The operation {name} is not implemented")
            return self._run(context, operation, request)
        except ServiceError as error:
            return self._error(context, error)

    def _run(self, context: RequestContext, operation: Operation, request: Request) -> Response:
        model = self._model.operation_model(context.operation)
        try:
            parameters, violations = read_parameters(model.input_shape, _parse(request))
        except NotTheModelsType as error:
            raise ServiceError("SerializationException", str(error)) from error
        if violations:
            plural = "s" if len(violations) > 1 else ""
            text = f"{len(violations)} validation error{plural} detected: {'; '.join(violations)}"
            raise self._constraint_error(model, text)
        result = operation(context, parameters)
        return self._respond(context, 200, write_result(model.output_shape, result))

    def _constraint_error(self, model: Any, text: str) -> ServiceError:
        declared = {shape.name for shape in model.error_shapes}
        code = next((name for name in _CONSTRAINT_ERRORS if name in declared), "ValidationException")
        if code == "InvalidRequestException":
            return ServiceError(code, text, AthenaErrorCode="INVALID_INPUT")
        return ServiceError(code, text)

    def _error(self, context: RequestContext, error: ServiceError) -> Response:
        """Athena writes Message, Glue too; the model says which spelling a shape has."""
        shape = next((s for s in self._model.error_shapes if s.name == error.code), None)
        spelling = "message" if shape is None or "message" in shape.members else "Message"
        body = {"__type": error.code, spelling: error.message, **error.fields}
        response = self._respond(context, error.status, body)
        response.headers.append(("x-amzn-ErrorType", error.code))
        return response

    def _respond(self, context: RequestContext, status: int, body: Wire) -> Response:
        response = json_response(status, body, content_type=self._content_type)
        response.headers.append(("x-amzn-RequestId", context.request_id))
        return response


def _parse(request: Request) -> Wire:
    try:
        data = read_document(request, MAX_DOCUMENT)
    except BodyTooLarge as error:
        raise ServiceError(
            "RequestEntityTooLargeException", "The request is too large", status=413
        ) from error
    except NotGzip as error:
        raise ServiceError("SerializationException", f"The request is not valid gzip: {error}") from error
    try:
        parsed = json.loads(data or b"{}")
    except ValueError as error:
        raise ServiceError("SerializationException", f"The request is not valid JSON: {error}") from error
    except RecursionError as error:
        raise ServiceError("SerializationException", "The request is nested too deeply") from error
    if not isinstance(parsed, dict):
        raise ServiceError("SerializationException", "Start of structure or map expected")
    return parsed
