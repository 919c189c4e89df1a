"""Who may say something about access, and who may read what was said, as the services need it answered.

Rules of a hub are policy (security facts, parts 4.7, 4.8 and 4.11): what stands behind this decides by them.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import Protocol

from hub.domain.context import RequestContext
from hub.domain.identifiers import Ssin
from hub.domain.parties import Author, Requester
from hub.domain.subjects import Subject, SubjectKind, subjects_of


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
    END_MANDATE = "end-mandate"
    READ_MANDATES = "read-mandates"
    READ_TRAIL = "read-trail"


class Voice(Enum):
    """As whom somebody speaks, which says how much of an answer is his to know."""

    PATIENT = auto()
    """The patient, or who may decide for him: everything."""
    AUTHOR = auto()
    """Who wrote the document: everything about the document."""
    PARTY = auto()
    """A care party: what is about himself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants to do: about which patient, which care party, and a document of which author."""

    action: Action
    patient: Ssin
    about: Subject | None = None
    author: Author = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """He may. `mandate` is the kind of mandate he acts by, empty without one; `rules` are those that let him."""

    voice: Voice
    mandate: str = ""
    rules: tuple[str, ...] = ()


class Permissions(Protocol):
    """Answers wishes."""

    async def permit(self, context: RequestContext, wish: Wish) -> Permit:
        """Raises HubError: not-yours, access-denied and other refusals, index-unavailable."""
        ...


def own_subjects(requester: Requester) -> frozenset[Subject]:
    """The subjects that a requester alone is: by his own numbers, and those of who speaks with him."""
    shared = (SubjectKind.PROFESSION, SubjectKind.EVERYBODY)
    return frozenset(subject for subject in subjects_of(requester.parties) if subject.kind not in shared)
