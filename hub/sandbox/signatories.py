"""Who can sign a call to the sandbox's hub: people and organisations, as tokens and certificates name them."""

from dataclasses import dataclass
from typing import Literal

from hub.domain.encryption import EncryptionActor
from hub.domain.identity import HUB, PATIENT
from hub.domain.parties import Author, licence

HOSPITAL = "hospital"
MEDICAL_HOUSE = "medicalhouse"
_CERTIFIED_KINDS = {HOSPITAL: "NIHII-HOSPITAL", MEDICAL_HOUSE: "NIHII-MEDICAL-HOUSE", HUB: "EHP"}
CertificateKind = Literal["eid", "ehealth"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signatory:
    """Somebody who can sign.

    `number` is the NIHII number, or the number of a hub; a patient has none. `inss` is that of a person; an
    organisation has none. `author` is how he names himself in a request.
    """

    key: str
    quality: str
    name: str
    author: Author
    number: str = ""
    inss: str = ""
    firstname: str = ""
    familyname: str = ""
    certificate: CertificateKind = "ehealth"

    @property
    def is_person(self) -> bool:
        """Whether it is a person, not an organisation."""
        return bool(self.inss)

    @property
    def has_identity_card(self) -> bool:
        """Whether he signs with an identity card, not with a certificate of the eHealth platform."""
        return self.certificate == "eid"

    @property
    def certified_number(self) -> str:
        """Kind and number in an eHealth certificate."""
        return f"SSIN={self.inss}" if self.is_person else f"{_CERTIFIED_KINDS[self.quality]}={self.number}"

    @property
    def encryption_actor(self) -> EncryptionActor:
        """For whom what he asks for is sealed."""
        if self.quality == PATIENT:
            return EncryptionActor("SSIN", self.inss)
        if self.quality == HUB:
            return EncryptionActor("EHP", self.number)
        return EncryptionActor("NIHII-HOSPITAL" if self.quality == HOSPITAL else "NIHII", licence(self.number))
