"""PutTherapeuticLink, GetTherapeuticLink, RevokeTherapeuticLink: message parts to values and back."""

from collections.abc import Iterable

from lxml import etree

from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.link_policy import LinkClaim
from hub.domain.parties import Code, Id
from hub.domain.therapeutic_links import LinkSelection, TherapeuticLink
from hub.wire.hubservices.requests import part, read_date
from hub.wire.hubservices.responses import write_patient_id
from hub.wire.kmehr.parties import write_code, write_id
from hub.wire.kmehr.persons import read_ids, read_patient_number
from hub.wire.namespaces import CORE
from hub.wire.xml import escape, text


def read_link(message: etree._Element) -> tuple[Ssin, tuple[Id, ...], LinkClaim]:
    """The patient, his ids (a card may be among them) and the link of a put or a revocation.

    Raises HubError: patient-number, content.
    """
    link = part(message, "therapeuticlink")
    patient = part(link, "patient")
    claim = LinkClaim(
        party=read_ids(part(link, "hcparty")),
        kind=text(part(link, "cd")),
        start=read_date(link.find(_c("startdate")), where="therapeuticlink/startdate"),
        end=read_date(link.find(_c("enddate")), where="therapeuticlink/enddate"),
        comment=text(link.find(_c("comment"))),
    )
    return read_patient_number(patient), read_ids(patient), claim


def read_link_select(message: etree._Element, most: int | None) -> LinkSelection:
    """The select part of GetTherapeuticLink: one patient and one care party at most, of which the schema knows not.

    Raises HubError: patient-number, content.
    """
    select = part(message, "select")
    patient, party = _at_most_one(select, "patient"), _at_most_one(select, "hcparty")
    return LinkSelection(
        patient=None if patient is None else read_patient_number(patient),
        party=() if party is None else read_ids(party),
        kinds=frozenset(text(cd) for cd in select.findall(_c("cd"))),
        begin=read_date(select.find(_c("begindate")), where="select/begindate"),
        end=read_date(select.find(_c("enddate")), where="select/enddate"),
        most=most,
    )


def write_links(patient: Ssin, links: Iterable[TherapeuticLink]) -> bytes:
    """`therapeuticlinklist`; the end of a link is the last day on which it holds, or held."""
    named = write_patient_id(patient)
    written = "".join(
        f"<therapeuticlink>{named}<hcparty>{''.join(write_id(id_, '') for id_ in link.party)}</hcparty>"
        f"{write_code(Code('CD-THERAPEUTICLINKTYPE', '1.0', link.kind), '')}"
        f"<startdate>{link.start}</startdate><enddate>{link.last_day}</enddate>{_comment(link.comment)}"
        "</therapeuticlink>"
        for link in links
    )
    return f"<therapeuticlinklist>{written}</therapeuticlinklist>".encode()


def _comment(comment: str) -> str:
    return f"<comment>{escape(comment)}</comment>" if comment else ""


def _at_most_one(select: etree._Element, name: str) -> etree._Element | None:
    found = select.findall(_c(name))
    if len(found) > 1:
        raise HubError(Reason.CONTENT, where=f"select/{name}", limit="one at most")
    return found[0] if found else None


def _c(name: str) -> str:
    return f"{{{CORE}}}{name}"
