"""Sealed folders in signed messages: who signs the message must be who sealed the folders."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from lxml import etree

from hub.config.sealing_settings import KeyPairSettings, SealingSettings
from hub.sandbox.people import load_people
from hub.wire.kmehr.parties import write_author
from hub.wire.kmehr.sealed_folders import sealable
from hub.wire.namespaces import ANSWER_DECLARATIONS, CORE
from hub.wire.xml import parse, text
from tests.builders import JAN, a_patient
from tests.fakes.kmehr import a_kmehr_message
from tests.integration.attacks.hubs import settings_of
from tests.integration.served_hub import ServedHub, served_hub
from tests.sealers import HUB_ACTOR, Sealers, needs_openssl, pem_of
from tests.signed import SignedCaller, world

pytestmark = needs_openssl
DOCTORS = [key for key, who in load_people().signatories.items() if who.quality == "doctor"]


@pytest.fixture
def sealers(tmp_path: Path) -> Sealers:
    """A hub that trusts the authority of those who call as well."""
    sealers = Sealers(tmp_path)
    authorities = (sealers.authority.certificate, world().authority.credential.certificate)
    sealers.anchors.write_bytes(pem_of(*authorities))
    return sealers


@pytest.fixture
async def hub(redis_url: str, tmp_path: Path, sealers: Sealers) -> AsyncIterator[ServedHub]:
    """A hub that knows Jan."""
    sealing = SealingSettings(
        signing=KeyPairSettings(key_file=sealers.hub_signing, certificate_file=sealers.hub_signing),
        decryption={"1": KeyPairSettings(key_file=sealers.hub_key, certificate_file=sealers.hub_key)},
        anchors_file=sealers.anchors,
        depot_folder=sealers.depot,
    )
    vault = tmp_path / "vault"
    vault.mkdir()
    async with served_hub(redis_url, vault, sealing=sealing, security=settings_of(world(), tmp_path)) as hub:
        (await hub.doctor.put_patient(a_patient(JAN).as_put.decode())).accepted()
        yield hub


async def put(hub: ServedHub, sealers: Sealers, *, signs: SignedCaller, seals: SignedCaller) -> etree._Element:
    """The acknowledge of a put that one signs and another has sealed."""
    parted = sealable(a_kmehr_message(JAN, "D-1"))
    assert parted is not None
    blob = await sealers.sealer(seals.credential).seal(parted.clear, HUB_ACTOR)
    document = parse(parted.with_sealed(blob))
    document.tag = f"{{{CORE}}}kmehrmessage"
    message = (
        f'<p:PutTransactionRequest {ANSWER_DECLARATIONS}><request><id S="ID-KMEHR" SV="1.0">1.{uuid4().hex}</id>'
        f"<author>{write_author(signs.author)}</author><date>2026-03-02</date><time>10:00:00</time></request>"
        f"{etree.tostring(document, encoding='unicode')}</p:PutTransactionRequest>"
    )
    _, answer, _ = await hub.post(signs.sign(message.encode(), now=datetime.now(UTC)), url=hub.signed_url)
    acknowledge = answer.find(f"{{{CORE}}}acknowledge")
    assert acknowledge is not None, etree.tostring(answer)
    return acknowledge


def code(acknowledge: etree._Element) -> str:
    """The code of a refusal; empty for success."""
    return text(acknowledge.find(f"{{{CORE}}}error/{{*}}cd"))


@pytest.mark.parametrize("key", DOCTORS)
async def test_who_signs_the_message_may_have_sealed_what_is_in_it(hub: ServedHub, sealers: Sealers, key: str) -> None:
    caller = world().caller(key)
    assert code(await put(hub, sealers, signs=caller, seals=caller)) == ""
    assert (await hub.doctor.list(JAN)).accepted().total == 1


async def test_what_somebody_else_has_sealed_is_refused(hub: ServedHub, sealers: Sealers) -> None:
    one, other = (world().caller(key) for key in DOCTORS[:2])
    assert code(await put(hub, sealers, signs=one, seals=other)) == "seal-signer"
    assert (await hub.doctor.list(JAN)).accepted().total == 0
