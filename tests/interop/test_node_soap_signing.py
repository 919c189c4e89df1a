"""node's `soap` signs what it sends, and reads the answer. It knows RSA keys only."""

import json
import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from hub.wire.namespaces import EXCLUSIVE_C14N
from tests.e2e.sandbox_process import SandboxProcess
from tests.interop.answers import answer_to, assert_is_refused
from tests.interop.callers import PATIENT, Caller
from tests.interop.conversation import as_node, list_call

PROGRAM = Path(__file__).parent / "node" / "call_signed.js"
CALL_SECONDS = 60
OPTIONS = {"signatureTransformations": [EXCLUSIVE_C14N]}
"""Without it the toolkit says of every part that the signature is taken out of it first."""


class Called(NamedTuple):
    """What was sent, and what the toolkit made of the answer."""

    sent: str
    answer: dict[str, Any]


@pytest.fixture
def call(
    sandbox: SandboxProcess, callers: Mapping[str, Caller], node_modules: Path, tmp_path: Path
) -> Callable[[str, Mapping[str, Any]], Called]:
    """Asks for a list, as somebody."""

    def call(name: str, options: Mapping[str, Any]) -> Called:
        caller = callers[name]
        request = as_node(list_call(caller.signatory.author, PATIENT))
        finished = subprocess.run(
            ["node", str(PROGRAM), sandbox.description["wsdl"], str(caller.write(tmp_path / "caller"))],
            input=json.dumps({"request": request, "options": options}),
            capture_output=True,
            text=True,
            timeout=CALL_SECONDS,
            env={**os.environ, "NODE_PATH": str(node_modules)},
            check=False,
        )
        assert finished.returncode == 0, finished.stderr
        return Called(**json.loads(finished.stdout))

    return call


@pytest.mark.parametrize("name", ["holder-rsa", "certificate-rsa"])
def test_a_signed_call_is_answered_and_a_changed_one_refused(
    sandbox: SandboxProcess, call: Callable[[str, Mapping[str, Any]], Called], name: str
) -> None:
    called = call(name, OPTIONS)
    assert "error" not in called.answer, called.answer
    assert called.answer["acknowledge"]["iscomplete"] is True
    assert called.answer["kmehrheader"]["folder"]["transaction"]
    changed = called.sent.replace("time>09:30:00<", "time>09:30:01<")
    assert changed != called.sent
    assert_is_refused(answer_to(changed.encode(), sandbox.description["intrahub"]))


def test_its_own_choice_of_transforms_is_taken(call: Callable[[str, Mapping[str, Any]], Called]) -> None:
    """It names `enveloped-signature` for parts that do not hold the signature, where that leaves everything."""
    called = call("certificate-rsa", {})
    assert "xmldsig#enveloped-signature" in called.sent
    assert called.answer["acknowledge"]["iscomplete"] is True
