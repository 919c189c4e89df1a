"""One worker process: the hub's application on the shared port, until the supervisor says stop.

Started by `hub.supervisor` as `hub worker`; see `hub.child_process`.
"""

import asyncio
import gc
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import uvloop
from aiohttp import web

from hub.app import RunningHub, identity, running_hub
from hub.certificates.listener import ListenerCertificates
from hub.certificates.sealing import SealingCertificates
from hub.certificates.watch import CertificateWatch
from hub.child_process import serving_state, stop_signal, take
from hub.config import Settings
from hub.domain.references import VAULT
from hub.national import OpenRegisters, open_registers
from hub.observability.events import HUB_REFUSED, WORKER_DRAINED, Logger, emit
from hub.observability.logging import adopt_library_logs, open_log
from hub.observability.metered import MeteredSource, MeteredVault
from hub.observability.metrics import Metrics
from hub.orders import WorkerOrder
from hub.ports.connectors import Connectors
from hub.ports.documents import DocumentVault
from hub.runtime import BelgianClock, RandomIds
from hub.services.routing import Source
from hub.web.explaining import EXPLAIN_PATH, ExplainEndpoint
from hub.web.health import Dependency, State
from hub.web.serving import Server, bound
from hub.wire.schemas import SchemaFolderError


def work(connectors: Connectors) -> None:
    """Run until told to stop, and drain."""
    order, metrics = take(WorkerOrder), Metrics()
    logger = open_log(process="worker", worker=order.number, on_dropped=metrics.fields_dropped)
    adopt_library_logs(logger)
    try:
        uvloop.run(_work(order, connectors, metrics=metrics, logger=logger))
    except (OSError, ValueError, SchemaFolderError) as error:
        # A vault, a certificate or a schema that the settings name and that cannot be used.
        emit(logger, HUB_REFUSED, problem=str(error), exception=error)
        raise SystemExit(1) from None


async def _work(order: WorkerOrder, connectors: Connectors, *, metrics: Metrics, logger: Logger) -> None:
    stop = stop_signal()
    settings, tls = order.settings, order.settings.listener.tls
    watch = CertificateWatch(clock=BelgianClock(), metrics=metrics, logger=logger)
    trust = settings.security.trust(BelgianClock().now)
    watch.add(trust)
    if settings.sealing is not None:
        watch.add(SealingCertificates(settings.sealing))
    async with (
        _sources(settings, connectors, watch=watch, metrics=metrics, logger=logger) as (sources, vault),
        open_registers(
            settings.national, connectors, clock=BelgianClock(), watch=watch, metrics=metrics, logger=logger
        ) as registers,
        running_hub(
            settings,
            redis_url=order.redis_url,
            sources=sources,
            vault=MeteredVault(vault, metrics=metrics, logger=logger),
            national=registers.facts,
            trust=trust,
            logger=logger,
            metrics=metrics,
        ) as hub,
        Server.serving(
            hub.application, bound(settings.listener.host, order.port), tls=tls.context() if tls else None
        ) as server,
        serving_state(order.state_socket, _state(sources, vault, registers, watch), [_explain(hub, settings)]),
        asyncio.TaskGroup() as group,
    ):
        if tls is not None:
            watch.add(ListenerCertificates(tls, server))
        watching = group.create_task(watch.run())
        _look_for_circles_rarely()
        await stop.wait()
        started = asyncio.get_running_loop().time()
        cut = await server.drain(settings.operations.shutdown_grace)
        seconds = round(asyncio.get_running_loop().time() - started, 2)
        emit(logger, WORKER_DRAINED, seconds=seconds, cut=cut)
        watching.cancel()


def _look_for_circles_rarely() -> None:
    """What requests make is gone when they end, but for a few circles; looking for those costs a list a tenth.

    So it is done for fifty thousand things made and kept, not for seven hundred, and not among what serves for ever.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)


@asynccontextmanager
async def _sources(
    settings: Settings, connectors: Connectors, *, watch: CertificateWatch, metrics: Metrics, logger: Logger
) -> AsyncIterator[tuple[Sequence[Source], DocumentVault]]:
    """The configured sources, metered and their certificates watched, and the vault; closed at the end."""
    keys = {key_id: key.value for key_id, key in settings.vault.keys.items()}
    vault = connectors.vault(settings.vault_url, keys=keys, key_id=settings.vault.key_id)
    hub, clock = identity(settings).party, BelgianClock()
    sources = [Source(VAULT, "", MeteredSource(vault, metrics=metrics, logger=logger))]
    for name, source in settings.sources.items():
        connector = connectors.source(name, source.connector, hub=hub, clock=clock)
        if connector.certificates is not None:
            watch.add(connector.certificates)
        sources.append(Source(name, source.custodian, MeteredSource(connector, metrics=metrics, logger=logger)))
    try:
        yield sources, vault
    finally:
        for opened in sources:
            await opened.documents.close()


def _explain(hub: RunningHub, settings: Settings) -> web.RouteDef:
    endpoint = ExplainEndpoint(
        hub.explanations,
        hub=identity(settings).party,
        id_scheme=settings.hub.id_scheme,
        ids=RandomIds(),
        seconds=settings.listener.request_timeout,
    )
    return web.post(EXPLAIN_PATH, endpoint.post)


def _state(sources: Sequence[Source], vault: DocumentVault, registers: OpenRegisters, watch: CertificateWatch) -> State:
    async def state() -> Sequence[Dependency]:
        hospitals = [source for source in sources if source.name != VAULT]
        return [
            Dependency(name=VAULT, is_well=await vault.is_writable()),
            *(_source_state(source.name, is_available=source.documents.is_available()) for source in hospitals),
            *(_source_state(register.name, is_available=register.is_available()) for register in registers.services),
            *watch.state(),
        ]

    return state


def _source_state(name: str, *, is_available: bool) -> Dependency:
    """A hospital that is down does not make the hub useless: it is not required."""
    detail = "circuit closed" if is_available else "circuit open: not tried for a while"
    return Dependency(name=f"source {name}", is_well=is_available, is_required=False, detail=detail)
