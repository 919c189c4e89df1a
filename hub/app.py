"""The composition root: from settings to a running application. Everything is built here, by hand, in order.

Parts start in the order they are written and stop in reverse; listening is the caller's part and comes last.
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from aiohttp import web
from redis.asyncio import Redis

from hub.archive.opening import open_archive
from hub.config.sealing_settings import SealingSettings
from hub.config.security_settings import SecuritySettings
from hub.config.settings import IndexSettings, Settings
from hub.domain.errors import HubError
from hub.observability.events import INDEX_FAILED, REQUEST_DONE, SECURITY_REFUSED, Logger, emit
from hub.observability.metered import MeteredSealing
from hub.observability.metrics import Metrics
from hub.observability.notifying import BackgroundNotifications
from hub.operations import Stores, Surroundings, deciding_on, explaining_for, hub_operations
from hub.ports.documents import DocumentVault
from hub.ports.runtime import Clock
from hub.ports.sealing import Sealing
from hub.runtime import BelgianClock, RandomIds
from hub.sealing.certified_key import CertifiedKeyFiles
from hub.sealing.cms import CmsSealing, SealingLimits
from hub.sealing.depot import FolderDepot
from hub.sealing.openssl import Openssl
from hub.services.explanations import Explanations
from hub.services.national_facts import NationalFacts
from hub.services.routing import Source
from hub.storage.connection import CommandEnded, connect
from hub.storage.index_secrets import IndexSecrets
from hub.storage.known_keys import require_known
from hub.storage.outbox import Outbox
from hub.storage.replay import RedisReplayCache
from hub.storage.secrets import Pseudonyms
from hub.web.authentication import Authenticator, PlainAuthenticator, SignedAuthenticator
from hub.web.client_certificates import ClientCertificates, RequiredClientCertificates
from hub.web.middleware import RequestReport, add_request_id, request_reporting
from hub.web.rest.api import RestApi, RestLimits
from hub.web.rest.authentication import NoTokens, StatedTokens
from hub.web.rest.routes import AnyRoute
from hub.web.soap.description_pages import DescriptionPages
from hub.web.soap.endpoint import Operations, SoapEndpoint, SoapLimits
from hub.web.soap.faults import Refusals
from hub.web.soap.paths import INTRAHUB_PATH, PLAIN_INTRAHUB_PATH
from hub.web.soap.sealed_answers import AnswerSealing
from hub.web.soap.sealed_puts import FolderOpening, SealedPuts
from hub.web.tls_terminator import TlsTerminator, only_over_tls
from hub.wire.hubservices.description import Service, ServiceDescription
from hub.wire.hubservices.responses import HubIdentity
from hub.wire.kmehr.validation_workers import MessageValidation, ValidationWorkers
from hub.wire.notices import NoticeWriter
from hub.wire.schemas import default_schema_folder
from hub.wire.security.accepted import AcceptedAssertions
from hub.wire.security.assertions import AssertionPolicy
from hub.wire.security.identification import Identification, load_qualities
from hub.wire.security.trust_files import TrustFiles
from hub.wire.security.verification import MessagePolicy, MessageVerification


@dataclass(frozen=True, slots=True)
class RunningHub:
    """A hub that is ready: what serves its callers, and what explains its decisions to its staff."""

    application: web.Application
    explanations: Explanations


@asynccontextmanager
async def running_hub(
    settings: Settings,
    *,
    redis_url: str,
    sources: Iterable[Source],
    vault: DocumentVault,
    national: NationalFacts,
    trust: TrustFiles,
    logger: Logger,
    metrics: Metrics,
) -> AsyncIterator[RunningHub]:
    """The hub of one worker, ready to be served; leaving the context ends what it started.

    `sources` are those of the configuration, and the vault under its own name; the caller opens and closes them, and
    sees to it that the files of `trust` are read again when they change.
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
        clock = BelgianClock()
        async with (
            open_archive(
                settings.audit_address(),
                patience=settings.audit.timeout,
                secret=settings.index.secret.value,
                clock=clock,
            ) as archive,
            ValidationWorkers(schema_folder=folder, limits=limits) as workers,
            BackgroundNotifications.running(outbox(settings), logger=logger) as notifications,
        ):
            validation = MessageValidation(schema_folder=folder, limits=limits, workers=workers)
            sealing = None if settings.sealing is None else _sealing(settings.sealing, clock, metrics, logger)
            secrets = IndexSecrets.of(settings.index.secret.value, pseudonyms)
            stores = Stores(settings, client=client, secrets=secrets, archive=archive)
            surroundings = Surroundings(
                stores=stores,
                deciding=deciding_on(settings, stores, national=national, clock=clock),
                sources=sources,
                vault=vault,
                national=national,
                notifications=notifications,
                clock=clock,
            )
            all_operations = hub_operations(settings, surroundings, hub=identity(settings))
            operations = all_operations.soap
            if settings.sealing is not None and sealing is not None:
                operations = _sealing_answers(operations, settings.sealing, sealing)
            folders = FolderOpening(sealing=sealing, puts=_puts(settings), validation=validation, clock=clock)
            application = _application(
                settings,
                endpoints={
                    path: _endpoint(
                        settings,
                        authenticator,
                        operations=operations,
                        validation=validation,
                        folders=folders,
                        clock=clock,
                    )
                    for path, authenticator in _authenticators(settings, trust=trust, client=client, clock=clock)
                },
                description=ServiceDescription.load(folder),
                rest=rest_api(settings, all_operations.rest),
                logger=logger,
                metrics=metrics,
            )
            yield RunningHub(application, explaining_for(stores, surroundings.deciding, clock=clock))
    finally:
        await client.aclose()


def _sealing(settings: SealingSettings, clock: Clock, metrics: Metrics, logger: Logger) -> Sealing:
    """What opens and seals with the hub's keys. Raises OSError or ValueError when it cannot be used."""
    sealing = CmsSealing(
        openssl=Openssl.found(seconds=settings.timeout),
        signing=CertifiedKeyFiles(settings.signing.key_file, settings.signing.certificate_file),
        decryption=[
            CertifiedKeyFiles(pair.key_file, pair.certificate_file, decrypts=True)
            for pair in settings.decryption.values()
        ],
        anchors=settings.anchors_file,
        depot=FolderDepot(settings.depot_folder),
        clock=clock,
        limits=SealingLimits(
            content=settings.content_limit,
            age=timedelta(seconds=settings.signature_age),
            skew=timedelta(seconds=settings.clock_skew),
        ),
    )
    return MeteredSealing(sealing, metrics=metrics, logger=logger)


def _sealing_answers(operations: Operations, settings: SealingSettings, sealing: Sealing) -> Operations:
    if settings.answers == "never":
        return operations
    answers = AnswerSealing(sealing=sealing, most=settings.content_limit)
    return replace(
        operations, handing_out={name: answers.around(handler) for name, handler in operations.handing_out.items()}
    )


def _puts(settings: Settings) -> SealedPuts:
    return SealedPuts.OFF if settings.sealing is None else SealedPuts(settings.sealing.mode)


def _authenticators(
    settings: Settings, *, trust: TrustFiles, client: Redis, clock: Clock
) -> Iterator[tuple[str, Authenticator]]:
    """Who is believed, by the path of the service."""
    if settings.listener.takes_signed:
        security = settings.security
        identification = Identification(load_qualities(security.qualities), peer_hubs=frozenset(security.peer_hubs))
        verification = MessageVerification(
            policy=_message_policy(security, identification),
            trust=lambda: trust.current,
            accepted=AcceptedAssertions(most=security.remembered_assertions),
        )
        yield (
            INTRAHUB_PATH,
            SignedAuthenticator(
                verification=verification,
                identification=identification,
                replay=RedisReplayCache(client),
                client_certificates=RequiredClientCertificates(settings.listener.client_certificate_of),
                clock=clock,
            ),
        )
    if settings.listener.takes_plain:
        yield PLAIN_INTRAHUB_PATH, PlainAuthenticator()


def _message_policy(security: SecuritySettings, identification: Identification) -> MessagePolicy:
    sha1_allowed, skew = frozenset(security.sha1_allowed_for), timedelta(seconds=security.clock_skew)
    return MessagePolicy(
        assertions=AssertionPolicy(
            issuer=security.sts_issuer,
            audiences=frozenset(security.audiences),
            longest=timedelta(seconds=security.longest_assertion),
            skew=skew,
        ),
        longest=timedelta(seconds=security.longest_message),
        skew=skew,
        sha1_allowed=lambda token: identification.is_any_of(token, sha1_allowed),
    )


def _endpoint(
    settings: Settings,
    authenticator: Authenticator,
    *,
    operations: Operations,
    validation: MessageValidation,
    folders: FolderOpening,
    clock: Clock,
) -> SoapEndpoint:
    listener = settings.listener
    return SoapEndpoint(
        operations=operations,
        authenticator=authenticator,
        client_certificates=ClientCertificates(TlsTerminator(listener.tls_terminator)),
        validation=validation,
        folders=folders,
        refusals=Refusals(codes=settings.codes, diagnoses=settings.security.diagnostics),
        hub=identity(settings),
        clock=clock,
        language=settings.hub.language,
        action_prefix=listener.soap_action_prefix,
        limits=SoapLimits(body_bytes=listener.body_limit, body_seconds=listener.body_timeout),
    )


def _application(
    settings: Settings,
    *,
    endpoints: Mapping[str, SoapEndpoint],
    description: ServiceDescription,
    rest: RestApi,
    logger: Logger,
    metrics: Metrics,
) -> web.Application:
    def report(done: RequestReport) -> None:
        if done.cause:
            metrics.security_refused(cause=done.cause)
            emit(logger, SECURITY_REFUSED, cause=done.cause, place=done.place, outcome=done.outcome)
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

    soap = next(iter(endpoints.values()))

    def apologise(request: web.Request) -> web.Response:
        return rest.internal_problem(request) if rest.serves(request) else soap.internal_fault(request)

    terminator = TlsTerminator(settings.listener.tls_terminator)
    reporting = request_reporting(
        ids=RandomIds(),
        timeout=settings.listener.request_timeout,
        report=report,
        apologise=apologise,
        logger=logger,
        terminator=terminator,
    )
    application = web.Application(middlewares=[reporting, only_over_tls(terminator)])
    application.on_response_prepare.append(add_request_id)
    for path, endpoint in endpoints.items():
        pages = DescriptionPages(
            description=description,
            service=Service.INTRAHUB,
            path=path,
            public_url=settings.listener.public_url,
            action_prefix=settings.listener.soap_action_prefix,
        )
        application.router.add_post(path, endpoint.post)
        application.router.add_get(path, pages.get)
    rest.add_to(application)
    return application


def rest_api(settings: Settings, routes: Sequence[AnyRoute]) -> RestApi:
    """The REST API. Until there is a service whose tokens it trusts, it believes those of a sandbox or none."""
    listener = settings.listener
    return RestApi(
        routes=routes,
        authenticator=StatedTokens() if listener.takes_plain else NoTokens(),
        language=settings.hub.language,
        limits=RestLimits(body_seconds=listener.body_timeout),
    )


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


def outbox(settings: Settings) -> Outbox:
    """Where notices wait for whoever sends them."""
    writer = NoticeWriter(hub=identity(settings).party, officer=settings.access.privacy_officer)
    return Outbox(settings.notification_folder, writer=writer)


def identity(settings: Settings) -> HubIdentity:
    """The hub as it signs."""
    return HubIdentity(settings.hub.id, settings.hub.name, settings.hub.id_scheme)
