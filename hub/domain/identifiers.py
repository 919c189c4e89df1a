"""Identifiers that refuse nonsense and mask themselves.

Check digits: protocol facts, part 8 (numbers). Past the edge no function takes a bare string as a patient's number.
"""

from dataclasses import dataclass
from typing import NamedTuple

from hub.domain.errors import HubError, Reason


@dataclass(frozen=True, slots=True, repr=False)
class Ssin:
    """A patient's national number (INSS or BIS): 11 digits with right check digits. It masks itself when shown."""

    digits: str

    def __post_init__(self) -> None:
        if not has_ssin_check_digits(self.digits):
            raise HubError(Reason.PATIENT_NUMBER)

    def __repr__(self) -> str:
        return "Ssin(***)"

    __str__ = __repr__

    def to_bytes(self) -> bytes:
        """The number as 5 bytes, most significant first."""
        return int(self.digits).to_bytes(5, "big")

    @classmethod
    def from_bytes(cls, value: bytes) -> "Ssin":
        """The reverse of `to_bytes`; raises HubError when the bytes are no number with right check digits."""
        return cls(f"{int.from_bytes(value, 'big'):011d}")


class LocalId(NamedTuple):
    """The number a hub gives to a transaction: the text of an id with S=LOCAL, and SL, the scheme's owner."""

    scheme: str
    value: str


def has_ssin_check_digits(digits: str) -> bool:
    """Whether this is an 11-digit national number whose last two digits fit, for either century."""
    if len(digits) != 11 or not (digits.isascii() and digits.isdigit()):
        return False
    body, check = digits[:9], int(digits[9:])
    return check in (97 - int(body) % 97, 97 - int("2" + body) % 97)


def has_nihii_check_digits(digits: str) -> bool:
    """Whether this is a NIHII number of 8 (organisation) or 11 digits (person) with right check digits (97 or 89)."""
    if len(digits) not in (8, 11) or not (digits.isascii() and digits.isdigit()):
        return False
    body, check = int(digits[:6]), int(digits[6:8])
    return check in (97 - body % 97, 89 - body % 89)


def has_hub_check_digits(digits: str) -> bool:
    """Whether this is a 10-digit hub (EHP) number whose last two digits fit."""
    if len(digits) != 10 or not (digits.isascii() and digits.isdigit()):
        return False
    return int(digits[8:]) == 97 - int(digits[:8]) % 97
