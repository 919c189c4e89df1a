"""Why somebody would see something or nothing, for the staff of the hub: decided as for him, without showing it.

Nothing of a document is read, and nothing leaves the hub before the audit trail has who asked, and about whom.
"""

from dataclasses import dataclass, replace

from hub.domain.access import Granted
from hub.domain.access_facts import AccessFacts, Refused
from hub.domain.access_matrix import Level
from hub.domain.access_view import NO_SUCH_DOCUMENT, DocumentAccess, View
from hub.domain.asker import Asker
from hub.domain.context import Origin, RequestContext
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.national import NationalWord
from hub.domain.parties import Id, Requester
from hub.domain.staff import Staff
from hub.ports.access_registry import AccessRegistry
from hub.ports.registries import PatientRegistry
from hub.services.attempts import Attempt, Attempts, Matter
from hub.services.auditing import audited
from hub.services.deciding import Deciding
from hub.services.lookup import TransactionLookup

EXPLAIN = "Explain"
"""The operation that an explanation is in the audit trail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessQuestion:
    """Who would ask, about whom, for which document if any, and with which reason to break the glass."""

    requester: Requester
    patient: Ssin
    transaction: Id | None = None
    break_the_glass: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A decision with what led to it. `document` is what would be seen of the document, None without one.

    That is decided when the record may be seen at all.
    """

    asker: Asker
    word: NationalWord
    decision: Granted | Refused
    document: DocumentAccess | None = None

    @property
    def facts(self) -> AccessFacts:
        """The facts that were found."""
        return self.asker.facts

    @property
    def reason(self) -> Reason | None:
        """Why nothing would be seen; None when something would."""
        if isinstance(self.decision, Refused):
            return self.decision.reason
        is_hidden = self.document is not None and self.document.level is Level.NONE
        return Reason.TRANSACTION_UNKNOWN if is_hidden else None


class Explanations:
    """Explains decisions."""

    def __init__(
        self,
        *,
        deciding: Deciding,
        patients: PatientRegistry,
        registry: AccessRegistry,
        lookup: TransactionLookup,
        attempts: Attempts,
    ) -> None:
        self._deciding, self._patients, self._registry = deciding, patients, registry
        self._lookup, self._attempts = lookup, attempts

    async def explain(self, staff: Staff, question: AccessQuestion) -> Explained:
        """What the guard would decide now, for the staff who want to know.

        Raises HubError: patient-unknown, national-service-unavailable, index-unavailable, audit-unavailable.
        """
        matter = Matter(patient=question.patient, subject=question.requester.parties)
        async with self._attempts.attempt(staff.doing(EXPLAIN), matter) as attempt:
            explained = await self._explained(attempt, question)
            reason = explained.reason
            details = {
                "decision": reason.value if reason else "granted",
                "rules": " ".join((*explained.decision.rules, *explained.word.notes)),
            }
            if explained.document:
                details["document"] = f"{explained.document.level} {explained.document.rule}"
            attempt.matter = replace(attempt.matter, details=details)
            await attempt.answer(1)
            return explained

    async def _explained(self, attempt: Attempt, question: AccessQuestion) -> Explained:
        patient = await self._patients.get(question.patient)
        if patient is None:
            raise HubError(Reason.PATIENT_UNKNOWN, where="patient")
        asked = await self._deciding.question(_as_asked(attempt.context, question), question.patient)
        registered = await self._registry.facts(question.patient, asked.subjects)
        decision = self._deciding.decide(asked, patient, registered)
        explained = Explained(
            asker=Asker.of(self._deciding.policy, decision.facts), word=asked.word, decision=decision.outcome
        )
        if question.transaction is None or isinstance(decision.outcome, Refused):
            return explained
        document = await self._document(attempt, question.patient, question.transaction, decision.outcome.view)
        return replace(explained, document=document)

    async def _document(self, attempt: Attempt, patient: Ssin, name: Id, view: View) -> DocumentAccess:
        try:
            reference = await self._lookup.reference(patient, name)
        except HubError as error:
            if error.reason is not Reason.TRANSACTION_UNKNOWN:
                raise
            return NO_SUCH_DOCUMENT
        (local_id,) = self._lookup.ids_of(patient, [reference])
        attempt.matter = replace(attempt.matter, transaction=audited(reference, local_id))
        return view.access_to(reference)


def _as_asked(staff: RequestContext, question: AccessQuestion) -> RequestContext:
    """The request that is asked about, as if it came now."""
    return RequestContext(
        requester=question.requester,
        origin=Origin(operation=EXPLAIN, request_id=staff.request_id),
        deadline=staff.deadline,
        break_the_glass=question.break_the_glass,
    )
