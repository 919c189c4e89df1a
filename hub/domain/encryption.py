"""For whom a document is to be sealed (protocol facts, part 5)."""

from dataclasses import dataclass

from hub.domain.parties import HcParty


@dataclass(frozen=True, slots=True, repr=False)
class EncryptionActor:
    """Somebody whose encryption certificate a key depot may have.

    `kind` is a CD-ENCRYPTION-ACTOR such as NIHII, NIHII-HOSPITAL, NIHII-PHARMACY, CBE, INSS, SSIN or EHP; `number` is
    of that kind. An actor may have a certificate for each `application`. As asked for: it may be nobody. Not shown,
    as the number may be a person's.
    """

    kind: str
    number: str
    application: str = ""

    @property
    def name(self) -> str:
        """As certificates and files name it: `KIND=NUMBER` or `KIND=NUMBER,APPLICATION`."""
        return f"{self.kind}={self.number}" + (f",{self.application}" if self.application else "")

    def __repr__(self) -> str:
        return f"EncryptionActor({self.kind})"


def encryption_actor_of(party: HcParty) -> EncryptionActor | None:
    """For whom a care party wants its answers sealed; None when it does not ask for that.

    Half of an actor is asking too: such an actor has no certificate.
    """
    number = party.id_value("ID-ENCRYPTION-ACTOR")
    kind = next((cd.value.strip() for cd in party.cds if cd.scheme == "CD-ENCRYPTION-ACTOR"), "")
    if not number and not kind:
        return None
    return EncryptionActor(kind, number, party.id_value("ID-ENCRYPTION-APPLICATION"))
