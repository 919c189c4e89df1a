"""Who signed a message, as certified (security facts, part 2)."""

from dataclasses import dataclass

from hub.domain.identifiers import Ssin

PATIENT = "patient"
HUB = "hub"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Identity:
    """The caller that a token or a certificate names.

    `quality` is a word of the configured table, such as `doctor`, `hospital`, `hub` or `patient`. `number` is the NIHII
    number (of a person 11 digits) or the number of the hub; empty for a patient. `ssin` is that of the person who
    holds the certificate; None for an organisation. `certificate` is the SHA-256 of the holder's certificate in
    hexadecimal, empty when the token holds a bare key; `token_id` that of the token, empty without one. Not shown.
    """

    quality: str
    number: str
    ssin: Ssin | None
    is_organisation: bool
    certificate: str
    token_id: str

    def __repr__(self) -> str:
        return f"Identity({self.quality})"
