"""What lets the callers of a benchmark see something: they take part, the patients consent, and there are links.

It is written as the registries write it, but many patients at once.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from hub.config.secrets import SecretKey
from hub.domain.audit import Actor, AuditEvent, Outcome
from hub.domain.consent import ConsentKind, PartyConsent, PatientConsent
from hub.domain.context import Origin
from hub.domain.identifiers import Ssin
from hub.domain.parties import Author
from hub.domain.patient_facts import SubjectFacts
from hub.domain.providers import Provider, Registration, RegistrationState
from hub.domain.recorded import Recorded
from hub.domain.subjects import Subject, subject_named
from hub.domain.therapeutic_links import Proof, TherapeuticLink
from hub.sandbox.configuration import INDEX_KEY_FILE, INDEX_KEY_ID
from hub.storage import keys
from hub.storage.access_record import CONSENTS, write_consents, write_subject
from hub.storage.connection import connect
from hub.storage.index_secrets import IndexSecrets
from hub.storage.provider_registry import RedisProviderRegistry
from hub.storage.secrets import Pseudonyms

_FROM, _UNTIL = date(2020, 1, 1), date(2100, 1, 1)


async def permit(folder: Path, redis_url: str, patients: Iterable[Ssin], authors: Sequence[Author]) -> None:
    """Each of the authors may look at each of the patients, by the keys of the hub in a folder."""
    secret = SecretKey.parse((folder / INDEX_KEY_FILE).read_text()).value
    secrets = IndexSecrets.of(secret, Pseudonyms(secret, key_id=INDEX_KEY_ID))
    subjects = {author: subject_named(author[0].ids, where="author") for author in authors}
    client = connect(redis_url, timeout=10, connections=2)
    try:
        for author, subject in subjects.items():
            await _enrol(RedisProviderRegistry(client, secrets=secrets), subject, author)
        for patient in patients:
            fields = _fields(secrets, patient, subjects)
            place = keys.access(secrets.pseudonyms.of(patient.digits))
            await client.hset(place, items=[part for field in fields.items() for part in field])
    finally:
        await client.aclose()


async def _enrol(providers: RedisProviderRegistry, subject: Subject, author: Author) -> None:
    said = _said(author)
    provider = Provider(
        subject=subject,
        profession=author[0].profession,
        registrations=(Registration(state=RegistrationState.APPROVED, recorded=said),),
        consents=(PartyConsent(signed_on=_FROM, recorded=said),),
    )
    event = AuditEvent(
        at=said.at,
        origin=Origin(operation="PutHCPartyConsent", request_id="bench"),
        actor=Actor(parties=author),
        outcome=Outcome.GRANTED,
    )
    await providers.change(subject, lambda _: provider, event)


def _fields(secrets: IndexSecrets, patient: Ssin, subjects: dict[Author, Subject]) -> dict[bytes, bytes]:
    written = {}
    for author, subject in subjects.items():
        said = _said(author)
        consent = PatientConsent(kinds=frozenset((ConsentKind.RETROSPECTIVE,)), signed_on=_FROM, recorded=said)
        link = TherapeuticLink(
            party=author[0].ids,
            kind="gpconsultation",
            start=_FROM,
            end=_UNTIL,
            proof=Proof.EID_READING,
            recorded=said,
        )
        written[CONSENTS] = write_consents((consent,))
        written[secrets.access.field(patient, subject)] = write_subject(subject, SubjectFacts(links=(link,)))
    return {field: secrets.access.seal(patient, field, value) for field, value in written.items()}


def _said(author: Author) -> Recorded:
    return Recorded(datetime(2020, 1, 1, 9, 0, tzinfo=UTC), author)
