"""The main scenario, played on a running sandbox: what hospitals and general practitioners do with a hub all day."""

import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

import aiohttp
from lxml import etree

from hub.domain.errors import HubError
from hub.domain.parties import Id
from hub.domain.references import Declaration
from hub.sandbox.answers import NotAccepted, Reply, UnexpectedAnswer
from hub.sandbox.callers import Callers
from hub.sandbox.comparison import difference
from hub.sandbox.demo_documents import PATIENT, DemoDocuments
from hub.sandbox.documents import SampleDocument
from hub.sandbox.people import SANDBOX_HUB
from hub.wire.namespaces import KMEHR
from hub.wire.security.token_messages import TokenRefused
from hub.wire.xml import parse


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was sent and what came back, in a few words each."""

    sent: str
    received: str


@dataclass(frozen=True, slots=True)
class Played:
    """A step of the scenario that was played; `failure` says what did not hold."""

    title: str
    exchange: Exchange | None
    failure: str = ""


class StepFailed(Exception):
    """A step did not hold; the text says what was expected and what was there."""


Step = tuple[str, Callable[[], Awaitable[Exchange]]]


class Scenario:
    """The story of one patient. Each step relies on the ones before."""

    def __init__(self, callers: Callers, now: datetime) -> None:
        documents = self._documents = DemoDocuments(callers.people, now)
        self._people = callers.people
        self._gp, self._colleague = callers.caller("gp_fr"), callers.caller("gp_nl")
        self._soap_hospital, self._file_hospital = callers.publishers["modele"], callers.publishers["voorbeeld"]
        self._lab_result = documents.lab_result(value="98", minutes_ago=50)
        self._corrected_result = documents.lab_result(value="89", minutes_ago=20)
        self._report = documents.report(minutes_ago=40)
        self._summary = documents.summary(minutes_ago=30)
        self._ids: dict[str, Id] = {}
        self._scheme_version = 0

    @property
    def steps(self) -> list[Step]:
        """The steps in order."""
        return [
            ("A GP registers a patient", self._register),
            ("A hospital declares a lab result", self._declare_lab_result),
            ("Another hospital declares a report", self._declare_report),
            ("Declaring it again changes nothing", self._declare_again),
            ("The GP puts a SUMEHR into the vault", self._put_summary),
            *([("... but not with a colleague's seal", self._put_with_foreign_seal)] if self._gp.seals else []),
            ("The GP lists what exists", self._list_all),
            ("... fetches from the vault", self._fetch_summary),
            ("... from the hospital that speaks SOAP", self._fetch_lab_result),
            ("... and a PDF from the other one", self._fetch_report),
            ("The hospital corrects its result", self._replace_lab_result),
            ("Another hospital may not revoke it", self._revoke_as_stranger),
            ("The hospital itself may", self._revoke_lab_result),
            ("... and nobody gets it any more", self._fetch_revoked),
            ("The GP puts a medication scheme", self._put_scheme),
            ("A colleague fetches the scheme", self._fetch_scheme),
            ("... and changes it", self._change_scheme),
            ("A change of an outdated scheme is refused", self._change_outdated_scheme),
            ("A broken message is refused, with reasons", self._put_broken_note),
        ]

    async def play(self) -> AsyncIterator[Played]:
        """Play until the end or the first step that does not hold."""
        for title, step in self.steps:
            try:
                yield Played(title, await step())
            except (
                StepFailed,
                NotAccepted,
                UnexpectedAnswer,
                TokenRefused,
                HubError,
                aiohttp.ClientError,
                TimeoutError,
            ) as error:
                yield Played(title, None, failure=str(error) or type(error).__name__)
                return

    async def _register(self) -> Exchange:
        (await self._gp.put_patient(PATIENT.content("k:"))).accepted()
        return Exchange(f"PutPatient {PATIENT.name}", "registered")

    async def _declare_lab_result(self) -> Exchange:
        self._ids["lab result"] = await self._soap_hospital.publish(self._lab_result)
        return self._declared(self._lab_result, self._ids["lab result"])

    async def _declare_report(self) -> Exchange:
        self._ids["report"] = await self._file_hospital.publish(self._report)
        return self._declared(self._report, self._ids["report"])

    async def _declare_again(self) -> Exchange:
        again = await self._file_hospital.publish(self._report)
        _expect("the same id", holds=again == self._ids["report"])
        return Exchange(f"DeclareTransaction {_named(self._report)}", "the same id")

    async def _put_summary(self) -> Exchange:
        reply = (await self._gp.put(parse(self._summary.content), sealed=self._gp.seals)).accepted()
        self._ids["summary"] = reply.ids[0]
        return Exchange(f"PutTransaction {_named(self._summary)}{self._sealed}", _shown(reply.ids[0]))

    async def _put_with_foreign_seal(self) -> Exchange:
        reply = await self._gp.put(await self._colleague.sealed(parse(self._summary.content)))
        _expect("a refusal", holds=not reply.complete)
        return Exchange(f"PutTransaction {_named(self._summary)}, sealed by a colleague", _first_error(reply))

    async def _list_all(self) -> Exchange:
        rows = await self._rows()
        for name in ("lab result", "report", "summary"):
            _expect(f"the {name} in the list", holds=self._ids[name] in [row.ids[-1] for row in rows])
        moments = [row.moment for row in rows]
        _expect("the newest first", holds=moments == sorted(moments, reverse=True))
        _expect(
            "the hub first among the authors", holds=all(row.author[0].number == SANDBOX_HUB.number for row in rows)
        )
        return Exchange(f"GetTransactionList {PATIENT.name}", f"{len(rows)} rows: {_types(rows)}")

    async def _fetch_summary(self) -> Exchange:
        reply = (await self._gp.get(PATIENT.ssin, self._ids["summary"])).accepted()
        _expect("a sealed answer", holds=(reply.seal is not None) == self._gp.seals)
        _expect_same(self._summary, reply)
        return Exchange(f"GetTransaction {_shown(self._ids['summary'])}", f"sumehr, identical{self._sealed}")

    async def _fetch_lab_result(self) -> Exchange:
        return await self._fetch_same("lab result", self._lab_result)

    async def _fetch_report(self) -> Exchange:
        message = await self._fetch("report")
        link = message.find(f".//{{{KMEHR}}}lnk")
        content = b"" if link is None else base64.b64decode(link.text or "")
        _expect("the hospital's PDF in a KMEHR message", holds=content == self._report.content)
        return Exchange(f"GetTransaction {_shown(self._ids['report'])}", f"KMEHR with the PDF, {len(content)} bytes")

    async def _replace_lab_result(self) -> Exchange:
        former = self._ids["lab result"]
        self._ids["lab result"] = await self._soap_hospital.publish(self._corrected_result)
        listed = [row.ids[-1] for row in await self._rows()]
        _expect("the new version in the list", holds=self._ids["lab result"] in listed)
        _expect("the former version out of the list", holds=former not in listed)
        await self._fetch_same("lab result", self._corrected_result)
        return Exchange(f"DeclareTransaction {_named(self._corrected_result)}, recorded later", "listed instead")

    async def _revoke_as_stranger(self) -> Exchange:
        refusal = await _refusal(self._file_hospital.revoke(PATIENT.ssin, self._ids["lab result"]))
        return Exchange(f"RevokeTransaction {_shown(self._ids['lab result'])}", refusal)

    async def _revoke_lab_result(self) -> Exchange:
        await self._soap_hospital.revoke(PATIENT.ssin, self._ids["lab result"])
        rows = await self._rows()
        _expect("the result out of the list", holds=self._ids["lab result"] not in [row.ids[-1] for row in rows])
        return Exchange(f"RevokeTransaction {_shown(self._ids['lab result'])}", f"{len(rows)} rows: {_types(rows)}")

    async def _fetch_revoked(self) -> Exchange:
        refusal = await _refusal(self._fetch("lab result"))
        return Exchange(f"GetTransaction {_shown(self._ids['lab result'])}", refusal)

    async def _put_scheme(self) -> Exchange:
        seen = await self._version() or 1
        author = (self._people.providers["gp_fr"].party,)
        scheme = self._documents.medication_scheme(author, version=seen, medicine="Exemplopril 5 mg", minutes_ago=10)
        reply = (await self._gp.put(parse(scheme.content), as_set=True)).accepted()
        self._ids["scheme"], self._scheme = reply.ids[0], scheme
        _expect("an id for each transaction", holds=len(reply.ids) == 2)
        return Exchange(f"PutTransactionSet {_named(scheme)}", f"{len(reply.ids)} ids, version {await self._version()}")

    async def _fetch_scheme(self) -> Exchange:
        self._scheme_version = await self._version()
        reply = (await self._colleague.get(PATIENT.ssin, self._ids["scheme"], as_set=True)).accepted()
        _expect_same(self._scheme, reply)
        return Exchange(
            f"GetTransactionSet {_shown(self._ids['scheme'])}", f"identical, version {self._scheme_version}"
        )

    async def _change_scheme(self) -> Exchange:
        author = (self._people.providers["gp_nl"].party,)
        scheme = self._documents.medication_scheme(
            author, version=self._scheme_version, medicine="Exemplopril 10 mg", minutes_ago=5
        )
        (await self._colleague.put(parse(scheme.content), as_set=True)).accepted()
        version = await self._version()
        _expect(f"version {self._scheme_version + 1}", holds=version == self._scheme_version + 1)
        return Exchange(f"PutTransactionSet based on version {self._scheme_version}", f"version {version}")

    async def _change_outdated_scheme(self) -> Exchange:
        author = (self._people.providers["gp_fr"].party,)
        scheme = self._documents.medication_scheme(
            author, version=self._scheme_version, medicine="Exemplopril 2 mg", minutes_ago=0
        )
        reply = await self._gp.put(parse(scheme.content), as_set=True)
        _expect("a refusal", holds=not reply.complete)
        return Exchange(f"PutTransactionSet based on version {self._scheme_version}", _first_error(reply))

    async def _put_broken_note(self) -> Exchange:
        reply = await self._gp.put(parse(self._documents.broken_note()))
        sentences = " ".join(error.text for error in reply.errors)
        _expect("a refusal", holds=not reply.complete)
        _expect("both mistakes named", holds="2026-02-30" in sentences and "masculin" in sentences)
        _, first, *others = reply.errors
        return Exchange(
            "PutTransaction with an impossible date and a wrong code", f"{first.text} (+{len(others)} more)"
        )

    @property
    def _sealed(self) -> str:
        return ", sealed" if self._gp.seals else ""

    async def _rows(self) -> tuple[Declaration, ...]:
        return (await self._gp.list(PATIENT.ssin)).accepted().summaries

    async def _fetch(self, name: str) -> etree._Element:
        reply = (await self._gp.get(PATIENT.ssin, self._ids[name])).accepted()
        if reply.document is None:
            raise StepFailed("expected: a document")
        return reply.document

    async def _fetch_same(self, name: str, document: SampleDocument) -> Exchange:
        reply = (await self._gp.get(PATIENT.ssin, self._ids[name])).accepted()
        _expect_same(document, reply)
        return Exchange(
            f"GetTransaction {_shown(self._ids[name])}", f"{document.declaration.transaction_type}, identical"
        )

    async def _version(self) -> int:
        reply = (await self._gp.latest_update(PATIENT.ssin, "medicationscheme")).accepted()
        return int(reply.latest_versions.get("medicationscheme", 0))

    def _declared(self, document: SampleDocument, id_: Id) -> Exchange:
        return Exchange(f"DeclareTransaction {_named(document)}", _shown(id_))


async def _refusal(action: Awaitable[object]) -> str:
    """What the hub says no with, to something that must be refused."""
    try:
        await action
    except NotAccepted as refusal:
        return f"refused: {refusal}"
    raise StepFailed("expected: a refusal")


def _expect(what: str, *, holds: bool) -> None:
    if not holds:
        raise StepFailed(f"expected: {what}")


def _expect_same(document: SampleDocument, reply: Reply) -> None:
    if reply.document is None:
        raise StepFailed("expected: a document")
    if found := difference(parse(document.content), reply.document, SANDBOX_HUB, was_sealed=reply.seal is not None):
        raise StepFailed(f"expected: the same document; {found}")


def _first_error(reply: Reply) -> str:
    return f"refused: {reply.errors[0].text} [{reply.errors[0].code}]"


def _named(document: SampleDocument) -> str:
    return f"{document.declaration.transaction_type} {document.id}"


def _shown(id_: Id) -> str:
    return f"{id_.local_scheme} {id_.value}"


def _types(rows: tuple[Declaration, ...]) -> str:
    return ", ".join(sorted({row.transaction_type for row in rows}))
