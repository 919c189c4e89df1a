"""Care providers as bytes. The first part says which version of the format it is."""

import json
from datetime import date, datetime
from typing import Any, Final

from hub.domain.consent import PartyConsent
from hub.domain.providers import DirectoryFinding, Provider, Registration, RegistrationState, Wait
from hub.domain.recorded import Recorded
from hub.domain.subjects import Subject, SubjectKind
from hub.storage.values import chain_as_list, chain_from_list

_VERSION: Final = 1


def encode_provider(provider: Provider) -> bytes:
    """A provider as bytes."""
    return _dump(
        [
            _VERSION,
            list(provider.subject),
            provider.profession,
            [_registration(registration) for registration in provider.registrations],
            [_consent(consent) for consent in provider.consents],
        ]
    )


def decode_provider(value: bytes) -> Provider:
    """The reverse of `encode_provider`. Raises ValueError for anything else."""
    subject, profession, registrations, consents = _parts(value)
    return Provider(
        subject=_read_subject(subject),
        profession=profession,
        registrations=tuple(_read_registration(*registration) for registration in registrations),
        consents=tuple(_read_consent(*consent) for consent in consents),
    )


def encode_waiting(subject: Subject, since: datetime) -> bytes:
    """Who waits since when, as bytes."""
    return _dump([_VERSION, list(subject), since.isoformat()])


def decode_waiting(value: bytes) -> tuple[Subject, datetime]:
    """The reverse of `encode_waiting`. Raises ValueError for anything else."""
    subject, since = _parts(value)
    return _read_subject(subject), datetime.fromisoformat(since)


def _dump(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _parts(value: bytes) -> list[Any]:
    parts: list[Any]
    version, *parts = json.loads(value)
    if version != _VERSION:
        raise ValueError("a later version of the hub has written this")
    return parts


def _read_subject(value: list[str]) -> Subject:
    kind, number = value
    return Subject(SubjectKind(kind), number)


def _registration(registration: Registration) -> list[Any]:
    return [
        registration.state,
        _recorded(registration.recorded),
        registration.guarantor,
        registration.directory,
        sorted(registration.waits_for),
        registration.remark,
    ]


def _read_registration(*parts: Any) -> Registration:  # noqa: ANN401 - as JSON has it
    state, recorded, guarantor, directory, waits_for, remark = parts
    return Registration(
        state=RegistrationState(state),
        recorded=_read_recorded(recorded),
        guarantor=guarantor,
        directory=DirectoryFinding(directory),
        waits_for=frozenset(map(Wait, waits_for)),
        remark=remark,
    )


def _consent(consent: PartyConsent) -> list[Any]:
    return [
        consent.signed_on.isoformat(),
        _recorded(consent.recorded),
        consent.revoked_on and consent.revoked_on.isoformat(),
        consent.revocation and _recorded(consent.revocation),
    ]


def _read_consent(*parts: Any) -> PartyConsent:  # noqa: ANN401 - as JSON has it
    signed_on, recorded, revoked_on, revocation = parts
    return PartyConsent(
        signed_on=date.fromisoformat(signed_on),
        recorded=_read_recorded(recorded),
        revoked_on=date.fromisoformat(revoked_on) if revoked_on else None,
        revocation=_read_recorded(revocation) if revocation else None,
    )


def _recorded(recorded: Recorded) -> list[Any]:
    return [recorded.at.isoformat(), chain_as_list(recorded.by)]


def _read_recorded(value: list[Any]) -> Recorded:
    at, by = value
    return Recorded(datetime.fromisoformat(at), chain_from_list(by))
