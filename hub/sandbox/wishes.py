"""What the patients of the sandbox have said about access: read from `wishes.toml`, said in the hub."""

import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Any

from hub.domain.parties import Id
from hub.sandbox.callers import Callers
from hub.sandbox.office import Office
from hub.sandbox.people import People

DOCTORS = {"fr": "gp_fr", "nl": "gp_nl"}
"""Who takes the consent of patients, by their language."""


class Wishes:
    """Says them, each through its own channel. Methods raise NotAccepted or HubError when the hub refuses one."""

    def __init__(self, callers: Callers) -> None:
        self._callers, self._people = callers, callers.people
        self._said: Mapping[str, Any] = tomllib.loads(
            resources.files(__package__).joinpath("wishes.toml").read_text("utf-8")
        )

    async def consent(self) -> None:
        """Everybody who is alive consents, but who never did."""
        for patient in self._people.patients.values():
            if patient.deathdate is None and patient.key not in self._said["never_consented"]:
                doctor = self._callers.caller(DOCTORS[patient.language])
                (await doctor.consent(patient.ssin)).accepted()

    async def link(self) -> None:
        """Care providers read the cards of their patients."""
        for said in self._said["links"]:
            for provider in map(self._callers.caller, said["providers"]):
                for patient in said["patients"]:
                    ssin = self._people.patients[patient].ssin
                    (await provider.link(ssin, provider.number, said["type"])).accepted()

    async def restrict(self, office: Office, documents: Mapping[str, Id]) -> None:
        """Patients withdraw, shut out and hide, and say who may act for them; `documents` are the hub's ids by name."""
        patients = self._people.patients
        for key in self._said["withdrawn"]:
            doctor = self._callers.caller(DOCTORS[patients[key].language])
            (await doctor.consent(patients[key].ssin, ends=True)).accepted()
        for said in self._said["exclusions"]:
            await self._callers.portal.exclude(patients[said["patient"]], number_of(self._people, said["provider"]))
        for said in self._said["hidden"]:
            patient = self._callers.caller(said["patient"])
            (await patient.hide(documents[said["document"]], number_of(self._people, said["provider"]))).accepted()
        for said in self._said["trusted"]:
            await self._callers.portal.trust(patients[said["patient"]], patients[said["person"]])
        for said in self._said["parents"]:
            await office.register_parent(patients[said["patient"]], patients[said["person"]])


def number_of(people: People, provider: str) -> Id:
    """What identifies a care provider, by his key."""
    return people.providers[provider].party.ids[0]
