"""Signed messages of invented people, with an authority and a token service of their own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import Any
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hub.domain.identifiers import Ssin
from hub.domain.parties import Author
from hub.sandbox.authority import Authority
from hub.sandbox.certified import certify, claims_of
from hub.sandbox.people import People, load_people
from hub.wire.kmehr.parties import write_author
from hub.wire.namespaces import ANSWER_DECLARATIONS
from hub.wire.security.algorithms import PublicKey
from hub.wire.security.assertion_writing import Statement, write_assertion
from hub.wire.security.credential import Credential
from hub.wire.security.signing import WSS4J, MessageIds, Style, sign_envelope
from tests.builders import JAN


@dataclass(frozen=True, kw_only=True)
class World:
    """Everybody there is at one moment, and what each of them signs with."""

    now: datetime
    people: People
    authority: Authority
    token_service: Credential
    credential_of: Callable[[str], Credential]

    def caller(self, key: str) -> "SignedCaller":
        """Somebody of the sandbox with an assertion of a day, an hour old."""
        credential, signatory = self.credential_of(key), self.people.signatories[key]
        statement = Statement(
            id=f"_{uuid4().hex}",
            subject=credential.certificate.subject.rfc4514_string(),
            subject_issuer=credential.certificate.issuer.rfc4514_string(),
            holder=credential.certificate,
            attributes=tuple(certify(claims_of(signatory), signatory)),
            issued=self.now - timedelta(hours=1),
            not_before=self.now - timedelta(hours=1),
            not_on_or_after=self.now + timedelta(hours=23),
        )
        return SignedCaller(credential, statement, self.token_service, signatory.author)

    def pem(self, *certificates: x509.Certificate) -> bytes:
        """Certificates as a file has them."""
        return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in certificates)


@dataclass(frozen=True)
class SignedCaller:
    """Who signs, and what the token service says of him."""

    credential: Credential
    statement: Statement
    token_service: Credential
    author: Author
    _assertions: dict[str, bytes] = field(default_factory=dict, compare=False)

    @property
    def assertion(self) -> bytes:
        """The assertion, always the same."""
        if not self._assertions:
            self._assertions[""] = write_assertion(self.statement, self.token_service)
        return self._assertions[""]

    def saying(self, **changes: Any) -> "SignedCaller":
        """The same with another assertion, which the token service signs as well."""
        return replace(self, statement=replace(self.statement, **changes), _assertions={})

    def of_token_service(self, signer: Credential) -> "SignedCaller":
        """The same with an assertion that somebody else has signed."""
        return replace(self, token_service=signer, _assertions={})

    def with_key(self, credential: Credential, holder: x509.Certificate | PublicKey | None = None) -> "SignedCaller":
        """Signing with another key; `holder` is whom the assertion names then, else it stays as it is."""
        changed = replace(self, credential=credential)
        return changed if holder is None else changed.saying(holder=holder)

    def sign(
        self,
        message: bytes | None = None,
        *,
        now: datetime,
        lifetime: timedelta = timedelta(seconds=60),
        style: Style = WSS4J,
        ids: MessageIds | None = None,
    ) -> bytes:
        """A signed envelope; without a message it asks for the list of a patient."""
        return sign_envelope(
            list_message(self.author) if message is None else message,
            self.credential,
            self.assertion,
            now=now,
            lifetime=lifetime,
            ids=ids or MessageIds.of_java(uuid4().hex),
            style=style,
        )


def list_message(author: Author, patient: Ssin = JAN, *, id_: str = "") -> bytes:
    """GetTransactionList; with an id of its own, unless one is given."""
    return (
        f"<p:GetTransactionListRequest {ANSWER_DECLARATIONS}><request>"
        f'<id S="ID-KMEHR" SV="1.0">{id_ or f"1.{uuid4().hex}"}</id>'
        f"<author>{write_author(author)}</author><date>2026-03-02</date><time>10:00:00</time></request>"
        f'<select><patient><id S="INSS" SV="1.0">{patient.digits}</id></patient><transaction/></select>'
        "</p:GetTransactionListRequest>"
    ).encode()


def numbers_of(people: People) -> Sequence[str]:
    """What no log may hold of those who call."""
    return [number for signatory in people.signatories.values() for number in (signatory.inss,) if number]


@cache
def world() -> World:
    """The world of this test run, as it is now."""
    now = datetime.now(UTC)
    authority = _authority(now)
    return World(
        now=now,
        people=load_people(),
        authority=authority,
        token_service=authority.issue_to_token_service(),
        credential_of=partial(_credential, now),
    )


@cache
def _authority(now: datetime) -> Authority:
    return Authority.make(now)


@cache
def _credential(now: datetime, key: str) -> Credential:
    return _authority(now).issue_to(load_people().signatories[key])
