"""node's `soap` loads the WSDL and calls every operation with plain keys and its own data binding."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.interop.conversation import CALLS, REQUEST_ID, AnyOf, Coded

PROGRAM = Path(__file__).parent / "node"
INSTALL_SECONDS = 120
CALL_SECONDS = 60


@pytest.fixture(scope="module")
def toolkit(request: pytest.FixtureRequest) -> Path:
    """A folder of modules with the toolkit in it: installed once, then kept in pytest's cache."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("node and npm are not installed")
    assert request.config.cache is not None
    folder = request.config.cache.mkdir("node-soap")
    wanted = (PROGRAM / "package.json").read_text(encoding="utf-8")
    installed = folder / "package.json"
    if not (folder / "node_modules" / "soap").is_dir() or installed.read_text(encoding="utf-8") != wanted:
        installed.write_text(wanted, encoding="utf-8")
        command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock"]
        try:
            subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=INSTALL_SECONDS)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            installed.unlink()
            pytest.skip(f"npm could not install the toolkit: {type(error).__name__}; is a registry reachable?")
    return folder / "node_modules"


@pytest.fixture(scope="module")
def answers(toolkit: Path, endpoint: str) -> dict[str, Any]:
    """What node got for each operation."""
    calls = json.dumps({operation: as_node(parts) for operation, parts in CALLS.items()})
    finished = subprocess.run(
        ["node", str(PROGRAM / "call_every_operation.js"), f"{endpoint}?wsdl"],
        input=calls,
        capture_output=True,
        text=True,
        timeout=CALL_SECONDS,
        env={**os.environ, "NODE_PATH": str(toolkit)},
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    received: dict[str, Any] = json.loads(finished.stdout)
    return received


def as_node(value: Any) -> Any:
    """A value in the form that node's toolkit takes: attributes apart, the members of a choice like any others."""
    match value:
        case Coded():
            return {"attributes": value.attributes, "$value": value.value}
        case dict():
            plain = {name: as_node(inner) for name, inner in value.items() if not isinstance(inner, AnyOf)}
            choices = [inner.members for inner in value.values() if isinstance(inner, AnyOf)]
            return plain | {name: as_node(inner) for members in choices for name, inner in members}
        case list():
            return [as_node(inner) for inner in value]
        case _:
            return value


@pytest.mark.parametrize("operation", CALLS)
def test_every_operation_can_be_called(answers: dict[str, Any], operation: str) -> None:
    answer = answers[operation]
    assert "error" not in answer, answer
    assert answer["response"]["request"]["id"]["$value"] == REQUEST_ID
    assert isinstance(answer["acknowledge"]["iscomplete"], bool)
