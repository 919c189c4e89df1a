"""Backup and restore of ten million references: the same comes back; it prints how long that took."""

import hashlib
import json
from functools import partial
from pathlib import Path
from typing import cast

import pytest
from redis.asyncio import Redis

from bench.population import Population
from hub.storage import keys
from hub.storage.bulk.index_access import IndexAccess
from hub.storage.bulk.line_source import LineSource
from hub.storage.bulk.running import import_file
from hub.storage.embedded import EmbeddedServer
from hub.storage.secrets import Pseudonyms
from hub.storage.sweeping import batches
from hub.wire.hubservices.bulk_forms import BulkForms
from hub.wire.schemas import default_schema_folder
from tests.bulk.loading import Watcher
from tests.contract.rotating import connected
from tests.e2e.commands import run
from tests.e2e.hub_process import written

REFERENCES = 10_000_000
WORKERS = 2


async def invented(folder: Path) -> Path:
    """A file for `hub import`."""
    population = Population(REFERENCES)
    sizes = population.sizes()
    with (folder / "references").open("wb") as file:
        await population.write(file, range(len(sizes)), sizes, processes=WORKERS)
    return folder / "references"


async def loaded(url: str, file: Path, secret: bytes) -> None:
    with LineSource.open(file) as source:
        done = await import_file(
            source,
            access=IndexAccess(url=url, timeout=30, pseudonyms=Pseudonyms(secret, key_id="1"), secret=secret),
            load_forms=partial(BulkForms.load, default_schema_folder()),
            hub="1990000728",
            sources=None,
            workers=WORKERS,
            watcher=Watcher(),
        )
    assert done.is_complete
    assert done.counts.references == REFERENCES


async def digest_of(url: str) -> int:
    """Of all keys and values, in whatever order they come."""
    total = 0
    async with connected(url) as client:
        async for batch in batches(client, "*"):
            for key, value in zip(batch.keys, await values_of(batch.server, batch.keys), strict=True):
                if key != keys.KNOWN_KEYS:
                    written = sorted(value.items()) if isinstance(value, dict) else value
                    total += int.from_bytes(hashlib.sha256(repr((key, written)).encode()).digest())
    return total


async def values_of(server: Redis, found: list[str]) -> list[object]:
    async with server.pipeline(transaction=False) as pipeline:
        for key in found:
            pipeline.get(key)
        values = await pipeline.execute(raise_on_error=False)
    hashes = {key: await server.hgetall(key) for key, value in zip(found, values, strict=True) if _is_error(value)}
    return [cast("object", hashes.get(key, value)) for key, value in zip(found, values, strict=True)]


def _is_error(value: object) -> bool:
    return isinstance(value, Exception)


@pytest.mark.slow
async def test_ten_million_references_come_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    configuration, file, data = written(tmp_path), tmp_path / "index.backup", tmp_path / "data" / "redis"
    secret = bytes.fromhex((tmp_path / "secrets" / "index.key").read_text())
    references = await invented(tmp_path)
    async with EmbeddedServer.running(data, fsync="everysec") as server:
        await loaded(server.url, references, secret)
        before = await digest_of(server.url)
        status, backed_up, errors = await run(configuration, "backup", file)
        assert (status, errors) == (0, "")
    data.rename(tmp_path / "lost")
    status, restored, errors = await run(configuration, "restore", file)
    assert (status, errors) == (0, "")
    assert restored["keys"] == backed_up["keys"]
    async with EmbeddedServer.running(data) as server:
        assert await digest_of(server.url) == before
    with capsys.disabled():
        print(json.dumps({"references": REFERENCES, "backup": backed_up, "restore": restored}))  # noqa: T201 - asked for
