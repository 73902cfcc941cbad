"""S3's event notifications as a crawl in event mode reads them (AWS: crawler-s3-event-notifications)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import unquote_plus

from lakebench.catalog import S3Uri
from lakebench.emulator.storage.queues import Queues


class Events:
    """The events that wait in the queues of a crawler's targets.

    They are taken out once the crawl has ended well; a crawl that fails leaves them to the next one. What is
    no S3 event goes to the target's dead-letter queue, or is dropped where there is none.
    """

    def __init__(self, queues: Queues, arns: Sequence[tuple[str, str | None]]) -> None:
        """Receive them; raises QueueMissing."""
        self._queues = queues
        self._received = [(arn, dead_letters, queues.receive(arn)) for arn, dead_letters in arns]
        self._unreadable: list[tuple[str, str]] = []
        folders: set[S3Uri] = set()
        for _, dead_letters, messages in self._received:
            for message in messages:
                try:
                    folders.update(_folders(message.body))
                except ValueError:
                    if dead_letters is not None:
                        self._unreadable.append((dead_letters, message.body))
        self.folders = frozenset(folders)
        """The folders in which objects came or went, ending in a slash."""

    def settle(self) -> None:
        """Take the events out of the queues; raises QueueMissing for a dead-letter queue."""
        for dead_letters, body in self._unreadable:
            self._queues.send(dead_letters, body)
        for arn, _, messages in self._received:
            self._queues.delete(arn, messages)


def _folders(body: str) -> Iterator[S3Uri]:
    """The folders that a message names; raises ValueError for what is no S3 event."""
    whole = _document(body)
    if whole.get("Type") == "Notification" and isinstance(whole.get("Message"), str):
        whole = _document(whole["Message"])  # by way of an SNS topic
    if whole.get("Event") == "s3:TestEvent":
        return
    try:
        for record in whole["Records"]:
            bucket = str(record["s3"]["bucket"]["name"])
            key = unquote_plus(str(record["s3"]["object"]["key"]))
            yield S3Uri(bucket, key[: key.rfind("/") + 1])
    except (KeyError, TypeError):
        raise ValueError("no S3 record") from None


def _document(text: str) -> dict[str, Any]:
    try:
        whole = json.loads(text)
    except RecursionError:
        raise ValueError("nested too deep") from None
    return whole if isinstance(whole, dict) else {}
