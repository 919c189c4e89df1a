"""Cards of patients: read by the software of a care provider, they show that the patient was there.

Their numbers stand beside the INSS in the patient element (protocol facts, part 3).
"""

from dataclasses import dataclass
from enum import StrEnum

from hub.domain.errors import HubError, Reason
from hub.domain.parties import Id
from hub.domain.therapeutic_links import Proof


class CardKind(StrEnum):
    """The kinds of cards, by the scheme of their number."""

    EID = "EID-CARDNO"
    ISI = "ISI-CARDNO"
    SIS = "SIS-CARDNO"

    @property
    def proof(self) -> Proof:
        """What reading such a card proves."""
        return _PROOFS[self]


_PROOFS = {CardKind.EID: Proof.EID_READING, CardKind.ISI: Proof.ISI_READING, CardKind.SIS: Proof.SIS_READING}


@dataclass(frozen=True, slots=True, repr=False)
class Card:
    """A card by its number, as written on it without spaces, dashes and dots. Not shown: it names a person.

    Raises HubError (card-number) for a number that no card of its kind has. An eID number has 12 digits, the last two
    being the first ten modulo 97 (97 for 0); nothing public tells how the others check.
    """

    kind: CardKind
    number: str

    def __post_init__(self) -> None:
        if not (_is_eid_number(self.number) if self.kind is CardKind.EID else _is_number(self.number)):
            raise HubError(Reason.CARD_NUMBER, where=f"patient/id[@S='{self.kind}']")

    def __repr__(self) -> str:
        return f"Card({self.kind})"


def card_among(ids: tuple[Id, ...]) -> Card | None:
    """The card that a patient element names, the eID before the others; None when it names none.

    Raises HubError (card-number), also for two different cards of a kind.
    """
    for kind in CardKind:
        numbers = {"".join(c for c in id_.value if c not in " -.") for id_ in ids if id_.scheme == kind} - {""}
        if len(numbers) > 1:
            raise HubError(Reason.CARD_NUMBER, where=f"patient/id[@S='{kind}']")
        if numbers:
            return Card(kind, numbers.pop())
    return None


def _is_eid_number(number: str) -> bool:
    return _is_number(number) and len(number) == 12 and int(number[10:]) == (int(number[:10]) % 97 or 97)


def _is_number(number: str) -> bool:
    return number.isascii() and number.isdigit() and len(number) <= 20
