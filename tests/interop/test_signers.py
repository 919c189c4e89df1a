"""The hub takes what programs of others have signed, as they signed it (security facts, part 1.3)."""

from collections.abc import Mapping

import pytest

from tests.e2e.sandbox_process import SandboxProcess
from tests.interop.answers import answer_to, assert_is_list, assert_is_refused
from tests.interop.callers import CALLERS, Caller
from tests.interop.signers import sign_with_node, sign_with_wss4j, sign_with_xmlsec1


@pytest.fixture(scope="module", params=["xmlsec1", "xml-crypto", "WSS4J", "WSS4J without inclusive prefixes"])
def signed(
    request: pytest.FixtureRequest, callers: Mapping[str, Caller], tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, bytes]:
    """A message of each caller, signed by a program."""
    folder = tmp_path_factory.mktemp("signed")
    folders = {name: caller.write(folder / name) for name, caller in callers.items()}
    match request.param:
        case "xmlsec1":
            sign_with_xmlsec1(folders.values())
        case "xml-crypto":
            sign_with_node(folders.values(), request.getfixturevalue("node_modules"))
        case "WSS4J":
            sign_with_wss4j(folders.values(), prefixes=True)
        case _:
            sign_with_wss4j(folders.values(), prefixes=False)
    return {name: (folder / "signed.xml").read_bytes() for name, folder in folders.items()}


@pytest.mark.parametrize("caller", CALLERS)
def test_a_signed_message_is_answered(sandbox: SandboxProcess, signed: Mapping[str, bytes], caller: str) -> None:
    assert_is_list(answer_to(signed[caller], sandbox.description["intrahub"]))


@pytest.mark.parametrize("caller", CALLERS)
def test_a_message_changed_since_is_refused(sandbox: SandboxProcess, signed: Mapping[str, bytes], caller: str) -> None:
    changed = signed[caller].replace(b"<time>10:00:00<", b"<time>10:00:01<")
    assert changed != signed[caller]
    assert_is_refused(answer_to(changed, sandbox.description["intrahub"]))
