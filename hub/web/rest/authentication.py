"""Who calls the REST API, by the bearer token of the request (security facts, part 5)."""

import base64
import binascii
from typing import Annotated, Protocol

import msgspec
from msgspec import Meta, Struct

from hub.domain.errors import HubError, Reason
from hub.domain.parties import Author, Code, HcParty, Id, Requester
from hub.web.authentication import StatedCaller

_PREFIX = "bearer "
_LONGEST = 8192
"""Characters of a token that is looked at."""


class TokenAuthenticator(Protocol):
    """Finds out whom a bearer token stands for."""

    async def authenticate(self, token: str) -> Requester:
        """The requester. Raises HubError of the kind not-authenticated, and of the kind unavailable."""
        ...


class NoTokens:
    """Believes no token: there is no service yet whose tokens this hub trusts."""

    async def authenticate(self, token: str) -> Requester:  # noqa: ARG002 - as the protocol says
        """Raises HubError (token-invalid)."""
        raise HubError(Reason.TOKEN_INVALID, where="Authorization")


class _StatedParty(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A party of the author chain, as a plain token describes it."""

    profession: Annotated[str, Meta(min_length=1, max_length=60)]
    nihii: Annotated[str, Meta(max_length=11)] = ""
    inss: Annotated[str, Meta(max_length=11)] = ""
    name: Annotated[str, Meta(max_length=200)] = ""


class StatedTokens:
    """Believes what a token says: for the sandbox, on loopback, never in strict mode, like the plain listener.

    A token is base64url of a JSON list of the parties who ask: objects with `profession` (CD-HCPARTY), `nihii` or
    `inss` or both, and `name`.
    """

    async def authenticate(self, token: str) -> Requester:
        """Whoever it says. Raises HubError (token-invalid)."""
        try:
            stated = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
            parties = msgspec.json.decode(stated, type=tuple[_StatedParty, ...])
            return StatedCaller().speaking_for(tuple(map(_party, parties)))
        except (binascii.Error, msgspec.DecodeError, UnicodeDecodeError, HubError) as error:
            raise HubError(Reason.TOKEN_INVALID, where="Authorization") from error


def bearer_token(header: str) -> str:
    """The token of an Authorization header. Raises HubError (token-invalid) without one."""
    token = header[len(_PREFIX) :].strip()
    if not header.lower().startswith(_PREFIX) or not token or len(token) > _LONGEST or not token.isascii():
        raise HubError(Reason.TOKEN_INVALID, where="Authorization")
    return token


def stated_token(author: Author) -> str:
    """The plain token of an author chain, for clients of a sandbox."""
    parties = [
        _StatedParty(
            profession=party.profession,
            nihii=party.number,
            inss=party.id_value("INSS"),
            name=party.name or " ".join(filter(None, (party.firstname, party.familyname))),
        )
        for party in author
    ]
    return base64.urlsafe_b64encode(msgspec.json.encode(parties)).decode()


def _party(stated: _StatedParty) -> HcParty:
    numbers = (("ID-HCPARTY", stated.nihii), ("INSS", stated.inss))
    return HcParty(
        ids=tuple(Id(scheme, "1.0", value) for scheme, value in numbers if value),
        cds=(Code("CD-HCPARTY", "1.16", stated.profession),),
        name=stated.name or None,
    )
