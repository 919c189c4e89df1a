"""Care providers who take part in the hub: their registration, and who vouches for them.

Network facts, part 3 (enrolment) and 11 (staff tasks). Rules are functions from what is known of a provider to what is
to be known; saying the same again changes nothing. Their consent: `party_consents`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import takewhile

from hub.domain.access_facts import ProviderStanding
from hub.domain.consent import PartyConsent
from hub.domain.errors import HubError, Reason
from hub.domain.parties import is_organisation
from hub.domain.recorded import HISTORY, Recorded
from hub.domain.subjects import Subject, SubjectKind


class RegistrationState(StrEnum):
    """How the registration of a provider stands."""

    PENDING = "pending"
    APPROVED = "approved"
    REFUSED = "refused"
    SUSPENDED = "suspended"


class Wait(StrEnum):
    """What a pending registration waits for."""

    GUARANTOR = "guarantor"
    """That its guarantor vouches for the provider."""
    VALIDATION = "validation"
    """That the hub's staff validates what the directory did not."""


class DirectoryFinding(StrEnum):
    """What the directory of care providers said of one."""

    NOT_ASKED = "not-asked"
    """There is none."""
    VALID = "valid"
    """It knows him in this profession, with a licence."""
    LICENCE_ENDED = "licence-ended"
    OTHER_PROFESSION = "other-profession"
    NOT_FOUND = "not-found"
    UNAVAILABLE = "unavailable"
    """It did not answer, or not with sense."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """One state of a registration, since it was recorded.

    `guarantor` vouches: the key of a recognised guarantor, the NIHII number of the organisation that answers for the
    provider, or empty where nobody needs to. `remark` is what staff or guarantor wrote about it.
    """

    state: RegistrationState
    recorded: Recorded
    guarantor: str = ""
    directory: DirectoryFinding = DirectoryFinding.NOT_ASKED
    waits_for: frozenset[Wait] = frozenset()
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A care provider, person or organisation. `registrations` and `consents` are oldest first, the last one counts."""

    subject: Subject
    profession: str = ""
    registrations: tuple[Registration, ...] = ()
    consents: tuple[PartyConsent, ...] = ()

    @property
    def registration(self) -> Registration | None:
        """The registration as it stands; None for one who never registered."""
        return self.registrations[-1] if self.registrations else None

    @property
    def state(self) -> RegistrationState | None:
        """The state of the registration as it stands."""
        return self.registrations[-1].state if self.registrations else None

    @property
    def since(self) -> datetime | None:
        """Since when the registration has been in its state, whatever was settled meanwhile."""
        run = takewhile(lambda registration: registration.state is self.state, reversed(self.registrations))
        return min((registration.recorded.at for registration in run), default=None)

    @property
    def consent(self) -> PartyConsent | None:
        """The last consent, whether it stands or was revoked; None for one who never gave any."""
        return self.consents[-1] if self.consents else None

    @property
    def has_consented(self) -> bool:
        """Whether his consent stands."""
        return self.consent is not None and self.consent.revoked_on is None

    @property
    def is_pending(self) -> bool:
        """Whether his registration waits for somebody."""
        return self.state is RegistrationState.PENDING


@dataclass(frozen=True, slots=True, kw_only=True)
class GuarantorPolicy:
    """Who may vouch for whom: the professions of each recognised guarantor by its key, and those that need none."""

    guarantors: Mapping[str, frozenset[str]]
    without: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """What somebody asks who wants to be registered.

    `guarantor` is the key of the guarantor that he chose, `organisation` the provider that answers for its staff; at
    most one of them.
    """

    subject: Subject
    profession: str
    guarantor: str = ""
    organisation: Provider | None = None


def register(
    before: Provider | None,
    application: Application,
    policy: GuarantorPolicy,
    finding: DirectoryFinding,
    recorded: Recorded,
) -> Provider:
    """Take an application: approved at once when somebody vouches and the directory agrees, else it waits.

    The same application again only looks at what the directory says now. Raises HubError: party-number (a NIHII number
    is wanted), guarantor, registration-state (suspended: only an approval lifts that).
    """
    if application.subject.kind is not SubjectKind.NIHII:
        raise HubError(Reason.PARTY_NUMBER, where="provider")
    guarantor, is_vouched_for = _guarantor_of(application, policy)
    provider = replace(before or Provider(subject=application.subject), profession=application.profession)
    if provider.state is RegistrationState.SUSPENDED:
        raise _wrong_state(provider, wanted=RegistrationState.APPROVED)
    is_same = before is not None and before.profession == application.profession
    if provider.registration is not None and is_same and provider.registration.guarantor == guarantor:
        if provider.state is RegistrationState.APPROVED:
            return provider
        if provider.is_pending:
            return validate(provider, finding, recorded)
    waits = frozenset() if is_vouched_for else frozenset({Wait.GUARANTOR})
    asked = Registration(
        state=RegistrationState.PENDING, recorded=recorded, guarantor=guarantor, directory=finding, waits_for=waits
    )
    return _with(provider, _looked_up(asked, finding))


def validate(provider: Provider, finding: DirectoryFinding, recorded: Recorded) -> Provider:
    """Take what the directory says now of one whose registration is pending; nobody else is touched."""
    registration = provider.registration
    if registration is None or not provider.is_pending or finding in (registration.directory, *_SILENCE):
        return provider
    return _with(provider, _looked_up(replace(registration, recorded=recorded), finding))


def approve(before: Provider | None, recorded: Recorded, *, guarantor: str = "") -> Provider:
    """Approve as the guarantor, who vouches and no more; or as the hub's staff, who settle all that is waited for.

    Raises HubError: party-unknown, guarantor (it is not this one), registration-state (a guarantor approves what is
    pending).
    """
    provider, registration = _registered(before, guarantor)
    if registration.state is RegistrationState.APPROVED:
        return provider
    if guarantor and not provider.is_pending:
        raise _wrong_state(provider, wanted=RegistrationState.PENDING)
    waits = registration.waits_for - {Wait.GUARANTOR} if guarantor else frozenset()
    if guarantor and waits == registration.waits_for:
        return provider
    return _with(provider, _waiting(replace(registration, recorded=recorded, remark=""), waits))


def refuse(before: Provider | None, recorded: Recorded, *, guarantor: str = "", remark: str = "") -> Provider:
    """Refuse a pending registration, as its guarantor or as the hub's staff. Raises what `approve` raises."""
    provider, registration = _registered(before, guarantor)
    if registration.state is RegistrationState.REFUSED:
        return provider
    if not provider.is_pending:
        raise _wrong_state(provider, wanted=RegistrationState.PENDING)
    return _ended(provider, registration, RegistrationState.REFUSED, recorded, remark)


def suspend(before: Provider | None, recorded: Recorded, *, remark: str = "") -> Provider:
    """Suspend an approved registration, until staff approve it again. Raises HubError as `approve` does."""
    provider, registration = _registered(before, "")
    if registration.state is RegistrationState.SUSPENDED:
        return provider
    if registration.state is not RegistrationState.APPROVED:
        raise _wrong_state(provider, wanted=RegistrationState.APPROVED)
    return _ended(provider, registration, RegistrationState.SUSPENDED, recorded, remark)


def standing_of(person: Iterable[Provider], organisation: Iterable[Provider]) -> ProviderStanding:
    """The standing of a person, or of the organisation that answers for him.

    A person may be known by two numbers. His own registration or consent counts before that of the organisation: it
    answers for who has said nothing himself, not for one who was refused or suspended, or has revoked his consent.
    """
    person, organisation = tuple(person), tuple(organisation)
    states = {provider.state for provider in person}
    is_barred = bool(states & {RegistrationState.REFUSED, RegistrationState.SUSPENDED})
    answers = any(provider.state is RegistrationState.APPROVED for provider in organisation)
    own = [provider.consent for provider in person if provider.consent is not None]
    agrees = any(provider.has_consented for provider in organisation)
    return ProviderStanding(
        registered=not is_barred and (RegistrationState.APPROVED in states or answers),
        consented=max(own, key=_said_at).revoked_on is None if own else agrees,
    )


_SILENCE = (DirectoryFinding.UNAVAILABLE, DirectoryFinding.NOT_ASKED)


def _guarantor_of(application: Application, policy: GuarantorPolicy) -> tuple[str, bool]:
    """Who vouches, and whether he does so by the application itself."""
    if application.organisation is not None:
        return _organisation_vouching(application.organisation, application.profession), True
    if not application.guarantor:
        if application.profession in policy.without or is_organisation(application.profession):
            return "", True
    elif application.profession in policy.guarantors.get(application.guarantor, ()):
        return application.guarantor, False
    known = sorted(key for key, professions in policy.guarantors.items() if application.profession in professions)
    raise HubError(
        Reason.GUARANTOR,
        profession=application.profession,
        guarantor=application.guarantor or "-",
        wanted=", ".join(known) or "-",
    )


def _organisation_vouching(organisation: Provider, profession: str) -> str:
    if organisation.state is RegistrationState.APPROVED and is_organisation(organisation.profession):
        return organisation.subject.value
    raise HubError(
        Reason.GUARANTOR,
        profession=profession,
        guarantor=organisation.subject.value,
        wanted="an organisation whose registration is approved",
    )


def _looked_up(registration: Registration, finding: DirectoryFinding) -> Registration:
    registration = replace(registration, directory=finding)
    if finding is DirectoryFinding.LICENCE_ENDED:
        return replace(registration, state=RegistrationState.REFUSED, waits_for=frozenset())
    is_valid = finding is DirectoryFinding.VALID
    others = registration.waits_for - {Wait.VALIDATION}
    return _waiting(registration, others if is_valid else others | {Wait.VALIDATION})


def _waiting(registration: Registration, waits: frozenset[Wait]) -> Registration:
    state = RegistrationState.PENDING if waits else RegistrationState.APPROVED
    return replace(registration, state=state, waits_for=waits)


def _ended(
    provider: Provider, registration: Registration, state: RegistrationState, recorded: Recorded, remark: str
) -> Provider:
    ended = replace(registration, state=state, recorded=recorded, waits_for=frozenset(), remark=remark)
    return _with(provider, ended)


def _registered(provider: Provider | None, guarantor: str) -> tuple[Provider, Registration]:
    """The provider and the registration, which this guarantor, if any, may decide on."""
    if provider is None or provider.registration is None:
        raise HubError(Reason.PARTY_UNKNOWN, where="provider")
    wanted = provider.registration.guarantor
    if guarantor and guarantor != wanted:
        raise HubError(Reason.GUARANTOR, profession=provider.profession, guarantor=guarantor, wanted=wanted or "-")
    return provider, provider.registration


def _with(provider: Provider, registration: Registration) -> Provider:
    return replace(provider, registrations=(*provider.registrations, registration)[-HISTORY:])


def _wrong_state(provider: Provider, *, wanted: RegistrationState) -> HubError:
    return HubError(Reason.REGISTRATION_STATE, where="provider", state=str(provider.state), wanted=wanted.value)


def _said_at(consent: PartyConsent) -> datetime:
    return (consent.revocation or consent.recorded).at
