"""Where sealed documents lie: a folder, or a bucket of an S3-compatible store.

One library (`obstore`) serves both. A put is durable when it returns; a reader sees the whole object or none.
"""

import os
import secrets
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

if TYPE_CHECKING:  # these exist for type checkers only
    from obstore.store import ClientConfig, S3Config

STORAGE_ERRORS = (BaseError, OSError)
"""What the methods below raise; FileNotFoundError among them when there is no such object."""

_INCOMING = "incoming"
_LEFT_BEHIND_AFTER = 3600.0
_PROBE = b"openhub" * 512


class Storage(Protocol):
    """Objects by path. The methods that write block and are for a thread."""

    def put(self, path: str, data: bytearray) -> None:
        """Write an object durably, as a whole or not at all; it may replace another."""
        ...

    def probe(self) -> None:
        """Write something and take it away again."""
        ...

    async def size(self, path: str) -> int:
        """How many bytes an object has."""
        ...

    async def read(self, path: str, start: int, length: int) -> memoryview:
        """A part of an object."""
        ...


def storage_at(url: str) -> Storage:
    """The storage that a URL names: `file:///folder` or `s3://bucket/prefix?endpoint=https://…&region=…`.

    The secrets of a bucket come from the environment (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`); so do its endpoint
    (`AWS_ENDPOINT_URL`) and region (`AWS_REGION`) when the URL does not say them. Only an endpoint in the URL may be
    without TLS. Raises ValueError for another URL, OSError when the folder cannot be made.
    """
    parts = urlsplit(url)
    match parts.scheme:
        case "file" if parts.path and not parts.netloc:
            return FolderStorage(Path(unquote(parts.path)))
        case "s3" if parts.netloc:
            return BucketStorage(parts.netloc, parts.path.strip("/"), **_bucket_options(parts.query))
        case _:
            raise ValueError("url: file:///folder or s3://bucket/prefix is wanted")


def _bucket_options(query: str) -> dict[str, str]:
    options = dict(parse_qsl(query, strict_parsing=bool(query)))
    if not options.keys() <= {"endpoint", "region"}:
        raise ValueError("url: behind the prefix of a bucket, endpoint and region may be named")
    return options


class FolderStorage:
    """Objects as files. What a crash left behind half-written lies in `incoming` and is cleared at the next start."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / _INCOMING).mkdir(exist_ok=True, mode=0o700)
        self._folder = folder
        self._store = LocalStore(folder)
        self._clear_what_was_left_behind()

    def put(self, path: str, data: bytearray) -> None:
        """See `Storage.put`: written aside, synced, renamed, and the folders synced."""
        aside = f"{_INCOMING}/{secrets.token_hex(16)}"
        try:
            obstore.put(self._store, aside, data, use_multipart=False)
            _sync(self._folder / aside)
            obstore.rename(self._store, aside, path)
        except STORAGE_ERRORS:
            with suppress(*STORAGE_ERRORS):
                obstore.delete(self._store, aside)
            raise
        _sync((self._folder / path).parent)
        _sync(self._folder)

    def probe(self) -> None:
        """See `Storage.probe`."""
        aside = f"{_INCOMING}/{secrets.token_hex(16)}"
        obstore.put(self._store, aside, _PROBE, use_multipart=False)
        obstore.delete(self._store, aside)

    async def size(self, path: str) -> int:
        """See `Storage.size`. A folder that is gone is not a missing object."""
        try:
            return (await obstore.head_async(self._store, path))["size"]
        except FileNotFoundError as error:
            if not (self._folder / _INCOMING).is_dir():
                raise OSError("the folder of the vault is gone") from error
            raise

    async def read(self, path: str, start: int, length: int) -> memoryview:
        """See `Storage.read`."""
        return memoryview(await obstore.get_range_async(self._store, path, start=start, length=length))

    def _clear_what_was_left_behind(self) -> None:
        for path in (self._folder / _INCOMING).iterdir():
            with suppress(FileNotFoundError):  # another worker starts at the same time
                if path.stat().st_mtime < time.time() - _LEFT_BEHIND_AFTER:
                    path.unlink()


class BucketStorage:
    """Objects in a bucket. The store answers a put when it is durable, and shows no half-written object."""

    def __init__(self, bucket: str, prefix: str, *, endpoint: str = "", region: str = "") -> None:
        config: S3Config = {}
        if endpoint:
            config["endpoint"] = endpoint
        if region:
            config["region"] = region
        options: ClientConfig = {
            "connect_timeout": "3s",
            "timeout": "60s",
            "allow_http": endpoint.startswith("http:"),
        }
        self._store = S3Store(
            bucket, prefix=prefix or None, config=config, client_options=options, retry_config={"max_retries": 3}
        )

    def put(self, path: str, data: bytearray) -> None:
        """See `Storage.put`."""
        obstore.put(self._store, path, data, use_multipart=False)

    def probe(self) -> None:
        """See `Storage.probe`."""
        path = f"{_INCOMING}/{secrets.token_hex(16)}"
        obstore.put(self._store, path, _PROBE, use_multipart=False)
        obstore.delete(self._store, path)

    async def size(self, path: str) -> int:
        """See `Storage.size`."""
        return (await obstore.head_async(self._store, path))["size"]

    async def read(self, path: str, start: int, length: int) -> memoryview:
        """See `Storage.read`."""
        return memoryview(await obstore.get_range_async(self._store, path, start=start, length=length))


def _sync(path: Path) -> None:
    """Make a file, or the entries of a folder, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
