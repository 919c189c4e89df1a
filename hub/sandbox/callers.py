"""Everybody who talks to a sandbox's hub: care providers, the publishing systems of hospitals, a patients' portal."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import aiohttp

from hub.domain.parties import Author
from hub.runtime import BelgianClock, RandomIds
from hub.sandbox.certified import claims_of
from hub.sandbox.client import HubClient, Sealer, Signer
from hub.sandbox.description import Description
from hub.sandbox.folder import DocumentFolder
from hub.sandbox.people import People
from hub.sandbox.portal import Portal
from hub.sandbox.publisher import Publisher
from hub.sandbox.sealers import sealers_of
from hub.sandbox.signatories import Signatory
from hub.sandbox.tokens import TokenClient, TokenHolder
from hub.wire.schemas import SchemaSet, default_schema_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Callers:
    """The systems that the sandbox plays itself.

    `client` signs nothing: it is believed whoever it says it is. `signing` are those who sign, by their key in the
    list of people, `sealers` what they seal with, where there are sealed folders; `publishers` are by the name of their
    source. Patients use the `portal`.
    """

    people: People
    client: HubClient
    signing: Mapping[str, HubClient]
    sealers: Mapping[str, Sealer]
    publishers: Mapping[str, Publisher]
    portal: Portal

    def caller(self, key: str) -> HubClient:
        """The software of somebody who signs."""
        return self.signing[key]

    def plain_caller(self, key: str) -> HubClient:
        """The software of the same, which does not sign."""
        return self.client.speaking_as(self.people.signatories[key].author, self.sealers.get(key))

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
        client = HubClient(
            session=session,
            endpoint=description.intrahub_plain,
            author=people.signatories["gp_fr"].author,
            schemas=schemas,
            clock=clock,
        )
        tokens = TokenClient(session=session, url=description.sts, clock=clock, ids=RandomIds())
        sealers = sealers_of(description, people, clock)
        signing = {
            key: replace(
                client,
                endpoint=description.intrahub,
                author=signatory.author,
                signer=_signer(description, signatory, tokens),
                sealer=sealers.get(key),
            )
            for key, signatory in people.signatories.items()
        }
        yield Callers(
            people=people,
            client=client,
            signing=signing,
            sealers=sealers,
            portal=Portal(session=session, url=description.rest),
            publishers={
                source.name: Publisher(
                    hospital=people.hospitals[source.name],
                    folder=DocumentFolder(Path(source.documents)),
                    client=signing[source.name],
                )
                for source in description.sources
            },
        )


def _signer(description: Description, signatory: Signatory, tokens: TokenClient) -> Signer:
    credential = cache(description.credentials[signatory.key].read)
    return TokenHolder(client=tokens, credential=credential, claims=claims_of(signatory))
