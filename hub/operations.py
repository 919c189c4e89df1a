"""The composition of all operations: the stores of a hub, the services on them, and the handlers on the services."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from redis.asyncio import Redis

from hub.access_operations import AccessStores, access_operations, access_services
from hub.archive.audit_archive import AuditArchive
from hub.archive.audit_trail import RedisAuditTrail
from hub.config.settings import Settings
from hub.ports.documents import DocumentVault
from hub.ports.notifications import Notifications
from hub.ports.runtime import Clock
from hub.services.access_guard import AccessGuard
from hub.services.attempts import Attempts
from hub.services.auditing import Auditing
from hub.services.deciding import Deciding
from hub.services.explanations import Explanations
from hub.services.lookup import TransactionLookup
from hub.services.national_facts import NationalFacts
from hub.services.party_consents import PartyConsents
from hub.services.patients import NoCardDirectory
from hub.services.permissions import NothingPermitted
from hub.services.policy_permissions import PolicyPermissions
from hub.services.provider_standing import ProviderStandings
from hub.services.publication import Publication
from hub.services.publication_guard import PublicationGuard
from hub.services.publication_requests import PublicationRequests
from hub.services.registration import Registration
from hub.services.retrieval import Retrieval
from hub.services.routing import Routing, Source
from hub.services.search import Search
from hub.storage.access_registry import RedisAccessRegistry
from hub.storage.index_secrets import IndexSecrets
from hub.storage.provider_registry import RedisProviderRegistry
from hub.storage.reference_index import RedisReferenceIndex
from hub.storage.registries import RedisPartyRegistry, RedisPatientRegistry
from hub.storage.secrets import EncryptedLocalIds
from hub.storage.statement_ids import EncryptedStatementIds
from hub.web.rest.api import access_routes
from hub.web.rest.routes import AnyRoute
from hub.web.soap.endpoint import Operations
from hub.web.soap.handlers.party_consent import PartyConsentHandlers
from hub.web.soap.handlers.publication import PublicationHandlers
from hub.web.soap.handlers.registration import RegistrationHandlers
from hub.web.soap.handlers.retrieval import RetrievalHandlers
from hub.web.soap.handlers.search import SearchHandlers
from hub.web.soap.pages import Pages
from hub.wire.hubservices.responses import HubIdentity
from hub.wire.hubservices.summaries import SummaryWriter


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the operations work with, opened and closed by whoever made it.

    `sources` are those of the configuration, and the vault under its own name.
    """

    stores: "Stores"
    deciding: Deciding
    sources: Iterable[Source]
    vault: DocumentVault
    national: NationalFacts
    notifications: Notifications
    clock: Clock


class Stores:
    """The ports on what surrounds the hub."""

    def __init__(self, settings: Settings, *, client: Redis, secrets: IndexSecrets, archive: AuditArchive) -> None:
        self.index = RedisReferenceIndex(client, secrets=secrets)
        self.patients = RedisPatientRegistry(client, secrets=secrets)
        self.parties = RedisPartyRegistry(client, pseudonyms=secrets.pseudonyms, sealer=secrets.sealer)
        self.registry = RedisAccessRegistry(client, secrets=secrets)
        self.providers = RedisProviderRegistry(client, secrets=secrets)
        self.trail = RedisAuditTrail(client, secrets=secrets, archive=archive)
        self.local_ids = EncryptedLocalIds(settings.index.secret.value, scheme=settings.hub.id_scheme)
        self.lookup = TransactionLookup(index=self.index, local_ids=self.local_ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class HubOperations:
    """The handlers of the 26 operations over SOAP, and the routes of the REST API."""

    soap: Operations
    rest: Sequence[AnyRoute]


def deciding_on(settings: Settings, stores: Stores, *, national: NationalFacts, clock: Clock) -> Deciding:
    """What decides who may see what."""
    policy = settings.access.policy()
    standings = ProviderStandings(
        registry=stores.providers,
        circles_of_trust=policy.authentication.circles_of_trust,
        seconds=settings.providers.remembered_seconds,
    )
    return Deciding(policy=policy, standings=standings, national=national, clock=clock)


def explaining_for(stores: Stores, deciding: Deciding, *, clock: Clock) -> Explanations:
    """What tells the staff how it is decided."""
    return Explanations(
        deciding=deciding,
        patients=stores.patients,
        registry=stores.registry,
        lookup=stores.lookup,
        attempts=Attempts(permissions=NothingPermitted(), auditing=Auditing(clock=clock), trail=stores.trail),
    )


def hub_operations(settings: Settings, around: Surroundings, *, hub: HubIdentity) -> HubOperations:
    """All operations on their services."""
    stores, deciding, clock = around.stores, around.deciding, around.clock
    guard = AccessGuard(
        deciding=deciding,
        registry=stores.registry,
        trail=stores.trail,
        notifications=around.notifications,
        clock=clock,
    )
    attempts = Attempts(permissions=NothingPermitted(), auditing=Auditing(clock=clock), trail=stores.trail)
    routing = Routing(around.sources)
    pages = Pages(page_size=settings.index.page_size, most_rows=settings.index.most_rows)
    publishing = PublicationHandlers(
        publication=Publication(
            index=stores.index,
            vault=around.vault,
            lookup=stores.lookup,
            routing=routing,
            guard=PublicationGuard(
                registry=stores.registry,
                national=around.national,
                trail=stores.trail,
                lookup=stores.lookup,
                clock=clock,
            ),
            clock=clock,
            registers_patients=settings.index.register_patients_automatically,
            one_current=frozenset(settings.index.one_current_per_author),
        ),
        requests=PublicationRequests(routing=routing),
        hub=hub,
    )
    searching = SearchHandlers(
        search=Search(index=stores.index, lookup=stores.lookup, patients=stores.patients, guard=guard),
        summaries=SummaryWriter(hub),
        hub=hub,
        pages=pages,
    )
    consenting = PartyConsentHandlers(
        consents=PartyConsents(registry=stores.providers, attempts=attempts, clock=clock, hub=settings.hub.id)
    )
    registering = RegistrationHandlers(
        registration=Registration(patients=stores.patients, parties=stores.parties, attempts=attempts)
    )
    retrieving = RetrievalHandlers(
        retrieval=Retrieval(lookup=stores.lookup, patients=stores.patients, routing=routing, guard=guard),
        hub=hub,
        clock=clock,
    )
    access = access_services(
        AccessStores(
            registry=stores.registry,
            trail=stores.trail,
            patients=stores.patients,
            parties=stores.parties,
            cards=NoCardDirectory(),
            lookup=stores.lookup,
            permissions=PolicyPermissions(
                policy=deciding.policy,
                standing=deciding.standings.of,
                registry=stores.registry,
                patients=stores.patients,
                clock=clock,
            ),
        ),
        policy=settings.access.link_policy(),
        clock=clock,
        registers_patients=True,
    )
    soap = Operations(
        answering={
            "DeclareTransaction": publishing.declare_transaction,
            "PutTransaction": publishing.put_transaction,
            "PutTransactionSet": publishing.put_transaction_set,
            "RevokeTransaction": publishing.revoke_transaction,
            "RequestPublication": publishing.request_publication,
            "GetTransactionList": searching.get_transaction_list,
            "GetLatestUpdate": searching.get_latest_update,
            "PutPatient": registering.put_patient,
            "GetPatient": registering.get_patient,
            "PutHCParty": registering.put_hc_party,
            "GetHCParty": registering.get_hc_party,
            "PutHCPartyConsent": consenting.put_hc_party_consent,
            "GetHCPartyConsent": consenting.get_hc_party_consent,
            "RevokeHCPartyConsent": consenting.revoke_hc_party_consent,
            **access_operations(access, hub=hub, pages=pages),
        },
        handing_out={
            "GetTransaction": retrieving.get_transaction,
            "GetTransactionSet": retrieving.get_transaction_set,
        },
    )
    ids = EncryptedStatementIds(settings.index.secret.value)
    return HubOperations(soap=soap, rest=access_routes(access, ids=ids, local_ids=stores.local_ids))
