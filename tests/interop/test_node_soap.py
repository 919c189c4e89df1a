"""node's `soap` loads the WSDL and calls every operation with plain keys and its own data binding."""

from pathlib import Path
from typing import Any

import pytest

from tests.interop.conversation import CALLS, REQUEST_ID, as_node
from tests.interop.node_program import run_node


@pytest.fixture(scope="module")
def answers(node_modules: Path, endpoint: str) -> dict[str, Any]:
    """What node got for each operation."""
    calls = {operation: as_node(parts) for operation, parts in CALLS.items()}
    program = Path(__file__).parent / "node" / "call_every_operation.js"
    received: dict[str, Any] = run_node(node_modules, program, f"{endpoint}?wsdl", given=calls)
    return received


@pytest.mark.parametrize("operation", CALLS)
def test_every_operation_can_be_called(answers: dict[str, Any], operation: str) -> None:
    answer = answers[operation]
    assert "error" not in answer, answer
    assert answer["response"]["request"]["id"]["$value"] == REQUEST_ID
    assert isinstance(answer["acknowledge"]["iscomplete"], bool)
