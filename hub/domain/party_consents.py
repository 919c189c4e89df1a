"""The consent of care parties to take part in the hub, and who may speak for them (security facts, part 4.2)."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from hub.domain.consent import PartyConsent
from hub.domain.errors import HubError, Reason
from hub.domain.identity import HUB, PATIENT
from hub.domain.parties import Id, Requester
from hub.domain.providers import Provider
from hub.domain.recorded import HISTORY, Recorded, day_said
from hub.domain.subjects import Subject, subjects_of

CLOCK_SKEW: Final = timedelta(days=1)
"""How far the day of a caller may be ahead of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyConsentStatement:
    """What a caller says about the consent of the care party with these ids; absent days are None."""

    party: tuple[Id, ...]
    signed_on: date | None = None
    revoked_on: date | None = None


def give_consent(before: Provider | None, subject: Subject, signed_on: date | None, recorded: Recorded) -> Provider:
    """Give consent to take part, also before registering. Raises HubError (content) for a day in the future."""
    signed_on = day_said(signed_on, recorded, tolerance=CLOCK_SKEW, where="consent/signdate")
    provider = before or Provider(subject=subject)
    if provider.has_consented:
        return provider
    given = PartyConsent(signed_on=signed_on, recorded=recorded)
    return replace(provider, consents=(*provider.consents, given)[-HISTORY:])


def revoke_consent(before: Provider | None, on: date | None, recorded: Recorded) -> Provider | None:
    """End the consent on a day, the first without it; where there is none nothing changes.

    Raises HubError (content) for a day in the future or before the consent was signed.
    """
    on = day_said(on, recorded, tolerance=CLOCK_SKEW, where="consent/revokedate")
    if before is None or before.consent is None or not before.has_consented:
        return before
    if on < before.consent.signed_on:
        raise HubError(Reason.CONTENT, where="consent/revokedate", limit="a day that is not before that of signing")
    revoked = replace(before.consent, revoked_on=on, revocation=recorded)
    return replace(before, consents=(*before.consents[:-1], revoked))


def may_speak_for(requester: Requester, subject: Subject, provider: Provider | None, *, hub: str) -> bool:
    """Whether a requester may give, see and revoke the consent of a care party.

    The party itself may, the organisation that it speaks through or that vouched for it, and the staff of this hub
    (its number is `hub`). Other hubs may not: consent is given to a hub, not through one. Nor may a patient.
    """
    if any(party.profession == HUB for party in requester.parties) or _is_hub(requester):
        return _is_staff(requester, hub)
    if subject in subjects_of(tuple(party for party in requester.parties if party.profession != PATIENT)):
        return True
    registration = provider.registration if provider else None
    return bool(registration and registration.guarantor and registration.guarantor == requester.organisation_number)


def _is_staff(requester: Requester, hub: str) -> bool:
    stated = {party.number for party in requester.parties if party.profession == HUB}
    proven = requester.identity is None or (_is_hub(requester) and requester.identity.number == hub)
    return stated == {hub} and proven


def _is_hub(requester: Requester) -> bool:
    return requester.identity is not None and requester.identity.quality == HUB
