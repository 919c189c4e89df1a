"""Who is calling. The endpoint asks an `Authenticator`; which one is a matter of configuration."""

from typing import Protocol

from hub.domain.errors import HubError, Reason
from hub.domain.parties import Author, Requester
from hub.wire.soap import Envelope


class Authenticator(Protocol):
    """Turns an envelope and the author it states into a requester."""

    async def authenticate(self, envelope: Envelope, author: Author) -> Requester:
        """The requester. Raises HubError (not-authenticated)."""
        ...


class PlainAuthenticator:
    """Believes the author that the request states: for the sandbox, on loopback, never in strict mode.

    A WS-Security header is neither needed nor looked at.
    """

    async def authenticate(self, envelope: Envelope, author: Author) -> Requester:  # noqa: ARG002 - as the protocol says
        """The stated author, when it names a party with a number and a profession."""
        requester = Requester(author)
        party = requester.organisation or requester.person or next((p for p in author if p.profession == "hub"), None)
        if party is None or not (party.number or party.id_value("INSS")):
            raise HubError(Reason.NOT_AUTHENTICATED, where="request/author")
        return requester
