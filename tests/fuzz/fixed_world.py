"""The world in which inputs keep their meaning: keys, certificates and a moment that never change.

Everything stands in `world/`, and is for these tests only: its subjects say so, and a hub in strict mode refuses them.
`odd_token_service` and `INSIDER` belong to mutations that sign again: what they have signed may say anything.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from cryptography import x509

from hub.sandbox.authority import Authority
from hub.sandbox.people import load_people
from hub.wire.security.accepted import AcceptedAssertions
from hub.wire.security.assertions import EHEALTH_ISSUER, AssertionPolicy
from hub.wire.security.credential import Credential
from hub.wire.security.identification import Identification, load_qualities
from hub.wire.security.signing import MessageIds
from hub.wire.security.trust import Revocation, TokenSigner, Trust, read_withdrawn
from hub.wire.security.verification import MessagePolicy, MessageVerification
from tests.signed import SignedCaller, World, list_message

FOLDER: Final = Path(__file__).parent / "world"
NOW: Final = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
SKEW: Final = timedelta(minutes=5)
CALLERS: Final = ("gp_fr", "gp_nl", "nurse", "pharmacist", "modele", "voorbeeld", "peer_hub", "everyday")
INSIDER: Final = "nurse"
"""Whose key an attacker has: with it he signs what he likes, and an assertion of the odd token service."""
WITHDRAWN: Final = "voorbeeld"
"""Whose certificate is on the revocation list."""
AUDIENCE: Final = "urn:this-hub"
_PEER = "1990999927"


@dataclass(frozen=True, kw_only=True)
class FixedWorld(World):
    """The same people and keys in every run; somebody has one assertion, and signs the same message always."""

    odd_token_service: Credential
    withdrawn: x509.CertificateRevocationList
    _callers: dict[str, SignedCaller] = field(default_factory=dict)

    def caller(self, key: str) -> SignedCaller:
        """Somebody, always the same."""
        if key not in self._callers:
            caller, signer = super().caller(key), self.odd_token_service if key == INSIDER else self.token_service
            self._callers[key] = _FixedCaller(
                caller.credential, replace(caller.statement, id=f"_{key}"), signer, caller.author
            )
        return self._callers[key]

    def verification(self, *, most: int) -> MessageVerification:
        """The verification of a hub that is strict in everything, and remembers so many assertions."""
        anchors = [self.authority.credential.certificate]
        trust = Trust(
            token_signers=[TokenSigner.of(one.certificate) for one in (self.token_service, self.odd_token_service)],
            anchors=anchors,
            revocation=Revocation.REFUSE,
            withdrawn=read_withdrawn([self.withdrawn], anchors),
        )
        assertions = AssertionPolicy(EHEALTH_ISSUER, frozenset({AUDIENCE}), longest=timedelta(days=1), skew=SKEW)
        return MessageVerification(
            policy=MessagePolicy(assertions=assertions, longest=timedelta(minutes=10), skew=SKEW),
            trust=lambda: trust,
            accepted=AcceptedAssertions(most=most),
        )

    @staticmethod
    def identification() -> Identification:
        """Who callers are, by the hub's own table."""
        return Identification(load_qualities(), peer_hubs=frozenset({_PEER}))


class _FixedCaller(SignedCaller):
    """Signs the same message with the same ids: an attack on it, undone, is that genuine message again."""

    def sign(self, message: bytes | None = None, *, ids: MessageIds | None = None, **options: Any) -> bytes:
        asked = list_message(self.author, id_="1.f00d") if message is None else message
        return super().sign(asked, ids=ids or MessageIds.of_java("f00d"), **options)


@cache
def fixed_world() -> FixedWorld:
    """The world of the folder."""
    return FixedWorld(
        now=NOW,
        people=load_people(),
        authority=Authority(credential=_credential("authority"), now=NOW),
        token_service=_credential("token_service"),
        credential_of=_credential,
        odd_token_service=_credential("odd_token_service"),
        withdrawn=x509.load_pem_x509_crl((FOLDER / "withdrawn.pem").read_bytes()),
    )


@cache
def _credential(name: str) -> Credential:
    pem = (FOLDER / f"{name}.pem").read_bytes()
    return Credential.from_pem(pem, pem)
