"""The first act of the demo: a patient becomes known, and nothing is shared before he and his doctor have said so."""

from hub.sandbox.demo_story import Exchange, Step, Story, expect, expect_refused, named
from hub.sandbox.people import DEMO_PATIENT
from hub.wire.xml import parse

LINK = "gpconsultation"


class Admission:
    """Registration, consent and therapeutic links."""

    def __init__(self, story: Story) -> None:
        self._story = story

    @property
    def steps(self) -> list[Step]:
        """The steps in order."""
        return [
            ("A GP registers a patient", self._register),
            ("Without his consent nothing is published", self._put_without_consent),
            ("... and nothing is shown", self._list_without_consent),
            ("The patient consents", self._consent),
            ("Without a link his GP sees nothing", self._list_without_link),
            ("The GP reads his card: a link", self._link),
            ("... and refers him to a colleague", self._refer),
        ]

    async def _register(self) -> Exchange:
        story = self._story
        (await story.gp.put_patient(DEMO_PATIENT.content("k:"))).accepted()
        await self._begin_anew()
        return Exchange(f"PutPatient {DEMO_PATIENT.name}", "registered")

    async def _begin_anew(self) -> None:
        """What was said about access when the demo was played before ends."""
        story, ssin = self._story, DEMO_PATIENT.ssin
        patient = story.callers.caller(DEMO_PATIENT.key)
        (await patient.consent(ssin, ends=True)).accepted()
        for provider in story.people.providers.values():
            (await patient.link(ssin, provider.party.ids[0], LINK, ends=True)).accepted()
        await story.callers.portal.lift_exclusions(DEMO_PATIENT)

    async def _put_without_consent(self) -> Exchange:
        summary = self._story.summary
        told = expect_refused(await self._story.gp.put(parse(summary.content)), "365")
        return Exchange(f"PutTransaction {named(summary)}", told)

    async def _list_without_consent(self) -> Exchange:
        told = expect_refused(await self._story.list(), "365")
        return Exchange(f"GetTransactionList {DEMO_PATIENT.name}", told)

    async def _consent(self) -> Exchange:
        (await self._story.gp.consent(DEMO_PATIENT.ssin)).accepted()
        return Exchange("PutPatientConsent retrospective", "recorded")

    async def _list_without_link(self) -> Exchange:
        told = expect_refused(await self._story.list(), "360")
        return Exchange(f"GetTransactionList {DEMO_PATIENT.name}", told)

    async def _link(self) -> Exchange:
        gp = self._story.gp
        (await gp.link(DEMO_PATIENT.ssin, gp.number, LINK)).accepted()
        expect("a list, empty or not", holds=(await self._story.list()).complete)
        return Exchange(f"PutTherapeuticLink {LINK}, with the number of the card", "recorded, and the list is open")

    async def _refer(self) -> Exchange:
        colleague = self._story.colleague
        (await self._story.gp.link(DEMO_PATIENT.ssin, colleague.number, LINK)).accepted()
        name = self._story.people.providers["gp_nl"].name
        return Exchange(f"PutTherapeuticLink {LINK} for {name}", "recorded")
