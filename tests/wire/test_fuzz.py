"""More than 10,000 requests made from botocore's models: clean answers only, whatever is sent.

Every answer is below 500, is read by botocore's own parser, and names an error that the model of the service
declares, or one that the JSON protocol itself has (AWS: Common Errors, and the errors of its front end).
"""

import http.client
import os
import urllib.parse
from collections import Counter

import botocore.parsers
import botocore.session
import pytest

from .fuzz import Fuzzer

EACH = {"athena": 50, "glue": 24}
LONGER = 20 if os.environ.get("LAKEBENCH_LONG") else 1
PROTOCOL_ERRORS = {
    "SerializationException",
    "UnknownOperationException",
    "ValidationException",
    "RequestEntityTooLargeException",
}


class Client:
    """One kept connection that sends what no client would."""

    def __init__(self, server, service):
        self.model = botocore.session.Session().get_service_model(service)
        self.parser = botocore.parsers.create_parser(self.model.metadata["protocol"])
        self.place = urllib.parse.urlsplit(server.endpoint)
        self.connection = None
        scope = f"AKIALAKEBENCHLOCAL00/20261123/us-east-1/{service}/aws4_request"
        self.headers = {
            "Content-Type": f"application/x-amz-json-{self.model.metadata['jsonVersion']}",
            "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
        }

    def send(self, sent):
        target = f"{self.model.metadata['targetPrefix']}.{sent.operation}"
        for attempt in range(2):
            if self.connection is None:
                self.connection = http.client.HTTPConnection(self.place.hostname, self.place.port, timeout=30)
            try:
                self.connection.request("POST", "/", sent.body, {**self.headers, "X-Amz-Target": target})
                answer = self.connection.getresponse()
                body = answer.read()
            except (http.client.HTTPException, ConnectionError):
                self.connection = None  # the server closes a connection after some refusals
                if attempt:
                    raise
                continue
            if answer.will_close:
                self.connection = None
            return answer.status, dict(answer.getheaders()), body
        raise AssertionError("unreachable")

    def told(self, sent):
        """What is wrong with the answer, or None."""
        status, headers, body = self.send(sent)
        if status >= 500:
            return f"{status}: {body[:200]!r}"
        shape = self.model.operation_model(sent.operation).output_shape
        answer = {"status_code": status, "headers": {k.lower(): v for k, v in headers.items()}, "body": body}
        try:
            parsed = self.parser.parse(answer, shape)
        except botocore.parsers.ResponseParserError as error:
            return f"{status}: not parsed: {error}"
        if status < 300:
            return None
        code = parsed.get("Error", {}).get("Code")
        declared = {one.name for one in self.model.error_shapes} | PROTOCOL_ERRORS
        return None if code in declared else f"{status}: undeclared error {code}"


@pytest.mark.parametrize("service", ["athena", "glue"])
def test_every_answer_is_clean(server, service):
    client = Client(server, service)
    wrong = Counter()
    count = 0
    for sent in Fuzzer(client.model, seed=20261123, each=EACH[service] * LONGER).requests():
        count += 1
        told = client.told(sent)
        if told is not None:
            wrong[f"{sent.operation} ({sent.what}) {told}"] += 1
    assert count >= {"athena": 3_000, "glue": 7_000}[service]
    assert not wrong, "\n".join(f"{n} x {line}" for line, n in wrong.most_common(40))
    assert server.client("sts").get_caller_identity()["Account"]
