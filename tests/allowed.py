"""Everything that lets care parties see documents, for tests that are about something else."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime

from hub.domain.consent import ConsentKind, PartyConsent, PatientConsent
from hub.domain.parties import HcParty, Patient
from hub.domain.providers import Provider, Registration, RegistrationState
from hub.domain.recorded import Recorded
from hub.domain.subjects import subject_named
from hub.domain.therapeutic_links import Proof, TherapeuticLink
from hub.ports.access_registry import AccessRegistry
from hub.ports.providers import ProviderRegistry
from hub.storage.access_registry import RedisAccessRegistry
from hub.storage.connection import connect
from hub.storage.index_secrets import IndexSecrets
from hub.storage.provider_registry import RedisProviderRegistry
from hub.storage.secrets import Pseudonyms
from tests.builders import (
    HOSPITAL_NIHII,
    OTHER_GP_NIHII,
    OTHER_HOSPITAL_NIHII,
    a_hospital,
    a_person,
    an_event,
)

SAID = Recorded(datetime(2020, 1, 1, 9, 0, tzinfo=UTC), (a_person(),))
FROM, UNTIL = date(2020, 1, 1), date(2100, 1, 1)
PARTIES = (a_person(), a_person(OTHER_GP_NIHII), a_hospital(HOSPITAL_NIHII), a_hospital(OTHER_HOSPITAL_NIHII))
CONSENT = PatientConsent(kinds=frozenset({ConsentKind.RETROSPECTIVE}), signed_on=FROM, recorded=SAID)


async def allow(registry: AccessRegistry, patients: Iterable[Patient], parties: Iterable[HcParty] = PARTIES) -> None:
    """The patients have consented and have a link with every party; those who are not registered are now."""
    for patient in patients:
        event = an_event(patient.ssin, operation="PutPatientConsent")
        await registry.change_consent(patient.ssin, lambda _: (CONSENT,), event, register=patient)
        for party in parties:
            link = _link(party)
            await registry.change_subject(
                patient.ssin,
                subject_named(party.ids, where="party"),
                lambda before, link=link: replace(before, links=(link,)),  # type: ignore[misc]  # of a default
                event,
            )


async def enrol(providers: ProviderRegistry, parties: Iterable[HcParty] = PARTIES) -> None:
    """The parties are registered and have consented to take part."""
    for party in parties:
        subject = subject_named(party.ids, where="party")
        provider = Provider(
            subject=subject,
            profession=party.profession,
            registrations=(Registration(state=RegistrationState.APPROVED, recorded=SAID),),
            consents=(PartyConsent(signed_on=FROM, recorded=SAID),),
        )
        await providers.change(subject, lambda _, kept=provider: kept, an_event(None))  # type: ignore[misc]  # as above


async def allow_on(
    redis_url: str, secret: bytes, patients: Iterable[Patient], parties: Iterable[HcParty] = PARTIES
) -> None:
    """Both, in the store of a hub whose index has this secret and the pseudonym key 1."""
    client, parties = connect(redis_url, timeout=5, connections=2), tuple(parties)
    secrets = IndexSecrets.of(secret, Pseudonyms(secret, key_id="1"))
    try:
        await allow(RedisAccessRegistry(client, secrets=secrets), patients, parties)
        await enrol(RedisProviderRegistry(client, secrets=secrets), parties)
    finally:
        await client.aclose()


def _link(party: HcParty) -> TherapeuticLink:
    return TherapeuticLink(
        party=party.ids, kind="gpconsultation", start=FROM, end=UNTIL, proof=Proof.EID_READING, recorded=SAID
    )
