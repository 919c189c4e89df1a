"""A hub on a real socket of which only the operations about access are served, on registries in memory."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import StringIO

import aiohttp

from hub.access_operations import AccessStores, access_operations, access_services
from hub.app import _application, _endpoint, identity, rest_api
from hub.config.access_settings import AccessSettings
from hub.config.link_policy import load_link_policy
from hub.config.secrets import SecretKey
from hub.config.settings import HubSettings, IndexSettings, ListenerSettings, Settings, VaultSettings
from hub.domain.access_facts import ProviderStanding
from hub.domain.cards import Card, CardKind
from hub.domain.parties import HcParty, Id, Requester
from hub.domain.references import Relevance, declare
from hub.observability.logging import open_log
from hub.observability.metrics import Metrics
from hub.runtime import BelgianClock
from hub.sandbox.client import HubClient
from hub.services.lookup import TransactionLookup
from hub.services.policy_permissions import PolicyPermissions
from hub.storage.memory import MemoryPartyRegistry, MemoryPatientRegistry, MemoryReferenceIndex
from hub.storage.memory_access import MemoryAccessRegistry, MemoryAuditTrail, MemoryCardDirectory
from hub.storage.secrets import EncryptedLocalIds
from hub.web.authentication import PlainAuthenticator
from hub.web.serving import Server, bound
from hub.web.soap.endpoint import Operations
from hub.web.soap.pages import Pages
from hub.web.soap.paths import PLAIN_INTRAHUB_PATH
from hub.web.soap.sealed_puts import FolderOpening, SealedPuts
from hub.wire.hubservices.description import ServiceDescription
from hub.wire.kmehr.limits import ValidationLimits
from hub.wire.kmehr.validation_workers import MessageValidation, ValidationWorkers
from hub.wire.schemas import SchemaSet, default_schema_folder
from tests.builders import JAN, MILA, a_declaration, a_patient

JANS_CARD, MILAS_CARD = "591123456753", "000000000097"
_SECRET = SecretKey(bytes(range(32)))
SETTINGS = Settings(
    strict=False,
    hub=HubSettings(id="1990000728", name="RSB", language="en"),
    listener=ListenerSettings(authentication="plain"),
    index=IndexSettings(secret=_SECRET, page_size=3, most_rows=5),
    vault=VaultSettings(key_id="1", keys={"1": _SECRET}),
)


@dataclass
class AccessHub:
    """Clients of the hub, and what it holds: Jan, Mila and their eID cards."""

    endpoint: str
    session: aiohttp.ClientSession
    schemas: SchemaSet
    patients: MemoryPatientRegistry
    index: MemoryReferenceIndex
    lookup: TransactionLookup
    trail: MemoryAuditTrail

    def client(self, *parties: HcParty) -> HubClient:
        """A client for these parties."""
        return HubClient(
            session=self.session, endpoint=self.endpoint, author=parties, schemas=self.schemas, clock=BelgianClock()
        )

    async def document(self) -> Id:
        """The hub's id of a note of Jan, by his doctor."""
        change = await self.index.change(
            JAN, lambda before: declare(before, a_declaration(), "chu"), Relevance(), witness=None
        )
        (local_id,) = self.lookup.ids_of(JAN, [change.reference])
        return Id("LOCAL", "1.0", local_id.value, local_id.scheme)


@asynccontextmanager
async def access_hub() -> AsyncIterator[AccessHub]:
    """Serve until the context is left."""
    trail, clock = MemoryAuditTrail(), BelgianClock()
    patients = MemoryPatientRegistry(trail)
    for patient in (JAN, MILA):
        patients.add(a_patient(patient))
    registry = MemoryAccessRegistry(patients, trail)
    index = MemoryReferenceIndex(patients, registry, trail)
    stores = AccessStores(
        registry=registry,
        trail=trail,
        patients=patients,
        parties=MemoryPartyRegistry(),
        cards=MemoryCardDirectory({Card(CardKind.EID, JANS_CARD): JAN, Card(CardKind.EID, MILAS_CARD): MILA}),
        lookup=TransactionLookup(index=index, local_ids=EncryptedLocalIds(_SECRET.value, scheme="RSBID")),
        permissions=PolicyPermissions(
            policy=AccessSettings().policy(), standing=_standing, registry=registry, patients=patients, clock=clock
        ),
    )
    operations = access_operations(
        access_services(stores, policy=load_link_policy(), clock=clock, registers_patients=False),
        hub=identity(SETTINGS),
        pages=Pages(page_size=SETTINGS.index.page_size, most_rows=SETTINGS.index.most_rows),
    )
    folder, limits, place = default_schema_folder(), ValidationLimits(), bound("127.0.0.1", 0)
    async with ValidationWorkers(schema_folder=folder, limits=limits) as workers, aiohttp.ClientSession() as session:
        validation = MessageValidation(schema_folder=folder, limits=limits, workers=workers)
        endpoint = _endpoint(
            SETTINGS,
            PlainAuthenticator(),
            operations=Operations(answering=operations, handing_out={}),
            validation=validation,
            folders=FolderOpening(sealing=None, puts=SealedPuts.OFF, validation=validation, clock=clock),
            clock=clock,
        )
        application = _application(
            SETTINGS,
            endpoints={PLAIN_INTRAHUB_PATH: endpoint},
            description=ServiceDescription.load(folder),
            rest=rest_api(SETTINGS, ()),
            logger=open_log(StringIO()),
            metrics=Metrics(),
        )
        async with Server.serving(application, place):
            url = f"http://127.0.0.1:{place.getsockname()[1]}{PLAIN_INTRAHUB_PATH}"
            yield AccessHub(url, session, SchemaSet.load(folder), patients, index, stores.lookup, trail)


async def _standing(_: Requester) -> ProviderStanding:
    """Everybody is registered and has consented."""
    return ProviderStanding(registered=True, consented=True)
