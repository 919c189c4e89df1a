"""An archive on each database, and the Redis that fills it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.audit_world import AuditWorld


@pytest.fixture(params=["sqlite", "postgresql"])
async def world(request: pytest.FixtureRequest, redis_url: str, tmp_path: Path) -> AsyncIterator[AuditWorld]:
    """An empty Redis and an empty archive."""
    sqlite = f"sqlite:///{tmp_path}/audit.sqlite"
    url = sqlite if request.param == "sqlite" else request.getfixturevalue("postgres").url
    async with AuditWorld.open(redis_url, url) as world:
        yield world
