"""Plain tokens name who asks; anything else is nobody."""

import base64

import pytest

from hub.domain.errors import HubError, Reason
from hub.web.rest.authentication import NoTokens, StatedTokens, bearer_token, stated_token
from tests.access_builders import a_patient_party
from tests.builders import GP_NIHII, HOSPITAL_NIHII, JAN, a_hospital, a_person


def token(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


async def test_a_token_names_the_chain_of_parties_that_it_states() -> None:
    requester = await StatedTokens().authenticate(stated_token((a_hospital(), a_person())))
    assert [party.number for party in requester.parties] == [HOSPITAL_NIHII, GP_NIHII]
    assert [party.profession for party in requester.parties] == ["orghospital", "persphysician"]
    patient = await StatedTokens().authenticate(stated_token((a_patient_party(JAN),)).rstrip("="))
    assert patient.parties[0].id_value("INSS") == JAN.digits


@pytest.mark.parametrize(
    "given",
    [
        "",
        "x",
        "é",
        "****",
        token("{}"),
        token("[]"),
        token("[1]"),
        token('[{"profession": "persphysician"}]'),
        token('[{"nihii": "19990116004"}]'),
        token('[{"profession": "persphysician", "nihii": "19990116004", "admin": true}]'),
        base64.urlsafe_b64encode(b'[{"profession": "\xff"}]').decode(),
    ],
)
async def test_what_names_nobody_is_not_believed(given: str) -> None:
    with pytest.raises(HubError) as refusal:
        await StatedTokens().authenticate(bearer_token(f"Bearer {given}"))
    assert refusal.value.reason is Reason.TOKEN_INVALID


@pytest.mark.parametrize("header", ["", "Bearer", "Basic eA==", "Bearer " + "x" * 9000])
def test_a_header_without_a_bearer_token_is_refused(header: str) -> None:
    with pytest.raises(HubError) as refusal:
        bearer_token(header)
    assert refusal.value.reason is Reason.TOKEN_INVALID


async def test_without_a_token_service_no_token_is_believed() -> None:
    with pytest.raises(HubError) as refusal:
        await NoTokens().authenticate(stated_token((a_person(),)))
    assert refusal.value.reason is Reason.TOKEN_INVALID
