"""The patient that a statement is about: known to the hub, alive, and there when his card is shown."""

from hub.domain.cards import Card, card_among
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.parties import Id, Patient
from hub.ports.cards import CardDirectory
from hub.ports.registries import PatientRegistry


class NoCardDirectory:
    """Implements `hub.ports.cards.CardDirectory` where there is none: no card is known."""

    async def owner(self, card: Card) -> Ssin | None:  # noqa: ARG002 - as the port says
        """See the port."""
        return None


class KnownPatients:
    """Looks patients and their cards up."""

    def __init__(self, *, patients: PatientRegistry, cards: CardDirectory) -> None:
        self._patients, self._cards = patients, cards

    async def known(self, patient: Ssin, *, where: str) -> Patient:
        """The patient as registered. Raises HubError (patient-unknown)."""
        found = await self._patients.get(patient)
        if found is None:
            raise HubError(Reason.PATIENT_UNKNOWN, where=where)
        return found

    async def alive(self, patient: Ssin, *, where: str, may_be_new: bool = False) -> None:
        """Raises HubError: patient-unknown, unless he may be new, and patient-deceased."""
        found = await self._patients.get(patient)
        if found is None and not may_be_new:
            raise HubError(Reason.PATIENT_UNKNOWN, where=where)
        if found is not None and found.deathdate:
            raise HubError(Reason.PATIENT_DECEASED, where=where)

    async def card(self, patient: Ssin, ids: tuple[Id, ...]) -> Card | None:
        """The card among the ids of a patient, None without one.

        A card that the directory does not know may be his. Raises HubError: card-number, card-of-another.
        """
        card = card_among(ids)
        if card is not None and await self._cards.owner(card) not in (None, patient):
            raise HubError(Reason.CARD_OF_ANOTHER, where=f"patient/id[@S='{card.kind}']")
        return card
