"""What is said about access over SOAP, with the shipped policy; the client checks each answer against the schema."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from hub.domain.identifiers import Ssin
from hub.domain.parties import HcParty, Id
from hub.runtime import BelgianClock
from hub.sandbox.answers import Reply
from hub.sandbox.client import HubClient
from hub.services.auditing import audited
from hub.wire.kmehr.parties import read_author, write_id
from hub.wire.namespaces import CORE
from tests.builders import GP_NIHII, JAN, MILA, OTHER_GP_NIHII, a_patient, a_person, an_event
from tests.integration.access_hub import JANS_CARD, MILAS_CARD, AccessHub, access_hub
from tests.statements import the_patient

DAY = timedelta(days=1)
TODAY = BelgianClock().now().date()
GP = f'<hcparty><id S="ID-HCPARTY" SV="1.0">{GP_NIHII}</id></hcparty>'
OTHER_GP = f'<hcparty><id S="ID-HCPARTY" SV="1.0">{OTHER_GP_NIHII}</id></hcparty>'


@pytest.fixture
async def hub() -> AsyncIterator[AccessHub]:
    """A hub that knows Jan and Mila."""
    async with access_hub() as hub:
        yield hub


@pytest.fixture
def doctor(hub: AccessHub) -> HubClient:
    """A family doctor."""
    return hub.client(a_person())


@pytest.fixture
def jan(hub: AccessHub) -> HubClient:
    """The patient himself."""
    return hub.client(the_patient())


def patient(ssin: Ssin = JAN, card: str = "") -> str:
    number = f'<id S="EID-CARDNO" SV="1.0">{card}</id>' if card else ""
    return f'<patient><id S="INSS" SV="1.0">{ssin.digits}</id>{number}</patient>'


def consent(kind: str = "retrospective", *, card: str = "", days: str = "") -> str:
    return f'<consent>{patient(card=card)}<cd S="CD-CONSENTTYPE" SV="1.0">{kind}</cd>{days}</consent>'


def link(kind: str = "gpconsultation", *, party: str = GP, card: str = JANS_CARD, more: str = "") -> str:
    cd = f'<cd S="CD-THERAPEUTICLINKTYPE" SV="1.0">{kind}</cd>'
    return f"<therapeuticlink>{patient(card=card)}{party}{cd}{more}</therapeuticlink>"


def right(document: Id, party: str, code: str = "disallow") -> str:
    cd = f'<cd S="CD-ACCESSRIGHT" SV="1.0">{code}</cd>' if code else ""
    return f"<accessright><transaction>{write_id(document, '')}</transaction>{party}{cd}</accessright>"


def select(content: str = "") -> str:
    return f"<select>{content or patient()}</select>"


def codes(reply: Reply) -> list[str]:
    assert not reply.is_fault
    return [error.code for error in reply.errors]


def texts(reply: Reply, *path: str) -> list[str | None]:
    """The texts of the elements at a path, core elements all of them."""
    assert reply.accepted().message is not None
    found = reply.message.findall("/".join(f"{{{CORE}}}{name}" for name in path)) if reply.message is not None else []
    return [element.text for element in found]


async def test_consent_is_given_shown_and_revoked(doctor: HubClient, jan: HubClient) -> None:
    assert texts(await doctor.call("GetPatientConsent", select()), "consent") == []
    given = consent(card=JANS_CARD, days=f"<signdate>{TODAY}</signdate>")
    for _ in range(2):
        (await doctor.call("PutPatientConsent", given)).accepted()
    shown = await jan.call("GetPatientConsent", select())
    assert texts(shown, "consent", "cd") == ["retrospective"]
    assert texts(shown, "consent", "signdate") == [f"{TODAY}"]
    assert texts(shown, "consent", "revokedate") == []
    assert shown.message is not None
    (author, _) = read_author(shown.message.find(f"{{{CORE}}}consent/{{{CORE}}}author"))
    assert author == a_person()
    assert texts(await doctor.call("GetPatientConsent", select()), "consent", "author") == []
    for _ in range(2):
        (await jan.call("RevokePatientConsent", consent())).accepted()
    assert texts(await doctor.call("GetPatientConsent", select()), "consent", "revokedate") == [f"{TODAY}"]


async def test_a_consent_is_found_by_its_kind(doctor: HubClient) -> None:
    (await doctor.call("PutPatientConsent", consent("local"))).accepted()
    asked = f'{patient()}<consent><cd S="CD-CONSENTTYPE" SV="1.0">{{}}</cd></consent>'
    for kind, found in (("local", ["local"]), ("retrospective", [])):
        assert texts(await doctor.call("GetPatientConsent", select(asked.format(kind))), "consent", "cd") == found


@pytest.mark.parametrize(
    ("content", "code", "where"),
    [
        (consent(card=MILAS_CARD), "card-of-another", "patient/id[@S='EID-CARDNO']"),
        (consent(card="1"), "card-number", "patient/id[@S='EID-CARDNO']"),
        (consent(days=f"<signdate>{TODAY + 3 * DAY}</signdate>"), "content", "consent/signdate"),
        (consent(days=f"<revokedate>{TODAY}</revokedate>"), "content", "consent/revokedate"),
        (consent(days="<signdate>-0004-01-01</signdate>"), "content", "consent/signdate"),
    ],
)
async def test_a_consent_that_cannot_be(doctor: HubClient, content: str, code: str, where: str) -> None:
    reply = await doctor.call("PutPatientConsent", content)
    assert [(error.code, error.where) for error in reply.errors] == [(code, where)]


async def test_a_deceased_patient_consents_no_more_and_his_consent_is_told_so(
    hub: AccessHub, doctor: HubClient
) -> None:
    hub.patients._patients[JAN] = replace(a_patient(), deathdate="2026-03-01")
    for operation, content in (
        ("PutPatientConsent", consent()),
        ("GetPatientConsent", select()),
        ("PutTherapeuticLink", link()),
    ):
        assert codes(await doctor.call(operation, content)) == ["patient-deceased"]


async def test_a_link_is_made_shown_and_revoked(doctor: HubClient, jan: HubClient) -> None:
    period = f"<startdate>{TODAY}</startdate><enddate>2099-01-01</enddate><comment>A &lt; B</comment>"
    (await doctor.call("PutTherapeuticLink", link(more=period))).accepted()
    for asked in (select(), select(GP + patient()), select(patient() + GP)):
        shown = await doctor.call("GetTherapeuticLink", asked)
        assert texts(shown, "therapeuticlinklist", "therapeuticlink", "comment") == ["A < B"]
        (ends,) = texts(shown, "therapeuticlinklist", "therapeuticlink", "enddate")
        assert f"{TODAY + 450 * DAY}" < str(ends) < f"{TODAY + 460 * DAY}", "cut to fifteen months"
    (own,) = texts(await jan.call("GetTherapeuticLink", "<select/>"), "therapeuticlinklist", "therapeuticlink", "cd")
    assert own == "gpconsultation"
    for _ in range(2):
        (await jan.call("RevokeTherapeuticLink", link())).accepted()
    assert texts(await doctor.call("GetTherapeuticLink", select()), "therapeuticlinklist", "therapeuticlink") == []
    history = select(f"{patient()}<begindate>{TODAY}</begindate>")
    shown = await doctor.call("GetTherapeuticLink", history)
    assert texts(shown, "therapeuticlinklist", "therapeuticlink", "enddate") == [f"{TODAY}"]


async def test_links_are_filtered_by_kind_and_cut_to_the_rows_that_are_wanted(jan: HubClient) -> None:
    for kind in ("gpconsultation", "gmd", "referral"):
        (await jan.call("PutTherapeuticLink", link(kind, card=""))).accepted()
    cds = "".join(f'<cd S="CD-THERAPEUTICLINKTYPE" SV="1.0">{kind}</cd>' for kind in ("gmd", "referral"))
    path = ("therapeuticlinklist", "therapeuticlink", "cd")
    assert sorted(map(str, texts(await jan.call("GetTherapeuticLink", select(patient() + cds)), *path))) == [
        "gmd",
        "referral",
    ]
    assert len(texts(await jan.call("GetTherapeuticLink", select(), rows=1), *path)) == 1
    assert codes(await jan.call("GetTherapeuticLink", select(), rows=0)) == ["content"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (link(card=""), "link-proof"),
        (link(card=MILAS_CARD), "card-of-another"),
        (link(more=f"<startdate>{TODAY}</startdate><enddate>{TODAY - DAY}</enddate>"), "link-period"),
        (link(more=f"<startdate>{TODAY + 3 * DAY}</startdate>"), "content"),
        (link(more="<startdate>1999-01-01</startdate>"), "link-period"),
        (link(party=OTHER_GP), "not-yours"),
        (link(party=GP.replace("</hcparty>", '<id S="ID-HCPARTY" SV="1.0">71999932</id></hcparty>')), "party-number"),
        (link(party='<hcparty><id S="LOCAL" SV="1.0" SL="x">1</id></hcparty>'), "party-number"),
    ],
)
async def test_a_link_that_cannot_be(doctor: HubClient, content: str, code: str) -> None:
    assert codes(await doctor.call("PutTherapeuticLink", content)) == [code]


async def test_a_link_from_tomorrow_on_is_taken(doctor: HubClient) -> None:
    (await doctor.call("PutTherapeuticLink", link(more=f"<startdate>{TODAY + DAY}</startdate>"))).accepted()
    shown = await doctor.call("GetTherapeuticLink", select())
    assert texts(shown, "therapeuticlinklist", "therapeuticlink", "startdate") == [f"{TODAY}"]


async def test_links_are_asked_of_one_patient(doctor: HubClient) -> None:
    assert codes(await doctor.call("GetTherapeuticLink", select(GP))) == ["content"]
    assert codes(await doctor.call("GetTherapeuticLink", select(patient() + patient(MILA)))) == ["content"]
    assert codes(await doctor.call("GetTherapeuticLink", select(patient() + OTHER_GP))) == ["not-yours"]


async def test_a_patient_hides_and_opens_a_document(hub: AccessHub, jan: HubClient, doctor: HubClient) -> None:
    document = await hub.document()
    asked = select(f"<transaction>{write_id(document, '')}</transaction>")
    nurses = '<hcparty><cd S="CD-HCPARTY" SV="1.16">persnurse</cd></hcparty>'
    for content in (right(document, OTHER_GP), right(document, nurses, "allow"), right(document, "<hcparty/>")):
        (await jan.call("PutAccessRight", content)).accepted()
    shown = await doctor.call("GetAccessRight", asked)
    assert texts(shown, "accessrightlist", "accessright", "cd") == ["disallow", "allow", "disallow"]
    assert texts(shown, "accessrightlist", "accessright", "transaction", "id") == [document.value] * 3
    assert texts(shown, "accessrightlist", "accessright", "hcparty", "cd") == ["persnurse"]
    assert len(texts(await doctor.call("GetAccessRight", asked, rows=2), "accessrightlist", "accessright")) == 2
    other = await hub.client(a_person(OTHER_GP_NIHII)).call("GetAccessRight", asked)
    assert texts(other, "accessrightlist", "accessright", "hcparty", "id") == [OTHER_GP_NIHII]
    for _ in range(2):
        (await jan.call("RevokeAccessRight", right(document, nurses, ""))).accepted()
    assert len(texts(await jan.call("GetAccessRight", asked), "accessrightlist", "accessright")) == 2
    (await doctor.call("RevokeAccessRight", right(document, "", ""))).accepted()
    assert texts(await jan.call("GetAccessRight", asked), "accessrightlist", "accessright") == []


async def test_rights_on_what_there_is_not_and_by_who_may_not(hub: AccessHub, doctor: HubClient) -> None:
    document = await hub.document()
    forged = document._replace(value="0" * 32)
    assert codes(await doctor.call("PutAccessRight", right(forged, OTHER_GP))) == ["406"]
    assert codes(await hub.client(a_person(OTHER_GP_NIHII)).call("PutAccessRight", right(document, GP))) == [
        "not-yours"
    ]


async def test_the_patient_sees_who_looked_and_when(hub: AccessHub, jan: HubClient, doctor: HubClient) -> None:
    document = await hub.document()
    found = await hub.lookup.document([document], where="")
    seen = replace(an_event(break_the_glass="Inconscient, <urgences>"), transaction=audited(found.reference, found.id))
    await hub.trail.record(seen)
    shown = await jan.call("GetPatientAuditTrail", select())
    row = ("transactionaccesslist", "transactionaccess")
    assert texts(shown, *row, "patient", "id") == [JAN.digits]
    assert texts(shown, *row, "transaction", "id") == [document.value]
    assert texts(shown, *row, "transaction", "cd") == ["note"]
    assert texts(shown, *row, "accessdatetime") == [seen.at.isoformat()]
    assert texts(shown, *row, "breaktheglass") == ["Inconscient, <urgences>"]
    assert shown.message is not None
    assert read_author(shown.message.find("/".join(f"{{{CORE}}}{name}" for name in row))) == seen.actor.parties
    of_it = f"{patient()}<transaction>{write_id(document, '')}{{}}</transaction>"
    for content, rows in (
        (of_it.format(""), 1),
        (of_it.format('<cd S="CD-TRANSACTION" SV="1.1">labresult</cd>'), 0),
        (f"{patient()}{OTHER_GP}", 0),
        (f"{patient()}{GP}<begindate>{seen.at.date()}</begindate><enddate>{seen.at.date()}</enddate>", 1),
        (f"{patient()}<enddate>2001-01-01</enddate>", 0),
        (f"{patient()}<breaktheglass>true</breaktheglass>", 1),
        (f"{patient()}<breaktheglass>false</breaktheglass>", 0),
        (f"{patient()}<searchtype>local</searchtype>", 1),
    ):
        assert (await jan.call("GetPatientAuditTrail", select(content))).accepted().total == rows, content
    wider = await jan.call("GetPatientAuditTrail", select(f"{patient()}<searchtype>global</searchtype>"))
    assert (wider.complete, codes(wider), wider.total) == (False, ["federation-not-configured"], 1)
    assert (await doctor.call("GetPatientAuditTrail", "<select/>")).accepted().total == 1
    assert codes(
        await hub.client(a_person(OTHER_GP_NIHII)).call("GetPatientAuditTrail", select(f"{patient()}{GP}"))
    ) == ["not-yours"]


async def test_the_trail_is_paged(hub: AccessHub, jan: HubClient) -> None:
    for minute in range(8):
        await hub.trail.record(replace(an_event(), at=an_event().at + timedelta(minutes=minute)))
    row = ("transactionaccesslist", "transactionaccess", "accessdatetime")
    pages = [await jan.call("GetPatientAuditTrail", select(), first=first) for first in (1, 4, 7, 10)]
    assert [page.total for page in pages] == [8] * 4
    moments = [str(moment) for page in pages for moment in texts(page, *row)]
    assert len(moments) == 8
    assert moments == sorted(moments, reverse=True)
    assert len(texts(await jan.call("GetPatientAuditTrail", select()), *row)) == 5, "the configured most"
    assert codes(await jan.call("GetPatientAuditTrail", select(), first=-1)) == ["content"]


async def test_the_author_of_another_patient_learns_nothing(hub: AccessHub) -> None:
    mila: HcParty = replace(the_patient(), ids=(Id("INSS", "1.0", MILA.digits),))
    asking = hub.client(mila)
    for operation in ("GetPatientConsent", "GetTherapeuticLink", "GetPatientAuditTrail"):
        assert codes(await asking.call(operation, select())) == ["mandate-missing"]
