"""Everybody who talks to a sandbox's hub: care providers and the publishing systems of the hospitals."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from hub.runtime import BelgianClock
from hub.sandbox.client import HubClient, open_client
from hub.sandbox.description import Description
from hub.sandbox.folder import DocumentFolder
from hub.sandbox.people import People
from hub.sandbox.publisher import Publisher
from hub.wire.schemas import SchemaSet, default_schema_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Callers:
    """The systems that the sandbox plays itself; `publishers` are by the name of their source."""

    people: People
    client: HubClient
    publishers: Mapping[str, Publisher]

    def provider(self, key: str) -> HubClient:
        """The software of a care provider."""
        return self.client.speaking_as((self.people.providers[key].party,))


@asynccontextmanager
async def open_callers(description: Description, people: People) -> AsyncIterator[Callers]:
    """The callers of a running sandbox; their connections are closed at the end."""
    schemas, clock = SchemaSet.load(default_schema_folder()), BelgianClock()
    author = (people.providers["gp_fr"].party,)
    async with open_client(description.intrahub_plain, author, schemas, clock) as client:
        publishers = {
            source.name: Publisher(
                hospital=people.hospitals[source.name],
                folder=DocumentFolder(Path(source.documents)),
                client=client,
            )
            for source in description.sources
        }
        yield Callers(people=people, client=client, publishers=publishers)
