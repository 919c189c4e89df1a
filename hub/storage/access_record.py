"""What was said about access to one patient's documents, as sealed values.

The fields of a hash: one for the consents, and one for each subject, named by a keyed digest that differs from patient
to patient, so that the store does not tell who looks after whom.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from hashlib import blake2b
from typing import Any, TypeVar

import orjson

from hub.domain.access_rights import AccessRight, Right
from hub.domain.consent import ConsentKind, PatientConsent
from hub.domain.exclusions import Exclusion
from hub.domain.identifiers import Ssin
from hub.domain.mandates import Mandate, MandateKind
from hub.domain.parties import Id
from hub.domain.patient_facts import BrokenGlass, PatientFacts, SubjectFacts
from hub.domain.recorded import Recorded
from hub.domain.subjects import Subject, SubjectKind
from hub.domain.therapeutic_links import Proof, TherapeuticLink
from hub.storage.remembered import Remembered
from hub.storage.secrets import Sealer, derive
from hub.storage.values import chain_as_list, chain_from_list, party_as_list, party_from_list

CONSENTS = b"c"
"""The field of the consents."""

_DIGEST = 12
_REMEMBERED = 5_000
"""Values that a process remembers at least; twice as many at most, some two kilobytes each."""

Said = TypeVar("Said")


class AccessRecords:
    """Names, seals and opens the fields of a patient."""

    def __init__(self, secret: bytes, *, sealer: Sealer) -> None:
        self._key, self._sealer = derive(secret, "access subjects"), sealer
        self._consents: Remembered[bytes, tuple[PatientConsent, ...]] = Remembered(_REMEMBERED)
        self._subjects: Remembered[bytes, tuple[Subject, SubjectFacts]] = Remembered(_REMEMBERED)

    def field(self, patient: Ssin, subject: Subject) -> bytes:
        """The field of a subject."""
        name = f"{patient.digits} {subject.kind} {subject.value}"
        return blake2b(name.encode(), key=self._key, digest_size=_DIGEST).digest()

    def seal(self, patient: Ssin, field: bytes, written: bytes) -> bytes:
        """A value, which opens for this patient and in this field only."""
        return self._sealer.seal(written, self._place(patient, field))

    def open(self, patient: Ssin, field: bytes, sealed: bytes) -> bytes:
        """The reverse of `seal`. Raises HubError (index-unavailable)."""
        return self._sealer.open(sealed, self._place(patient, field))

    def fields(self, patient: Ssin, subjects: Iterable[Subject]) -> list[bytes]:
        """The fields that hold what was said about these subjects, the consents first."""
        return [CONSENTS, *(self.field(patient, subject) for subject in subjects)]

    def facts(self, patient: Ssin, values: Iterable[tuple[bytes, bytes | None]]) -> PatientFacts:
        """The facts in fields and their sealed values. Raises HubError (index-unavailable)."""
        consents: tuple[PatientConsent, ...] = ()
        by_subject: dict[Subject, SubjectFacts] = {}
        for field, sealed in values:
            if sealed is None:
                continue
            if field == CONSENTS:
                consents = self._opened(self._consents, read_consents, patient, field, sealed)
            else:
                subject, found = self._opened(self._subjects, read_subject, patient, field, sealed)
                by_subject[subject] = found
        return PatientFacts(consents, by_subject)

    def _opened(
        self,
        known: Remembered[bytes, Said],
        read: Callable[[bytes], Said],
        patient: Ssin,
        field: bytes,
        sealed: bytes,
    ) -> Said:
        """What a value says; in one consultation the same is asked for several times."""
        key = self._place(patient, field) + sealed
        found = known.get(key)
        if found is None:
            found = read(self.open(patient, field, sealed))
            known.keep(key, found)
        return found

    def _place(self, patient: Ssin, field: bytes) -> bytes:
        return b"access " + patient.to_bytes() + field


def write_consents(consents: Sequence[PatientConsent]) -> bytes:
    """The consents as bytes."""
    return orjson.dumps([_consent(consent) for consent in consents])


def read_consents(value: bytes) -> tuple[PatientConsent, ...]:
    """The reverse."""
    return tuple(_read_consent(row) for row in orjson.loads(value))


def write_subject(subject: Subject, facts: SubjectFacts) -> bytes:
    """What was said about a subject as bytes, the subject among it."""
    parts = [
        [_link(link) for link in facts.links],
        [_exclusion(exclusion) for exclusion in facts.exclusions],
        [_right(right) for right in facts.rights],
        [_mandate(mandate) for mandate in facts.mandates],
        [_glass(broken) for broken in facts.broken_glass],
    ]
    return orjson.dumps([subject.kind, subject.value, *parts])


def read_subject(value: bytes) -> tuple[Subject, SubjectFacts]:
    """The reverse."""
    kind, name, links, exclusions, rights, mandates, broken = orjson.loads(value)
    return Subject(SubjectKind(kind), name), SubjectFacts(
        links=tuple(map(_read_link, links)),
        exclusions=tuple(map(_read_exclusion, exclusions)),
        rights=tuple(map(_read_right, rights)),
        mandates=tuple(map(_read_mandate, mandates)),
        broken_glass=tuple(map(_read_glass, broken)),
    )


def _consent(consent: PatientConsent) -> list[Any]:
    return [
        sorted(consent.kinds),
        consent.signed_on,
        _recorded(consent.recorded),
        consent.revoked_on,
        _recorded(consent.revocation),
    ]


def _read_consent(row: list[Any]) -> PatientConsent:
    kinds, signed_on, recorded, revoked_on, revocation = row
    return PatientConsent(
        kinds=frozenset(map(ConsentKind, kinds)),
        signed_on=date.fromisoformat(signed_on),
        recorded=_read_recorded(recorded),
        revoked_on=_read_date(revoked_on),
        revocation=_read_recorded(revocation) if revocation else None,
    )


def _link(link: TherapeuticLink) -> list[Any]:
    return [
        [*map(list, link.party)],
        link.kind,
        link.start,
        link.end,
        link.proof,
        _recorded(link.recorded),
        link.comment,
        link.revoked_on,
        _recorded(link.revocation),
    ]


def _read_link(row: list[Any]) -> TherapeuticLink:
    party, kind, start, end, proof, recorded, comment, revoked_on, revocation = row
    return TherapeuticLink(
        party=_read_ids(party),
        kind=kind,
        start=date.fromisoformat(start),
        end=date.fromisoformat(end),
        proof=Proof(proof),
        recorded=_read_recorded(recorded),
        comment=comment,
        revoked_on=_read_date(revoked_on),
        revocation=_read_recorded(revocation) if revocation else None,
    )


def _exclusion(exclusion: Exclusion) -> list[Any]:
    return [
        [*map(list, exclusion.party)],
        exclusion.start,
        _recorded(exclusion.recorded),
        exclusion.lifted_on,
        _recorded(exclusion.lifting),
    ]


def _read_exclusion(row: list[Any]) -> Exclusion:
    party, start, recorded, lifted_on, lifting = row
    return Exclusion(
        party=_read_ids(party),
        start=date.fromisoformat(start),
        recorded=_read_recorded(recorded),
        lifted_on=_read_date(lifted_on),
        lifting=_read_recorded(lifting) if lifting else None,
    )


def _right(right: AccessRight) -> list[Any]:
    party = party_as_list(right.party)
    return [right.serial, right.lineage, party, right.right, _recorded(right.recorded), _recorded(right.revocation)]


def _read_right(row: list[Any]) -> AccessRight:
    serial, lineage, party, right, recorded, revocation = row
    return AccessRight(
        serial=serial,
        lineage=tuple(lineage),
        party=party_from_list(party),
        right=Right(right),
        recorded=_read_recorded(recorded),
        revocation=_read_recorded(revocation) if revocation else None,
    )


def _mandate(mandate: Mandate) -> list[Any]:
    return [
        mandate.holder.digits,
        mandate.kind,
        mandate.start,
        mandate.end,
        mandate.accepted,
        _recorded(mandate.recorded),
        mandate.revoked_on,
        _recorded(mandate.revocation),
    ]


def _read_mandate(row: list[Any]) -> Mandate:
    holder, kind, start, end, accepted, recorded, revoked_on, revocation = row
    return Mandate(
        holder=Ssin(holder),
        kind=MandateKind(kind),
        start=date.fromisoformat(start),
        end=_read_date(end),
        accepted=accepted,
        recorded=_read_recorded(recorded),
        revoked_on=_read_date(revoked_on),
        revocation=_read_recorded(revocation) if revocation else None,
    )


def _glass(broken: BrokenGlass) -> list[Any]:
    return [broken.reason, broken.until, _recorded(broken.recorded)]


def _read_glass(row: list[Any]) -> BrokenGlass:
    reason, until, recorded = row
    return BrokenGlass(reason=reason, until=datetime.fromisoformat(until), recorded=_read_recorded(recorded))


def _recorded(recorded: Recorded | None) -> list[Any] | None:
    return [recorded.at, chain_as_list(recorded.by)] if recorded else None


def _read_recorded(row: list[Any]) -> Recorded:
    at, by = row
    return Recorded(datetime.fromisoformat(at), chain_from_list(by))


def _read_ids(rows: list[Any]) -> tuple[Id, ...]:
    return tuple(Id(*row) for row in rows)


def _read_date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
