"""Who signs the messages of the benchmarks: invented doctors with keys, certificates and assertions of a day."""

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric import rsa

from bench.messages import doctor, list_message
from bench.patients import FAMILY_NAMES, FIRST_NAMES, invented_ssin, physician_number
from hub.domain.identifiers import Ssin
from hub.domain.parties import Author
from hub.sandbox.authority import Authority
from hub.sandbox.certified import certify, claims_of
from hub.sandbox.credentials import CredentialFiles
from hub.sandbox.signatories import CertificateKind, Signatory
from hub.wire.security.assertion_writing import Statement, write_assertion
from hub.wire.security.credential import Credential
from hub.wire.security.signing import MessageIds, sign_envelope

_LIFETIME = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Caller:
    """A doctor who signs with his own key, for whom the token service vouches."""

    author: Author
    credential: Credential
    assertion: bytes

    def list_request(self, patient: Ssin, now: datetime) -> bytes:
        """GetTransactionList of everything: an envelope like no other."""
        message = list_message(patient, self.author)
        return sign_envelope(message, self.credential, self.assertion, now=now, ids=MessageIds.of_java(uuid4().hex))


@dataclass(frozen=True, slots=True)
class Issuers:
    """The authority that certifies callers and the token service, both with RSA keys, in files."""

    authority: CredentialFiles
    token_service: CredentialFiles

    @classmethod
    def make(cls, folder: Path, now: datetime) -> Self:
        """New ones, whose files are written into a folder."""
        issuers = cls(
            *(CredentialFiles(folder / f"{name}.key", folder / f"{name}.pem") for name in ("authority", "sts"))
        )
        authority = Authority.make(now, key=rsa.generate_private_key(public_exponent=65537, key_size=2048))
        issuers.authority.keep(lambda: authority.credential)
        issuers.token_service.keep(authority.issue_to_token_service)
        return issuers

    def callers(self, count: int, *, kind: CertificateKind, seed: int, now: datetime) -> Sequence[Caller]:
        """So many doctors: with RSA keys if they are of the eHealth platform, with EC keys if of identity cards."""
        authority, token_service = Authority(credential=self.authority.read(), now=now), self.token_service.read()
        doctors = invented_doctors(count, kind=kind, seed=seed)
        # Making an RSA key takes long, and other threads can make theirs meanwhile.
        with ThreadPoolExecutor() as pool:
            credentials = pool.map(authority.issue_to, doctors)
        return [
            Caller(who.author, credential, _assertion(who, credential, token_service, now))
            for who, credential in zip(doctors, credentials, strict=True)
        ]


def invented_doctors(count: int, *, kind: CertificateKind, seed: int) -> Sequence[Signatory]:
    """So many doctors, the same for a seed; their keys are made when they are to sign."""
    chance = random.Random(seed)  # noqa: S311 - test data
    return [_doctor(chance, kind) for _ in range(count)]


def _doctor(chance: random.Random, kind: CertificateKind) -> Signatory:
    ssin, number = invented_ssin(chance), physician_number(chance)
    firstname, familyname = chance.choice(FIRST_NAMES), chance.choice(FAMILY_NAMES)
    return Signatory(
        key=ssin.digits,
        quality="doctor",
        name=f"{firstname} {familyname}",
        author=doctor(number, ssin, firstname, familyname),
        number=number,
        inss=ssin.digits,
        firstname=firstname,
        familyname=familyname,
        certificate=kind,
    )


def _assertion(who: Signatory, credential: Credential, token_service: Credential, now: datetime) -> bytes:
    certificate = credential.certificate
    statement = Statement(
        id=f"_{uuid4().hex}",
        subject=certificate.subject.rfc4514_string(),
        subject_issuer=certificate.issuer.rfc4514_string(),
        holder=certificate,
        attributes=certify(claims_of(who), who),
        issued=now,
        not_before=now,
        not_on_or_after=now + _LIFETIME,
    )
    return write_assertion(statement, token_service)
