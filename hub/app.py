"""The composition root: from settings to a running application. Everything is built here, by hand, in order.

Parts start in the order they are written and stop in reverse; listening is the caller's part and comes last.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

from aiohttp import web
from redis.asyncio import Redis

from hub.config.settings import IndexSettings, Settings
from hub.domain.errors import HubError
from hub.observability.events import INDEX_FAILED, REQUEST_DONE, Logger, emit
from hub.observability.metrics import Metrics
from hub.ports.documents import DocumentVault
from hub.ports.runtime import Clock
from hub.runtime import BelgianClock, RandomIds
from hub.services.lookup import TransactionLookup
from hub.services.publication import Publication
from hub.services.publication_requests import PublicationRequests
from hub.services.registration import Registration
from hub.services.retrieval import Retrieval
from hub.services.routing import Routing, Source
from hub.services.search import Search
from hub.storage.connection import CommandEnded, connect
from hub.storage.known_keys import require_known
from hub.storage.reference_index import RedisReferenceIndex
from hub.storage.registries import RedisPartyRegistry, RedisPatientRegistry
from hub.storage.secrets import EncryptedLocalIds, Pseudonyms, Sealer
from hub.web.authentication import PlainAuthenticator
from hub.web.middleware import RequestReport, add_request_id, request_reporting
from hub.web.soap.description_pages import DescriptionPages
from hub.web.soap.endpoint import Operations, SoapEndpoint, SoapLimits
from hub.web.soap.faults import Refusals
from hub.web.soap.handlers.publication import PublicationHandlers
from hub.web.soap.handlers.registration import RegistrationHandlers
from hub.web.soap.handlers.retrieval import RetrievalHandlers
from hub.web.soap.handlers.search import SearchHandlers
from hub.web.tls_terminator import TlsTerminator, only_over_tls
from hub.wire.hubservices.description import Service, ServiceDescription
from hub.wire.hubservices.responses import HubIdentity
from hub.wire.hubservices.summaries import SummaryWriter
from hub.wire.kmehr.validation_workers import MessageValidation, ValidationWorkers
from hub.wire.schemas import default_schema_folder

INTRAHUB_PATH = "/intrahub/v3"


@asynccontextmanager
async def running_hub(
    settings: Settings,
    *,
    redis_url: str,
    sources: Iterable[Source],
    vault: DocumentVault,
    logger: Logger,
    metrics: Metrics,
) -> AsyncIterator[web.Application]:
    """The application of one worker, ready to be served; leaving the context ends what it started.

    `sources` are those of the configuration, and the vault under its own name; the caller opens and closes them.
    Raises WrongKeyError when the index was made with other pseudonym keys.
    """
    folder = settings.schemas.folder or default_schema_folder()
    limits = replace(settings.limits.for_validation(), message_bytes=settings.listener.body_limit)
    client = connect(
        redis_url,
        timeout=settings.redis.timeout,
        connections=settings.redis.connections,
        wait_replicas=settings.redis.wait_replicas,
        on_command=_watching_redis(metrics, logger),
    )
    pseudonyms = pseudonyms_of(settings.index)
    try:
        with suppress(HubError):  # the store is away: callers are told, and the first worker to start has asked it
            await require_known(client, pseudonyms)
        async with ValidationWorkers(schema_folder=folder, limits=limits) as workers:
            validation = MessageValidation(schema_folder=folder, limits=limits, workers=workers)
            clock = BelgianClock()
            operations = _operations(
                settings, client=client, pseudonyms=pseudonyms, sources=sources, vault=vault, clock=clock
            )
            yield _application(
                settings,
                endpoint=_endpoint(settings, operations=operations, validation=validation, clock=clock),
                description=ServiceDescription.load(folder),
                logger=logger,
                metrics=metrics,
            )
    finally:
        await client.aclose()


def _operations(
    settings: Settings,
    *,
    client: Redis,
    pseudonyms: Pseudonyms,
    sources: Iterable[Source],
    vault: DocumentVault,
    clock: Clock,
) -> Operations:
    """The services on their stores, and the handlers on the services."""
    secret = settings.index.secret.value
    sealer = Sealer(secret)
    local_ids = EncryptedLocalIds(secret, scheme=settings.hub.id_scheme)
    index = RedisReferenceIndex(client, pseudonyms=pseudonyms, sealer=sealer)
    patients = RedisPatientRegistry(client, pseudonyms=pseudonyms, sealer=sealer)
    parties = RedisPartyRegistry(client, pseudonyms=pseudonyms, sealer=sealer)
    routing, lookup = Routing(sources), TransactionLookup(index=index, local_ids=local_ids)
    hub = identity(settings)

    publishing = PublicationHandlers(
        publication=Publication(
            index=index,
            vault=vault,
            lookup=lookup,
            routing=routing,
            clock=clock,
            registers_patients=settings.index.register_patients_automatically,
            one_current=frozenset(settings.index.one_current_per_author),
        ),
        requests=PublicationRequests(routing=routing),
        hub=hub,
    )
    searching = SearchHandlers(
        search=Search(index=index, lookup=lookup),
        summaries=SummaryWriter(hub),
        hub=hub,
        page_size=settings.index.page_size,
        most_rows=settings.index.most_rows,
    )
    registering = RegistrationHandlers(registration=Registration(patients=patients, parties=parties))
    retrieving = RetrievalHandlers(
        retrieval=Retrieval(lookup=lookup, patients=patients, routing=routing), hub=hub, clock=clock
    )
    return Operations(
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
        },
        handing_out={
            "GetTransaction": retrieving.get_transaction,
            "GetTransactionSet": retrieving.get_transaction_set,
        },
    )


def _endpoint(
    settings: Settings, *, operations: Operations, validation: MessageValidation, clock: Clock
) -> SoapEndpoint:
    listener = settings.listener
    return SoapEndpoint(
        operations=operations,
        authenticator=PlainAuthenticator(),
        validation=validation,
        refusals=Refusals(codes=settings.codes),
        hub=identity(settings),
        clock=clock,
        language=settings.hub.language,
        action_prefix=listener.soap_action_prefix,
        limits=SoapLimits(body_bytes=listener.body_limit, body_seconds=listener.body_timeout),
    )


def _application(
    settings: Settings, *, endpoint: SoapEndpoint, description: ServiceDescription, logger: Logger, metrics: Metrics
) -> web.Application:
    def report(done: RequestReport) -> None:
        metrics.request_done(
            operation=done.operation,
            outcome=done.outcome,
            seconds=done.seconds,
            bytes_in=done.bytes_in,
            bytes_out=done.bytes_out,
        )
        emit(
            logger,
            REQUEST_DONE,
            operation=done.operation,
            requester=done.organisation,
            outcome=done.outcome,
            status=done.status,
            duration_ms=round(done.seconds * 1000, 1),
            bytes_in=done.bytes_in,
            bytes_out=done.bytes_out,
            source=done.source,
        )

    reporting = request_reporting(
        ids=RandomIds(),
        timeout=settings.listener.request_timeout,
        report=report,
        apologise=endpoint.internal_fault,
        logger=logger,
    )
    terminator = TlsTerminator(settings.listener.tls_terminator)
    application = web.Application(middlewares=[reporting, only_over_tls(terminator)])
    application.on_response_prepare.append(add_request_id)
    pages = DescriptionPages(
        description=description,
        service=Service.INTRAHUB,
        path=INTRAHUB_PATH,
        public_url=settings.listener.public_url,
        action_prefix=settings.listener.soap_action_prefix,
    )
    application.router.add_post(INTRAHUB_PATH, endpoint.post)
    application.router.add_get(INTRAHUB_PATH, pages.get)
    return application


def _watching_redis(metrics: Metrics, logger: Logger) -> CommandEnded:
    def ended(seconds: float, error: Exception | None) -> None:
        metrics.redis_called(seconds=seconds, outcome="ok" if error is None else "failed")
        if error is not None:
            emit(logger, INDEX_FAILED, exception=error)

    return ended


def pseudonyms_of(settings: IndexSettings) -> Pseudonyms:
    """The pseudonyms by the newest key and, while it is replaced, by the other one as well."""

    def of(key_id: str, **other: Pseudonyms | None) -> Pseudonyms:
        return Pseudonyms(settings.pseudonym_secret(key_id).value, key_id=key_id, **other)

    previous, following = settings.previous_pseudonym_key_id, settings.next_pseudonym_key_id
    return of(
        settings.newest_key_id,
        previous=of(previous) if previous else None,
        following=of(following) if following else None,
    )


def identity(settings: Settings) -> HubIdentity:
    """The hub as it signs."""
    return HubIdentity(settings.hub.id, settings.hub.name, settings.hub.id_scheme)
