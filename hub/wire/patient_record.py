"""The record of a patient as a file to take home: JSON, in words that need no knowledge of the hub services.

Moments are ISO 8601 with their zone, days ISO 8601; what is absent is null or an empty list.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import orjson

from hub.domain.access_rights import AccessRight
from hub.domain.audit import AuditedTransaction, AuditEvent
from hub.domain.consent import PatientConsent
from hub.domain.exclusions import Exclusion
from hub.domain.mandates import Mandate
from hub.domain.parties import HcParty, Id
from hub.domain.patient_facts import BrokenGlass, SubjectFacts
from hub.domain.patient_record import PatientRecord
from hub.domain.recorded import Recorded
from hub.domain.subjects import Subject
from hub.domain.therapeutic_links import TherapeuticLink

FORMAT: Final = "hub-patient-record/1"

Json = dict[str, Any]


def write_patient_record(record: PatientRecord) -> bytes:
    """The whole file, in UTF-8."""
    return orjson.dumps(
        {
            "format": FORMAT,
            "made_at": record.at,
            "patient": {
                "number": record.patient.ssin.digits,
                "firstnames": record.patient.firstnames,
                "familyname": record.patient.familyname,
            },
            "consents": [_consent(consent) for consent in record.facts.consents],
            "said_about": [_said_about(subject, facts) for subject, facts in record.facts.by_subject.items()],
            "trail": [_event(event) for event in record.trail],
        },
        option=orjson.OPT_INDENT_2,
    )


def _consent(consent: PatientConsent) -> Json:
    return {
        "kinds": sorted(consent.kinds),
        "signed_on": consent.signed_on,
        "given": _recorded(consent.recorded),
        "revoked_on": consent.revoked_on,
        "revoked": _recorded(consent.revocation),
    }


def _said_about(subject: Subject, facts: SubjectFacts) -> Json:
    return {
        "subject": {"kind": subject.kind, "value": subject.value},
        "therapeutic_links": [_link(link) for link in facts.links],
        "exclusions": [_exclusion(exclusion) for exclusion in facts.exclusions],
        "access_rights": [_right(right) for right in facts.rights],
        "mandates": [_mandate(mandate) for mandate in facts.mandates],
        "emergencies": [_emergency(broken) for broken in facts.broken_glass],
    }


def _link(link: TherapeuticLink) -> Json:
    return {
        "numbers": _numbers(link.party),
        "kind": link.kind,
        "start": link.start,
        "end": link.end,
        "proof": link.proof,
        "comment": link.comment,
        "made": _recorded(link.recorded),
        "revoked_on": link.revoked_on,
        "revoked": _recorded(link.revocation),
    }


def _exclusion(exclusion: Exclusion) -> Json:
    return {
        "numbers": _numbers(exclusion.party),
        "start": exclusion.start,
        "made": _recorded(exclusion.recorded),
        "lifted_on": exclusion.lifted_on,
        "lifted": _recorded(exclusion.lifting),
    }


def _right(right: AccessRight) -> Json:
    return {
        "document": right.serial,
        "party": _party(right.party),
        "right": right.right,
        "given": _recorded(right.recorded),
        "taken_back": _recorded(right.revocation),
    }


def _mandate(mandate: Mandate) -> Json:
    return {
        "holder": mandate.holder.digits,
        "kind": mandate.kind,
        "start": mandate.start,
        "end": mandate.end,
        "accepted": mandate.accepted,
        "given": _recorded(mandate.recorded),
        "revoked_on": mandate.revoked_on,
        "revoked": _recorded(mandate.revocation),
    }


def _emergency(broken: BrokenGlass) -> Json:
    return {"reason": broken.reason, "until": broken.until, "by": _recorded(broken.recorded)}


def _event(event: AuditEvent) -> Json:
    return {
        "at": event.at,
        "operation": event.origin.operation,
        "outcome": event.outcome,
        "reason": event.reason,
        "rules": event.rules,
        "who": [_party(party) for party in event.actor.parties],
        "quality": event.actor.quality,
        "mandate": event.actor.mandate,
        "peer_hub": event.peer,
        "document": _document(event.transaction) if event.transaction else None,
        "break_the_glass": event.break_the_glass,
        "criteria": event.criteria,
        "results": event.results,
        "about": [_party(party) for party in event.subject],
        "details": event.details,
    }


def _document(transaction: AuditedTransaction) -> Json:
    return {
        "document": transaction.serial,
        "id": {"scheme": transaction.id.scheme, "value": transaction.id.value},
        "type": transaction.transaction_type,
        "date": transaction.date,
        "time": transaction.time,
        "author": [_party(party) for party in transaction.author],
    }


def _recorded(recorded: Recorded | None) -> Json | None:
    return {"at": recorded.at, "by": [_party(party) for party in recorded.by]} if recorded else None


def _party(party: HcParty) -> Json:
    names = (party.name, party.firstname, party.familyname)
    return {
        "profession": party.profession,
        "name": " ".join(name for name in names if name),
        "numbers": _numbers(party.ids),
    }


def _numbers(ids: Iterable[Id]) -> list[Mapping[str, str]]:
    return [{"scheme": id_.local_scheme or id_.scheme, "value": id_.value} for id_ in ids]
