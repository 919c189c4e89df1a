"""The trust is what the files say, as long as they say something."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from hub.sandbox.authority import Authority
from hub.wire.security.credential import Credential
from hub.wire.security.trust import Revocation
from hub.wire.security.trust_files import TrustFiles, TrustPlaces
from tests.credentials import ec_credential, rsa_credential
from tests.unit.wire.security.revocation import list_of

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
AUTHORITY = Authority.make(NOW)
WITHDRAWN = AUTHORITY.issue_to_token_service()


class Files:
    """A folder with everything there can be."""

    def __init__(self, folder: Path) -> None:
        self.service, self.authorities, self.withdrawn = folder / "sts.pem", folder / "ca.pem", folder / "list.crl"
        self.write(self.service, rsa_credential())
        self.write(self.authorities, AUTHORITY.credential)
        self.withdraw(Encoding.DER)

    def write(self, file: Path, *credentials: Credential) -> None:
        file.write_bytes(b"".join(one.certificate.public_bytes(Encoding.PEM) for one in credentials))

    def withdraw(self, encoding: Encoding, *, valid: timedelta = timedelta(days=1)) -> None:
        one = list_of(AUTHORITY.credential, [WITHDRAWN.certificate], NOW, valid=valid)
        self.withdrawn.write_bytes(one.public_bytes(encoding))

    def trusted(self) -> TrustFiles:
        places = TrustPlaces(
            token_signers=[self.service],
            authorities=[self.authorities],
            revocation=Revocation.WARN,
            revocation_lists=[self.withdrawn],
        )
        return TrustFiles(places, now=lambda: NOW)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_files_say_whom_to_believe(files: Files, encoding: Encoding) -> None:
    files.withdraw(encoding)
    trust = files.trusted().current
    assert [signer.key for signer in trust.token_signers] == [rsa_credential().key.public_key()]
    assert list(trust.anchors) == [AUTHORITY.credential.certificate]
    assert trust.revocation is Revocation.WARN
    (withdrawn,) = trust.withdrawn.values()
    assert withdrawn.serials == {WITHDRAWN.certificate.serial_number}


def test_a_file_may_hold_several_certificates(files: Files) -> None:
    files.write(files.service, rsa_credential(), ec_credential())
    assert len(files.trusted().current.token_signers) == 2


async def test_what_has_changed_counts_when_it_is_read_again(files: Files) -> None:
    trusted = files.trusted()
    before = trusted.current
    assert trusted.current is before
    files.write(files.service, ec_credential())
    assert trusted.current is before
    await trusted.reload()
    assert trusted.current is not before
    assert [signer.key for signer in trusted.current.token_signers] == [ec_credential().key.public_key()]


@pytest.mark.parametrize("broken", ["service", "authorities", "withdrawn"])
@pytest.mark.parametrize("content", [b"", b"no certificate", b"-----BEGIN X509 CRL-----\nAAAA\n", None])
async def test_a_broken_file_leaves_the_trust_as_it_was(files: Files, broken: str, content: bytes | None) -> None:
    trusted = files.trusted()
    before = trusted.current
    file: Path = getattr(files, broken)
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content)
    with pytest.raises((ValueError, OSError), match=file.name):
        await trusted.reload()
    assert trusted.current is before
    with pytest.raises((ValueError, OSError), match=file.name):
        files.trusted()


async def test_a_list_of_another_authority_leaves_the_trust_as_it_was(files: Files) -> None:
    trusted = files.trusted()
    before = trusted.current
    files.write(files.authorities, Authority.make(NOW).credential)
    with pytest.raises(ValueError, match="not signed by any"):
        await trusted.reload()
    assert trusted.current is before


def test_it_says_which_files_it_read_and_when_what_is_in_them_ends(files: Files) -> None:
    files.write(files.service, rsa_credential(), WITHDRAWN)
    trusted = files.trusted()
    assert trusted.files == (files.service, files.authorities, files.withdrawn)
    # Of two certificates of the token service the one that lasts longer counts: the other is on its way out.
    assert trusted.expiries == {
        "token service": rsa_credential().certificate.not_valid_after_utc,
        "authorities": AUTHORITY.credential.certificate.not_valid_after_utc,
    }


def test_it_tells_of_a_revocation_list_once_it_is_too_old(files: Files) -> None:
    files.withdraw(Encoding.PEM, valid=timedelta(days=-1))
    assert files.trusted().expiries["revocation lists"] == NOW - timedelta(days=1)


def test_without_files_it_believes_nobody_and_nothing_ends() -> None:
    places = TrustPlaces(token_signers=(), authorities=(), revocation=Revocation.OFF, revocation_lists=())
    trusted = TrustFiles(places, now=lambda: NOW)
    assert (trusted.files, trusted.expiries, trusted.current.token_signers) == ((), {}, [])
