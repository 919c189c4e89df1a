"""An S3-compatible store as a process of its own: the server of `moto`, with a bucket."""

import contextlib
import importlib.util
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

SECRETS = {"AWS_ACCESS_KEY_ID": "invented", "AWS_SECRET_ACCESS_KEY": "invented"}
"""What the environment of a caller has to say; the store takes anything."""
BUCKET, _REGION = "vault", "us-east-1"
_SECONDS_TO_START = 30.0


@contextlib.contextmanager
def running_s3() -> Iterator[str]:
    """The URL of a bucket in a new store, with a place for a prefix; skips the test without the server's package."""
    if importlib.util.find_spec("moto") is None:
        pytest.skip("no S3 server: the package moto is not installed")
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            endpoint = f"http://127.0.0.1:{port}"
            _make_bucket(endpoint)
            yield f"s3://{BUCKET}/{{}}?endpoint={endpoint}&region={_REGION}"
        finally:
            process.terminate()
            process.wait(10)


def _make_bucket(endpoint: str) -> None:
    """Make the bucket as soon as the server answers."""
    end = time.monotonic() + _SECONDS_TO_START
    request = Request(
        f"{endpoint}/{BUCKET}",
        method="PUT",
        headers={"Authorization": f"AWS4-HMAC-SHA256 Credential=invented/20260101/{_REGION}/s3/aws4_request"},
    )
    while True:
        try:
            urlopen(request, timeout=5).close()
        except URLError as error:
            if time.monotonic() > end or not isinstance(error.reason, OSError):
                raise
            time.sleep(0.05)
        else:
            return
