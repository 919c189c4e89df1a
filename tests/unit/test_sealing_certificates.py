"""The certificates and keys of sealed folders are watched: when they end, and whether a new one will do."""

from pathlib import Path

import pytest

from hub.certificates.sealing import SealingCertificates
from hub.config.sealing_settings import KeyPairSettings, SealingSettings
from hub.wire.security.credential import Credential
from tests.sealers import DAY, GP_NAME, HUB_ACTOR, Authority, pem_of, rsa_key, write_key


def a_pair(folder: Path, name: str) -> KeyPairSettings:
    """A key and its certificate in two files."""
    return KeyPairSettings(key_file=folder / f"{name}.key", certificate_file=folder / f"{name}.pem")


def write_pair(pair: KeyPairSettings, credential: Credential) -> None:
    write_key(pair.key_file, credential)
    pair.certificate_file.write_bytes(pem_of(credential.certificate))


@pytest.fixture
def settings(tmp_path: Path) -> SealingSettings:
    """A hub with one key to sign with and one to open with."""
    authority = Authority()
    signing, decryption = a_pair(tmp_path, "signing"), a_pair(tmp_path, "hub")
    write_pair(signing, authority.issue(HUB_ACTOR.name))
    write_pair(decryption, authority.issue(HUB_ACTOR.name))
    (tmp_path / "anchors.pem").write_bytes(pem_of(authority.certificate))
    return SealingSettings(
        signing=signing,
        decryption={"2026": decryption},
        anchors_file=tmp_path / "anchors.pem",
        depot_folder=tmp_path,
    )


async def test_the_end_of_each_certificate_is_known_and_that_of_a_new_one(settings: SealingSettings) -> None:
    certificates = SealingCertificates(settings)
    names = {"sealing authorities", "sealing signature", "sealing decryption 2026"}
    assert set(certificates.expiries) == names
    new = Authority().issue(GP_NAME, ends=9 * DAY)
    write_pair(settings.decryption["2026"], new)
    await certificates.reload()
    assert certificates.expiries["sealing decryption 2026"] == new.certificate.not_valid_after_utc


@pytest.mark.parametrize("name", ["signing", "hub"])
async def test_a_pair_that_does_not_belong_together_will_not_do(settings: SealingSettings, name: str) -> None:
    certificates = SealingCertificates(settings)
    before = certificates.expiries
    key_file = settings.anchors_file.with_name(f"{name}.key")
    assert key_file in certificates.files
    write_key(key_file, Authority().issue(GP_NAME, key=rsa_key("another")))
    with pytest.raises(ValueError, match=rf"{name}\.key"):
        await certificates.reload()
    assert certificates.expiries == before
