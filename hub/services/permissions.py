"""Who may say something about access, and who may read what was said, as the services need it answered.

Rules of a hub are policy (security facts, parts 4.7, 4.8 and 4.11): what stands behind this decides by them.
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from hub.domain.access_policy import Action
from hub.domain.context import RequestContext
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.parties import Author, Requester
from hub.domain.subjects import Subject, SubjectKind, subjects_of


class Voice(Enum):
    """As whom somebody speaks, which says how much of an answer is his to know."""

    PATIENT = auto()
    """The patient, or who may decide for him: everything."""
    AUTHOR = auto()
    """Who wrote the document: everything about the document."""
    PARTY = auto()
    """A care party: what is about himself."""
    STAFF = auto()
    """The staff of the hub, which has seen the papers: everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants to do with what was said about a patient.

    `about` are the subjects that it concerns, such as the care party of a link; none when it concerns everybody.
    `author` is that of the document that it is about.
    """

    action: Action
    patient: Ssin
    about: frozenset[Subject] = frozenset()
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


class NothingPermitted:
    """Implements `Permissions` for services that say nothing about a patient, and so ask for nothing."""

    async def permit(self, context: RequestContext, wish: Wish) -> Permit:  # noqa: ARG002 - as the protocol says
        """Raises HubError (not-yours)."""
        raise HubError(Reason.NOT_YOURS)


class EverythingPermitted:
    """Implements `Permissions` for the staff of the hub, whose own shell or desk lets nobody else act."""

    async def permit(self, context: RequestContext, wish: Wish) -> Permit:  # noqa: ARG002 - as the protocol says
        """See the protocol."""
        return Permit(voice=Voice.STAFF)


def own_subjects(requester: Requester) -> frozenset[Subject]:
    """The subjects that a requester alone is: by his own numbers, and those of who speaks with him."""
    shared = (SubjectKind.PROFESSION, SubjectKind.EVERYBODY)
    return frozenset(subject for subject in subjects_of(requester.parties) if subject.kind not in shared)


def himself(requester: Requester) -> Ssin | None:
    """The number of a patient who asks; None for others. Raises HubError (patient-number)."""
    person = requester.person
    return Ssin(person.id_value("INSS")) if person and person.profession == "patient" else None
