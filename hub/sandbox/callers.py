"""Everybody who talks to a sandbox's hub: care providers and the publishing systems of the hospitals."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import aiohttp

from hub.domain.parties import Author
from hub.runtime import BelgianClock, RandomIds
from hub.sandbox.certified import claims_of
from hub.sandbox.client import HubClient, Signer
from hub.sandbox.description import Description
from hub.sandbox.folder import DocumentFolder
from hub.sandbox.people import People
from hub.sandbox.publisher import Publisher
from hub.sandbox.tokens import TokenClient, TokenHolder
from hub.wire.schemas import SchemaSet, default_schema_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Callers:
    """The systems that the sandbox plays itself.

    `client` signs nothing: it is believed whoever it says it is. `signing` are those who sign, by their key in the
    list of people; `publishers` are by the name of their source.
    """

    people: People
    client: HubClient
    signing: Mapping[str, HubClient]
    publishers: Mapping[str, Publisher]

    def caller(self, key: str) -> HubClient:
        """The software of somebody who signs."""
        return self.signing[key]

    def caller_for(self, author: Author) -> HubClient:
        """The software of an author, who signs unless he is a stranger."""
        for signatory in self.people.signatories.values():
            if signatory.author == author:
                return self.caller(signatory.key)
        return self.client.speaking_as(author)


@asynccontextmanager
async def open_callers(description: Description, people: People) -> AsyncIterator[Callers]:
    """The callers of a running sandbox; their connections are closed at the end."""
    schemas, clock = SchemaSet.load(default_schema_folder()), BelgianClock()
    timeout = aiohttp.ClientTimeout(total=60, sock_connect=5)
    async with aiohttp.ClientSession(timeout=timeout) as session:

        def client(endpoint: str, author: Author, signer: Signer | None = None) -> HubClient:
            return HubClient(
                session=session, endpoint=endpoint, author=author, schemas=schemas, clock=clock, signer=signer
            )

        tokens = TokenClient(session=session, url=description.sts, clock=clock, ids=RandomIds())
        signing = _signing(description, people, tokens, client)
        yield Callers(
            people=people,
            client=client(description.intrahub_plain, people.signatories["gp_fr"].author),
            signing=signing,
            publishers={
                source.name: Publisher(
                    hospital=people.hospitals[source.name],
                    folder=DocumentFolder(Path(source.documents)),
                    client=signing[source.name],
                )
                for source in description.sources
            },
        )


def _signing(
    description: Description, people: People, tokens: TokenClient, client: Callable[..., HubClient]
) -> Mapping[str, HubClient]:
    return {
        key: client(
            description.intrahub,
            signatory.author,
            TokenHolder(
                client=tokens, credential=cache(description.credentials[key].read), claims=claims_of(signatory)
            ),
        )
        for key, signatory in people.signatories.items()
    }
