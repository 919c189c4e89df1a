"""Every operation over SOAP, on a real Redis and a real vault. Answers are checked against the schema by the client."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from lxml import etree

from hub.domain.identifiers import Ssin
from hub.domain.parties import Id
from hub.sandbox.client import HubClient
from hub.services.routing import Source
from hub.wire.hubservices.operations import OPERATIONS
from hub.wire.kmehr.parties import write_id
from hub.wire.namespaces import CORE, KMEHR
from hub.wire.xml import parse
from tests.builders import (
    HOSPITAL_NIHII,
    JAN,
    MILA,
    OTHER_GP_NIHII,
    OTHER_HOSPITAL_NIHII,
    a_declaration,
    a_hospital,
    a_patient,
    a_person,
)
from tests.fakes.kmehr import a_kmehr_message
from tests.fakes.sources import ScriptedSource
from tests.integration.served_hub import ServedHub, served_hub
from tests.statements import the_patient


@pytest.fixture
async def chu() -> ScriptedSource:
    """A hospital whose documents are Jan's."""
    return ScriptedSource("chu", document=a_kmehr_message(JAN, "DOC-1"))


@pytest.fixture
async def hub(redis_url: str, tmp_path: Path, chu: ScriptedSource) -> AsyncIterator[ServedHub]:
    """A hub that knows Jan and Mila."""
    sources = [Source("chu", HOSPITAL_NIHII, chu), Source("az", OTHER_HOSPITAL_NIHII, ScriptedSource("az"))]
    async with served_hub(redis_url, tmp_path, sources) as hub:
        for patient in (JAN, MILA):
            (await hub.doctor.put_patient(a_patient(patient).as_put.decode())).accepted()
        yield hub


async def test_a_declaration_is_listed_with_everything_that_was_declared(hub: ServedHub) -> None:
    declaration = a_declaration(author=(a_hospital(), a_person()))
    declared = (await hub.hospital.declare(JAN, declaration)).accepted()
    (local_id,) = declared.ids
    assert (local_id.scheme, local_id.local_scheme) == ("LOCAL", "RSBID")
    (row,) = (await hub.doctor.list(JAN)).accepted().summaries
    assert row.ids == (*declaration.ids, local_id)
    assert row.author[0].profession == "hub"
    assert row.author[1:] == declaration.author
    assert (row.cds, row.date, row.time, row.recorddatetime) == (
        declaration.cds,
        declaration.date,
        declaration.time,
        declaration.recorddatetime,
    )
    again = (await hub.hospital.declare(JAN, declaration)).accepted()
    assert again.ids == declared.ids


async def test_no_document_no_kmehrheader(hub: ServedHub) -> None:
    reply = (await hub.doctor.list(JAN)).accepted()
    assert reply.message is not None
    assert reply.message.find(f"{{{CORE}}}kmehrheader") is None
    assert reply.total == 0


async def test_lists_are_filtered_and_paged(hub: ServedHub) -> None:
    for number in range(5):
        await hub.hospital.declare(JAN, a_declaration(f"N{number}", date=f"2026-01-0{number + 1}"))
    await hub.hospital.declare(JAN, a_declaration("LAB", kind="labresult", date="2026-02-01"))
    everything = (await hub.doctor.list(JAN)).accepted()
    assert [row.date for row in everything.summaries] == [
        "2026-02-01",
        *(f"2026-01-0{day}" for day in (5, 4, 3, 2, 1)),
    ]
    labs = (await hub.doctor.list(JAN, types=["labresult", "admission"])).accepted()
    assert [row.transaction_type for row in labs.summaries] == ["labresult"]
    one_day = (await hub.doctor.list(JAN, day="2026-01-03")).accepted()
    assert [row.date for row in one_day.summaries] == ["2026-01-03"]
    select = f'<select><patient><id S="INSS" SV="1.0">{JAN.digits}</id></patient></select>'
    page = await hub.doctor.call("GetTransactionList", select, first=7)
    assert page.total == 6
    assert page.summaries == ()


async def test_maxrows_is_the_size_of_a_page(hub: ServedHub) -> None:
    for number in range(3):
        await hub.hospital.declare(JAN, a_declaration(f"N{number}", date=f"2026-01-0{number + 1}"))
    select = f'<select><patient><id S="INSS" SV="1.0">{JAN.digits}</id></patient></select>'
    first = (await hub.doctor.call("GetTransactionList", select, rows=2)).accepted()
    second = (await hub.doctor.call("GetTransactionList", select, rows=2, first=3)).accepted()
    assert [row.date for row in (*first.summaries, *second.summaries)] == ["2026-01-03", "2026-01-02", "2026-01-01"]
    assert (first.total, second.total) == (3, 3)
    refused = await hub.doctor.call("GetTransactionList", select, rows=0)
    assert [(error.code, error.where) for error in refused.errors] == [("content", "request/maxrows")]


@pytest.mark.parametrize("scope", ["global", "external"])
async def test_a_wider_search_gives_the_local_part_and_says_so(hub: ServedHub, scope: str) -> None:
    await hub.hospital.declare(JAN, a_declaration())
    select = (
        f'<select><patient><id S="INSS" SV="1.0">{JAN.digits}</id></patient><searchtype>{scope}</searchtype></select>'
    )
    reply = await hub.doctor.call("GetTransactionList", select)
    assert not reply.complete
    assert len(reply.summaries) == 1
    assert [error.code for error in reply.errors] == ["federation-not-configured"]
    assert "local" in reply.errors[0].text


async def test_an_author_filter_ignores_a_profession_of_a_star(hub: ServedHub) -> None:
    await hub.hospital.declare(JAN, a_declaration("A", author=(a_hospital(), a_person())))
    await hub.hospital.declare(JAN, a_declaration("B", author=(a_hospital(), a_person(OTHER_GP_NIHII))))
    select = (
        f'<select><patient><id S="INSS" SV="1.0">{JAN.digits}</id></patient><transaction><author><k:hcparty>'
        f'<k:id S="ID-HCPARTY" SV="1.0">{OTHER_GP_NIHII}</k:id><k:cd S="CD-HCPARTY" SV="1.1">*</k:cd>'
        "</k:hcparty></author></transaction></select>"
    )
    rows = (await hub.doctor.call("GetTransactionList", select)).accepted().summaries
    assert [row.ids[1].value for row in rows] == ["B"]


async def test_a_hospital_replaces_and_revokes_and_nobody_else_does(hub: ServedHub) -> None:
    (await hub.hospital.declare(JAN, a_declaration())).accepted()
    newer = a_declaration(recorded="2026-04-01T00:00:00")
    second = (await hub.hospital.declare(JAN, newer)).accepted().ids[0]
    (row,) = (await hub.doctor.list(JAN)).accepted().summaries
    assert row.ids[-1] == second
    other = hub.client(a_hospital(OTHER_HOSPITAL_NIHII))
    assert [error.code for error in (await other.revoke(JAN, second)).errors] == ["not-custodian"]
    (await hub.hospital.revoke(JAN, second)).accepted()
    assert (await hub.doctor.list(JAN)).accepted().total == 0
    assert [error.code for error in (await hub.hospital.revoke(JAN, second)).errors] == ["464"]
    assert [error.code for error in (await hub.hospital.declare(JAN, newer)).errors] == ["464"]


async def test_an_unknown_patient_is_refused(hub: ServedHub) -> None:
    bis = Ssin("45713199797")
    assert [error.code for error in (await hub.hospital.declare(bis, a_declaration())).errors] == ["365"]
    assert [error.code for error in (await hub.doctor.list(bis)).errors] == ["400"]


async def test_a_document_is_put_and_comes_back_with_what_the_hub_adds(hub: ServedHub) -> None:
    document = parse(a_kmehr_message(JAN, "S-1", kind="sumehr"))
    (local_id,) = (await hub.doctor.put(document)).accepted().ids
    (row,) = (await hub.doctor.list(JAN)).accepted().summaries
    assert row.transaction_type == "sumehr"
    assert row.ids[-1] == local_id
    fetched = (await hub.doctor.get(JAN, local_id)).accepted().document
    assert fetched is not None
    hub.schemas.kmehr_message.assertValid(etree.ElementTree(fetched))
    texts = [element.text for element in fetched.iter(f"{{{KMEHR}}}text")]
    assert texts == [element.text for element in document.iter(f"{{{KMEHR}}}text")]
    senders = fetched.findall(f"{{{KMEHR}}}header/{{{KMEHR}}}sender/{{{KMEHR}}}hcparty/{{{KMEHR}}}name")
    assert [name.text for name in senders][:1] == ["RSB"]
    ids = [id_.text for id_ in fetched.findall(f"{{{KMEHR}}}folder/{{{KMEHR}}}transaction/{{{KMEHR}}}id")]
    assert local_id.value in ids


async def test_a_newer_summary_replaces_the_older_which_stays_readable(hub: ServedHub) -> None:
    old = (await hub.doctor.put(parse(a_kmehr_message(JAN, "S-1", kind="sumehr", content="old")))).accepted().ids[0]
    new = (await hub.doctor.put(parse(a_kmehr_message(JAN, "S-2", kind="sumehr", content="new")))).accepted().ids[0]
    rows = (await hub.doctor.list(JAN)).accepted().summaries
    assert [row.ids[-1] for row in rows] == [new]
    fetched = (await hub.doctor.get(JAN, old)).accepted().document
    assert fetched is not None
    assert [element.text for element in fetched.iter(f"{{{KMEHR}}}text")] == ["old"]


@pytest.mark.parametrize("kind", ["declared", "linked", "sumehr", "medicationscheme"])
async def test_a_new_version_of_a_hidden_document_is_hidden(hub: ServedHub, kind: str) -> None:
    jan, other = hub.client(the_patient()), hub.client(a_person(OTHER_GP_NIHII))

    async def publish(number: int) -> Id:
        if kind == "declared":
            declaration = a_declaration(author=(a_hospital(), a_person()), recorded=f"2026-04-0{number}T00:00:00")
            return (await hub.hospital.declare(JAN, declaration)).accepted().ids[0]
        if kind == "medicationscheme":
            version = str(6 + max(number - 1, 1))
            scheme = a_kmehr_message(JAN, "MS", kind=kind, version=version, members=2, content=f"{number}")
            return (await hub.doctor.put(parse(scheme), as_set=True)).accepted().ids[0]
        message = a_kmehr_message(JAN, f"N-{number}", kind="note" if kind == "linked" else kind, content=f"{number}")
        link = f'<lnk TYPE="isanewversionof" URL="N-{number - 1}"/></transaction>'
        if kind == "linked" and number > 1:
            message = message.replace(b"</transaction>", link.encode())
        return (await hub.doctor.put(parse(message))).accepted().ids[0]

    async def sees(client: HubClient, document: Id) -> bool:
        rows = (await client.list(JAN)).accepted().summaries
        reply = await client.get(JAN, document, as_set=kind == "medicationscheme")
        assert document in rows[0].ids if rows else [error.code for error in reply.errors] == ["transaction-unknown"]
        return bool(rows)

    async def say(document: Id, right: str) -> None:
        party = f'<hcparty><id S="ID-HCPARTY" SV="1.0">{OTHER_GP_NIHII}</id></hcparty>'
        cd = f'<cd S="CD-ACCESSRIGHT" SV="1.0">{right}</cd>'
        content = f"<accessright><transaction>{write_id(document, '')}</transaction>{party}{cd}</accessright>"
        (await jan.call("PutAccessRight", content)).accepted()

    versions = [await publish(1)]
    assert await sees(other, versions[0])
    await say(versions[0], "disallow")
    for number in (2, 3):
        versions.append(await publish(number))
        assert not await sees(other, versions[-1])
        assert await sees(hub.doctor, versions[-1])
    await say(versions[-1], "allow")
    assert await sees(other, versions[-1])


@pytest.mark.parametrize("by_hub_id", [True, False])
async def test_a_link_to_the_older_version_replaces_it_by_either_id(hub: ServedHub, *, by_hub_id: bool) -> None:
    (old,) = (await hub.doctor.put(parse(a_kmehr_message(JAN, "N-1")))).accepted().ids
    named = old.value if by_hub_id else "N-1"
    link = f'<lnk TYPE="isanewversionof" URL="{named}"/></transaction>'
    newer = a_kmehr_message(JAN, "N-2", content="new").replace(b"</transaction>", link.encode())
    (new,) = (await hub.doctor.put(parse(newer))).accepted().ids
    assert [row.ids[-1] for row in (await hub.doctor.list(JAN)).accepted().summaries] == [new]


async def test_a_filter_for_the_hub_itself_finds_everything(hub: ServedHub) -> None:
    await hub.hospital.declare(JAN, a_declaration())
    select = (
        f'<select><patient><id S="INSS" SV="1.0">{JAN.digits}</id></patient><transaction><author><k:hcparty>'
        '<k:id S="ID-HCPARTY" SV="1.0">1990000728</k:id><k:cd S="CD-HCPARTY" SV="1.1">hub</k:cd>'
        "</k:hcparty></author></transaction></select>"
    )
    assert (await hub.doctor.call("GetTransactionList", select)).accepted().total == 1


async def test_a_set_is_put_fetched_and_guarded_by_its_version(hub: ServedHub) -> None:
    scheme = a_kmehr_message(JAN, "MS", kind="medicationscheme", version="7", members=3)
    head, second, third = (await hub.doctor.put(parse(scheme), as_set=True)).accepted().ids
    assert (await hub.doctor.latest_update(JAN, "medicationscheme")).latest_versions == {"medicationscheme": "7"}
    assert len((await hub.doctor.list(JAN)).accepted().summaries) == 1

    changed = a_kmehr_message(JAN, "MS", kind="medicationscheme", version="7", members=2, content="changed")
    (await hub.doctor.put(parse(changed), as_set=True)).accepted()
    assert (await hub.doctor.latest_update(JAN, "medicationscheme")).latest_versions == {"medicationscheme": "8"}
    late = a_kmehr_message(JAN, "MS", kind="medicationscheme", version="7", members=2, content="late")
    refused = await hub.doctor.put(parse(late), as_set=True)
    assert [error.code for error in refused.errors] == ["outdated-version"]
    assert "8" in refused.errors[0].text

    whole = (await hub.doctor.get(JAN, head, as_set=True)).accepted().document
    member = (await hub.doctor.get(JAN, third)).accepted().document
    assert whole is not None
    assert member is not None
    assert len(whole.findall(f".//{{{KMEHR}}}transaction")) == 3
    (only,) = member.findall(f".//{{{KMEHR}}}transaction")
    assert only[0].text == "3"
    assert [error.code for error in (await hub.doctor.get(JAN, second, as_set=True)).errors] == ["content"]


async def test_a_document_of_a_hospital_passes_through(hub: ServedHub, chu: ScriptedSource) -> None:
    (local_id,) = (await hub.hospital.declare(JAN, a_declaration("DOC-1"))).accepted().ids
    fetched = (await hub.doctor.get(JAN, local_id)).accepted().document
    assert fetched is not None
    assert chu.document is not None
    assert etree.tostring(fetched, method="c14n", exclusive=True) == etree.tostring(
        parse(chu.document), method="c14n", exclusive=True
    )


async def test_another_patients_document_never_leaves(hub: ServedHub, chu: ScriptedSource) -> None:
    (local_id,) = (await hub.hospital.declare(JAN, a_declaration("DOC-1"))).accepted().ids
    chu.document = a_kmehr_message(MILA, "DOC-1")
    reply = await hub.doctor.get(JAN, local_id)
    assert [error.code for error in reply.errors] == ["source-answer"]
    assert "chu" in reply.errors[0].text


async def test_unknown_revoked_and_another_patients_document_are_the_same_answer(hub: ServedHub) -> None:
    (mine,) = (await hub.hospital.declare(JAN, a_declaration("A"))).accepted().ids
    (revoked,) = (await hub.hospital.declare(JAN, a_declaration("B"))).accepted().ids
    (await hub.hospital.revoke(JAN, revoked)).accepted()
    unknown = Id("LOCAL", "1.0", "QWERTZ", "RSBID")
    replies = [
        await hub.doctor.get(MILA, mine),
        await hub.doctor.get(JAN, revoked),
        await hub.doctor.get(JAN, unknown),
    ]
    assert len({reply.errors for reply in replies}) == 1
    assert [error.code for error in replies[0].errors] == ["406"]


async def test_patients_and_parties_are_registered(hub: ServedHub) -> None:
    patient = f'<patient><id S="INSS" SV="1.0">{JAN.digits}</id></patient>'
    reply = (await hub.doctor.call("GetPatient", f"<select>{patient}</select>")).accepted()
    assert reply.message is not None
    assert reply.message.findtext(f"{{{CORE}}}patient/{{{KMEHR}}}familyname") == "Proefpatient"
    (await hub.doctor.put_party(a_hospital())).accepted()
    party = f'<select><hcparty><id S="ID-HCPARTY" SV="1.0">{HOSPITAL_NIHII}</id></hcparty></select>'
    reply = (await hub.doctor.call("GetHCParty", party)).accepted()
    assert reply.message is not None
    assert reply.message.findtext(f"{{{CORE}}}hcparty/{{{CORE}}}name") == "Testziekenhuis"
    unknown = party.replace(HOSPITAL_NIHII, OTHER_HOSPITAL_NIHII)
    assert [error.code for error in (await hub.doctor.call("GetHCParty", unknown)).errors] == ["party-unknown"]


async def test_a_wish_to_publish_reaches_the_hospital(hub: ServedHub, chu: ScriptedSource) -> None:
    select = (
        f'<select><patient><id S="INSS" SV="1.0">{JAN.digits}</id></patient><transaction>'
        f'<cd S="CD-TRANSACTION" SV="1.1">labresult</cd></transaction><comment>please</comment></select>'
    )
    (await hub.doctor.call("RequestPublication", select)).accepted()
    (wish,) = chu.wishes
    assert wish.comment == "please"
    assert wish.criteria.types == {"labresult"}


async def test_every_operation_is_offered(hub: ServedHub) -> None:
    for name in OPERATIONS:
        reply = await hub.doctor.call(name, "")
        assert "operation-not-supported" not in [error.code for error in reply.errors]


async def test_no_log_line_names_a_patient(hub: ServedHub) -> None:
    (local_id,) = (await hub.hospital.declare(JAN, a_declaration())).accepted().ids
    await hub.doctor.list(JAN)
    await hub.doctor.get(JAN, local_id)
    lines = hub.log.getvalue()
    assert lines.count("request.done") >= 3
    for secret in (JAN.digits, "Proefpatient", "Jan"):
        assert secret not in lines
