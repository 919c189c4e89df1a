"""Statements about access for tests: when and by whom they are made."""

from datetime import UTC, date, datetime

from hub.domain.parties import Code, HcParty, Id
from hub.domain.recorded import Recorded
from tests.builders import JAN, a_person

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def recorded(by: HcParty | None = None) -> Recorded:
    """Said now: by the patient Jan, or by somebody else."""
    return Recorded(NOW, (by or the_patient(),))


def the_patient() -> HcParty:
    """Jan, as the author of a request of his own."""
    return HcParty(
        ids=(Id("INSS", "1.0", JAN.digits),),
        cds=(Code("CD-HCPARTY", "1.16", "patient"),),
        firstname="Jan",
        familyname="Proefpatient",
    )


def party_ids(party: HcParty | None = None) -> tuple[Id, ...]:
    """The ids of a family doctor, or of the party given."""
    return (party or a_person()).ids
