"""The second act of the demo: what hospitals and general practitioners do with a hub all day."""

import base64

from lxml import etree

from hub.domain.parties import Id
from hub.sandbox.demo_story import (
    Exchange,
    Step,
    StepFailed,
    Story,
    expect,
    expect_same,
    first_error,
    named,
    refusal,
    shown,
    types_of,
)
from hub.sandbox.documents import SampleDocument
from hub.sandbox.people import DEMO_PATIENT, SANDBOX_HUB
from hub.wire.namespaces import KMEHR
from hub.wire.xml import parse


class Sharing:
    """Publish, find, fetch, replace and revoke."""

    def __init__(self, story: Story) -> None:
        documents = story.documents
        self._story, self._ids = story, story.ids
        self._gp, self._colleague = story.gp, story.colleague
        publishers = story.callers.publishers
        self._soap_hospital, self._file_hospital = publishers["modele"], publishers["voorbeeld"]
        self._lab_result = documents.lab_result(value="98", minutes_ago=50)
        self._corrected_result = documents.lab_result(value="89", minutes_ago=20)
        self._report = documents.report(minutes_ago=40)
        self._scheme_version = 0

    @property
    def steps(self) -> list[Step]:
        """The steps in order."""
        foreign_seal: Step = ("... but not with a colleague's seal", self._put_with_foreign_seal)
        return [
            ("A hospital declares a lab result", self._declare_lab_result),
            ("Another hospital declares a report", self._declare_report),
            ("Declaring it again changes nothing", self._declare_again),
            ("The GP puts a SUMEHR into the vault", self._put_summary),
            *([foreign_seal] if self._gp.seals else []),
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

    async def _declare_lab_result(self) -> Exchange:
        self._ids["lab result"] = await self._soap_hospital.publish(self._lab_result)
        return self._declared(self._lab_result, self._ids["lab result"])

    async def _declare_report(self) -> Exchange:
        self._ids["report"] = await self._file_hospital.publish(self._report)
        return self._declared(self._report, self._ids["report"])

    async def _declare_again(self) -> Exchange:
        again = await self._file_hospital.publish(self._report)
        expect("the same id", holds=again == self._ids["report"])
        return Exchange(f"DeclareTransaction {named(self._report)}", "the same id")

    async def _put_summary(self) -> Exchange:
        reply = (await self._gp.put(parse(self._story.summary.content), sealed=self._gp.seals)).accepted()
        self._ids["summary"] = reply.ids[0]
        return Exchange(f"PutTransaction {named(self._story.summary)}{self._story.sealed}", shown(reply.ids[0]))

    async def _put_with_foreign_seal(self) -> Exchange:
        reply = await self._gp.put(await self._colleague.sealed(parse(self._story.summary.content)))
        expect("a refusal", holds=not reply.complete)
        return Exchange(f"PutTransaction {named(self._story.summary)}, sealed by a colleague", first_error(reply))

    async def _list_all(self) -> Exchange:
        rows = await self._story.rows()
        for name in ("lab result", "report", "summary"):
            expect(f"the {name} in the list", holds=self._ids[name] in [row.ids[-1] for row in rows])
        moments = [row.moment for row in rows]
        expect("the newest first", holds=moments == sorted(moments, reverse=True))
        expect("the hub first among the authors", holds=all(row.author[0].number == SANDBOX_HUB.number for row in rows))
        return Exchange(f"GetTransactionList {DEMO_PATIENT.name}", f"{len(rows)} rows: {types_of(rows)}")

    async def _fetch_summary(self) -> Exchange:
        reply = (await self._gp.get(DEMO_PATIENT.ssin, self._ids["summary"])).accepted()
        expect("a sealed answer", holds=(reply.seal is not None) == self._gp.seals)
        expect_same(self._story.summary, reply)
        return Exchange(f"GetTransaction {shown(self._ids['summary'])}", f"sumehr, identical{self._story.sealed}")

    async def _fetch_lab_result(self) -> Exchange:
        return await self._fetch_same("lab result", self._lab_result)

    async def _fetch_report(self) -> Exchange:
        message = await self._fetch("report")
        link = message.find(f".//{{{KMEHR}}}lnk")
        content = b"" if link is None else base64.b64decode(link.text or "")
        expect("the hospital's PDF in a KMEHR message", holds=content == self._report.content)
        return Exchange(f"GetTransaction {shown(self._ids['report'])}", f"KMEHR with the PDF, {len(content)} bytes")

    async def _replace_lab_result(self) -> Exchange:
        former = self._ids["lab result"]
        self._ids["lab result"] = await self._soap_hospital.publish(self._corrected_result)
        listed = [row.ids[-1] for row in await self._story.rows()]
        expect("the new version in the list", holds=self._ids["lab result"] in listed)
        expect("the former version out of the list", holds=former not in listed)
        await self._fetch_same("lab result", self._corrected_result)
        return Exchange(f"DeclareTransaction {named(self._corrected_result)}, recorded later", "listed instead")

    async def _revoke_as_stranger(self) -> Exchange:
        told = await refusal(self._file_hospital.revoke(DEMO_PATIENT.ssin, self._ids["lab result"]))
        return Exchange(f"RevokeTransaction {shown(self._ids['lab result'])}", told)

    async def _revoke_lab_result(self) -> Exchange:
        await self._soap_hospital.revoke(DEMO_PATIENT.ssin, self._ids["lab result"])
        rows = await self._story.rows()
        expect("the result out of the list", holds=self._ids["lab result"] not in [row.ids[-1] for row in rows])
        return Exchange(f"RevokeTransaction {shown(self._ids['lab result'])}", f"{len(rows)} rows: {types_of(rows)}")

    async def _fetch_revoked(self) -> Exchange:
        told = await refusal(self._fetch("lab result"))
        return Exchange(f"GetTransaction {shown(self._ids['lab result'])}", told)

    async def _put_scheme(self) -> Exchange:
        seen = await self._version() or 1
        author = (self._story.people.providers["gp_fr"].party,)
        scheme = self._story.documents.medication_scheme(
            author, version=seen, medicine="Exemplopril 5 mg", minutes_ago=10
        )
        reply = (await self._gp.put(parse(scheme.content), as_set=True)).accepted()
        self._ids["scheme"], self._scheme = reply.ids[0], scheme
        expect("an id for each transaction", holds=len(reply.ids) == 2)
        return Exchange(f"PutTransactionSet {named(scheme)}", f"{len(reply.ids)} ids, version {await self._version()}")

    async def _fetch_scheme(self) -> Exchange:
        self._scheme_version = await self._version()
        reply = (await self._colleague.get(DEMO_PATIENT.ssin, self._ids["scheme"], as_set=True)).accepted()
        expect_same(self._scheme, reply)
        return Exchange(f"GetTransactionSet {shown(self._ids['scheme'])}", f"identical, version {self._scheme_version}")

    async def _change_scheme(self) -> Exchange:
        author = (self._story.people.providers["gp_nl"].party,)
        scheme = self._story.documents.medication_scheme(
            author, version=self._scheme_version, medicine="Exemplopril 10 mg", minutes_ago=5
        )
        (await self._colleague.put(parse(scheme.content), as_set=True)).accepted()
        version = await self._version()
        expect(f"version {self._scheme_version + 1}", holds=version == self._scheme_version + 1)
        return Exchange(f"PutTransactionSet based on version {self._scheme_version}", f"version {version}")

    async def _change_outdated_scheme(self) -> Exchange:
        author = (self._story.people.providers["gp_fr"].party,)
        scheme = self._story.documents.medication_scheme(
            author, version=self._scheme_version, medicine="Exemplopril 2 mg", minutes_ago=0
        )
        reply = await self._gp.put(parse(scheme.content), as_set=True)
        expect("a refusal", holds=not reply.complete)
        return Exchange(f"PutTransactionSet based on version {self._scheme_version}", first_error(reply))

    async def _put_broken_note(self) -> Exchange:
        reply = await self._gp.put(parse(self._story.documents.broken_note()))
        sentences = " ".join(error.text for error in reply.errors)
        expect("a refusal", holds=not reply.complete)
        expect("both mistakes named", holds="2026-02-30" in sentences and "masculin" in sentences)
        _, first, *others = reply.errors
        return Exchange(
            "PutTransaction with an impossible date and a wrong code", f"{first.text} (+{len(others)} more)"
        )

    async def _fetch(self, name: str) -> etree._Element:
        reply = (await self._gp.get(DEMO_PATIENT.ssin, self._ids[name])).accepted()
        if reply.document is None:
            raise StepFailed("expected: a document")
        return reply.document

    async def _fetch_same(self, name: str, document: SampleDocument) -> Exchange:
        reply = (await self._gp.get(DEMO_PATIENT.ssin, self._ids[name])).accepted()
        expect_same(document, reply)
        return Exchange(
            f"GetTransaction {shown(self._ids[name])}", f"{document.declaration.transaction_type}, identical"
        )

    async def _version(self) -> int:
        reply = (await self._gp.latest_update(DEMO_PATIENT.ssin, "medicationscheme")).accepted()
        return int(reply.latest_versions.get("medicationscheme", 0))

    def _declared(self, document: SampleDocument, id_: Id) -> Exchange:
        return Exchange(f"DeclareTransaction {named(document)}", shown(id_))
