"""Everything of the access decision that is policy, as frozen values (security facts, parts 4.2 to 4.10).

The shipped policy is `hub/config/access/rules.toml`; each value there says whether it is sourced or inferred.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from hub.domain.access_matrix import NO_ROLE, AccessMatrix, Role
from hub.domain.consent import ConsentKind
from hub.domain.mandates import MandateKind
from hub.domain.parties import HcParty, Requester


class Authentication(StrEnum):
    """How the caller proved who he is."""

    PLAIN = "plain"
    """Not at all: the listener believes the author that a message states."""
    PERSON = "person"
    """A person holds the key."""
    ORGANISATION = "organisation"
    """An organisation, or a hub, holds the key and names its people."""


def authentication_of(requester: Requester) -> Authentication:
    """How a requester proved who he is."""
    if requester.identity is None:
        return Authentication.PLAIN
    return Authentication.ORGANISATION if requester.identity.is_organisation else Authentication.PERSON


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticationRules:
    """Which callers are taken.

    `circles_of_trust` are kinds of organisations (CD-HCPARTY) that may name the person who acts; whoever speaks through
    one is registered with the hub by it. `portals` are numbers of organisations that may speak for patients.
    """

    accepted: frozenset[Authentication]
    circles_of_trust: frozenset[str] = frozenset()
    portals: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRules:
    """What care providers must have done themselves."""

    registration: bool = True
    consent: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRules:
    """Which consents of a patient count."""

    kinds: frozenset[ConsentKind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """Organisations (CD-HCPARTY codes) whose link counts for those of the roles who speak through one."""

    organisations: frozenset[str]
    roles: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRules:
    """Which kinds of links (CD-THERAPEUTICLINKTYPE) are a care context, and whose links count for others."""

    care_context: frozenset[str] = frozenset()
    teams: Mapping[str, Team] = field(default_factory=dict)


class NumberMatch(StrEnum):
    """When two NIHII numbers of persons are the same."""

    PRACTICE_PREFIX = "practice-prefix"
    """The first eight digits are: the person in every practice and qualification."""
    EXACT = "exact"
    """All digits are; a number that states only eight is meant in every qualification."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExclusionRules:
    """How an exclusion finds the excluded."""

    persons: NumberMatch = NumberMatch.PRACTICE_PREFIX


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakTheGlassRules:
    """Access in an emergency: a reason of `least` to `most` characters stands in for a missing link for some hours."""

    enabled: bool = False
    roles: frozenset[str] = frozenset()
    least: int = 10
    most: int = 200
    hours: int = 24
    overrides_exclusion: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.least <= self.most:
            raise ValueError(f"least: from 1 to {self.most} (most) is wanted, seen: {self.least}")
        if self.hours < 1:
            raise ValueError(f"hours: at least 1 is wanted, seen: {self.hours}")

    @property
    def lifetime(self) -> timedelta:
        """How long a reason stands in."""
        return timedelta(hours=self.hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientRules:
    """From which age, in years, patients act for themselves. Somebody whose age is not known counts as an adult."""

    reads_from: int = 0
    decides_from: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MandateRules:
    """What holders of a kind of mandate may do, and below which age of the patient; 0 is any age."""

    reads: bool = False
    reads_below: int = 0
    decides: bool = False
    decides_below: int = 0

    def allow(self, age: tuple[int, int] | None, *, decides: bool) -> bool:
        """Whether a holder may read, or decide, for a patient of this age: the least and the greatest it can be."""
        may, below = (self.decides, self.decides_below) if decides else (self.reads, self.reads_below)
        return may and (not below or (age is not None and age[1] < below))


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerRules:
    """What is looked at when a peer hub asks, which answers for consent and link itself."""

    exclusions: bool = True
    rights: bool = True
    matrix: bool = True
    patient_flags: bool = True


class Action(StrEnum):
    """What somebody may want to do about the access to a patient's documents."""

    GIVE_CONSENT = "give-consent"
    WITHDRAW_CONSENT = "withdraw-consent"
    READ_CONSENT = "read-consent"
    PUT_LINK = "put-link"
    REVOKE_LINK = "revoke-link"
    READ_LINKS = "read-links"
    EXCLUDE = "exclude"
    LIFT_EXCLUSION = "lift-exclusion"
    READ_EXCLUSIONS = "read-exclusions"
    PUT_RIGHT = "put-right"
    REVOKE_RIGHT = "revoke-right"
    READ_RIGHTS = "read-rights"
    NAME_MANDATE = "name-mandate"
    ACCEPT_MANDATE = "accept-mandate"
    END_MANDATE = "end-mandate"
    READ_MANDATES = "read-mandates"
    READ_TRAIL = "read-trail"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionRules:
    """Who may do something. The sets hold role names; `*` is every role but that of patients.

    `patient`: the patient himself. `mandate`: who may decide for him; with `by_reading`, also who may read for him and
    the patient who may only read. `roles`: care providers of these roles. `linked`: those who have a link with the
    patient. `concerned`: those whom it is about. `author`: who wrote the document.
    """

    patient: bool = False
    mandate: bool = False
    by_reading: bool = False
    roles: frozenset[str] = frozenset()
    linked: frozenset[str] = frozenset()
    concerned: frozenset[str] = frozenset()
    author: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessPolicy:
    """The whole policy of a hub. Roles are in the order in which they are tried."""

    roles: tuple[Role, ...]
    matrix: AccessMatrix
    authentication: AuthenticationRules
    provider: ProviderRules
    consent: ConsentRules
    links: LinkRules
    exclusion: ExclusionRules
    break_the_glass: BreakTheGlassRules
    patient: PatientRules
    mandates: Mapping[MandateKind, MandateRules]
    peers: PeerRules
    actions: Mapping[Action, ActionRules]

    def role(self, code: str, *, departments: frozenset[str], qualification: str) -> Role:
        """The first role that a profession has, from these departments and with the end of a NIHII number."""
        for role in self.roles:
            if code in role.codes and (
                not role.is_narrow
                or not role.departments.isdisjoint(departments)
                or qualification in role.qualifications
            ):
                return role
        return NO_ROLE

    def is_circle_of_trust(self, organisation: HcParty | None) -> bool:
        """Whether an organisation may name its people, and answers for them."""
        return organisation is not None and organisation.profession in self.authentication.circles_of_trust
