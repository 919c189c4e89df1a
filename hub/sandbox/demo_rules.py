"""The third act of the demo: who may see what, and the patient sees who looked."""

from datetime import datetime

from hub.domain.parties import Requester
from hub.sandbox.answers import Access
from hub.sandbox.demo_admission import LINK
from hub.sandbox.demo_story import Exchange, Step, StepFailed, Story, expect, expect_refused, shown
from hub.sandbox.people import DEMO_PATIENT
from hub.wire.namespaces import KMEHR
from hub.wire.xml import text

REASON = "Unconscious at the emergency department (demo)."


class Rules:
    """An exclusion, a broken glass, a part of a document, and the trail of all of it."""

    def __init__(self, story: Story) -> None:
        self._story, people = story, story.people
        self._nurse, self._doctor = people.providers["nurse"], people.providers["specialist_nl"]
        self._pharmacist = people.providers["pharmacist"]

    @property
    def steps(self) -> list[Step]:
        """The steps in order."""
        return [
            ("A nurse with a link sees documents", self._let_the_nurse_in),
            ("The patient shuts her out", self._exclude_the_nurse),
            ("... and her link does not help", self._refuse_the_nurse),
            ("A doctor without a link breaks the glass", self._break_the_glass),
            ("... which stands for a while", self._look_again),
            ("A pharmacist gets a part of the SUMEHR", self._fetch_part),
            ("The patient reads who looked", self._read_trail),
            ("... and takes home who was refused, too", self._take_home),
        ]

    async def _let_the_nurse_in(self) -> Exchange:
        nurse = self._story.callers.caller(self._nurse.key)
        (await nurse.link(DEMO_PATIENT.ssin, nurse.number, LINK)).accepted()
        rows = (await nurse.list(DEMO_PATIENT.ssin)).accepted().summaries
        expect("the SUMEHR in her list", holds=self._story.ids["summary"] in [row.ids[-1] for row in rows])
        return Exchange(f"GetTransactionList, as {self._nurse.name}", f"{len(rows)} rows")

    async def _exclude_the_nurse(self) -> Exchange:
        await self._story.callers.portal.exclude(DEMO_PATIENT, self._nurse.party.ids[0])
        return Exchange(f"POST /exclusions {self._nurse.name}, as {DEMO_PATIENT.name}", "recorded")

    async def _refuse_the_nurse(self) -> Exchange:
        nurse = self._story.callers.caller(self._nurse.key)
        told = expect_refused(await nurse.list(DEMO_PATIENT.ssin), "excluded")
        return Exchange(f"GetTransactionList, as {self._nurse.name}", told)

    async def _break_the_glass(self) -> Exchange:
        doctor = self._story.callers.caller(self._doctor.key).breaking_the_glass(REASON)
        rows = (await doctor.list(DEMO_PATIENT.ssin)).accepted().summaries
        expect("the SUMEHR in the list", holds=self._story.ids["summary"] in [row.ids[-1] for row in rows])
        return Exchange(f"GetTransactionList, as {self._doctor.name}: “{REASON}”", f"{len(rows)} rows")

    async def _look_again(self) -> Exchange:
        doctor = self._story.callers.caller(self._doctor.key)
        (await doctor.get(DEMO_PATIENT.ssin, self._story.ids["summary"])).accepted()
        return Exchange(f"GetTransaction {shown(self._story.ids['summary'])}, without a word more", "sumehr")

    async def _fetch_part(self) -> Exchange:
        """In clear, so that the schema is asked about the document as it left the hub."""
        pharmacist = self._story.callers.caller(self._pharmacist.key).in_clear()
        (await pharmacist.link(DEMO_PATIENT.ssin, pharmacist.number, LINK)).accepted()
        reply = (await pharmacist.get(DEMO_PATIENT.ssin, self._story.ids["summary"])).accepted()
        if reply.document is None:
            raise StepFailed("expected: a document")
        kinds = [
            text(item.find(f"{{{KMEHR}}}cd"))
            for item in reply.document.iterfind(f".//{{{KMEHR}}}transaction/{{*}}item")
        ]
        expect(f"the allergy alone, not {kinds}", holds=kinds == ["allergy"])
        notices = [note for note in map(text, reply.document.iter(f"{{{KMEHR}}}text")) if note.startswith("Partial")]
        expect("a notice that it is a part", holds=len(notices) == 1)
        return Exchange(
            f"GetTransaction {shown(self._story.ids['summary'])}, as {self._pharmacist.name}",
            f"valid, without the health problem: “{notices[0]}”",
        )

    async def _read_trail(self) -> Exchange:
        patient = self._story.callers.caller(DEMO_PATIENT.key)
        found = (await patient.looks(DEMO_PATIENT.ssin)).accepted().accesses
        looks = [look for look in found if look.at >= self._story.now.replace(microsecond=0)]
        names = list(dict.fromkeys(_name(look) for look in reversed(looks)))
        for provider in (self._nurse, self._doctor, self._pharmacist):
            expect(f"a look of {provider.name} among those of {names}", holds=provider.name in names)
        flagged = [(_name(look), look.glass) for look in looks if look.glass]
        expect(f"one broken glass, not {flagged}", holds=flagged == [(self._doctor.name, REASON)])
        said = f"{len(looks)} looks by {', '.join(names)}; {self._doctor.name} broke the glass: “{REASON}”"
        return Exchange(f"GetPatientAuditTrail, as {DEMO_PATIENT.name}", said)

    async def _take_home(self) -> Exchange:
        trail = (await self._story.callers.portal.record(DEMO_PATIENT))["trail"]
        looks = [event for event in trail if event["outcome"] == "refused" and event["operation"].startswith("Get")]
        refused = [event for event in looks if datetime.fromisoformat(event["at"]) >= self._story.now]
        by_nurse = [event for event in refused if event["who"][0]["name"] == self._nurse.name]
        expect("one refusal of the nurse", holds=[event["reason"] for event in by_nurse] == ["excluded"])
        told = f"{self._nurse.name} at {by_nurse[0]['at']:.19}, {by_nurse[0]['rules'][-1]}"
        return Exchange(f"GET /record, as {DEMO_PATIENT.name}", f"{len(refused)} looks were refused: {told}, …")


def _name(look: Access) -> str:
    person = Requester(look.by).person
    return f"{person.firstname} {person.familyname}" if person else ""
