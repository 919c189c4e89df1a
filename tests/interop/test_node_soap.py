"""node's `soap` loads the WSDL and calls every operation with plain keys and its own data binding."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.interop.conversation import CALLS, REQUEST_ID, as_node

PROGRAM = Path(__file__).parent / "node"
CALL_SECONDS = 60


@pytest.fixture(scope="module")
def answers(node_modules: Path, endpoint: str) -> dict[str, Any]:
    """What node got for each operation."""
    calls = json.dumps({operation: as_node(parts) for operation, parts in CALLS.items()})
    finished = subprocess.run(
        ["node", str(PROGRAM / "call_every_operation.js"), f"{endpoint}?wsdl"],
        input=calls,
        capture_output=True,
        text=True,
        timeout=CALL_SECONDS,
        env={**os.environ, "NODE_PATH": str(node_modules)},
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    received: dict[str, Any] = json.loads(finished.stdout)
    return received


@pytest.mark.parametrize("operation", CALLS)
def test_every_operation_can_be_called(answers: dict[str, Any], operation: str) -> None:
    answer = answers[operation]
    assert "error" not in answer, answer
    assert answer["response"]["request"]["id"]["$value"] == REQUEST_ID
    assert isinstance(answer["acknowledge"]["iscomplete"], bool)
