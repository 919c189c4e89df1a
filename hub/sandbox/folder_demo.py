"""Publishing the KMEHR documents of a folder on a running sandbox, and fetching them back: `hub demo --docs`.

Each document is put into the vault by its own author, found in the list of its own patient, fetched and compared.
"""

from collections.abc import AsyncIterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

import aiohttp
from lxml import etree

from hub.domain.declarations import Declaration
from hub.domain.errors import HubError
from hub.domain.identifiers import Ssin, has_ssin_check_digits
from hub.domain.parties import Author, Id
from hub.sandbox.answers import NotAccepted, Reply, UnexpectedAnswer
from hub.sandbox.callers import Callers
from hub.sandbox.client import HubClient
from hub.sandbox.comparison import difference
from hub.sandbox.documents import SET_TYPES, declaration_of
from hub.sandbox.folder_admission import FolderAdmission
from hub.sandbox.office import Office
from hub.sandbox.people import DEMO_PATIENT, SANDBOX_HUB
from hub.wire.hubservices.requests import read_summary
from hub.wire.kmehr.parties import read_author
from hub.wire.kmehr.persons import read_ids, read_patient_number
from hub.wire.namespaces import CORE, KMEHR
from hub.wire.security.token_messages import TokenRefused
from hub.wire.xml import parse, text

_SEALED = ("Base64EncryptedData", "EncryptedData")


class Outcome(StrEnum):
    """What became of a document."""

    IDENTICAL = "identical"
    NUMBER = "patient number has wrong check digits"
    REFUSED = "refused"
    UNREADABLE = "unreadable"
    FAILED = "failed"

    @property
    def is_expected(self) -> bool:
        """Whether a hub must do so: give back what it was given, or refuse a number that is nobody's."""
        return self in (Outcome.IDENTICAL, Outcome.NUMBER)


@dataclass(frozen=True, slots=True)
class Report:
    """What became of one document; `remark` says why, or how it was published."""

    file: Path
    outcome: Outcome
    remark: str = ""
    published: bool = False
    listed: bool = False


class _Ended(Exception):
    """A document got no further."""

    def __init__(self, outcome: Outcome, remark: str) -> None:
        super().__init__(remark)
        self.outcome, self.remark = outcome, remark


@dataclass(slots=True)
class _Progress:
    """How far a document got."""

    published: bool = False
    listed: bool = False


class FolderDemo:
    """Publishes documents one after the other."""

    def __init__(self, callers: Callers, office: Office) -> None:
        self._callers, self._admission = callers, FolderAdmission(callers, office)

    async def play(self, files: Sequence[Path]) -> AsyncIterator[Report]:
        """The report of each file, older documents before newer ones, as they were written."""
        for file in sorted(files, key=_written):
            yield await self._play_file(file)

    async def _play_file(self, file: Path) -> Report:
        progress = _Progress()
        try:
            remark = await self._publish(_read(file), progress)
        except _Ended as end:
            return Report(file, end.outcome, end.remark, progress.published, progress.listed)
        except (UnexpectedAnswer, NotAccepted, TokenRefused, aiohttp.ClientError, TimeoutError) as error:
            problem = str(error) or type(error).__name__
            return Report(file, Outcome.FAILED, problem, progress.published, progress.listed)
        return Report(file, Outcome.IDENTICAL, remark, progress.published, progress.listed)

    async def _publish(self, message: etree._Element, progress: _Progress) -> str:
        """Publish a message, list it and fetch it back; a remark for the report. Raises _Ended."""
        if any(message.find(_k(name)) is not None for name in _SEALED) and message.find(_k("folder")) is None:
            await self._file_sealed(message, progress)
            return "sealed: kept at the hospital, relayed"
        folders = max(1, len(message.findall(_k("folder"))))
        for number in range(folders):
            await self._put(_only_folder(message, number), progress)
        return f"{folders} patients, one message each" if folders > 1 else ""

    async def _put(self, message: etree._Element, progress: _Progress) -> None:
        person, head = _find(message, "folder/patient"), _find(message, "folder/transaction")
        if person is None or head is None:
            raise _Ended(Outcome.REFUSED, _sentences(await self._callers.client.put(message)))
        author = self._author(head)
        caller = self._callers.caller_for(author).in_clear()
        patient, kind = await _register(caller, person), _transaction_type(head)
        reader = await self._admission.reader(author, patient)
        as_set = kind in SET_TYPES
        put = await _based_on_current_version(reader, patient, kind, message) if as_set else message
        reply = await caller.put(put, as_set=as_set)
        if not reply.complete:
            raise _Ended(Outcome.REFUSED, _sentences(reply))
        progress.published = True
        await _require_listed(reader, patient, read_summary(head), reply.ids[0])
        progress.listed = True
        _require_same(message, (await reader.get(patient, reply.ids[0], as_set=as_set)).accepted())

    async def _file_sealed(self, message: etree._Element, progress: _Progress) -> None:
        """A sealed message cannot be put in clear: a hospital keeps it, and the hub relays it unopened."""
        publisher = self._callers.publishers["modele"]
        (await self._callers.client.put_patient(DEMO_PATIENT.content("k:"))).accepted()
        reader = await self._admission.reader((), DEMO_PATIENT.ssin)
        content = etree.tostring(message)
        declaration = declaration_of(
            Id("LOCAL", "1.0", f"SEALED-{sha256(content).hexdigest()[:16]}", publisher.hospital.id_scheme),
            "note",
            (publisher.hospital.party,),
            text(_find(message, "header/date")),
            text(_find(message, "header/time"))[:8],
        )
        id_ = await publisher.publish_content(DEMO_PATIENT.ssin, declaration, content)
        progress.published = True
        await _require_listed(reader, DEMO_PATIENT.ssin, declaration, id_)
        progress.listed = True
        _require_same(message, (await reader.get(DEMO_PATIENT.ssin, id_)).accepted())

    def _author(self, head: etree._Element) -> Author:
        """Who puts the document: its author, without hubs; a GP of ours for an author without any number."""
        author = read_author(head.find(_k("author")))
        chain = tuple(party for party in author if party.profession not in ("hub", "application"))
        numbered = [party for party in chain if party.number or party.id_value("INSS")]
        return chain if numbered else (self._callers.people.providers["gp_fr"].party,)


async def _register(caller: HubClient, person: etree._Element) -> Ssin:
    """The patient of a document, known to the hub now. Raises _Ended when the number will not do.

    Any other refusal is left for the document, of which the hub says more.
    """
    element = deepcopy(person)
    element.tag = f"{{{CORE}}}patient"
    reply = await caller.call("PutPatient", etree.tostring(element, encoding="unicode", with_tail=False))
    try:
        return read_patient_number(person)
    except HubError as error:
        if reply.complete:
            raise _Ended(Outcome.FAILED, "the hub accepted a patient without a right number") from error
        # A fault says that the person is not valid at all.
        is_number = not reply.is_fault and _has_wrong_check_digits(person)
        raise _Ended(Outcome.NUMBER if is_number else Outcome.REFUSED, _sentences(reply)) from error


def _has_wrong_check_digits(person: etree._Element) -> bool:
    numbers = (id_.value.strip() for id_ in read_ids(person) if id_.scheme in ("INSS", "ID-PATIENT"))
    return not all(has_ssin_check_digits(number) for number in numbers)


async def _based_on_current_version(
    caller: HubClient, patient: Ssin, kind: str, message: etree._Element
) -> etree._Element:
    """A set that states the version it replaces, as a client does that has fetched that version before."""
    versions = (await caller.latest_update(patient, kind)).accepted().latest_versions
    if kind not in versions:
        return message
    message = deepcopy(message)
    version = _find(message, "folder/transaction/version")
    if version is None:
        version = etree.SubElement(message.findall(f"{_k('folder')}/{_k('transaction')}")[0], _k("version"))
    version.text = versions[kind]
    return message


async def _require_listed(caller: HubClient, patient: Ssin, summary: Declaration, id_: Id) -> None:
    """Look through the pages of the list for an id. Raises _Ended when it is on none."""
    kinds, day, seen = [summary.transaction_type], summary.date[:10], 0
    while True:
        reply = (await caller.list(patient, types=kinds, day=day, first=seen + 1)).accepted()
        if id_ in [row.ids[-1] for row in reply.summaries]:
            return
        seen += len(reply.summaries)
        if not reply.summaries or seen >= reply.total:
            raise _Ended(Outcome.FAILED, "not in the list")


def _require_same(put: etree._Element, reply: Reply) -> None:
    if reply.document is None:
        raise _Ended(Outcome.FAILED, "no document in the answer")
    if found := difference(put, reply.document, SANDBOX_HUB):
        raise _Ended(Outcome.FAILED, found)


def _sentences(reply: Reply) -> str:
    return "\n".join(error.text for error in reply.errors)


def _read(file: Path) -> etree._Element:
    """The message in a file. Raises _Ended for what is none."""
    try:
        root = parse(file.read_bytes())
    except OSError as error:
        raise _Ended(Outcome.UNREADABLE, error.strerror or "cannot be read") from error
    except HubError as error:
        problem = error.details.get("problem") or error.details.get("limit") or error.reason.value
        raise _Ended(Outcome.UNREADABLE, f"not readable as XML ({error.where}): {problem}") from error
    if root.tag != _k("kmehrmessage"):
        name = etree.QName(root)
        raise _Ended(Outcome.REFUSED, f"no KMEHR message: {name.localname} in namespace '{name.namespace or ''}'")
    return root


def _written(file: Path) -> tuple[str, Path]:
    """When the document of a file was recorded, as far as it says so."""
    try:
        message = _read(file)
    except _Ended:
        return "", file
    head = _find(message, "folder/transaction")
    part = "header" if head is None else "folder/transaction"
    recorded = text(_find(message, f"{part}/recorddatetime"))
    return recorded or f"{text(_find(message, f'{part}/date'))}T{text(_find(message, f'{part}/time'))}", file


def _only_folder(message: etree._Element, number: int) -> etree._Element:
    """The message with one of its folders: a hub takes one patient at a time."""
    folders = message.findall(_k("folder"))
    if len(folders) == 1:
        return message
    copy = deepcopy(message)
    for position, folder in enumerate(copy.findall(_k("folder"))):
        if position != number:
            copy.remove(folder)
    return copy


def _transaction_type(head: etree._Element) -> str:
    return next((text(cd) for cd in head.findall(_k("cd")) if cd.get("S") == "CD-TRANSACTION"), "")


def _find(element: etree._Element, path: str) -> etree._Element | None:
    return element.find("/".join(_k(name) for name in path.split("/")))


def _k(name: str) -> str:
    return f"{{{KMEHR}}}{name}"
