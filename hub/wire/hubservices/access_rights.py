"""PutAccessRight, GetAccessRight, RevokeAccessRight: message parts to values and back (AccessRightType)."""

from collections.abc import Iterable

from lxml import etree

from hub.domain.access_rights import AccessRight, Right
from hub.domain.parties import HcParty, Id
from hub.wire.hubservices.requests import part
from hub.wire.kmehr.parties import read_hcparty, write_code, write_id
from hub.wire.kmehr.persons import read_ids
from hub.wire.namespaces import CORE
from hub.wire.xml import text


def read_right(message: etree._Element) -> tuple[tuple[Id, ...], HcParty, Right]:
    """The ids of the document, the care party, and what it may."""
    right = part(message, "accessright")
    return (
        read_ids(part(right, "transaction")),
        read_hcparty(part(right, "hcparty")),
        Right(text(part(right, "cd"))),
    )


def read_right_revocation(message: etree._Element) -> tuple[tuple[Id, ...], HcParty | None]:
    """The ids of the document, and the care party whose right is taken back; None for all."""
    right = part(message, "accessright")
    party = right.find(f"{{{CORE}}}hcparty")
    return read_ids(part(right, "transaction")), None if party is None else read_hcparty(party)


def read_right_select(message: etree._Element) -> tuple[Id, ...]:
    """The ids of the document that is asked about."""
    return read_ids(part(part(message, "select"), "transaction"))


def write_rights(document: Id, rights: Iterable[AccessRight]) -> bytes:
    """`accessrightlist`, of one document by the hub's id."""
    named = f"<transaction>{write_id(document, '')}</transaction>"
    written = "".join(
        f"<accessright>{named}<hcparty>{_write_party(right.party)}</hcparty>"
        f'<cd S="CD-ACCESSRIGHT" SV="1.0">{right.right}</cd></accessright>'
        for right in rights
    )
    return f"<accessrightlist>{written}</accessrightlist>".encode()


def _write_party(party: HcParty) -> str:
    """The ids and the codes; the type has no room for names."""
    return "".join((*(write_id(id_, "") for id_ in party.ids), *(write_code(cd, "") for cd in party.cds)))
