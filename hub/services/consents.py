"""Give and withdraw consent, and say how it stands (security facts, part 4.2)."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import timedelta

from hub.domain.access_policy import Action
from hub.domain.consent import ConsentKind, ConsentStatement, PatientConsent, give, standing, withdraw
from hub.domain.context import RequestContext
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.parties import Patient
from hub.domain.recorded import day_said
from hub.ports.access_registry import AccessRegistry
from hub.ports.runtime import Clock
from hub.services.attempts import Attempts, Matter
from hub.services.changes import Remembered, recorded_by
from hub.services.patients import KnownPatients
from hub.services.permissions import Voice, Wish


@dataclass(frozen=True, slots=True)
class FoundConsent:
    """A consent, and whether who asks may know who recorded it."""

    consent: PatientConsent
    tells_by_whom: bool


class Consents:
    """The consents of patients. Changes return whether they changed anything.

    With `registers_patients` the consent of an unknown patient registers him. `tolerance` is how far the clock of a
    caller may be ahead.
    """

    def __init__(
        self,
        *,
        registry: AccessRegistry,
        attempts: Attempts,
        patients: KnownPatients,
        clock: Clock,
        registers_patients: bool,
        tolerance: timedelta,
    ) -> None:
        self._registry, self._attempts, self._patients = registry, attempts, patients
        self._clock = clock
        self._registers_patients, self._tolerance = registers_patients, tolerance

    async def give(self, context: RequestContext, patient: Patient, statement: ConsentStatement) -> bool:
        """Give consent; `patient` is what the statement says of him, for the hub to register.

        Raises HubError: content (days that cannot be), patient-unknown, patient-deceased, card-number,
        card-of-another, and what `Permissions` raises.
        """
        async with self._attempts.attempt(context, _matter(patient.ssin, statement.kinds)) as attempt:
            await attempt.permit(Wish(action=Action.GIVE_CONSENT, patient=patient.ssin))
            if statement.revoked_on is not None:
                raise HubError(
                    Reason.CONTENT, where="consent/revokedate", limit="no such day for a consent that is given"
                )
            recorded = recorded_by(context, self._clock.now())
            consent = PatientConsent(
                kinds=statement.kinds,
                signed_on=day_said(statement.signed_on, recorded, tolerance=self._tolerance, where="consent/signdate"),
                recorded=recorded,
            )
            await self._patients.alive(patient.ssin, where="consent/patient", may_be_new=self._registers_patients)
            await self._patients.card(patient.ssin, statement.patient_ids)
            rule = Remembered[tuple[PatientConsent, ...]](lambda before: give(before, consent))
            register = patient if self._registers_patients else None
            await self._registry.change_consent(patient.ssin, rule, attempt.granted(), register=register)
            return rule.changed

    async def withdraw(self, context: RequestContext, patient: Ssin, statement: ConsentStatement) -> bool:
        """Withdraw consent, at once; False when there was none to withdraw. Raises as `give`, the dead excepted."""
        async with self._attempts.attempt(context, _matter(patient, statement.kinds)) as attempt:
            await attempt.permit(Wish(action=Action.WITHDRAW_CONSENT, patient=patient))
            recorded = recorded_by(context, self._clock.now())
            day = day_said(statement.revoked_on, recorded, tolerance=self._tolerance, where="consent/revokedate")
            if statement.signed_on is not None and day < min(statement.signed_on, recorded.at.date()):
                raise HubError(
                    Reason.CONTENT, where="consent/revokedate", limit="a day that is not before that of signing"
                )
            await self._patients.card(patient, statement.patient_ids)
            rule = Remembered[tuple[PatientConsent, ...]](
                lambda before: withdraw(before, statement.kinds, day, recorded)
            )
            await self._registry.change_consent(patient, rule, attempt.granted())
            return rule.changed

    async def consent(
        self, context: RequestContext, patient: Ssin, kinds: AbstractSet[ConsentKind]
    ) -> FoundConsent | None:
        """The consent that stands, else the one that was withdrawn last; of one of these kinds when there are any.

        None without any. Raises HubError: patient-unknown, patient-deceased, and what `Permissions` raises.
        """
        async with self._attempts.attempt(context, _matter(patient, kinds)) as attempt:
            permit = await attempt.permit(Wish(action=Action.READ_CONSENT, patient=patient))
            await self._patients.alive(patient, where="select/patient")
            consents = [
                consent
                for consent in (await self._registry.facts(patient, ())).consents
                if not kinds or kinds & consent.kinds
            ]
            found = standing(consents) or (consents[-1] if consents else None)
            await attempt.answer(1 if found else 0)
            return FoundConsent(found, permit.voice is Voice.PATIENT) if found else None


def _matter(patient: Ssin, kinds: AbstractSet[ConsentKind]) -> Matter:
    return Matter(patient=patient, details={"kinds": " ".join(sorted(kinds))} if kinds else {})
