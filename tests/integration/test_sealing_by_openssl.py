"""What others seal, here openssl on the command line: new and old algorithms, and encodings that stacks vary."""

from pathlib import Path

import pytest

from hub.domain.errors import HubError, Reason
from tests.sealers import (
    GP_NAME,
    Sealers,
    ec_key,
    encrypted_by_openssl,
    needs_openssl,
    openssl_cms,
    signed_by_openssl,
    write_key,
)

pytestmark = needs_openssl
FOLDER = b"<folder>\r\nVerzonnen\n</folder>" * 400
OAEP = ("-keyopt", "rsa_padding_mode:oaep")
PSS = ("-keyopt", "rsa_padding_mode:pss")
OLD = ("-provider", "default", "-provider", "legacy")


@pytest.fixture
def sealers(tmp_path: Path) -> Sealers:
    return Sealers(tmp_path)


@pytest.mark.parametrize("cipher", ["aes-128-cbc", "aes-192-cbc", "aes-256-cbc"])
@pytest.mark.parametrize("transport", [(), OAEP, (*OAEP, "-keyopt", "rsa_oaep_md:sha256")])
async def test_every_cipher_and_key_transport_is_readable(
    sealers: Sealers, cipher: str, transport: tuple[str, ...]
) -> None:
    enveloped = encrypted_by_openssl(
        signed_by_openssl(FOLDER, sealers.gp_key), sealers.hub_key, *transport, cipher=cipher
    )
    assert await sealers.hub().open(signed_by_openssl(enveloped, sealers.gp_key), None) == FOLDER


@pytest.mark.parametrize(
    "options", [("-md", "sha384"), ("-md", "sha512"), PSS, ("-md", "sha512", *PSS), ("-keyid",), ("-stream",)]
)
async def test_every_form_of_signature_is_readable(sealers: Sealers, options: tuple[str, ...]) -> None:
    inner = signed_by_openssl(FOLDER, sealers.gp_key, *options)
    enveloped = encrypted_by_openssl(inner, sealers.hub_key, "-stream")
    assert await sealers.hub().open(signed_by_openssl(enveloped, sealers.gp_key, *options), None) == FOLDER


@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
async def test_signatures_on_elliptic_curves_are_readable(sealers: Sealers, tmp_path: Path, digest: str) -> None:
    key = write_key(tmp_path / "ec.pem", sealers.authority.issue(GP_NAME, key=ec_key("gp")))
    inner = signed_by_openssl(FOLDER, key, "-md", digest)
    sealed = signed_by_openssl(encrypted_by_openssl(inner, sealers.hub_key), key, "-md", digest)
    assert await sealers.hub().open(sealed, None) == FOLDER


async def test_a_recipient_may_be_named_by_the_id_of_his_key(sealers: Sealers) -> None:
    enveloped = encrypted_by_openssl(signed_by_openssl(FOLDER, sealers.gp_key), sealers.hub_key, "-keyid")
    assert await sealers.hub().open(signed_by_openssl(enveloped, sealers.gp_key), None) == FOLDER


async def test_several_recipients_may_be_meant(sealers: Sealers) -> None:
    others = ("-recip", str(sealers.gp_key))
    enveloped = encrypted_by_openssl(signed_by_openssl(FOLDER, sealers.gp_key), sealers.hub_key, *others)
    assert await sealers.hub().open(signed_by_openssl(enveloped, sealers.gp_key), None) == FOLDER


@pytest.mark.parametrize(
    ("digest", "named"), [("md5", "md5"), ("sha1", "sha1"), ("sha224", "sha224"), ("sha1-pss", "sha1")]
)
@pytest.mark.parametrize("layer", ["inner", "outer"])
async def test_old_digests_are_refused_in_either_layer(sealers: Sealers, digest: str, named: str, layer: str) -> None:
    md, _, padding = digest.partition("-")
    old = ("-md", md, *(PSS if padding else ()))
    inner = signed_by_openssl(FOLDER, sealers.gp_key, *(old if layer == "inner" else ()))
    enveloped = encrypted_by_openssl(inner, sealers.hub_key)
    with pytest.raises(HubError) as raised:
        await sealers.hub().open(signed_by_openssl(enveloped, sealers.gp_key, *(old if layer == "outer" else ())), None)
    assert (raised.value.reason, raised.value.details["found"]) == (Reason.SEAL_ALGORITHM, named)


@pytest.mark.parametrize(
    ("cipher", "named"), [("des-ede3-cbc", "tripledes_3key"), ("des-cbc", "des"), ("rc2-128", "rc2")]
)
async def test_old_ciphers_are_refused(sealers: Sealers, cipher: str, named: str) -> None:
    inner = signed_by_openssl(FOLDER, sealers.gp_key)
    enveloped = encrypted_by_openssl(inner, sealers.hub_key, *OLD, cipher=cipher)
    with pytest.raises(HubError) as raised:
        await sealers.hub().open(signed_by_openssl(enveloped, sealers.gp_key), None)
    assert (raised.value.reason, raised.value.details["found"]) == (Reason.SEAL_ALGORITHM, named)


async def test_a_key_that_both_sides_know_is_no_recipient_of_ours(sealers: Sealers) -> None:
    inner = signed_by_openssl(FOLDER, sealers.gp_key)
    shared = ("-secretkey", "00" * 32, "-secretkeyid", "01")
    enveloped = openssl_cms("-encrypt", "-outform", "DER", "-aes-256-cbc", *shared, content=inner)
    with pytest.raises(HubError) as raised:
        await sealers.hub().open(signed_by_openssl(enveloped, sealers.gp_key), None)
    assert raised.value.reason is Reason.SEAL_RECIPIENT
