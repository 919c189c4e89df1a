"""Who signs with other people's tools: somebody of the sandbox, in each profile and with each kind of key."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Final

import aiohttp
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from lxml import etree

from hub.runtime import BelgianClock, RandomIds
from hub.sandbox.authority import Authority
from hub.sandbox.certified import claims_of
from hub.sandbox.credentials import SandboxCredentials
from hub.sandbox.people import People, load_people
from hub.sandbox.signatories import Signatory
from hub.sandbox.tokens import TokenClient
from hub.wire.namespaces import ANSWER_DECLARATIONS, SOAP
from hub.wire.security.credential import Credential
from tests.e2e.sandbox_process import SandboxProcess
from tests.signed import list_message

PATIENT: Final = load_people().patients["everyday"].ssin
"""Whose list is asked for; the sandbox has documents of theirs."""
CALLERS: Final = {
    "holder-rsa": "gp_fr",
    "holder-ec": "gp_nl",
    "certificate-rsa": "modele",
    "certificate-ec": "modele",
}
"""Who signs, by profile and kind of key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody with a credential. With an assertion he signs as the holder of its key, else with his certificate."""

    signatory: Signatory
    credential: Credential
    assertion: bytes | None

    def write(self, folder: Path) -> Path:
        """Write what a signer needs, as files in a new folder: a credential, an assertion, and an envelope to sign.

        The envelope declares namespaces outside the body too, which signatures with inclusive prefixes depend on.
        """
        folder.mkdir()
        pkcs8 = self.credential.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / "key.pem").write_bytes(pkcs8)
        (folder / "certificate.pem").write_bytes(self.credential.certificate.public_bytes(Encoding.PEM))
        if self.assertion is not None:
            (folder / "assertion.xml").write_bytes(self.assertion)
        message = list_message(self.signatory.author, PATIENT).decode()
        envelope = (
            f'<S:Envelope xmlns:S="{SOAP}" {ANSWER_DECLARATIONS}><S:Header/><S:Body>{message}</S:Body></S:Envelope>'
        )
        (folder / "envelope.xml").write_text(envelope, encoding="utf-8")
        return folder


def callers_of(sandbox: SandboxProcess) -> Mapping[str, Caller]:
    """One caller for each name of CALLERS. The assertions are those that the sandbox's token service gives."""
    people = load_people()
    places = SandboxCredentials.places(sandbox.folder, people)
    callers = {
        name: Caller(signatory=_who_asks(people, key), credential=places.signatories[key].read(), assertion=None)
        for name, key in CALLERS.items()
    }
    # The sandbox gives organisations RSA keys, as the eHealth platform does; its authority can certify others.
    authority = Authority(credential=places.authority.read(), now=BelgianClock().now())
    names = _own_names(callers["certificate-rsa"].credential)
    on_a_curve = authority.issue(ec.generate_private_key(ec.SECP256R1()), names)
    callers["certificate-ec"] = replace(callers["certificate-ec"], credential=on_a_curve)
    return asyncio.run(_with_assertions(callers, sandbox.description["sts"]))


def assertion_id(assertion: str) -> str:
    """The AssertionID, by which a signature names the assertion."""
    return etree.fromstring(assertion).get("AssertionID", "")


def _who_asks(people: People, key: str) -> Signatory:
    """A hospital asks for one of its doctors: nobody sees documents as an organisation."""
    signatory = people.signatories[key]
    staff = (provider.party for provider in people.providers.values() if provider.hospital == key)
    return replace(signatory, author=(*signatory.author, *islice(staff, 1)))


def _own_names(credential: Credential) -> Sequence[tuple[x509.ObjectIdentifier, str]]:
    """The subject of a certificate without what every subject of the sandbox has."""
    common = (NameOID.COUNTRY_NAME, NameOID.ORGANIZATION_NAME)
    return [(name.oid, str(name.value)) for name in credential.certificate.subject if name.oid not in common]


async def _with_assertions(callers: Mapping[str, Caller], token_service: str) -> Mapping[str, Caller]:
    """The same, with an assertion for every holder."""
    async with aiohttp.ClientSession() as session:
        client = TokenClient(session=session, url=token_service, clock=BelgianClock(), ids=RandomIds())

        async def ask(caller: Caller) -> Caller:
            issued = await client.ask(caller.credential, claims_of(caller.signatory))
            return replace(caller, assertion=issued.assertion)

        return {name: await ask(caller) if name.startswith("holder") else caller for name, caller in callers.items()}
