"""What is not sealed as it should be is refused, and the reason says why."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from hub.domain.errors import HubError, Reason
from hub.domain.identity import Identity
from hub.sealing.cms import CmsSealing
from hub.wire.security.credential import PrivateKey
from tests.builders import GP_NIHII, JAN, OTHER_GP_NIHII
from tests.sealers import (
    DAY,
    GP_NAME,
    HUB_ACTOR,
    OTHER_NAME,
    Authority,
    Sealers,
    encrypted_by_openssl,
    identity_of,
    needs_openssl,
    signed_by_openssl,
    write_key,
)

pytestmark = needs_openssl
FOLDER = b"<folder>Verzonnen</folder>" * 40


@pytest.fixture
def sealers(tmp_path: Path) -> Sealers:
    return Sealers(tmp_path)


async def refusal(hub: CmsSealing, sealed: bytes, sender: Identity | None = None) -> HubError:
    with pytest.raises(HubError) as raised:
        await hub.open(sealed, sender)
    assert "Verzonnen" not in str(raised.value) + str(raised.value.details)
    return raised.value


@pytest.mark.parametrize("part", [0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.999])
async def test_a_byte_altered_outside_is_noticed(sealers: Sealers, part: float) -> None:
    sealed = bytearray(await sealers.gp().seal(FOLDER, HUB_ACTOR))
    sealed[int(part * len(sealed))] ^= 1
    found = await refusal(sealers.hub(), bytes(sealed))
    assert found.reason.value.startswith("seal-")


async def test_content_altered_in_the_outer_layer_is_altered(sealers: Sealers) -> None:
    enveloped = encrypted_by_openssl(signed_by_openssl(FOLDER, sealers.gp_key), sealers.hub_key)
    sealed = bytearray(signed_by_openssl(enveloped, sealers.gp_key))
    sealed[sealed.index(enveloped) + len(enveloped) - 5] ^= 1
    assert (await refusal(sealers.hub(), bytes(sealed))).reason is Reason.SEAL_ALTERED


async def test_content_altered_before_the_outer_signature_is_altered(sealers: Sealers) -> None:
    enveloped = bytearray(encrypted_by_openssl(signed_by_openssl(FOLDER, sealers.gp_key), sealers.hub_key))
    enveloped[-40] ^= 1
    found = await refusal(sealers.hub(), signed_by_openssl(bytes(enveloped), sealers.gp_key))
    assert found.reason is Reason.SEAL_ALTERED


@pytest.mark.parametrize("clear", [b"", FOLDER, b"\x30\x80" * 100, b"\x30\x03\x02\x01\x01"])
async def test_whether_altered_content_can_be_decrypted_is_not_told(sealers: Sealers, clear: bytes) -> None:
    """Else somebody could ask, a byte at a time, what stands in a message that another has sealed."""
    enveloped = bytearray(encrypted_by_openssl(clear, sealers.hub_key))
    decrypts = await refusal(sealers.hub(), signed_by_openssl(bytes(enveloped), sealers.gp_key))
    enveloped[-1] ^= 1
    does_not = await refusal(sealers.hub(), signed_by_openssl(bytes(enveloped), sealers.gp_key))
    for found in (decrypts, does_not):
        assert (found.reason, found.where, found.details) == (Reason.SEAL_ALTERED, "", {})


async def test_content_altered_in_the_inner_layer_is_altered(sealers: Sealers) -> None:
    inner = signed_by_openssl(FOLDER, sealers.gp_key).replace(b"Verzonnen", b"Veranderd", 1)
    sealed = signed_by_openssl(encrypted_by_openssl(inner, sealers.hub_key), sealers.gp_key)
    assert (await refusal(sealers.hub(), sealed)).reason is Reason.SEAL_ALTERED


@pytest.mark.parametrize("length", [0, 1, 10, 500, -1, -500])
async def test_what_is_cut_is_refused(sealers: Sealers, length: int) -> None:
    sealed = (await sealers.gp().seal(FOLDER, HUB_ACTOR))[:length]
    assert (await refusal(sealers.hub(), sealed)).reason is Reason.SEAL_MALFORMED


@pytest.mark.parametrize(
    "sealed",
    [b"<folder/>", bytes(100), os.urandom(100), b"\x30\x80" * 5000, b"\x30\x80\x00\x00"],
    ids=["open", "zeros", "noise", "nested", "empty"],
)
async def test_what_is_no_cms_is_malformed(sealers: Sealers, sealed: bytes) -> None:
    assert (await refusal(sealers.hub(), sealed)).reason is Reason.SEAL_MALFORMED


async def test_what_only_openssl_sees_to_be_malformed_is_no_trouble_of_the_hub(sealers: Sealers) -> None:
    """Nobody else goes into the certificates of a layer."""
    sealed = await sealers.gp().seal(FOLDER, HUB_ACTOR)
    certificate = sealers.certificate_in(sealers.gp_key).public_bytes(Encoding.DER)
    broken = sealed.replace(certificate, certificate[:4] + b"\x31" + certificate[5:])
    assert (await refusal(sealers.hub(), broken)).reason is Reason.SEAL_MALFORMED


async def test_what_follows_the_layers_is_malformed(sealers: Sealers) -> None:
    sealed = await sealers.gp().seal(FOLDER, HUB_ACTOR)
    assert (await refusal(sealers.hub(), sealed + b"\0")).reason is Reason.SEAL_MALFORMED


async def test_compressed_content_is_malformed(sealers: Sealers) -> None:
    content = {"content_type": "data", "content": FOLDER}
    compressed = cms.CompressedData(
        {"version": "v0", "compression_algorithm": {"algorithm": "zlib"}, "encap_content_info": content}
    )
    layer = cms.ContentInfo({"content_type": "compressed_data", "content": compressed}).dump()
    assert (await refusal(sealers.hub(), layer)).reason is Reason.SEAL_MALFORMED
    assert (await refusal(sealers.hub(), signed_by_openssl(layer, sealers.gp_key))).reason is Reason.SEAL_MALFORMED


async def test_a_layer_that_is_missing_is_malformed(sealers: Sealers) -> None:
    signed = signed_by_openssl(FOLDER, sealers.gp_key)
    for sealed in (
        signed,
        encrypted_by_openssl(signed, sealers.hub_key),
        signed_by_openssl(signed, sealers.gp_key),
    ):
        assert (await refusal(sealers.hub(), sealed)).reason is Reason.SEAL_MALFORMED


async def test_content_for_another_key_is_told_so(sealers: Sealers) -> None:
    other = sealers.credential_file("another", "EHP=1990000035")
    sealed = await sealers.gp().seal(FOLDER, HUB_ACTOR)
    assert (await refusal(sealers.hub(keys=(other,)), sealed)).reason is Reason.SEAL_RECIPIENT


async def test_a_signer_of_a_foreign_authority_is_refused(sealers: Sealers) -> None:
    sealed = await sealers.sealer(Authority("Elsewhere").issue(GP_NAME)).seal(FOLDER, HUB_ACTOR)
    found = await refusal(sealers.hub(), sealed)
    assert found.reason is Reason.SEAL_SIGNER
    assert "issuer" in found.details["problem"]


async def test_an_authority_of_the_same_name_is_foreign_too(sealers: Sealers) -> None:
    sealed = await sealers.sealer(Authority().issue(GP_NAME)).seal(FOLDER, HUB_ACTOR)
    assert (await refusal(sealers.hub(), sealed)).reason is Reason.SEAL_SIGNER


@pytest.mark.parametrize(("starts", "ends"), [(-2 * DAY, -DAY), (DAY / 2, DAY)])
async def test_a_signer_whose_certificate_is_not_valid_now_is_refused(
    sealers: Sealers, starts: timedelta, ends: timedelta
) -> None:
    credential = sealers.authority.issue(GP_NAME, starts=starts, ends=ends)
    sealed = await sealers.sealer(credential).seal(FOLDER, HUB_ACTOR)
    assert (await refusal(sealers.hub(), sealed)).reason is Reason.SEAL_SIGNER


async def test_a_certificate_that_is_not_for_signing_is_refused(sealers: Sealers) -> None:
    only_encryption = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=True,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    sealed = await sealers.sealer(sealers.authority.issue(GP_NAME, usage=only_encryption)).seal(FOLDER, HUB_ACTOR)
    found = await refusal(sealers.hub(), sealed)
    assert (found.reason, found.details["problem"]) == (Reason.SEAL_SIGNER, "the certificate is not for signing")


@pytest.mark.parametrize(
    "key", [rsa.generate_private_key(public_exponent=65537, key_size=1024), ec.generate_private_key(ec.SECP192R1())]
)
async def test_a_weak_key_is_refused(sealers: Sealers, tmp_path: Path, key: PrivateKey) -> None:
    weak = write_key(tmp_path / "weak.pem", sealers.authority.issue(GP_NAME, key=key))
    sealed = signed_by_openssl(encrypted_by_openssl(signed_by_openssl(FOLDER, weak), sealers.hub_key), weak)
    assert (await refusal(sealers.hub(), sealed)).reason is Reason.SEAL_SIGNER


async def test_two_signers_of_one_message_must_be_one_owner(sealers: Sealers, tmp_path: Path) -> None:
    other = write_key(tmp_path / "b.pem", sealers.authority.issue(OTHER_NAME))
    inner = signed_by_openssl(FOLDER, sealers.gp_key)
    sealed = signed_by_openssl(encrypted_by_openssl(inner, sealers.hub_key), other)
    found = await refusal(sealers.hub(), sealed)
    assert (found.reason, found.details["problem"]) == (
        Reason.SEAL_SIGNER,
        "the inner and the outer signer are not the same",
    )


@pytest.mark.parametrize("caller", [identity_of(number=OTHER_GP_NIHII), identity_of(ssin=JAN), identity_of()])
async def test_the_signer_must_be_the_caller(sealers: Sealers, caller: Identity) -> None:
    sealed = await sealers.gp().seal(FOLDER, HUB_ACTOR)
    assert await sealers.hub().open(sealed, identity_of(number=GP_NIHII)) == FOLDER
    found = await refusal(sealers.hub(), sealed, caller)
    assert (found.reason, found.details["problem"]) == (Reason.SEAL_SIGNER, "the signer is not the caller")


async def test_several_signers_of_one_layer_are_refused(sealers: Sealers, tmp_path: Path) -> None:
    other = write_key(tmp_path / "b.pem", sealers.authority.issue(OTHER_NAME))
    enveloped = encrypted_by_openssl(signed_by_openssl(FOLDER, sealers.gp_key), sealers.hub_key)
    found = await refusal(sealers.hub(), signed_by_openssl(enveloped, sealers.gp_key, "-signer", str(other)))
    assert (found.reason, found.details["problem"]) == (Reason.SEAL_MALFORMED, "exactly one signer is wanted")


async def test_a_signature_without_a_time_is_refused(sealers: Sealers) -> None:
    enveloped = encrypted_by_openssl(signed_by_openssl(FOLDER, sealers.gp_key), sealers.hub_key)
    found = await refusal(sealers.hub(), signed_by_openssl(enveloped, sealers.gp_key, "-noattr"))
    assert (found.reason, found.details["problem"]) == (Reason.SEAL_MALFORMED, "exactly one signing time is wanted")


@pytest.mark.parametrize("later", [timedelta(minutes=11), timedelta(minutes=-6)])
async def test_a_signature_that_was_not_made_just_now_is_refused(sealers: Sealers, later: timedelta) -> None:
    sealed = await sealers.gp().seal(FOLDER, HUB_ACTOR)
    assert (await refusal(sealers.hub(ahead=later), sealed)).reason is Reason.SEAL_EXPIRED


@pytest.mark.parametrize("later", [timedelta(minutes=9), timedelta(minutes=-4)])
async def test_clocks_may_differ_a_little(sealers: Sealers, later: timedelta) -> None:
    sealed = await sealers.gp().seal(FOLDER, HUB_ACTOR)
    assert await sealers.hub(ahead=later).open(sealed, None) == FOLDER


async def test_what_is_too_large_is_refused_before_and_after_it_is_opened(sealers: Sealers) -> None:
    large = await sealers.gp().seal(b"<folder/>" * 200_000, HUB_ACTOR)
    assert (await refusal(sealers.hub(content=1_000_000), large)).reason is Reason.SEAL_TOO_LARGE
    assert (await refusal(sealers.hub(content=1_700_000), large)).reason is Reason.SEAL_TOO_LARGE
    assert await sealers.hub(content=1_800_000).open(large, None) == b"<folder/>" * 200_000


@pytest.mark.parametrize("is_indefinite", [False, True])
async def test_millions_of_pieces_hold_up_nobody(sealers: Sealers, *, is_indefinite: bool) -> None:
    signed_data, pieces = bytes.fromhex("06092a864886f70d010702"), b"\x05\x00" * 5_000_000
    before = bytes.fromhex("0201013100300b06092a864886f70d010701")
    if is_indefinite:
        sealed = b"\x30\x80" + signed_data + b"\xa0\x80\x30\x80" + before + pieces + bytes(6)
    else:
        layer = with_length(0x30, before + with_length(0x31, pieces))
        sealed = with_length(0x30, signed_data + with_length(0xA0, layer))
    started = time.process_time()
    assert (await refusal(sealers.hub(content=1 << 24), sealed)).reason is Reason.SEAL_MALFORMED
    assert time.process_time() - started < 1


def with_length(tag: int, content: bytes) -> bytes:
    """An element of four bytes of length."""
    return bytes([tag, 0x84]) + len(content).to_bytes(4, "big") + content
