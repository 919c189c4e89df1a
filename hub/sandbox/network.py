"""The whole network: a hub, what it asks, two hospitals, sample people and documents, and `sandbox.json`."""

import asyncio
import fcntl
import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import aiohttp

from hub.observability.events import HUB_READY
from hub.runtime import BelgianClock
from hub.sandbox.bulk import load_record, open_index
from hub.sandbox.callers import Callers, open_callers
from hub.sandbox.configuration import DATA_FOLDER, HOST, REDIS_FSYNC, hospital_url, national_url, write_configuration
from hub.sandbox.credentials import SandboxCredentials, keep_credentials
from hub.sandbox.description import DESCRIPTION_FILE, Description, SealingDescription, SourceDescription
from hub.sandbox.documents import LONG_RECORD_PATIENT, SampleDocument, long_record, sample_documents
from hub.sandbox.filling import enrol_providers, publish_documents, register_people
from hub.sandbox.folder import DocumentFolder
from hub.sandbox.office import open_office
from hub.sandbox.people import SANDBOX_HUB, People, SampleHospital, load_people
from hub.sandbox.processes import Child, SandboxError, listening, reserved_ports, running
from hub.sandbox.sealers import find_openssl
from hub.sandbox.token_service import TOKEN_PATH
from hub.sandbox.wishes import Wishes
from hub.sealing.openssl import OpensslMissing
from hub.storage.embedded import EmbeddedServer

_SECONDS_TO_START = 60.0
_POLL = 0.02
LOGS = "logs"
LONG_RECORD = 2000
"""References of the patient with the long record."""
_ENROLLED, _FILLED = "enrolled", "filled"
"""Files that say that this sandbox has had its care providers, its patients and documents: what became of them stays.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A running sandbox; `without_seals` says why it has no sealed folders, and is empty when it has."""

    folder: Path
    description: Description
    callers: Callers
    children: Sequence[Child]
    is_empty: bool
    without_seals: str

    def to_json(self) -> str:
        """What `sandbox.json` says."""
        return self.description.to_json(self.callers.people, with_patients=not self.is_empty)

    async def watch(self) -> None:
        """Wait until a process ends by itself, which none should: raises SandboxError."""
        try:
            async with asyncio.TaskGroup() as group:
                for child in self.children:
                    group.create_task(child.ended())
        except ExceptionGroup as ended:
            raise ended.exceptions[0] from None


@asynccontextmanager
async def running_network(folder: Path, *, port: int = 0, empty: bool = False) -> AsyncIterator[Network]:
    """Start everything in a folder; ready, with `sandbox.json` written, when this yields; all ended at the end.

    `folder` is absolute; one that was used before goes on where it was. Raises SandboxError when a part does not start
    or another sandbox runs in the folder, NotAccepted when the hub refuses a sample document.
    """
    people = load_people()
    async with AsyncExitStack() as stack:
        stack.enter_context(_only_user_of(folder))
        token_port, directory_port, national_port, *ports = stack.enter_context(
            reserved_ports(HOST, 3 + len(people.hospitals))
        )
        hospital_ports = dict(zip(people.hospitals, ports, strict=True))
        credentials = keep_credentials(folder, people, BelgianClock().now())
        without_seals = _why_without_seals()
        configuration = write_configuration(
            folder,
            port=port,
            people=people,
            hospital_ports=hospital_ports,
            directory_port=directory_port,
            national_port=national_port,
            credentials=credentials,
            seals=not without_seals,
        )
        # First, for it takes longest; it asks the others when somebody asks it.
        hub = await stack.enter_async_context(
            running("hub", "hub", "serve", "--config", str(configuration), logs=folder / LOGS)
        )
        hospitals = [
            await stack.enter_async_context(_hospital(hospital, hospital_ports[key], folder))
            for key, hospital in people.hospitals.items()
        ]
        token_service = await stack.enter_async_context(_token_service(folder, token_port))
        directory = await stack.enter_async_context(_directory(folder, directory_port))
        national = await stack.enter_async_context(_national(folder, national_port))
        is_new = not empty and not (folder / _FILLED).exists()
        # Blocks the event loop, on which nothing happens while the others start.
        records = _keep_records(folder, people) if is_new else []
        others = [
            (token_service, token_port),
            (directory, directory_port),
            (national, national_port),
            *((child, hospital_ports[child.name]) for child in hospitals),
        ]
        addresses = await _ready(hub, others)
        description = _describe(
            folder,
            people,
            credentials,
            ports=hospital_ports,
            token_port=token_port,
            national_port=national_port,
            addresses=addresses,
            seals=not without_seals,
        )
        callers = await stack.enter_async_context(open_callers(description, people))
        network = Network(
            folder=folder,
            description=description,
            callers=callers,
            children=[hub, token_service, directory, national, *hospitals],
            is_empty=empty,
            without_seals=without_seals,
        )
        if not (folder / _ENROLLED).exists():
            await _enrol(folder, callers, description)
        if is_new:
            await _fill(folder, callers, description, records)
        file = folder / DESCRIPTION_FILE
        file.write_text(network.to_json(), "utf-8")
        stack.callback(file.unlink, missing_ok=True)
        yield network


def _why_without_seals() -> str:
    """Empty when this machine has what seals."""
    try:
        find_openssl()
    except OpensslMissing as error:
        return str(error)
    return ""


def _keep_records(folder: Path, people: People) -> list[Sequence[SampleDocument]]:
    """Write the files of what is loaded at once, oldest first: the long record, and those of patients who have died."""
    by_patient = {LONG_RECORD_PATIENT: list(long_record(people, LONG_RECORD))[::-1]}
    for document in sample_documents(people):
        if document.patient.deathdate:
            by_patient.setdefault(document.patient.key, []).append(document)
    for document in (document for documents in by_patient.values() for document in documents):
        DocumentFolder(_documents(folder, document.source)).keep(document.id, document.content)
    return list(by_patient.values())


async def _enrol(folder: Path, callers: Callers, description: Description) -> None:
    async with open_office(folder, description.redis) as office:
        await enrol_providers(callers, office)
    (folder / _ENROLLED).touch()


async def _fill(
    folder: Path, callers: Callers, description: Description, records: Sequence[Sequence[SampleDocument]]
) -> None:
    wishes = Wishes(callers)
    await register_people(callers)
    await wishes.consent()
    ids = await publish_documents(callers)
    await wishes.link()
    async with open_office(folder, description.redis) as office:
        await wishes.restrict(office, ids)
    async with open_index(folder, description.redis) as index:
        for record in records:
            await load_record(index, record)
    (folder / _FILLED).touch()


def _hospital(hospital: SampleHospital, port: int, folder: Path) -> AbstractAsyncContextManager[Child]:
    _documents(folder, hospital.key).mkdir(parents=True, exist_ok=True)
    return running(
        hospital.key,
        "hub.sandbox.hospital",
        *("--kind", hospital.kind, "--port", str(port), "--folder", str(_documents(folder, hospital.key))),
        *("--number", hospital.number, "--name", hospital.name, "--hub", SANDBOX_HUB.number),
        logs=folder / LOGS,
    )


def _token_service(folder: Path, port: int) -> AbstractAsyncContextManager[Child]:
    where = ("--folder", str(folder), "--port", str(port))
    return running("sts", "hub.sandbox.token_service", *where, logs=folder / LOGS)


def _directory(folder: Path, port: int) -> AbstractAsyncContextManager[Child]:
    return running("directory", "hub.sandbox.provider_directory", "--port", str(port), logs=folder / LOGS)


def _national(folder: Path, port: int) -> AbstractAsyncContextManager[Child]:
    return running("national", "hub.sandbox.national", "--port", str(port), logs=folder / LOGS)


def _documents(folder: Path, hospital: str) -> Path:
    return folder / "hospitals" / hospital


def _describe(
    folder: Path,
    people: People,
    credentials: SandboxCredentials,
    *,
    ports: Mapping[str, int],
    token_port: int,
    national_port: int,
    addresses: Mapping[str, str],
    seals: bool,
) -> Description:
    sealing = SealingDescription(
        etk=credentials.hub_encryption.certificate,
        callers={key: credentials.encryption[who.encryption_actor] for key, who in people.signatories.items()},
    )
    return Description(
        intrahub=addresses["intrahub"],
        intrahub_plain=addresses["intrahub_plain"],
        rest=addresses["rest"],
        sts=f"http://{HOST}:{token_port}{TOKEN_PATH}",
        national=national_url(national_port),
        metrics=f"{addresses['operations']}/metrics",
        redis=EmbeddedServer(folder / DATA_FOLDER / "redis", fsync=REDIS_FSYNC).url,
        authority=credentials.authority.certificate,
        credentials=credentials.signatories,
        sealing=sealing if seals else None,
        sources=tuple(
            SourceDescription(
                name=key,
                kind=f"hospital_{hospital.kind}",
                nihii=hospital.number,
                url=hospital_url(hospital, ports[key]),
                documents=str(_documents(folder, key)),
            )
            for key, hospital in people.hospitals.items()
        ),
    )


async def _ready(hub: Child, others: Sequence[tuple[Child, int]]) -> Mapping[str, str]:
    """Wait until everybody answers; the addresses of the hub. Raises SandboxError."""
    try:
        async with asyncio.timeout(_SECONDS_TO_START):
            for child, port in others:
                await listening(child, HOST, port)
            return await _hub_ready(hub)
    except TimeoutError as error:
        raise SandboxError(f"not ready within {_SECONDS_TO_START:g} s; see {hub.log.parent}") from error


async def _hub_ready(hub: Child) -> Mapping[str, str]:
    """The hub says in its log where it listens, and on its health page whether it can work."""
    while (addresses := _addresses(hub.log)) is None:
        hub.check()
        await asyncio.sleep(_POLL)
    async with aiohttp.ClientSession() as session:
        while not await _answers_ok(session, f"{addresses['operations']}/health/ready"):
            hub.check()
            await asyncio.sleep(_POLL)
    return addresses


async def _answers_ok(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(url) as response:
            return response.status == HTTPStatus.OK
    except aiohttp.ClientError:
        return False


def _addresses(log: Path) -> Mapping[str, str] | None:
    for line in log.read_text("utf-8", "replace").splitlines(keepends=True):
        if f'"{HUB_READY.name}"' in line and line.endswith("\n"):
            event = json.loads(line)
            return {name: event[name] for name in ("intrahub", "intrahub_plain", "rest", "operations")}
    return None


@contextmanager
def _only_user_of(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, which the system releases when the process ends, however it ends."""
    (folder / LOGS).mkdir(parents=True, exist_ok=True)
    with (folder / "sandbox.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SandboxError(f"a sandbox already runs in {folder}; choose another folder with --dir") from error
        yield
