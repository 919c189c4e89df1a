"""What is sealed for a party is opened by it, and by nobody else."""

import asyncio
from pathlib import Path

import pytest
import uvloop
from cryptography import x509

from hub.domain.encryption import EncryptionActor
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.identity import Identity
from hub.sealing.cms import CmsSealing
from hub.sealing.layers import recipients
from tests.builders import GP_NIHII, JAN
from tests.sealers import (
    DAY,
    GP_ACTOR,
    GP_NAME,
    HUB_ACTOR,
    OTHER_NAME,
    Sealers,
    ec_key,
    identity_of,
    needs_openssl,
    openssl_cms,
    openssl_run,
    pem_of,
    rsa_key,
    write_key,
)

pytestmark = needs_openssl
FOLDER = "<folder>é</folder>".encode() * 1000


@pytest.fixture
def sealers(tmp_path: Path) -> Sealers:
    return Sealers(tmp_path)


async def refusal(sealing: CmsSealing, actor: EncryptionActor) -> Reason:
    with pytest.raises(HubError) as raised:
        await sealing.seal(FOLDER, actor)
    return raised.value.reason


@pytest.mark.parametrize("content", [b"", b"\r\n", b"a\nb\r\n", FOLDER, bytes(range(256)) * 4096])
async def test_content_comes_back_byte_for_byte(sealers: Sealers, content: bytes) -> None:
    sealed = await sealers.gp().seal(content, HUB_ACTOR)
    assert await sealers.hub().open(sealed, None) == content
    answer = await sealers.hub().seal(content, GP_ACTOR)
    assert await sealers.gp().open(answer, None) == content


async def test_a_signer_may_have_an_elliptic_curve_key(sealers: Sealers) -> None:
    credential = sealers.authority.issue("Ana Testarts", key=ec_key("ana"), serial_number=JAN.digits)
    sealed = await sealers.sealer(credential).seal(FOLDER, HUB_ACTOR)
    assert await sealers.hub().open(sealed, identity_of(credential)) == FOLDER


@pytest.mark.parametrize("identity", [identity_of(number=GP_NIHII), identity_of(number=GP_NIHII[:8])])
async def test_the_signer_may_be_known_by_number_rather_than_by_certificate(
    sealers: Sealers, identity: Identity
) -> None:
    sealed = await sealers.gp().seal(FOLDER, HUB_ACTOR)
    assert await sealers.hub().open(sealed, identity) == FOLDER


async def test_the_two_certificates_of_an_identity_card_are_one_owner(sealers: Sealers) -> None:
    authentication = sealers.authority.issue("Ana (Authentication)", key=rsa_key("a"), serial_number=JAN.digits)
    signature = sealers.authority.issue("Ana (Signature)", key=rsa_key("s"), serial_number=JAN.digits)
    sealed = await sealers.sealer(signature).seal(FOLDER, HUB_ACTOR)
    caller = identity_of(authentication, number=GP_NIHII, ssin=Ssin(JAN.digits))
    assert await sealers.hub().open(sealed, caller) == FOLDER


async def test_an_old_key_of_the_hub_opens_beside_the_new_one(sealers: Sealers) -> None:
    new = sealers.credential_file("new", "EHP=1990000728, NEXT")
    hub = sealers.hub(keys=(new, sealers.hub_key))
    before = await sealers.gp().seal(FOLDER, HUB_ACTOR)
    sealers.give(HUB_ACTOR, sealers.certificate_in(new))
    after = await sealers.gp().seal(FOLDER, HUB_ACTOR)
    assert [await hub.open(sealed, None) for sealed in (before, after)] == [FOLDER, FOLDER]


async def test_a_new_key_in_its_file_is_in_force_without_a_restart(sealers: Sealers) -> None:
    hub = sealers.hub()
    sealers.credential_file("hub", "EHP=1990000728, NEXT")
    sealers.give(HUB_ACTOR, sealers.certificate_in(sealers.hub_key))
    assert await hub.open(await sealers.gp().seal(FOLDER, HUB_ACTOR), None) == FOLDER


async def test_a_key_whose_certificate_is_still_to_come_is_the_hubs_own_trouble(sealers: Sealers) -> None:
    sealed, hub = await sealers.gp().seal(FOLDER, HUB_ACTOR), sealers.hub()
    before = sealers.hub_key.read_bytes()
    new = sealers.credential_file("new", "EHP=1990000728, NEXT").read_bytes()
    end = b"-----END PRIVATE KEY-----\n"
    sealers.hub_key.write_bytes(new.partition(end)[0] + end + before.partition(end)[2])
    with pytest.raises(HubError) as raised:
        await hub.open(sealed, None)
    assert (raised.value.reason, raised.value.where) == (Reason.SEALING_UNAVAILABLE, "decryption key")
    sealers.hub_key.write_bytes(before)
    assert await hub.open(sealed, None) == FOLDER


async def test_an_intermediate_authority_travels_with_the_signature(sealers: Sealers, tmp_path: Path) -> None:
    root = sealers.authority
    credential = root.issue(GP_NAME)
    signing = write_key(tmp_path / "chained.pem", credential, root.certificate)
    sealed = await sealers.sealing(signing, (sealers.gp_key,)).seal(FOLDER, HUB_ACTOR)
    certificates = openssl_cms("-cmsout", "-inform", "DER", "-noout", "-print", content=sealed)
    assert certificates.count(b"d.certificate:") == 2


async def test_what_is_written_is_modern_throughout(sealers: Sealers) -> None:
    sealed = await sealers.hub().seal(FOLDER, GP_ACTOR)
    outer = openssl_cms("-cmsout", "-inform", "DER", "-noout", "-print", content=sealed).decode()
    assert "signingTime" in outer
    anchors = ("-CAfile", str(sealers.anchors), "-purpose", "any")
    enveloped = openssl_cms("-verify", "-inform", "DER", *anchors, content=sealed)
    middle = openssl_cms("-cmsout", "-inform", "DER", "-noout", "-print", content=enveloped).decode()
    assert "aes-256-cbc" in middle
    assert "rsaesOaep" in middle
    assert len(recipients(enveloped)) == 1
    key = str(sealers.gp_key)
    inner = openssl_cms("-decrypt", "-inform", "DER", "-recip", key, "-inkey", key, content=enveloped)
    assert openssl_cms("-verify", "-inform", "DER", *anchors, content=inner) == FOLDER
    innermost = openssl_cms("-cmsout", "-inform", "DER", "-noout", "-print", content=inner).decode()
    for text in (outer, middle, innermost):
        assert "sha256" in text
        assert "sha1" not in text.lower()


async def test_every_valid_certificate_of_an_actor_can_open(sealers: Sealers) -> None:
    second = sealers.credential_file("second", OTHER_NAME)
    expired = sealers.authority.issue("NIHII=19990314002", starts=-2 * DAY, ends=-DAY)
    files = (sealers.gp_key, second)
    sealers.give(GP_ACTOR, *(sealers.certificate_in(file) for file in files), expired.certificate)
    sealed = await sealers.hub().seal(FOLDER, GP_ACTOR)
    for file in files:
        assert await sealers.sealing(sealers.gp_key, (file,)).open(sealed, None) == FOLDER


async def test_nobody_gets_what_no_valid_certificate_is_known_for(sealers: Sealers) -> None:
    hub = sealers.hub()
    assert await refusal(hub, EncryptionActor("NIHII", "19990215")) is Reason.ENCRYPTION_ACTOR_UNKNOWN
    assert await refusal(hub, EncryptionActor("NIHII", GP_ACTOR.number, "OTHER")) is Reason.ENCRYPTION_ACTOR_UNKNOWN
    sealers.give(GP_ACTOR, sealers.authority.issue(GP_NAME, starts=-2 * DAY, ends=-DAY).certificate)
    assert await refusal(hub, GP_ACTOR) is Reason.ENCRYPTION_ACTOR_UNKNOWN
    sealers.give(GP_ACTOR, sealers.authority.issue(GP_NAME, key=ec_key("gp")).certificate)
    assert await refusal(hub, GP_ACTOR) is Reason.ENCRYPTION_ACTOR_UNKNOWN


async def test_a_certificate_whose_key_is_of_an_unknown_kind_is_none_to_seal_for(sealers: Sealers) -> None:
    key = sealers.folder / "sm2.key"
    openssl_run("genpkey", "-algorithm", "SM2", "-out", str(key))
    made = openssl_run("req", "-x509", "-new", "-sm3", "-key", str(key), "-subj", "/CN=sm2")
    sealers.give(GP_ACTOR, x509.load_pem_x509_certificate(made))
    assert await refusal(sealers.hub(), GP_ACTOR) is Reason.ENCRYPTION_ACTOR_UNKNOWN


async def test_a_depot_that_cannot_be_read_is_unavailable_rather_than_empty(sealers: Sealers) -> None:
    hub = sealers.hub()
    next(sealers.depot.glob("NIHII*")).write_bytes(b"not a certificate")
    assert await refusal(hub, GP_ACTOR) is Reason.SEALING_UNAVAILABLE
    sealers.depot.rename(sealers.folder / "elsewhere")
    assert await refusal(hub, GP_ACTOR) is Reason.SEALING_UNAVAILABLE


async def test_what_is_too_large_is_not_sealed(sealers: Sealers) -> None:
    assert await refusal(sealers.hub(content=1024), GP_ACTOR) is Reason.SEAL_TOO_LARGE


async def test_anchors_that_are_not_there_are_the_hubs_own_trouble(sealers: Sealers) -> None:
    sealed = await sealers.gp().seal(FOLDER, HUB_ACTOR)
    sealers.anchors.rename(sealers.folder / "elsewhere")
    with pytest.raises(HubError) as raised:
        await sealers.hub().open(sealed, None)
    assert raised.value.reason is Reason.SEALING_UNAVAILABLE
    sealers.anchors.write_bytes(pem_of(sealers.authority.certificate))
    assert await sealers.hub().open(sealed, None) == FOLDER


def test_the_event_loop_of_the_hub_can_do_it_too(sealers: Sealers) -> None:
    """Many at once: each has its own pipes and its own child."""

    async def pass_through(content: bytes) -> bytes:
        return await sealers.hub().open(await sealers.gp().seal(content, HUB_ACTOR), None)

    async def many() -> list[bytes]:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(pass_through(bytes([number]) * 100_000)) for number in range(20)]
        return [task.result() for task in tasks]

    assert uvloop.run(many()) == [bytes([number]) * 100_000 for number in range(20)]
