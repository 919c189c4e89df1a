"""Who is calling. The endpoint asks an `Authenticator`; which one is a matter of configuration.

It is asked before anything that a message says is believed, and again when it is known whom the message names as its
author.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from hub.domain.errors import HubError, Reason
from hub.domain.identity import Identity
from hub.domain.parties import Author, Requester
from hub.ports.replay import ReplayCache
from hub.ports.runtime import Clock
from hub.web.client_certificates import RequiredClientCertificates
from hub.wire.security.identification import Identification
from hub.wire.security.refusal import Cause, SecurityRefusal
from hub.wire.security.verification import MessageVerification
from hub.wire.soap import Envelope


class Caller(Protocol):
    """Somebody who has shown who he is."""

    def speaking_for(self, author: Author) -> Requester:
        """The requester, when he may speak for this author. Raises HubError (author-not-caller, not-authenticated)."""
        ...


class Authenticator(Protocol):
    """Finds out who sent an envelope."""

    async def authenticate(self, envelope: Envelope, *, is_large: bool, client_certificate: str) -> Caller:
        """The caller, who came with this TLS client certificate (its SHA-256, empty for none).

        Raises HubError of the kind not-authenticated, and index-unavailable.
        """
        ...


class SignedAuthenticator:
    """Believes signatures: each message once, and only for those whom its token names (security facts, part 1.4)."""

    def __init__(
        self,
        *,
        verification: MessageVerification,
        identification: Identification,
        replay: ReplayCache,
        client_certificates: RequiredClientCertificates,
        clock: Clock,
    ) -> None:
        self._verification, self._identification = verification, identification
        self._replay, self._client_certificates, self._clock = replay, client_certificates, clock

    async def authenticate(self, envelope: Envelope, *, is_large: bool, client_certificate: str) -> "SignedCaller":
        """Whom the signature proves; a large message is verified in a thread."""
        verify, now = self._verification.verify, self._clock.now()
        verified = await asyncio.to_thread(verify, envelope, now) if is_large else verify(envelope, now)
        candidates = self._identification.candidates(verified.token)
        for candidate in candidates:
            self._require_connection_of(candidate, client_certificate)
        if not await self._replay.is_first(verified.signed, now=now, forget_at=verified.forget_at):
            expected = "a message that was not sent before"
            raise SecurityRefusal(Cause.REPLAYED, where="Envelope", expected=expected, arrived="the same again")
        return SignedCaller(self._identification, candidates)

    def _require_connection_of(self, identity: Identity, client_certificate: str) -> None:
        """Who has to come with a TLS client certificate has come with it (part 1.5, row 21)."""
        if not self._client_certificates.admits(identity.number, client_certificate):
            raise SecurityRefusal(
                Cause.CLIENT_CERTIFICATE,
                where="TLS",
                expected=f"a client certificate that is configured for {identity.number}",
                arrived=client_certificate or "none",
            )


@dataclass(frozen=True, slots=True)
class SignedCaller:
    """Who signed, as everybody whom his token proves him to be."""

    identification: Identification
    candidates: Sequence[Identity]

    def speaking_for(self, author: Author) -> Requester:
        """The author, who must be one of those and name nobody else."""
        return Requester(author, self.identification.speaking(self.candidates, author))


class PlainAuthenticator:
    """Believes the author that the request states: for the sandbox, on loopback, never in strict mode.

    A WS-Security header is neither needed nor looked at.
    """

    async def authenticate(
        self,
        envelope: Envelope,  # noqa: ARG002 - as the protocol says
        *,
        is_large: bool,  # noqa: ARG002
        client_certificate: str,  # noqa: ARG002
    ) -> "StatedCaller":
        """Anybody."""
        return StatedCaller()


class StatedCaller:
    """Whoever he says he is."""

    def speaking_for(self, author: Author) -> Requester:
        """The stated author, when it names a party with a number and a profession."""
        requester = Requester(author)
        party = requester.organisation or requester.person or next((p for p in author if p.profession == "hub"), None)
        if party is None or not (party.number or party.id_value("INSS")):
            raise HubError(Reason.NOT_AUTHENTICATED, where="request/author")
        return requester
