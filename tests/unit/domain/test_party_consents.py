"""Who may speak for a care party about its consent."""

import pytest

from hub.domain.identity import Identity
from hub.domain.parties import Code, HcParty, Id, Requester
from hub.domain.party_consents import may_speak_for
from hub.domain.providers import Application, DirectoryFinding, Provider, register
from tests.builders import OTHER_GP_NIHII, a_hospital, a_person
from tests.fakes.providers import GP, POLICY, an_organisation, recorded

OURS, THEIRS = "1990000728", "1990999927"
VOUCHED = register(
    None,
    Application(subject=GP, profession="persphysician", organisation=an_organisation()),
    POLICY,
    DirectoryFinding.VALID,
    recorded(),
)


def a_hub(number: str) -> HcParty:
    return HcParty(ids=(Id("ID-HCPARTY", "1.0", number),), cds=(Code("CD-HCPARTY", "1.16", "hub"),))


def signed(quality: str, number: str) -> Identity:
    return Identity(quality=quality, number=number, ssin=None, is_organisation=True, certificate="ab", token_id="cd")


@pytest.mark.parametrize(
    ("requester", "provider", "may"),
    [
        (Requester((a_person(),)), None, True),
        (Requester((a_hospital(), a_person())), None, True),
        (Requester((a_person(OTHER_GP_NIHII),)), None, False),
        (Requester((a_person(profession="patient"),)), None, False),
        (Requester((a_hospital(),)), None, False),
        (Requester((a_hospital(),)), VOUCHED, True),
        (Requester((a_hospital("71999833"),)), VOUCHED, False),
        (Requester((a_hub(OURS),)), None, True),
        (Requester((a_hub(OURS),), signed("hub", OURS)), None, True),
        (Requester((a_hub(THEIRS),)), None, False),
        (Requester((a_hub(THEIRS), a_person()), signed("hub", THEIRS)), None, False),
        (Requester((a_hub(OURS),), signed("hub", THEIRS)), None, False),
        (Requester((a_hub(OURS), a_hub(THEIRS)), signed("hub", OURS)), None, False),
        (Requester((a_person(),), signed("hub", THEIRS)), None, False),
    ],
    ids=[
        "itself",
        "through its organisation",
        "a colleague",
        "itself as a patient",
        "any organisation",
        "the organisation that vouched",
        "another than vouched",
        "our staff",
        "our staff, signed",
        "another hub",
        "another hub for its user",
        "another hub in our name",
        "two hubs",
        "another hub that names no hub",
    ],
)
def test_who_may(requester: Requester, provider: Provider | None, may: bool) -> None:
    assert may_speak_for(requester, GP, provider, hub=OURS) is may
