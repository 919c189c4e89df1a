"""KMEHR messages of the family doctor of `tests.builders`."""

from hub.domain.identifiers import Ssin
from hub.wire.kmehr.parties import write_hcparty
from hub.wire.namespaces import KMEHR
from tests.builders import a_person


def a_kmehr_message(
    patient: Ssin,
    name: str,
    *,
    kind: str = "note",
    content: str = "Alles goed.",
    version: str = "",
    members: int = 1,
) -> bytes:
    """A valid message with `members` transactions, the first of this kind and with this LOCAL id."""
    doctor = write_hcparty(a_person(), "")
    others = "".join(_transaction(number, "", f"{kind}element", content, "") for number in range(2, members + 1))
    return (
        f'<kmehrmessage xmlns="{KMEHR}"><header><standard><cd S="CD-STANDARD" SV="1.4">20161201</cd></standard>'
        f'<id S="ID-KMEHR" SV="1.0">19990116004.1</id><date>2026-03-02</date><time>10:15:00</time>'
        f"<sender>{doctor}</sender><recipient>{doctor}</recipient></header>"
        '<folder><id S="ID-KMEHR" SV="1.0">1</id><patient>'
        f'<id S="ID-PATIENT" SV="1.0">{patient.digits}</id><id S="INSS" SV="1.0">{patient.digits}</id>'
        '<firstname>Jan</firstname><familyname>Proefpatient</familyname><sex><cd S="CD-SEX" SV="1.1">male</cd></sex>'
        f"</patient>{_transaction(1, name, kind, content, version)}{others}</folder></kmehrmessage>"
    ).encode()


def _transaction(number: int, name: str, kind: str, content: str, version: str) -> str:
    local = f'<id S="LOCAL" SV="1.0" SL="testemr">{name}</id>' if name else ""
    written = f"<version>{version}</version>" if version else ""
    return (
        f'<transaction><id S="ID-KMEHR" SV="1.0">{number}</id>{local}<cd S="CD-TRANSACTION" SV="1.14">{kind}</cd>'
        f"<date>2026-03-02</date><time>10:00:00</time><author>{write_hcparty(a_person(), '')}</author>"
        "<iscomplete>true</iscomplete><isvalidated>true</isvalidated>"
        f'<text L="nl">{content}</text>{written}</transaction>'
    )
