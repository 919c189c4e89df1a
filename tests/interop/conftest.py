"""The endpoints that the toolkits are pointed at."""

import threading
from collections.abc import Iterator

import pytest

from hub.wire.hubservices.description import Service
from tests.interop.stub_hub import StubHub


@pytest.fixture(scope="session")
def stub_hub() -> Iterator[StubHub]:
    """A server that answers every operation with success."""
    with StubHub() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session", params=list(Service))
def endpoint(request: pytest.FixtureRequest, stub_hub: StubHub) -> str:
    """The address of a hub service."""
    return stub_hub.endpoint(request.param)
