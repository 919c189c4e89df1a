"""Whom the hub believes: certificates of its authorities, within their time, and not withdrawn."""

from base64 import b64decode
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from hub.sandbox.authority import Authority
from hub.wire.security import trust as module
from hub.wire.security.credential import Credential, PrivateKey
from hub.wire.security.refusal import Cause
from hub.wire.security.trust import Revocation, TokenSigner, Trust, WithdrawnList, read_withdrawn
from tests.credentials import ec_credential, rsa_credential, self_signed
from tests.unit.wire.security.refusing import refused
from tests.unit.wire.security.revocation import list_of

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
DAY = timedelta(days=1)
AUTHORITY, OTHER = Authority.make(NOW), Authority.make(NOW)
ANCHOR = AUTHORITY.credential.certificate


def certified(authority: Authority = AUTHORITY) -> x509.Certificate:
    """Somebody's new certificate, valid from a day before now on for ten years."""
    return authority.issue(ec.generate_private_key(ec.SECP256R1()), [(NameOID.COMMON_NAME, "Somebody")]).certificate


def trusting(
    *anchors: x509.Certificate, revocation: Revocation = Revocation.OFF, withdrawn: WithdrawnList | None = None
) -> Trust:
    return Trust((), anchors or (ANCHOR,), revocation, {ANCHOR.subject: withdrawn} if withdrawn else {})


def signed_by(issuer: Credential, *extensions: x509.ExtensionType) -> Credential:
    """Somebody certified by another one."""
    key, signer = ec.generate_private_key(ec.SECP256R1()), issuer.key.public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Between {len(extensions)}")]))
        .issuer_name(issuer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - DAY)
        .not_valid_after(NOW + DAY)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer), critical=False)
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=True)
    return Credential(key=key, certificate=builder.sign(issuer.key, hashes.SHA256()))


def test_a_certificate_of_an_authority_is_believed_within_its_time() -> None:
    certificate = certified()
    for now in (certificate.not_valid_before_utc, NOW, ANCHOR.not_valid_after_utc):
        trusting().check_certificate(certificate, now, "here")
    for now in (certificate.not_valid_before_utc - DAY, certificate.not_valid_after_utc + DAY):
        with refused(Cause.CERTIFICATE_OUTSIDE_VALIDITY, "here"):
            trusting().check_certificate(certificate, now, "here")


def test_any_of_several_authorities_will_do() -> None:
    trusting(OTHER.credential.certificate, ANCHOR).check_certificate(certified(), NOW, "here")


@pytest.mark.parametrize(
    "certificate",
    [certified(OTHER), ec_credential().certificate, rsa_credential().certificate],
    ids=["another authority of the same name", "its own", "its own, RSA"],
)
def test_a_certificate_of_anybody_else_is_not(certificate: x509.Certificate) -> None:
    with refused(Cause.CERTIFICATE_UNTRUSTED, "here"):
        trusting().check_certificate(certificate, NOW, "here")


def test_nobody_is_believed_where_there_is_no_authority() -> None:
    with refused(Cause.CERTIFICATE_UNTRUSTED):
        Trust(()).check_certificate(certified(), NOW, "here")


def test_who_is_certified_certifies_nobody() -> None:
    """Neither one whose certificate says that he is none, nor one whose says nothing."""
    for extensions in ([x509.BasicConstraints(ca=False, path_length=None)], []):
        between = signed_by(AUTHORITY.credential, *extensions)
        for anchors in ([ANCHOR], [ANCHOR, between.certificate]):
            with refused(Cause.CERTIFICATE_UNTRUSTED):
                trusting(*anchors).check_certificate(signed_by(between).certificate, NOW, "here")


def test_a_certificate_that_was_found_good_is_known_until_one_of_its_chain_ends() -> None:
    trust, certificate = trusting(), certified()
    trust.check_certificate(certificate, NOW, "here")
    begin, end = certificate.not_valid_before_utc, min(certificate.not_valid_after_utc, ANCHOR.not_valid_after_utc)
    assert trust._issued == {certificate: (begin, end)}
    trust._issued[certificate] = begin, NOW
    trust.check_certificate(certificate, NOW, "here")
    assert trust._issued[certificate] == (begin, NOW)
    trust.check_certificate(certificate, NOW + DAY, "here")
    assert trust._issued[certificate] == (begin, end)


def test_one_that_was_refused_is_not_known() -> None:
    trust = trusting()
    with refused(Cause.CERTIFICATE_UNTRUSTED):
        trust.check_certificate(certified(OTHER), NOW, "here")
    assert trust._issued == {}


def test_there_is_an_end_to_knowing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_REMEMBERED", 2)
    trust = trusting()
    for _ in range(3):
        trust.check_certificate(certified(), NOW, "here")
    assert len(trust._issued) == 1


def test_withdrawn_certificates_are_refused_where_lists_count() -> None:
    certificate, another = certified(), certified()
    withdrawn = read_withdrawn([list_of(AUTHORITY.credential, [certificate], NOW)], [ANCHOR])
    for revocation in (Revocation.WARN, Revocation.REFUSE):
        trust = Trust((), [ANCHOR], revocation, withdrawn)
        trust.check_not_withdrawn(another, NOW, "here")
        with refused(Cause.CERTIFICATE_REVOKED, "here"):
            trust.check_not_withdrawn(certificate, NOW, "here")
    Trust((), [ANCHOR], Revocation.OFF, withdrawn).check_not_withdrawn(certificate, NOW, "here")


def test_several_lists_of_one_authority_count_together_until_the_first_is_too_old() -> None:
    withdrawn = [certified(), certified()]
    lists = [list_of(AUTHORITY.credential, [one], NOW, valid=n * DAY) for n, one in enumerate(withdrawn, 1)]
    for order in (lists, lists[::-1]):
        (together,) = read_withdrawn(order, [ANCHOR]).values()
        assert together == WithdrawnList(frozenset(one.serial_number for one in withdrawn), NOW + DAY)


def test_where_lists_must_count_one_that_is_missing_or_old_certifies_nobody() -> None:
    certificate = certified()
    current = WithdrawnList(frozenset(), NOW)
    trusting(revocation=Revocation.REFUSE, withdrawn=current).check_not_withdrawn(certificate, NOW, "here")
    for trust, now in (
        (trusting(revocation=Revocation.REFUSE), NOW),
        (trusting(revocation=Revocation.REFUSE, withdrawn=current), NOW + timedelta(seconds=1)),
    ):
        with refused(Cause.REVOCATION_UNKNOWN, "here"):
            trust.check_not_withdrawn(certificate, now, "here")


def test_a_warning_refuses_nobody_for_a_list_that_is_missing_or_old_but_whom_it_names() -> None:
    certificate, another = certified(), certified()
    old = WithdrawnList(frozenset({certificate.serial_number}), NOW - DAY)
    trusting(revocation=Revocation.WARN).check_not_withdrawn(certificate, NOW, "here")
    trusting(revocation=Revocation.WARN, withdrawn=old).check_not_withdrawn(another, NOW, "here")
    with refused(Cause.CERTIFICATE_REVOKED):
        trusting(revocation=Revocation.WARN, withdrawn=old).check_not_withdrawn(certificate, NOW, "here")


def test_a_list_counts_when_its_authority_signed_it() -> None:
    certificate = certified()
    for one in (
        list_of(OTHER.credential, [certificate], NOW),
        list_of(ec_credential(), [certificate], NOW),
        list_of(ec_credential(), [certificate], NOW, issuer=ANCHOR.subject),
    ):
        with pytest.raises(ValueError, match="not signed by any"):
            read_withdrawn([one], [ANCHOR])
    assert read_withdrawn([], [ANCHOR]) == {}


def test_a_certificate_of_the_token_service_is_known_as_it_is_written() -> None:
    for credential in (rsa_credential(), ec_credential()):
        signer = TokenSigner.of(credential.certificate)
        assert b64decode(signer.written) == credential.der
        assert signer.key == credential.key.public_key()
        assert signer.not_before < NOW < signer.not_after


@pytest.mark.parametrize(
    "key",
    [rsa.generate_private_key(public_exponent=65537, key_size=1024), ec.generate_private_key(ec.SECP256K1())],
    ids=["RSA 1024", "Bitcoin's curve"],
)
def test_a_token_service_with_a_weak_key_is_none(key: PrivateKey) -> None:
    with pytest.raises(ValueError, match=r"RSA of 2048 bits or more, or P-256.* is wanted, seen: "):
        TokenSigner.of(self_signed(key, "nobody").certificate)
