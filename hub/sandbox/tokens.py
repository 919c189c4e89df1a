"""The client of the token service: gets an assertion, renews it in time, and signs messages as its holder."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import aiohttp

from hub.domain.errors import HubError
from hub.ports.runtime import Clock, IdSource
from hub.wire.security.credential import Credential
from hub.wire.security.signing import MessageIds, sign_envelope, sign_envelope_x509
from hub.wire.security.token_messages import (
    Claim,
    IssuedToken,
    TokenRefused,
    read_token_answer,
    write_token_request,
)
from hub.wire.xml import parse

LIFETIME: Final = timedelta(hours=24)
"""Of an assertion, as clients ask for it."""
_ACTION = "urn:be:fgov:ehealth:sts:protocol:v1:RequestSecurityToken"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenClient:
    """Asks one token service."""

    session: aiohttp.ClientSession
    url: str
    clock: Clock
    ids: IdSource

    async def ask(
        self, credential: Credential, claims: Sequence[Claim], *, lifetime: timedelta = LIFETIME
    ) -> IssuedToken:
        """An assertion for the holder of a credential. Raises TokenRefused, and aiohttp.ClientError."""
        now = self.clock.now()
        request = write_token_request(claims, credential.certificate, now, now + lifetime)
        envelope = sign_envelope_x509(request, credential, now=now, ids=MessageIds.of_java(self.ids.new_id()))
        return await self.send(envelope)

    async def send(self, envelope: bytes) -> IssuedToken:
        """Send a request as it is. Raises TokenRefused, and aiohttp.ClientError."""
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{_ACTION}"'}
        async with self.session.post(self.url, data=envelope, headers=headers) as response:
            body = await response.read()
            try:
                return read_token_answer(parse(body))
            except HubError as error:
                raise TokenRefused(f"HTTP {response.status}, no XML: {error}") from error


class TokenHolder:
    """Signs messages as the holder of an assertion, which it renews when half of its time is over.

    The credential is asked for when it is needed: to read an RSA key takes tens of milliseconds.
    """

    def __init__(
        self,
        *,
        client: TokenClient,
        credential: Callable[[], Credential],
        claims: Sequence[Claim],
        lifetime: timedelta = LIFETIME,
    ) -> None:
        self._client, self._credential, self._claims, self._lifetime = client, credential, claims, lifetime
        self._token: IssuedToken | None = None
        self._one_at_a_time = asyncio.Lock()

    async def sign(self, message: bytes) -> bytes:
        """The envelope of a message. Raises TokenRefused, and aiohttp.ClientError."""
        token = await self.token()
        ids = MessageIds.of_java(self._client.ids.new_id())
        return sign_envelope(message, self._credential(), token.assertion, now=self._client.clock.now(), ids=ids)

    async def token(self) -> IssuedToken:
        """The assertion that counts now. Raises TokenRefused, and aiohttp.ClientError."""
        async with self._one_at_a_time:
            if self._token is None or self._is_half_over(self._token):
                self._token = await self._client.ask(self._credential(), self._claims, lifetime=self._lifetime)
            return self._token

    def _is_half_over(self, token: IssuedToken) -> bool:
        left = token.not_on_or_after - self._client.clock.now()
        return left < (token.not_on_or_after - token.not_before) / 2
