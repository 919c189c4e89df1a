"""A portal in which patients say who may see their documents, and see what became of them: over the REST API."""

from dataclasses import dataclass
from typing import Any

import aiohttp

from hub.domain.mandates import MandateKind
from hub.domain.parties import Id
from hub.sandbox.answers import NotAccepted, Refusal
from hub.sandbox.people import SamplePatient
from hub.web.rest.authentication import stated_token

_REFUSED_FROM = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Portal:
    """Speaks for patients who have logged in. Methods raise NotAccepted when the hub says no."""

    session: aiohttp.ClientSession
    url: str

    async def exclude(self, patient: SamplePatient, party: Id) -> None:
        """Shut a care provider out."""
        await self._ask(patient, patient, "POST", "/exclusions", {"party": {"nihii": party.value}})

    async def lift_exclusions(self, patient: SamplePatient) -> None:
        """Let everybody in again."""
        for exclusion in (await self._ask(patient, patient, "GET", "/exclusions"))["rows"]:
            await self._ask(patient, patient, "DELETE", f"/exclusions/{exclusion['id']}")

    async def trust(self, patient: SamplePatient, person: SamplePatient) -> None:
        """Name a trusted person, who agrees."""
        mandate = {"holder": person.ssin.digits, "kind": MandateKind.TRUSTED_PERSON}
        named = await self._ask(patient, patient, "POST", "/mandates", mandate)
        await self._ask(person, patient, "PUT", f"/mandates/{named['id']}/acceptance")

    async def record(self, patient: SamplePatient) -> dict[str, Any]:
        """What the patient takes home: all that was said about access, and the whole trail."""
        return await self._ask(patient, patient, "GET", "/record")

    async def _ask(
        self, who: SamplePatient, patient: SamplePatient, method: str, path: str, content: object = None
    ) -> dict[str, Any]:
        headers = {
            "Authorization": f"Bearer {stated_token(who.signatory.author)}",
            "Patient": patient.ssin.digits,
            "Accept-Language": "en",
        }
        async with self.session.request(method, self.url + path, json=content, headers=headers) as response:
            answer: dict[str, Any] = await response.json(content_type=None)
            if response.status >= _REFUSED_FROM:
                raise NotAccepted((Refusal(answer["reason"], answer["detail"], answer.get("where", "")),))
            return answer
