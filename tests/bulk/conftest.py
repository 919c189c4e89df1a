"""An operator with an empty store."""

from pathlib import Path

import pytest

from tests.bulk.operator import Operator


@pytest.fixture
def operator(tmp_path: Path, redis_url: str) -> Operator:
    """With one server."""
    return Operator(tmp_path, redis_url)


@pytest.fixture(params=["redis", "cluster"])
def any_operator(request: pytest.FixtureRequest, tmp_path: Path) -> Operator:
    """With one server, and with a cluster."""
    return Operator(tmp_path, request.getfixturevalue(f"{request.param}_url"))
