"""The card of a patient in a request: it proves that he was there."""

from typing import Annotated

from msgspec import Meta

from hub.domain.cards import CardKind
from hub.domain.identifiers import Ssin
from hub.domain.parties import Id
from hub.web.rest.shapes import Strict


class PatientCard(Strict, frozen=True):
    """A card of the patient that was read."""

    kind: CardKind
    number: Annotated[str, Meta(pattern="^[0-9][0-9 .-]{0,39}$", examples=["591123456753"])]


def patient_ids(patient: Ssin, card: PatientCard | None) -> tuple[Id, ...]:
    """The ids that a message would have in its patient element."""
    inss = Id("INSS", "1.0", patient.digits)
    return (inss, Id(card.kind, "1.0", card.number.strip())) if card else (inss,)
