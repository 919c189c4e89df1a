"""Sealed folders over SOAP: put sealed, listed, fetched sealed, and the same document at the end."""

from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from hub.config.sealing_settings import KeyPairSettings, SealingSettings
from hub.domain.encryption import EncryptionActor
from hub.sandbox.answers import Reply, Seal
from hub.sandbox.client import CannotSeal, HubClient
from hub.sandbox.comparison import difference
from hub.sandbox.people import SANDBOX_HUB
from hub.sandbox.sealers import CallerSealer
from hub.services.routing import Source
from hub.wire.kmehr.sealed_folders import sealable, take_sealed
from hub.wire.namespaces import KMEHR
from hub.wire.xml import parse
from tests.builders import HOSPITAL_NIHII, JAN, MILA, OTHER_GP_NIHII, a_declaration, a_patient
from tests.fakes.kmehr import a_kmehr_message
from tests.fakes.sources import ScriptedSource
from tests.integration.served_hub import ServedHub, served_hub
from tests.sealers import GP_ACTOR, HUB_ACTOR, Sealers, needs_openssl

pytestmark = needs_openssl
SEALED = f"{{{KMEHR}}}Base64EncryptedData"


@pytest.fixture
def sealers(tmp_path: Path) -> Sealers:
    return Sealers(tmp_path)


@pytest.fixture
def settings(sealers: Sealers) -> SealingSettings:
    """What the hub seals and opens with."""
    return SealingSettings(
        signing=KeyPairSettings(key_file=sealers.hub_signing, certificate_file=sealers.hub_signing),
        decryption={"1": KeyPairSettings(key_file=sealers.hub_key, certificate_file=sealers.hub_key)},
        anchors_file=sealers.anchors,
        depot_folder=sealers.depot,
        content_limit=1 << 20,
    )


@pytest.fixture
async def hub(redis_url: str, tmp_path: Path, settings: SealingSettings) -> AsyncIterator[ServedHub]:
    """A hub that opens and seals, knows Jan, and has a hospital with a document of his."""
    async with serving(redis_url, tmp_path, settings) as hub:
        (await hub.doctor.put_patient(a_patient(JAN).as_put.decode())).accepted()
        yield hub


def serving(
    redis_url: str, folder: Path, settings: SealingSettings, document: bytes = b""
) -> AbstractAsyncContextManager[ServedHub]:
    """A hub with these settings, and a hospital with one document."""
    chu = ScriptedSource("chu", document=document or a_kmehr_message(JAN, "DOC-1"))
    vault = folder / "vault"
    vault.mkdir(exist_ok=True)
    return served_hub(redis_url, vault, [Source("chu", HOSPITAL_NIHII, chu)], sealing=settings)


async def sealed_by_the_doctor(sealers: Sealers, message: bytes, *, whole: bool = False) -> etree._Element:
    parted = sealable(message)
    assert parted is not None
    clear = b'<?xml version="1.0" encoding="UTF-8"?>' + message if whole else parted.clear
    return parse(parted.with_sealed(await sealers.gp().seal(clear, HUB_ACTOR)))


def holding(message: bytes, value: str) -> etree._Element:
    """The message with anything in the place of what is sealed."""
    parted = sealable(message)
    assert parted is not None
    document = parse(parted.with_sealed(b""))
    sealed = document.find(SEALED)
    assert sealed is not None
    sealed[1].text = value
    return document


def asking(hub: ServedHub, sealers: Sealers, actor: EncryptionActor = GP_ACTOR) -> HubClient:
    """The doctor's client, which wants answers sealed for an actor and opens them."""
    return replace(hub.doctor, sealer=CallerSealer(actor=actor, sealing=sealers.gp))


def opened(reply: Reply) -> etree._Element:
    """The document of an answer that came sealed."""
    assert reply.accepted().seal == Seal()
    assert b"folder>" not in reply.received
    assert reply.document is not None
    return reply.document


async def codes(hub: ServedHub, document: etree._Element) -> list[str]:
    """The errors of a put that is refused, after which there is nothing."""
    reply = await hub.doctor.put(document)
    assert not reply.complete
    assert (await hub.doctor.list(JAN)).accepted().total == 0
    return [error.code for error in reply.errors]


@pytest.mark.parametrize("whole", [False, True])
async def test_what_is_put_sealed_is_listed_and_comes_back_sealed(
    hub: ServedHub, sealers: Sealers, *, whole: bool
) -> None:
    message = a_kmehr_message(JAN, "D-1", content="Verzonnen &amp; privé")
    (id_,) = (await hub.doctor.put(await sealed_by_the_doctor(sealers, message, whole=whole))).accepted().ids
    (row,) = (await hub.doctor.list(JAN)).accepted().summaries
    assert row.ids[-1] == id_
    reply = await asking(hub, sealers).get(JAN, id_)
    assert b"Verzonnen" not in reply.received
    assert difference(parse(message), opened(reply), SANDBOX_HUB) is None


async def test_a_set_is_put_and_fetched_sealed(hub: ServedHub, sealers: Sealers) -> None:
    message = a_kmehr_message(JAN, "M-1", kind="medicationscheme", version="1", members=3)
    document = await sealed_by_the_doctor(sealers, message)
    head, *others = (await hub.doctor.put(document, as_set=True)).accepted().ids
    assert len(others) == 2
    fetched = opened(await asking(hub, sealers).get(JAN, head, as_set=True))
    assert difference(parse(message), fetched, SANDBOX_HUB) is None


async def test_a_client_seals_what_it_puts_and_leaves_what_is_sealed_as_it_is(hub: ServedHub, sealers: Sealers) -> None:
    message, doctor = a_kmehr_message(JAN, "D-1"), asking(hub, sealers)
    (id_,) = (await doctor.put(parse(message), sealed=True)).accepted().ids
    assert difference(parse(message), opened(await doctor.get(JAN, id_)), SANDBOX_HUB) is None
    sealed = await doctor.sealed(parse(message))
    assert await doctor.sealed(sealed) is sealed


async def test_a_client_without_keys_does_not_seal(hub: ServedHub) -> None:
    with pytest.raises(CannotSeal):
        await hub.doctor.put(parse(a_kmehr_message(JAN, "D-1")), sealed=True)


async def test_a_client_does_not_open_what_somebody_else_than_the_hub_has_sealed(
    redis_url: str, tmp_path: Path, settings: SealingSettings, sealers: Sealers
) -> None:
    parted = sealable(a_kmehr_message(JAN, "DOC-1"))
    assert parted is not None
    document = parted.with_sealed(await sealers.gp().seal(parted.clear, GP_ACTOR))
    async with serving(redis_url, tmp_path, settings, document) as hub:
        (await hub.doctor.put_patient(a_patient(JAN).as_put.decode())).accepted()
        (id_,) = (await hub.hospital.declare(JAN, a_declaration("DOC-1"))).accepted().ids
        reply = (await asking(hub, sealers).get(JAN, id_)).accepted()
    assert reply.seal == Seal("seal-signer")
    assert b"Base64EncryptedData" in reply.received


async def test_who_names_no_actor_gets_folders_in_clear(hub: ServedHub, sealers: Sealers) -> None:
    message = a_kmehr_message(JAN, "D-1")
    (id_,) = (await hub.doctor.put(await sealed_by_the_doctor(sealers, message))).accepted().ids
    document = (await hub.doctor.get(JAN, id_)).accepted().document
    assert document is not None
    assert document.find(f"{{{KMEHR}}}folder") is not None


async def test_an_actor_without_a_certificate_gets_nothing(hub: ServedHub, sealers: Sealers) -> None:
    (id_,) = (await hub.doctor.put(parse(a_kmehr_message(JAN, "D-1")))).accepted().ids
    reply = await asking(hub, sealers, EncryptionActor("NIHII", OTHER_GP_NIHII[:8])).get(JAN, id_)
    assert (reply.complete, reply.document) == (False, None)
    assert [error.code for error in reply.errors] == ["encryption-actor-unknown"]


async def test_a_hospitals_document_is_sealed_as_it_passes(hub: ServedHub, sealers: Sealers) -> None:
    (id_,) = (await hub.hospital.declare(JAN, a_declaration("DOC-1"))).accepted().ids
    fetched = opened(await asking(hub, sealers).get(JAN, id_))
    assert difference(parse(a_kmehr_message(JAN, "DOC-1")), fetched, SANDBOX_HUB) is None


async def test_a_document_that_is_sealed_already_is_passed_on(
    redis_url: str, tmp_path: Path, settings: SealingSettings, sealers: Sealers
) -> None:
    document = etree.tostring(holding(a_kmehr_message(JAN, "DOC-1"), "c2VhbGVk"))
    async with serving(redis_url, tmp_path, settings, document) as hub:
        (await hub.doctor.put_patient(a_patient(JAN).as_put.decode())).accepted()
        (id_,) = (await hub.hospital.declare(JAN, a_declaration("DOC-1"))).accepted().ids
        passed = (await asking(hub, sealers).get(JAN, id_)).accepted()
    assert passed.seal == Seal("seal-malformed")
    assert passed.document is not None
    assert take_sealed(passed.document) == b"sealed"


async def test_a_document_too_large_to_be_sealed_is_refused(
    redis_url: str, tmp_path: Path, settings: SealingSettings, sealers: Sealers
) -> None:
    document = a_kmehr_message(JAN, "DOC-1", content="a" * 5000)
    async with serving(redis_url, tmp_path, replace(settings, content_limit=4096), document) as hub:
        (await hub.doctor.put_patient(a_patient(JAN).as_put.decode())).accepted()
        (id_,) = (await hub.hospital.declare(JAN, a_declaration("DOC-1"))).accepted().ids
        reply = await asking(hub, sealers).get(JAN, id_)
    assert [error.code for error in reply.errors] == ["seal-too-large"]


async def test_answers_stay_in_clear_where_that_is_configured(
    redis_url: str, tmp_path: Path, settings: SealingSettings, sealers: Sealers
) -> None:
    async with serving(redis_url, tmp_path, replace(settings, answers="never")) as hub:
        (await hub.doctor.put_patient(a_patient(JAN).as_put.decode())).accepted()
        (id_,) = (await hub.doctor.put(parse(a_kmehr_message(JAN, "D-1")))).accepted().ids
        reply = (await asking(hub, sealers).get(JAN, id_)).accepted()
    assert reply.seal is None
    assert reply.document is not None
    assert reply.document.find(SEALED) is None


async def test_clear_folders_are_refused_where_seals_are_required(
    redis_url: str, tmp_path: Path, settings: SealingSettings, sealers: Sealers
) -> None:
    async with serving(redis_url, tmp_path, replace(settings, mode="required")) as hub:
        (await hub.doctor.put_patient(a_patient(JAN).as_put.decode())).accepted()
        message = a_kmehr_message(JAN, "D-1")
        assert await codes(hub, parse(message)) == ["clear-content"]
        assert (await hub.doctor.put(await sealed_by_the_doctor(sealers, message))).complete


async def test_sealed_folders_are_refused_where_they_are_off(
    redis_url: str, tmp_path: Path, settings: SealingSettings, sealers: Sealers
) -> None:
    async with serving(redis_url, tmp_path, replace(settings, mode="off")) as hub:
        (await hub.doctor.put_patient(a_patient(JAN).as_put.decode())).accepted()
        assert await codes(hub, await sealed_by_the_doctor(sealers, a_kmehr_message(JAN, "D-1"))) == ["sealed-content"]


async def test_what_the_rules_refuse_in_clear_they_refuse_sealed(hub: ServedHub, sealers: Sealers) -> None:
    wrong = a_kmehr_message(JAN, "D-1").replace(
        f'S="ID-PATIENT" SV="1.0">{JAN.digits}'.encode(), f'S="ID-PATIENT" SV="1.0">{MILA.digits}'.encode()
    )
    in_clear = await hub.doctor.put(parse(wrong))
    sealed = await hub.doctor.put(await sealed_by_the_doctor(sealers, wrong))
    assert not sealed.complete
    assert sealed.errors == in_clear.errors


async def test_what_the_schema_refuses_in_clear_it_refuses_sealed(hub: ServedHub, sealers: Sealers) -> None:
    wrong = a_kmehr_message(JAN, "D-1").replace(b"<iscomplete>true", b"<iscomplete>perhaps")
    in_clear = await hub.doctor.put(parse(wrong))
    sealed = await hub.doctor.put(await sealed_by_the_doctor(sealers, wrong))
    assert sealed.is_fault
    assert sealed.errors == in_clear.errors
    assert "perhaps" in " ".join(error.text for error in sealed.errors)


async def test_two_patients_are_refused_sealed_as_in_clear(hub: ServedHub, sealers: Sealers) -> None:
    one, two = (a_kmehr_message(patient, "D") for patient in (JAN, MILA))
    folder = two[two.index(b"<folder>") : two.index(b"</kmehrmessage>")]
    both = one.replace(b"</kmehrmessage>", folder + b"</kmehrmessage>")
    assert await codes(hub, await sealed_by_the_doctor(sealers, both)) == ["several-patients"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e "x">]><folder>&e;</folder>', "seal-malformed"),
        (b"<!DOCTYPE folder><folder/>", "seal-malformed"),
        (b"<folder>", "seal-malformed"),
        (b"", "seal-malformed"),
        (b"%PDF-1.4", "seal-malformed"),
        (b"</kmehrmessage><kmehrmessage>", "seal-malformed"),
        (b"<a>" * 300 + b"</a>" * 300, "seal-too-large"),
        (b"<folder/>" * 120_000, "seal-too-large"),
    ],
)
async def test_content_that_is_no_folder_is_refused(
    hub: ServedHub, sealers: Sealers, content: bytes, code: str
) -> None:
    blob = await sealers.gp().seal(content, HUB_ACTOR)
    document = holding(a_kmehr_message(JAN, "D-1"), b64encode(blob).decode())
    assert await codes(hub, document) == [code]


@pytest.mark.parametrize("value", ["", "AAAA"])
async def test_what_is_no_seal_is_refused(hub: ServedHub, value: str) -> None:
    assert await codes(hub, holding(a_kmehr_message(JAN, "D-1"), value)) == ["seal-malformed"]


async def test_a_seal_that_was_altered_stores_nothing(hub: ServedHub, sealers: Sealers, tmp_path: Path) -> None:
    document = await sealed_by_the_doctor(sealers, a_kmehr_message(JAN, "D-1"))
    value = document.find(f"{SEALED}/{{{KMEHR}}}Base64EncryptedValue")
    blob = bytearray(take_sealed(document))
    blob[len(blob) // 2] ^= 1
    assert value is not None
    value.text = b64encode(blob).decode()
    assert await codes(hub, document) == ["seal-altered"]
    assert [path for path in (tmp_path / "vault").rglob("*") if path.is_file()] == []


async def test_two_seals_and_what_is_no_base64_are_refused_by_the_schema(hub: ServedHub) -> None:
    document = holding(a_kmehr_message(JAN, "D-1"), "AAAA")
    for wrong in (etree.tostring(holding(a_kmehr_message(JAN, "D-1"), "?=!")), doubled(document)):
        assert (await hub.doctor.put(parse(wrong))).is_fault
    assert (await hub.doctor.list(JAN)).accepted().total == 0


def doubled(document: etree._Element) -> bytes:
    """The message with its sealed part twice."""
    sealed = document.find(SEALED)
    assert sealed is not None
    again = etree.tostring(sealed)
    return etree.tostring(document).replace(b"</kmehrmessage>", again + b"</kmehrmessage>")


async def test_nothing_of_what_was_sealed_is_logged(hub: ServedHub, sealers: Sealers) -> None:
    await hub.doctor.put(await sealed_by_the_doctor(sealers, a_kmehr_message(JAN, "D-1", content="Verzonnen")))
    await hub.doctor.put(holding(a_kmehr_message(JAN, "D-2"), "AAAA"))
    log = hub.log.getvalue()
    assert "seal-malformed" in log
    assert not any(word in log for word in ("Verzonnen", JAN.digits, "Proefpatient"))
