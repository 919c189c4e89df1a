"""Care providers for tests: who they are, what was recorded of them, who may vouch. All invented."""

from datetime import UTC, datetime, timedelta

from hub.domain.audit import AuditEvent
from hub.domain.parties import HcParty
from hub.domain.providers import Application, DirectoryFinding, GuarantorPolicy, Provider, register
from hub.domain.recorded import Recorded
from hub.domain.subjects import Subject, SubjectKind
from tests.builders import GP_NIHII, HOSPITAL_NIHII, OTHER_GP_NIHII, a_hospital, an_event

GP = Subject(SubjectKind.NIHII, GP_NIHII[:8])
OTHER_GP = Subject(SubjectKind.NIHII, OTHER_GP_NIHII[:8])
HOSPITAL = Subject(SubjectKind.NIHII, HOSPITAL_NIHII)
POLICY = GuarantorPolicy(
    guarantors={"league": frozenset({"persphysician"}), "kine": frozenset({"persphysiotherapist"})},
    without=frozenset({"persnurse"}),
)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def recorded(minutes: int = 0, *by: HcParty) -> Recorded:
    """So many minutes after noon, said by the hospital or the parties given."""
    return Recorded(NOON + timedelta(minutes=minutes), by or (a_hospital(),))


def an_application(
    subject: Subject = GP, profession: str = "persphysician", *, guarantor: str = "league"
) -> Application:
    """A family doctor's."""
    return Application(subject=subject, profession=profession, guarantor=guarantor)


def a_pending(subject: Subject = GP, minutes: int = 0) -> Provider:
    """A family doctor who waits for his guarantor."""
    return register(None, an_application(subject), POLICY, DirectoryFinding.VALID, recorded(minutes))


def an_organisation() -> Provider:
    """A hospital whose registration is approved."""
    application = an_application(HOSPITAL, "orghospital", guarantor="")
    return register(None, application, POLICY, DirectoryFinding.VALID, recorded())


def a_change() -> AuditEvent:
    """An event that is about no patient."""
    return an_event(None, operation="PutHCPartyConsent")
