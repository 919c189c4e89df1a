"""The endpoints that the toolkits are pointed at."""

import threading
from collections.abc import Iterator

import pytest

from hub.wire.hubservices.description import Service
from tests.e2e.sandbox_process import running_sandbox
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


@pytest.fixture(scope="session")
def hub_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The real hub, as `hub sandbox` serves it."""
    with running_sandbox(tmp_path_factory.mktemp("interop"), "--empty") as sandbox:
        yield sandbox.description["intrahub_plain"]


@pytest.fixture(scope="session", params=[*Service, "hub"])
def endpoint(request: pytest.FixtureRequest) -> str:
    """The address of a hub service: the stub, which says yes to everything, and the real hub."""
    if request.param == "hub":
        return str(request.getfixturevalue("hub_endpoint"))
    stub: StubHub = request.getfixturevalue("stub_hub")
    return stub.endpoint(request.param)
