"""Footers of Parquet objects by ranged reads: the last 64 KiB of each, more only where a footer is longer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from lakebench.client.call import aws_call
from lakebench.client.session import AwsSession
from lakebench.metering.footer import Footer
from lakebench.metering.hidden import Located
from lakebench.metering.parquet_file import TAIL_BYTES, footer_length, read_footer

_AT_ONCE = 16


class FooterReader:
    """Reads footers over S3 and keeps them; a second question about an object asks S3 nothing."""

    def __init__(self, session: AwsSession) -> None:
        self._client = session.s3  # made before threads share it
        self._known: dict[str, Footer] = {}

    def read(self, objects: Sequence[Located]) -> Mapping[str, Footer]:
        """The footers, by the text of their URI.

        Raises ClientError, and DataError for an object that is no Parquet or whose footer lies.
        """
        missing = [file for file in objects if str(file.uri) not in self._known]
        if missing:
            with ThreadPoolExecutor(max_workers=min(_AT_ONCE, len(missing))) as pool:
                for file, footer in zip(missing, pool.map(self._read, missing), strict=True):
                    self._known[str(file.uri)] = footer
        return {str(file.uri): self._known[str(file.uri)] for file in objects}

    def _read(self, file: Located) -> Footer:
        name = str(file.uri)
        tail = self._tail(file, min(file.size, TAIL_BYTES))
        needed = footer_length(tail, name)
        if len(tail) < needed <= file.size:
            tail = self._tail(file, needed)
        return read_footer(tail, file.size, name)

    def _tail(self, file: Located, length: int) -> bytes:
        with aws_call("s3:GetObject", str(file.uri)):
            answer = self._client.get_object(
                Bucket=file.uri.bucket,
                Key=file.uri.key,
                Range=f"bytes={file.size - length}-{file.size - 1}",
            )
            data: bytes = answer["Body"].read()
        return data
