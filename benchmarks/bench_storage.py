"""Object storage beside plain moto_server in one run: throughput, ranges, listings, memory.

Times are of this machine and this moment; the columns of one run can be compared.
``LAKEBENCH_SMALL=100000`` puts as many small objects as the goal names, instead of a tenth.

boto3 takes 1 to 2 ms of its own for each request, and 60 ms to read a listing of 1,000 keys: what a server
can do shows with a lean client, a socket that is kept open and requests that were signed before.
"""

import http.client
import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import boto3
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from lakebench import Server
from lakebench.isolated import isolated_session, local_config

MB = 1 << 20
SMOKE = os.environ.get("LAKEBENCH_BENCH") == "smoke"
BIG = (2 if SMOKE else 200) * MB
RANGE = 64 * 1024
SMALL_OF_ONE = 20 if SMOKE else 1000
RANGES = 10 if SMOKE else 400
LISTED = 20 if SMOKE else 3000
SMALL = 20 if SMOKE else int(os.environ.get("LAKEBENCH_SMALL", "10000"))


def _client(endpoint):
    session = boto3.Session(botocore_session=isolated_session("us-east-1"))
    return session.client("s3", endpoint_url=endpoint, config=local_config())


@contextmanager
def _moto():
    """A plain moto_server on a port of its own: its pid and its endpoint."""
    command = [sys.executable, "-m", "moto.server", "-p", "0"]
    with tempfile.TemporaryFile("w+") as log:  # a pipe that nobody reads would stop it after 64 KB
        process = subprocess.Popen(command, stderr=log)
        try:
            yield process.pid, _endpoint(log)
        finally:
            process.kill()
            process.wait()


def _endpoint(log):
    while True:
        log.seek(0)
        for line in log.read().splitlines():
            if "Running on http" in line:
                return line.split("Running on ")[1].split()[0]
        time.sleep(0.05)


@contextmanager
def _ours(data_dir=None):
    with Server(workers=1, data_dir=data_dir) as server:
        yield server.pid, server.endpoint


def _peak(pid):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024


def _seconds(action):
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def _lean(endpoint, requests):
    """Seconds that these requests take: method, path with query, headers, body; all of one client."""
    signer = S3SigV4Auth(Credentials("AKIALAKEBENCHLOCAL00", "secret"), "s3", "us-east-1")
    signed = []
    for method, path, headers, body in requests:
        request = AWSRequest(method, endpoint + path, headers=headers, data=body)
        signer.add_auth(request)
        signed.append((method, path, body, dict(request.headers.items())))
    connection = http.client.HTTPConnection(urlsplit(endpoint).netloc)
    begun = time.perf_counter()
    for one in signed:
        connection.request(*one)
        answer = connection.getresponse()
        answer.read()
        assert answer.status < 300, answer.status
    connection.close()
    return time.perf_counter() - begun


def _range_request(number):
    start = number * RANGE
    return "GET", "/bench/big", {"Range": f"bytes={start}-{start + RANGE - 1}"}, b""


def _measure_lean(endpoint, *, slow):
    """What the server does with a client that costs next to nothing."""
    ranges = 10 if slow else 1000
    page = ("GET", "/bench?list-type=2&prefix=k%2F&encoding-type=url", {}, b"")
    puts = [("PUT", f"/bench/lean/{number:06d}", {}, b"x" * 100) for number in range(SMALL_OF_ONE)]
    return {
        "lean client: range GETs a second": ranges
        / _lean(endpoint, [_range_request(number) for number in range(ranges)]),
        "lean client: listing of 1,000 of 3,000, ms": 100 * _lean(endpoint, [page] * 10),
        "lean client: small PUTs a second": SMALL_OF_ONE / _lean(endpoint, puts),
    }


def _measure(server):
    """Figures by name; each is one run against a fresh server."""
    pid, endpoint = server
    s3, body = _client(endpoint), os.urandom(BIG)
    s3.create_bucket(Bucket="bench")
    figures = {
        f"PUT {BIG // MB} MB, MB/s": BIG
        / MB
        / _seconds(lambda: s3.put_object(Bucket="bench", Key="big", Body=body))
    }

    def download():
        stream = s3.get_object(Bucket="bench", Key="big")["Body"]
        while stream.read(MB):
            pass

    figures[f"GET {BIG // MB} MB, MB/s"] = BIG / MB / _seconds(download)

    def ranges(count):
        for number in range(count):
            start = number * RANGE
            wanted = f"bytes={start}-{start + RANGE - 1}"
            s3.get_object(Bucket="bench", Key="big", Range=wanted)["Body"].read()

    count = 10 if _seconds(lambda: ranges(2)) > 0.2 else RANGES
    figures["range GETs of 64 KiB a second"] = count / _seconds(lambda: ranges(count))
    figures[f"copy of {BIG // MB} MB, ms"] = 1000 * _seconds(
        lambda: s3.copy_object(Bucket="bench", Key="copy", CopySource="bench/big")
    )
    for number in range(LISTED):
        s3.put_object(Bucket="bench", Key=f"k/{number:06d}", Body=b"x")
    pages = [_seconds(lambda: s3.list_objects_v2(Bucket="bench", Prefix="k/")) for _ in range(5)]
    figures[f"listing of {min(LISTED, 1000):,} of {LISTED:,}, ms"] = 1000 * min(pages)
    puts = _seconds(
        lambda: [
            s3.put_object(Bucket="bench", Key=f"s/{number:06d}", Body=b"x" * 100) for number in range(SMALL)
        ]
    )
    figures[f"small PUTs a second ({SMALL:,})"] = SMALL / puts
    figures |= _measure_lean(endpoint, slow=count < 400)
    figures["peak memory, MB"] = _peak(pid)
    return figures


def bench_storage_beside_moto(tmp_path):
    columns = {}
    for name, start in (
        ("ephemeral", _ours),
        ("durable", lambda: _ours(tmp_path / "data")),
        ("moto", _moto),
    ):
        with start() as server:
            columns[name] = _measure(server)
    print()
    print(f"{'':44}" + "".join(f"{name:>14}" for name in columns))
    for figure in columns["moto"]:
        print(f"{figure:44}" + "".join(f"{column[figure]:14,.1f}" for column in columns.values()))
    assert SMOKE or columns["ephemeral"]["peak memory, MB"] < columns["moto"]["peak memory, MB"]
