"""Indexes as workers have them while the pseudonym key is replaced, and the rotation itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from redis.asyncio import Redis

from bench.open_gate import OPEN_GATE
from hub.domain.declarations import Declaration
from hub.domain.identifiers import Ssin
from hub.domain.parties import Patient
from hub.domain.references import Relevance, declare
from hub.domain.search import Criteria, PageRequest
from hub.storage import keys
from hub.storage.connection import connect
from hub.storage.index_secrets import IndexSecrets
from hub.storage.marks import Forgotten, Marks
from hub.storage.provider_registry import RedisProviderRegistry
from hub.storage.reference_index import RedisReferenceIndex
from hub.storage.registries import RedisPartyRegistry, RedisPatientRegistry
from hub.storage.renaming import Renaming
from hub.storage.rotation import PatientRotation, RotatedPatients
from hub.storage.secrets import Pseudonyms, Sealer
from tests.builders import a_patient

INDEX_SECRET, FIRST_SECRET, SECOND_SECRET = bytes(range(32)), bytes(range(32, 64)), bytes(range(64, 96))
ALL, PAGE = Criteria(), PageRequest(1, 1000)

first = partial(Pseudonyms, FIRST_SECRET, key_id="1")
second = partial(Pseudonyms, SECOND_SECRET, key_id="2")
BEFORE = first()
KNOWS = first(following=second())
MOVES = second(previous=first())
AFTER = second()


@dataclass(frozen=True, slots=True)
class Worker:
    """The stores of one worker, by the pseudonym keys that it is configured with.

    It `may_be_refused` when it knows only the older key.
    """

    client: Redis
    index: RedisReferenceIndex
    patients: RedisPatientRegistry
    parties: RedisPartyRegistry
    providers: RedisProviderRegistry
    may_be_refused: bool

    @classmethod
    def of(cls, client: Redis, pseudonyms: Pseudonyms) -> "Worker":
        secrets = IndexSecrets.of(INDEX_SECRET, pseudonyms)
        return cls(
            client,
            RedisReferenceIndex(client, secrets=secrets),
            RedisPatientRegistry(client, secrets=secrets),
            RedisPartyRegistry(client, pseudonyms=pseudonyms, sealer=secrets.sealer),
            RedisProviderRegistry(client, secrets=secrets),
            pseudonyms is BEFORE,
        )

    async def declare(self, patient: Ssin, declaration: Declaration, *, register: Patient | None = None) -> int:
        """Declare a document of a patient, who is registered if need be; its serial."""
        change = await self.index.change(
            patient,
            lambda before: declare(before, declaration, "chu"),
            Relevance.of(declaration),
            register=register or a_patient(patient),
            witness=None,
        )
        return change.reference.serial

    async def names(self, patient: Ssin) -> list[str]:
        """What the publisher named the documents that are listed."""
        found = await self.index.find(patient, ALL, PAGE, OPEN_GATE)
        return [row.declaration.ids[1].value for row in found.page.rows]


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Redis]:
    """A client."""
    client = connect(url, timeout=5, connections=64)
    try:
        yield client
    finally:
        await client.aclose()


async def rotate(client: Redis, pseudonyms: Pseudonyms = MOVES) -> RotatedPatients:
    """Move everything from the first key to the second."""
    previous, sealer = pseudonyms.previous or pseudonyms, Sealer(INDEX_SECRET)
    renaming = Renaming(client, pseudonyms=pseudonyms, previous=previous, sealer=sealer)
    await renaming.parties()
    await renaming.providers()
    await renaming.digests()
    rotation = PatientRotation(client, pseudonyms=pseudonyms, previous=previous, sealer=sealer)
    return await rotation.run(lambda *_: None)


async def forget(client: Redis) -> Forgotten:
    """Take the marks away, as who knows the second key only."""
    return await Marks(client, key_id="2").forget()


async def keys_under(client: Redis, key_id: str) -> list[bytes]:
    """The keys of patients under a pseudonym key."""
    return sorted([key async for key in client.scan_iter(match=keys.patients(key_id=key_id))])
