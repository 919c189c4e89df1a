"""Attempts to say something about access, or to read what was said: each leaves an audit event, however it ends."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from hub.domain.audit import AuditedTransaction, AuditEvent, Outcome
from hub.domain.context import RequestContext
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.parties import Author, HcParty, Id
from hub.ports.audit_trail import AuditRecorder
from hub.services.auditing import Auditing, outcome_of
from hub.services.permissions import Permissions, Permit, Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What an attempt is about; see `AuditEvent`."""

    patient: Ssin | None = None
    transaction: AuditedTransaction | None = None
    subject: Author = ()
    criteria: str = ""
    details: Mapping[str, str] = field(default_factory=dict)


class Attempt:
    """One attempt while it lasts. Whoever makes it says what it is about as soon as he knows."""

    def __init__(
        self,
        context: RequestContext,
        matter: Matter,
        *,
        permissions: Permissions,
        auditing: Auditing,
        trail: AuditRecorder,
    ) -> None:
        self.context, self.matter = context, matter
        self._permissions, self._auditing, self._trail = permissions, auditing, trail
        self._permit: Permit | None = None

    async def permit(self, wish: Wish) -> Permit:
        """Ask whether it is allowed. Raises what `Permissions.permit` raises."""
        self._permit = await self._permissions.permit(self.context, wish)
        return self._permit

    async def answer(self, results: int) -> None:
        """Record what is about to leave the hub. Raises HubError (audit-unavailable): then it may not leave."""
        await self._trail.record(self._ended(Outcome.GRANTED, results=results))

    def granted(self) -> AuditEvent:
        """The event of success, to be stored with what is changed."""
        return self._ended(Outcome.GRANTED)

    async def failed(self, error: HubError) -> None:
        """Record how it ended. It may have failed because nothing can be recorded: the caller is told the first."""
        with suppress(HubError):
            await self._trail.record(self._ended(outcome_of(error), reason=error.reason.value))

    def _ended(self, outcome: Outcome, *, reason: str = "", results: int | None = None) -> AuditEvent:
        matter, permit = self.matter, self._permit
        return self._auditing.event(
            self.context,
            outcome,
            patient=matter.patient,
            transaction=matter.transaction,
            reason=reason,
            rules=permit.rules if permit else (),
            mandate=permit.mandate if permit else "",
            criteria=matter.criteria,
            results=results,
            subject=matter.subject,
            details=matter.details,
        )


class Attempts:
    """Makes attempts."""

    def __init__(self, *, permissions: Permissions, auditing: Auditing, trail: AuditRecorder) -> None:
        self._permissions, self._auditing, self._trail = permissions, auditing, trail

    @asynccontextmanager
    async def attempt(self, context: RequestContext, matter: Matter) -> AsyncIterator[Attempt]:
        """An attempt. What goes wrong inside is recorded, then raised."""
        attempt = Attempt(context, matter, permissions=self._permissions, auditing=self._auditing, trail=self._trail)
        try:
            yield attempt
        except HubError as error:
            await attempt.failed(error)
            raise
        except BaseException:
            await attempt.failed(HubError(Reason.INTERNAL))
            raise


def named_party(ids: tuple[Id, ...]) -> Author:
    """A care party of which only the ids are known, as the trail tells it."""
    return (HcParty(ids=ids, cds=()),)
