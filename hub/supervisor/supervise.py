"""The order in which a hub starts and stops: Redis, the operators' endpoints, workers, archiver, and back."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from importlib.metadata import version
from pathlib import Path

from aiohttp import web

from hub.config import ListenerSettings, Settings
from hub.observability.events import (
    ARCHIVER_ENDED,
    ARCHIVER_KILLED,
    ARCHIVER_READY,
    ARCHIVER_STARTED,
    HUB_READY,
    HUB_STARTING,
    HUB_STOPPED,
    HUB_STOPPING,
    WORKER_ENDED,
    WORKER_KILLED,
    WORKER_READY,
    WORKER_STARTED,
    Logger,
    emit,
)
from hub.observability.metrics import SharedMetrics
from hub.orders import ArchiverOrder, WorkerOrder
from hub.storage.embedded import ServerError
from hub.supervisor.stopping import Stopping
from hub.supervisor.store import Store
from hub.supervisor.systemd import notify
from hub.supervisor.worker_process import Crew, Kind, StartFailed, WorkerKeeper
from hub.web.explaining import EXPLAIN_PATH, explain_handing_on
from hub.web.health import Dependency, operations_application
from hub.web.rest.routes import PATH as REST_PATH
from hub.web.serving import bound
from hub.web.soap.paths import INTRAHUB_PATH, PLAIN_INTRAHUB_PATH


async def supervise(settings: Settings, *, logger: Logger, worker: Sequence[str], archiver: Sequence[str]) -> None:
    """Run a hub until SIGTERM or SIGINT, then drain it; a second signal ends it at once.

    `worker` and `archiver` are the commands that start such processes. Raises StartFailed, saying what to do, when the
    hub cannot start.
    """
    started, stopping = asyncio.get_running_loop().time(), Stopping()
    emit(
        logger,
        HUB_STARTING,
        version=version("openhub"),
        hub=settings.hub.id,
        workers=_workers(settings),
        strict=settings.strict,
    )
    try:
        with _runtime_folder() as folder, _reserved(settings.listener) as port:
            async with Store.open(settings, logger) as store:
                await store.require_persistence()
                crew = Crew(
                    logger=logger,
                    metrics=SharedMetrics(folder / "metrics"),
                    metrics_folder=folder / "metrics",
                    grace=settings.operations.shutdown_grace,
                )
                keepers = [
                    WorkerKeeper(_order(number, settings, store, port, folder), crew, _workers_by(worker))
                    for number in range(1, _workers(settings) + 1)
                ]
                archiving = ArchiverOrder(settings=settings, redis_url=store.url, state_socket=folder / "archiver.sock")
                keepers.append(WorkerKeeper(archiving, crew, _archiver_by(archiver)))
                hub = _Hub(settings, store=store, keepers=keepers, stopping=stopping, logger=logger)
                async with hub.operations(crew.metrics) as address:
                    await hub.run(port=port, operations=address, started=started)
    except ServerError as error:
        raise StartFailed(str(error)) from error
    emit(logger, HUB_STOPPED, seconds=round(asyncio.get_running_loop().time() - started, 1))


class _Hub:
    """What runs between start and stop."""

    def __init__(
        self,
        settings: Settings,
        *,
        store: Store,
        keepers: Sequence[WorkerKeeper],
        stopping: Stopping,
        logger: Logger,
    ) -> None:
        self._settings, self._store, self._keepers = settings, store, keepers
        self._stopping, self._logger = stopping, logger

    async def run(self, *, port: int, operations: str, started: float) -> None:
        """Keep everything running until told to stop. Raises StartFailed."""
        try:
            async with asyncio.TaskGroup() as group:
                for keeper in self._keepers:
                    group.create_task(self._keep(keeper))
                group.create_task(self._store.keep(self._stopping, self._logger))
                await self._stopping.interrupts(self._ready())
                if not self._stopping.is_asked:
                    seconds = round(asyncio.get_running_loop().time() - started, 2)
                    services = _services(self._settings.listener, port)
                    emit(self._logger, HUB_READY, **services, operations=operations, seconds=seconds)
                    notify("READY=1")
                await self._stopping.asked()
                notify("STOPPING=1")
                grace = self._settings.operations.shutdown_grace
                emit(self._logger, HUB_STOPPING, signal=self._stopping.signal, grace=grace)
        except ExceptionGroup as failures:  # `except*` would wrap what is raised, before Python 3.11.4
            if not (found := failures.subgroup(StartFailed)):
                raise
            raise found.exceptions[0] from None

    async def _keep(self, keeper: WorkerKeeper) -> None:
        """Keep a process running; one that a hub can do without begins when the others are ready."""
        if not keeper.is_required:
            await self._stopping.interrupts(self._ready())
        await keeper.keep(self._stopping)

    async def _ready(self) -> None:
        for keeper in self._keepers:
            if keeper.is_required:
                await keeper.is_ready.wait()

    @asynccontextmanager
    async def operations(self, metrics: SharedMetrics) -> AsyncIterator[str]:
        """Serve the operators' endpoints; their address."""
        settings = self._settings.operations
        routes = [self._explain()] if settings.explain else []
        application = operations_application(state=self._state, metrics=metrics.exposition, routes=routes)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        try:
            try:
                await web.TCPSite(runner, settings.host, settings.port).start()
            except OSError as error:
                raise StartFailed(_cannot_listen(settings.host, settings.port, error)) from error
            yield _url(settings.host, runner.addresses[0][1])
        finally:
            await runner.cleanup()

    def _explain(self) -> web.RouteDef:
        def sockets() -> Iterator[Path]:
            return (keeper.state_socket for keeper in self._keepers if keeper.is_required)

        patience = self._settings.listener.request_timeout
        return web.post(EXPLAIN_PATH, explain_handing_on(sockets, patience=patience))

    async def _state(self) -> Sequence[Dependency]:
        is_serving = not self._stopping.is_asked
        said = [Dependency(name="hub", is_well=is_serving, detail="serves" if is_serving else "is stopping")]
        async with asyncio.TaskGroup() as group:
            redis = group.create_task(self._store.state())
            workers = [group.create_task(keeper.state()) for keeper in self._keepers]
        said += [redis.result(), *(one for worker in workers for one in worker.result())]
        # Several workers speak of the same source: the one that sees it ill counts.
        worst = {one.name: one for one in sorted(said, key=lambda one: not one.is_well)}
        return sorted(worst.values(), key=lambda one: one.name)


def _order(number: int, settings: Settings, store: Store, port: int, folder: Path) -> WorkerOrder:
    return WorkerOrder(
        number=number,
        settings=settings,
        redis_url=store.url,
        port=port,
        state_socket=folder / f"worker-{number}.sock",
    )


def _workers_by(command: Sequence[str]) -> Kind:
    return Kind(command=command, started=WORKER_STARTED, ready=WORKER_READY, ended=WORKER_ENDED, killed=WORKER_KILLED)


def _archiver_by(command: Sequence[str]) -> Kind:
    return Kind(
        command=command, started=ARCHIVER_STARTED, ready=ARCHIVER_READY, ended=ARCHIVER_ENDED, killed=ARCHIVER_KILLED
    )


def _workers(settings: Settings) -> int:
    return settings.listener.workers or len(os.sched_getaffinity(0))


@contextmanager
def _runtime_folder() -> Iterator[Path]:
    """A private folder for sockets and counters, gone at the end."""
    with tempfile.TemporaryDirectory(prefix="hub-") as name:
        folder = Path(name)
        (folder / "metrics").mkdir()
        yield folder


@contextmanager
def _reserved(listener: ListenerSettings) -> Iterator[int]:
    """Hold the port for the workers, who share it; raises StartFailed when somebody else has it.

    We do not listen on it ourselves, so nobody is connected to us.
    """
    try:
        if listener.port:
            # Another hub of the same user would share the port with us unnoticed; so first try without sharing.
            bound(listener.host, listener.port, is_shared=False).close()
        place = bound(listener.host, listener.port)
    except OSError as error:
        raise StartFailed(_cannot_listen(listener.host, listener.port, error)) from error
    with place:
        yield place.getsockname()[1]


def _cannot_listen(host: str, port: int, error: OSError) -> str:
    return f"{host}:{port} cannot be listened on: {error.strerror or error}"


def _services(listener: ListenerSettings, port: int) -> dict[str, str]:
    """The addresses of the services that there are."""
    server = _url(listener.host, port, is_tls=listener.tls is not None)
    services = {"intrahub": f"{server}{INTRAHUB_PATH}"} if listener.takes_signed else {}
    services["rest"] = f"{server}{REST_PATH}"
    return services | ({"intrahub_plain": f"{server}{PLAIN_INTRAHUB_PATH}"} if listener.takes_plain else {})


def _url(host: str, port: int, *, is_tls: bool = False) -> str:
    place = f"[{host}]" if ":" in host else host
    return f"{'https' if is_tls else 'http'}://{place}:{port}"
