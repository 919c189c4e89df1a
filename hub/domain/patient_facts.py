"""What is registered about access to one patient's documents.

What was said about one subject stands together, its history included, so that a decision reads a handful of subjects,
however many there are. Changes are functions from what stands to what is to stand; the registry asks them again when
somebody else was faster.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from hub.domain.access_rights import AccessRight
from hub.domain.consent import PatientConsent
from hub.domain.exclusions import Exclusion
from hub.domain.mandates import Mandate
from hub.domain.recorded import Recorded
from hub.domain.subjects import Subject
from hub.domain.therapeutic_links import TherapeuticLink


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenGlass:
    """Somebody broke the glass, with this reason; it stands in for a link until `until`."""

    reason: str
    until: datetime
    recorded: Recorded


@dataclass(frozen=True, slots=True)
class SubjectFacts:
    """All that was said about one subject, each kind oldest first, ended ones included."""

    links: tuple[TherapeuticLink, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    rights: tuple[AccessRight, ...] = ()
    mandates: tuple[Mandate, ...] = ()
    broken_glass: tuple[BrokenGlass, ...] = ()


@dataclass(frozen=True, slots=True)
class PatientFacts:
    """The patient's consents, oldest first, and what was said about the subjects that were asked for.

    A subject nothing was said about is not among them.
    """

    consents: tuple[PatientConsent, ...] = ()
    by_subject: Mapping[Subject, SubjectFacts] = field(default_factory=dict)


SubjectRule = Callable[[SubjectFacts], SubjectFacts]
"""What is to stand about a subject, from what stands; raises HubError to change nothing. It may be asked again."""

ConsentRule = Callable[[tuple[PatientConsent, ...]], tuple[PatientConsent, ...]]
"""The same for the consents of a patient."""
