"""The endpoints that the toolkits are pointed at, the toolkits of node, and who signs."""

import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from hub.wire.hubservices.description import Service
from tests.e2e.sandbox_process import SandboxProcess, running_sandbox
from tests.interop.callers import Caller, callers_of
from tests.interop.stub_hub import StubHub

NODE_PROGRAMS = Path(__file__).parent / "node"
INSTALL_SECONDS = 120


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
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """The real hub and its token service, as `hub sandbox` serves them."""
    with running_sandbox(tmp_path_factory.mktemp("interop")) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def callers(sandbox: SandboxProcess) -> Mapping[str, Caller]:
    """Who signs, in each profile and with each kind of key."""
    return callers_of(sandbox)


@pytest.fixture(scope="session", params=[*Service, "hub"])
def endpoint(request: pytest.FixtureRequest) -> str:
    """The address of a hub service: the stub, which says yes to everything, and the real hub."""
    if request.param == "hub":
        sandbox: SandboxProcess = request.getfixturevalue("sandbox")
        return str(sandbox.description["intrahub_plain"])
    stub: StubHub = request.getfixturevalue("stub_hub")
    return stub.endpoint(request.param)


@pytest.fixture(scope="session")
def node_modules(request: pytest.FixtureRequest) -> Path:
    """A folder with the toolkits of node in it: installed once, then kept in pytest's cache."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("node and npm are not installed")
    assert request.config.cache is not None
    folder = request.config.cache.mkdir("node-soap")
    wanted = (NODE_PROGRAMS / "package.json").read_text(encoding="utf-8")
    installed = folder / "package.json"
    if not (folder / "node_modules" / "soap").is_dir() or installed.read_text(encoding="utf-8") != wanted:
        installed.write_text(wanted, encoding="utf-8")
        command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock"]
        try:
            subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=INSTALL_SECONDS)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            installed.unlink()
            pytest.skip(f"npm could not install the toolkits: {type(error).__name__}; is a registry reachable?")
    return folder / "node_modules"
