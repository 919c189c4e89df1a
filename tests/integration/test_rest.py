"""The REST API of a whole hub: what is stated is so, is read back, and is taken back; nobody gets more than his own."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from hub.domain.identifiers import Ssin
from hub.runtime import BelgianClock
from hub.services.routing import Source
from tests.access_builders import a_patient_party
from tests.builders import GP_NIHII, HOSPITAL_NIHII, JAN, MILA, OTHER_GP_NIHII, a_declaration, a_hospital, a_person
from tests.fakes.sources import ScriptedSource
from tests.integration.served_hub import ServedHub, served_hub
from tests.rest_client import RestClient

GP = {"nihii": OTHER_GP_NIHII}
CARD = {"kind": "EID-CARDNO", "number": "591123456753"}


@pytest_asyncio.fixture
async def hub(redis_url: str, tmp_path: Path) -> AsyncIterator[ServedHub]:
    async with served_hub(redis_url, tmp_path, [Source("chu", HOSPITAL_NIHII, ScriptedSource("chu"))]) as served:
        yield served


@pytest.fixture
def jan(hub: ServedHub) -> RestClient:
    """Jan, about himself."""
    return hub.rest(a_patient_party(JAN))


@pytest.fixture
def mila(hub: ServedHub) -> RestClient:
    """Mila, about Jan."""
    return hub.rest(a_patient_party(MILA))


@pytest.fixture
def doctor(hub: ServedHub) -> RestClient:
    """Jan's family doctor, about Jan."""
    return hub.rest(a_person())


def today() -> date:
    return BelgianClock().now().date()


async def test_a_link_is_made_read_changed_and_ended_under_one_id(doctor: RestClient) -> None:
    statement = {"party": {"nihii": GP_NIHII}, "kind": "gmd", "card": CARD, "comment": "Suivi"}
    answer = await doctor.ask("POST", "/therapeutic-links", statement)
    assert (answer.status, answer.content["changed"]) == (201, True)
    path = answer.headers["Location"].removeprefix("/api/v1")
    assert path == f"/therapeutic-links/{answer.content['id']}"
    assert (await doctor.ask("POST", "/therapeutic-links", statement)).status == 200

    link = await doctor.done("GET", path)
    assert (link["kind"], link["comment"], link["proof"], link["start"]) == ("gmd", "Suivi", "eidreading", str(today()))
    assert link["party"]["nihii"] == GP_NIHII

    sooner = statement | {"end": str(today() + timedelta(days=7))}
    assert await doctor.done("PUT", path, sooner) == {"id": link["id"], "changed": True}
    assert await doctor.done("PUT", path, sooner) == {"id": link["id"], "changed": False}
    assert (await doctor.done("GET", path))["end"] == sooner["end"]

    assert await doctor.done("DELETE", path) == {"changed": True}
    assert await doctor.done("DELETE", path) == {"changed": False}
    assert await doctor.refused("GET", path) == (404, "resource-unknown")
    rows = (await doctor.done("GET", "/therapeutic-links", kind="gmd", begin="2020-01-01"))["rows"]
    assert {row["id"] for row in rows} == {link["id"]}


async def test_a_page_of_links_tells_how_many_there_are(jan: RestClient) -> None:
    everything = await jan.done("GET", "/therapeutic-links")
    assert everything["total"] == len(everything["rows"]) == 4
    second = await jan.done("GET", "/therapeutic-links", first=2, size=2)
    assert (second["total"], second["rows"]) == (4, everything["rows"][1:3])
    assert (await jan.done("GET", "/therapeutic-links", nihii=GP_NIHII, kind=["gmd", "gpconsultation"]))["total"] == 1


async def test_a_link_is_told_to_whom_it_concerns_alone(hub: ServedHub, doctor: RestClient) -> None:
    assert (await doctor.done("GET", "/therapeutic-links"))["total"] == 1
    assert await doctor.refused("GET", "/therapeutic-links", nihii=OTHER_GP_NIHII) == (403, "not-yours")
    (own,) = (await doctor.done("GET", "/therapeutic-links"))["rows"]
    other = hub.rest(a_person(OTHER_GP_NIHII))
    assert (await other.refused("GET", f"/therapeutic-links/{own['id']}"))[0] == 403
    of_another_patient = hub.rest(a_person(), patient=MILA)
    assert await of_another_patient.refused("DELETE", f"/therapeutic-links/{own['id']}") == (404, "resource-unknown")


async def test_an_id_holds_for_the_party_and_kind_it_was_given_for(doctor: RestClient) -> None:
    (own,) = (await doctor.done("GET", "/therapeutic-links"))["rows"]
    path = f"/therapeutic-links/{own['id']}"
    for statement in ({"party": GP, "kind": "gpconsultation"}, {"party": {"nihii": GP_NIHII}, "kind": "gmd"}):
        assert await doctor.refused("PUT", path, statement) == (400, "content")


async def test_an_exclusion_is_made_read_lifted_and_made_again(jan: RestClient, hub: ServedHub) -> None:
    made = await jan.done("POST", "/exclusions", {"party": GP})
    path = f"/exclusions/{made['id']}"
    assert (await jan.done("GET", path))["party"]["nihii"] == OTHER_GP_NIHII
    assert await jan.done("PUT", path, {"party": GP}) == {"id": made["id"], "changed": False}
    assert await jan.refused("PUT", path, {"party": {"nihii": GP_NIHII}}) == (400, "content")
    assert await jan.done("DELETE", path) == {"changed": True}
    assert await jan.refused("GET", path) == (404, "resource-unknown")
    assert (await jan.done("GET", "/exclusions"))["total"] == 0
    (lifted,) = (await jan.done("GET", "/exclusions", lifted="true"))["rows"]
    assert lifted["lifted_on"] == str(today())
    assert await jan.done("PUT", path, {"party": GP}) == {"id": made["id"], "changed": True}
    assert await hub.rest(a_person()).refused("POST", "/exclusions", {"party": GP}) == (403, "not-yours")


async def test_consent_is_withdrawn_and_given_again(jan: RestClient) -> None:
    assert (await jan.done("GET", "/consent"))["state"] == "given"
    assert await jan.done("DELETE", "/consent") == {"changed": True}
    assert await jan.done("DELETE", "/consent") == {"changed": False}
    withdrawn = await jan.done("GET", "/consent")
    assert (withdrawn["state"], withdrawn["revoked_on"]) == ("revoked", str(today()))
    assert withdrawn["recorded"]["by"][0]["inss"] == JAN.digits
    assert await jan.done("PUT", "/consent", {"kinds": ["prospective", "local"]}) == {"changed": True}
    assert (await jan.done("GET", "/consent", kind="local"))["kinds"] == ["local", "prospective"]
    assert (await jan.done("GET", "/consent", kind="retrospective"))["state"] == "revoked"
    future = {"kinds": ["retrospective"], "signed_on": str(today() + timedelta(days=9))}
    assert await jan.refused("PUT", "/consent", future) == (400, "content")


async def test_a_document_is_hidden_from_a_profession_and_opened_again(jan: RestClient, hub: ServedHub) -> None:
    document = await a_document(hub)
    path = f"/documents/{document}/rights"
    made = await jan.done("POST", path, {"to": {"profession": "persnurse"}, "right": "disallow"})
    await jan.done("POST", path, {"to": "everybody", "right": "allow"})
    first, second = (await jan.done("GET", path))["rows"]
    assert (first["id"], first["to"]["profession"], first["right"]) == (made["id"], "persnurse", "disallow")
    assert (second["to"]["profession"], second["right"]) == ("", "allow")
    assert await jan.done("DELETE", f"{path}/{first['id']}") == {"changed": True}
    assert await jan.done("DELETE", f"{path}/{first['id']}") == {"changed": False}
    assert await jan.done("DELETE", path) == {"changed": True}
    assert (await jan.done("GET", path))["rows"] == []
    assert await jan.refused("POST", path, {"to": {}, "right": "allow"}) == (400, "request-invalid")
    assert await jan.refused("GET", f"/documents/{'0' * 32}/rights") == (404, "transaction-unknown")


async def test_a_trusted_person_is_named_agrees_and_gives_it_back(jan: RestClient, mila: RestClient) -> None:
    made = await jan.done("POST", "/mandates", {"holder": MILA.digits, "kind": "trusted-person"})
    path = f"/mandates/{made['id']}"
    assert await jan.refused("PUT", f"{path}/acceptance") == (403, "not-yours")
    assert await mila.done("PUT", f"{path}/acceptance") == {"changed": True}
    (mandate,) = (await mila.done("GET", "/mandates"))["rows"]
    assert (mandate["accepted"], mandate["holder"]) == (True, MILA.digits)
    assert await mila.done("DELETE", path) == {"changed": True}
    assert (await jan.done("GET", "/mandates"))["rows"][0]["ended_on"] == str(today())


async def test_the_patient_sees_who_looked_and_a_doctor_his_own_looks(
    jan: RestClient, doctor: RestClient, hub: ServedHub
) -> None:
    document = await a_document(hub)
    await hub.doctor.list(JAN)
    await hub.client(a_person(OTHER_GP_NIHII)).list(JAN)
    looks = await jan.done("GET", "/audit-trail")
    assert looks["total"] == 2
    newest = looks["rows"][0]
    assert (newest["operation"], newest["patient"]) == ("GetTransactionList", JAN.digits)
    assert newest["by"][0]["nihii"] == OTHER_GP_NIHII
    assert (await jan.done("GET", "/audit-trail", size=1, first=2))["rows"] == looks["rows"][1:]
    assert (await jan.done("GET", "/audit-trail", nihii=GP_NIHII))["total"] == 1
    assert (await jan.done("GET", "/audit-trail", document=document))["total"] == 0
    assert (await jan.done("GET", "/audit-trail", broke_the_glass="true", begin="2020-01-01"))["total"] == 0
    own = (await doctor.ask("GET", "/audit-trail", headers={"Patient": ""})).content
    assert [row["by"] for row in own["rows"] if row["patient"] == JAN.digits] == [looks["rows"][1]["by"]]


async def test_the_patient_takes_his_record_home_and_nobody_else(jan: RestClient, doctor: RestClient) -> None:
    await doctor.refused("POST", "/exclusions", {"party": GP})
    answer = await jan.ask("GET", "/record")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="patient-record.json"'
    assert answer.content["patient"]["number"] == JAN.digits
    refused = next(event for event in answer.content["trail"] if event["outcome"] == "refused")
    assert (refused["operation"], refused["reason"]) == ("rest:CreateExclusion", "not-yours")
    assert await doctor.refused("GET", "/record") == (403, "not-yours")


async def test_an_unknown_patient_is_unknown_whatever_is_asked(hub: ServedHub) -> None:
    nobody = Ssin("62101500148")
    client = hub.rest(a_patient_party(nobody), patient=nobody)
    assert await client.refused("GET", "/therapeutic-links") == (404, "patient-unknown")
    assert await client.refused("POST", "/exclusions", {"party": GP}) == (404, "patient-unknown")


async def a_document(hub: ServedHub) -> str:
    """The hub's id of a note of Jan."""
    declared = (await hub.hospital.declare(JAN, a_declaration(author=(a_hospital(), a_person())))).accepted()
    return next(id_.value for id_ in declared.ids if id_.scheme == "LOCAL")
