"""Queues of messages as the emulator's rooms see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message as it was received."""

    body: str
    receipt: str


class QueueMissing(Exception):
    """No queue has this ARN."""

    def __init__(self, arn: str) -> None:
        super().__init__(f"The SQS queue {arn} does not exist")


class Queues(Protocol):
    """The SQS queues of one account."""

    def receive(self, arn: str) -> list[Message]:
        """All messages that can be seen now; raises QueueMissing."""

    def delete(self, arn: str, messages: Sequence[Message]) -> None:
        """Take them out of the queue; those that are gone already are passed over."""

    def send(self, arn: str, body: str) -> None:
        """Put a message into the queue; raises QueueMissing."""
