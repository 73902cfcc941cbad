"""One service of the AWS JSON protocol, driven by botocore's model: parse, validate, dispatch, serialise.

What the provider leaves to moto is parsed and validated here all the same: moto meets requests that its
model allows, without nulls, and what it cannot do is refused with an error that the operation declares.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import botocore.session
from botocore.model import ServiceModel

from lakebench.emulator.wire.bodies import MAX_DOCUMENT, NotGzip, read_document
from lakebench.emulator.wire.http import BodyTooLarge, Request, Response, account_of, json_response
from lakebench.emulator.wire.parameters import NotTheModelsType, read_parameters
from lakebench.emulator.wire.provider import Operation, Provider, RequestContext, ServiceError, Wire
from lakebench.emulator.wire.results import write_result

_CONSTRAINT_ERRORS = ("InvalidRequestException", "InvalidInputException", "ValidationException")


@cache
def service_model(service: str) -> ServiceModel:
    """botocore's model of a service, read once a process."""
    return botocore.session.Session().get_service_model(service)


class JsonService:
    """Answers a provider's operations; requests to other services, and what falls through, get None.

    A request that falls through is handed on with its body read, checked and without nulls.
    """

    def __init__(self, provider: Provider, *, account_of: Callable[[str], str] = account_of) -> None:
        self._provider = provider
        self._account_of = account_of
        self._model = service_model(provider.service)
        self._prefix = f"{self._model.metadata['targetPrefix']}."
        self._content_type = f"application/x-amz-json-{self._model.metadata['jsonVersion']}"

    def answer(self, request: Request) -> Response | None:
        """Run the operation that X-Amz-Target names."""
        target = request.header("X-Amz-Target") or ""
        if not target.startswith(self._prefix):
            return None
        name = target.removeprefix(self._prefix)
        operation = self._provider.operations.get(name)
        context = RequestContext(
            service=self._provider.service,
            operation=name,
            account_id=self._account_of(request.credentials.access_key),
            region=request.region,
            request_id=request.request_id,
        )
        try:
            model = self._operation_model(name)
            if operation is not None:
                return self._run(context, model, operation, request)
            if not self._provider.falls_through:
                raise ServiceError(self._refusal(model), f"lakebench does not answer {name}")
            given = _parse(request)
            self._read(model, given)
            request.replace_body(json.dumps(_without_nulls(given)).encode())
        except ServiceError as error:
            return self._error(context, error)
        return None

    def declared_refusal(self, request: Request) -> str | None:
        """The error by which the operation that a request names refuses what cannot be done.

        None for other services and for operations that the model does not have.
        """
        target = request.header("X-Amz-Target") or ""
        name = target.removeprefix(self._prefix)
        if not target.startswith(self._prefix) or name not in self._model.operation_names:
            return None
        return self._refusal(self._model.operation_model(name))

    def modelled(self, request: Request, response: Response) -> Response:
        """An answer of moto's with an error that the service does not have, told with one that it has."""
        refusal = self.declared_refusal(request)
        if refusal is None or response.status < 400:
            return response
        try:
            told = json.loads(b"".join(response.body))
        except ValueError:
            told = {}
        code = str(told.get("__type", "")).rpartition("#")[2]
        if code in {shape.name for shape in self._model.error_shapes}:
            return json_response(response.status, told, content_type=self._content_type)
        message = told.get("message") or told.get("Message") or f"moto refused this request: {code}"
        body = {"__type": refusal, "message": message, "Message": message}
        return json_response(400, body, content_type=self._content_type)

    def _operation_model(self, name: str) -> Any:
        if name not in self._model.operation_names:
            raise ServiceError("UnknownOperationException", f"The operation {name} does not exist")
        return self._model.operation_model(name)

    def _refusal(self, model: Any) -> str:
        """The declared error that fits a request which cannot be served best."""
        declared = [shape.name for shape in model.error_shapes]
        fitting = [name for name in _CONSTRAINT_ERRORS if name in declared]
        client = [name for name in declared if not self._model.shape_for(name).metadata.get("fault")]
        return str((*fitting, *client, "ValidationException")[0])

    def _run(self, context: RequestContext, model: Any, operation: Operation, request: Request) -> Response:
        result = operation(context, self._read(model, _parse(request)))
        return self._respond(context, 200, write_result(model.output_shape, result))

    def _read(self, model: Any, given: Wire) -> Wire:
        """The parameters as the model knows them; raises ServiceError for what breaks it."""
        try:
            parameters, violations = read_parameters(model.input_shape, given)
        except NotTheModelsType as error:
            raise ServiceError("SerializationException", str(error)) from error
        if violations:
            plural = "s" if len(violations) > 1 else ""
            text = f"{len(violations)} validation error{plural} detected: {'; '.join(violations)}"
            raise self._constraint_error(model, text)
        return parameters

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


def _without_nulls(value: Any) -> Any:
    """Members that are null count as absent (AWS JSON protocol)."""
    match value:
        case dict():
            return {key: _without_nulls(member) for key, member in value.items() if member is not None}
        case list():
            return [_without_nulls(member) for member in value if member is not None]
    return value


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
