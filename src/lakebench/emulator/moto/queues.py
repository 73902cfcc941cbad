"""moto's SQS queues as the crawlers read them."""

from __future__ import annotations

from collections.abc import Sequence

from moto.sqs.exceptions import QueueDoesNotExist, ReceiptHandleIsInvalid
from moto.sqs.models import sqs_backends

from lakebench.emulator.storage.queues import Message, QueueMissing

_BATCH = 10
_VISIBILITY_SECONDS = 300  # a crawl that failed leaves its messages to the next one after that


class MotoQueues:
    """The queues of one account."""

    def __init__(self, account_id: str) -> None:
        self._account_id = account_id

    def receive(self, arn: str) -> list[Message]:
        """All messages that can be seen now; raises QueueMissing."""
        region, name = _place(arn)
        backend = sqs_backends[self._account_id][region]
        found: list[Message] = []
        try:
            while batch := backend.receive_message(name, _BATCH, 0, _VISIBILITY_SECONDS):
                found.extend(Message(body=one.body, receipt=one.receipt_handle) for one in batch)
        except QueueDoesNotExist:
            raise QueueMissing(arn) from None
        return found

    def delete(self, arn: str, messages: Sequence[Message]) -> None:
        """Take them out of the queue; those that are gone already are passed over."""
        region, name = _place(arn)
        backend = sqs_backends[self._account_id][region]
        for message in messages:
            try:
                backend.delete_message(name, message.receipt)
            except (QueueDoesNotExist, ReceiptHandleIsInvalid):
                continue

    def send(self, arn: str, body: str) -> None:
        """Put a message into the queue; raises QueueMissing."""
        region, name = _place(arn)
        try:
            sqs_backends[self._account_id][region].send_message(name, body)
        except QueueDoesNotExist:
            raise QueueMissing(arn) from None


def _place(arn: str) -> tuple[str, str]:
    *_, region, _account, name = arn.split(":")
    return region, name
