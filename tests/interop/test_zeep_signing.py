"""zeep signs what it sends, with its own plug-in and xmlsec, and reads the answer."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import xmlsec
import zeep
from lxml import etree
from zeep.transports import Transport
from zeep.wsdl import Document
from zeep.wsse.compose import Compose
from zeep.wsse.signature import BinarySignature, Signature
from zeep.wsse.utils import WSU, get_security_header, get_timestamp

from hub.wire.namespaces import SECURITY
from hub.wire.security.verification import SAML_ID
from tests.e2e.sandbox_process import SandboxProcess
from tests.interop.callers import CALLERS, PATIENT, Caller, assertion_id
from tests.interop.conversation import as_zeep, list_call

Headers = dict[str, str]
ALGORITHMS = {"rsa": xmlsec.constants.TransformRsaSha256, "ec": xmlsec.constants.TransformEcdsaSha256}


class Timestamp:
    """What zeep's signature plug-ins sign when it is there."""

    def apply(self, envelope: etree._Element, headers: Headers) -> tuple[etree._Element, Headers]:
        now = datetime.now(UTC)
        times = (WSU.Created(get_timestamp(now)), WSU.Expires(get_timestamp(now + timedelta(seconds=60))))
        get_security_header(envelope).append(WSU.Timestamp(*times))
        return envelope, headers


class HolderOfKey(Signature):
    """The holder-of-key profile: zeep's signature, said to be made with the key of an assertion."""

    def __init__(self, *arguments: Any, assertion: bytes) -> None:
        super().__init__(*arguments)
        self.assertion = assertion

    def apply(self, envelope: etree._Element, headers: Headers) -> tuple[etree._Element, Headers]:
        super().apply(envelope, headers)
        security = get_security_header(envelope)
        reference = security.find(f".//{{{SECURITY}}}SecurityTokenReference")
        del reference[:]
        identifier = etree.SubElement(reference, f"{{{SECURITY}}}KeyIdentifier", ValueType=SAML_ID)
        identifier.text = assertion_id(self.assertion.decode())
        security.append(etree.fromstring(self.assertion))
        return envelope, headers


class OneWay(Compose):
    """Plug-ins for what is sent: answers are not signed."""

    def verify(self, envelope: etree._Element) -> etree._Element:
        return envelope


class Alterable(Transport):
    """Sends what is made of a message."""

    def __init__(self, alter: Callable[[bytes], bytes]) -> None:
        super().__init__(timeout=10, operation_timeout=10)
        self.alter = alter

    def post(self, address: str, message: bytes, headers: Headers) -> Any:
        return super().post(address, self.alter(message), headers)


@pytest.fixture(scope="module")
def description(sandbox: SandboxProcess) -> Document:
    return Document(sandbox.description["wsdl"], Alterable(bytes))  # type: ignore[arg-type]  # zeep is half typed


@pytest.fixture(params=CALLERS)
def call(
    request: pytest.FixtureRequest, callers: Mapping[str, Caller], description: Document, tmp_path: Path
) -> Callable[[Callable[[bytes], bytes]], Any]:
    """Asks for a list, as somebody."""
    caller = callers[request.param]
    folder = caller.write(tmp_path / "caller")
    algorithm = ALGORITHMS[request.param.rpartition("-")[2]]
    arguments = (folder / "key.pem", folder / "certificate.pem", None, algorithm, xmlsec.constants.TransformSha256)
    signature = (
        BinarySignature(*arguments) if caller.assertion is None else HolderOfKey(*arguments, assertion=caller.assertion)
    )

    def call(alter: Callable[[bytes], bytes]) -> Any:
        client = zeep.Client(description, wsse=OneWay([Timestamp(), signature]), transport=Alterable(alter))
        return client.service.GetTransactionList(**as_zeep(list_call(caller.signatory.author, PATIENT)))

    return call


def test_a_signed_call_is_answered(call: Callable[[Callable[[bytes], bytes]], Any]) -> None:
    answer = call(bytes)
    assert answer.acknowledge.iscomplete
    assert answer.kmehrheader.folder.transaction


def test_a_call_changed_on_its_way_is_refused(call: Callable[[Callable[[bytes], bytes]], Any]) -> None:
    with pytest.raises(zeep.exceptions.Fault) as refused:
        call(lambda message: message.replace(b"time>09:30:00<", b"time>09:30:01<"))
    assert refused.value.code == "wsse:FailedCheck"
