"""node's `soap` signs what it sends, and reads the answer. It knows RSA keys only."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from hub.wire.namespaces import EXCLUSIVE_C14N
from tests.e2e.sandbox_process import SandboxProcess
from tests.interop.answers import answer_to, assert_is_refused
from tests.interop.callers import PATIENT, Caller
from tests.interop.conversation import as_node, list_call
from tests.interop.node_program import run_node

PROGRAM = Path(__file__).parent / "node" / "call_signed.js"
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
        given = {"request": as_node(list_call(caller.signatory.author, PATIENT)), "options": options}
        files = caller.write(tmp_path / "caller")
        return Called(**run_node(node_modules, PROGRAM, sandbox.description["wsdl"], str(files), given=given))

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
