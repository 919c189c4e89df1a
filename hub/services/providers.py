"""Registrations of care providers: what the hub's staff does with them, for guarantors too (network facts, part 11)."""

from collections.abc import AsyncIterator, Mapping
from functools import partial
from itertools import count
from math import inf

from hub.domain.context import Origin, RequestContext
from hub.domain.errors import HubError, Kind, Reason
from hub.domain.parties import Author, Id, Requester
from hub.domain.providers import (
    Application,
    DirectoryFinding,
    GuarantorPolicy,
    Provider,
    Wait,
    approve,
    refuse,
    register,
    suspend,
    validate,
)
from hub.domain.recorded import Recorded
from hub.domain.search import PageRequest
from hub.domain.subjects import Subject, subject_named
from hub.ports.providers import PendingPage, ProviderDirectory, ProviderRegistry, ProviderRule
from hub.ports.runtime import Clock, IdSource
from hub.services.attempts import Attempts, Matter, named_party

_FAILURES = (Kind.UNAVAILABLE, Kind.TOO_LATE)
_PAGE = 500


class ProviderRegistrations:
    """Takes applications and decides on them; without a directory everybody is validated by the staff.

    `staff` is who acts, as an author chain. Numbers are NIHII numbers of 8 or 11 digits. Methods raise HubError:
    party-number, party-unknown, guarantor, registration-state, index-unavailable and busy. Every attempt to change
    something leaves an audit event.
    """

    def __init__(
        self,
        *,
        registry: ProviderRegistry,
        attempts: Attempts,
        directory: ProviderDirectory | None,
        policy: GuarantorPolicy,
        clock: Clock,
        ids: IdSource,
    ) -> None:
        self._registry, self._attempts, self._directory = registry, attempts, directory
        self._policy, self._clock, self._ids = policy, clock, ids

    async def register(
        self, staff: Author, number: str, profession: str, *, guarantor: str = "", organisation: str = ""
    ) -> Provider:
        """Take an application, with the guarantor that was chosen or the organisation whose staff it is.

        The directory is asked; when it is silent, or does not know the provider, the staff has to validate him.
        """
        subject = _subject(number)
        answering = await self._organisation(organisation) if organisation else None
        application = Application(subject=subject, profession=profession, guarantor=guarantor, organisation=answering)
        finding = await self._finding(subject, profession)
        recorded = self._recorded(staff)

        def rule(before: Provider | None) -> Provider:
            return register(before, application, self._policy, finding, recorded)

        details = {"profession": profession, "guarantor": guarantor or organisation, "directory": finding.value}
        return await self._change("RegisterProvider", subject, rule, recorded, details)

    async def approve(self, staff: Author, number: str, *, guarantor: str = "") -> Provider:
        """Approve: for a guarantor, who vouches; else as the staff, who settle whatever is waited for."""
        recorded = self._recorded(staff)
        rule = partial(approve, recorded=recorded, guarantor=guarantor)
        return await self._change("ApproveProvider", _subject(number), rule, recorded, {"guarantor": guarantor})

    async def refuse(self, staff: Author, number: str, *, guarantor: str = "", remark: str = "") -> Provider:
        """Refuse a pending registration, for a guarantor or as the staff."""
        recorded = self._recorded(staff)
        rule = partial(refuse, recorded=recorded, guarantor=guarantor, remark=remark)
        details = {"guarantor": guarantor, "remark": remark}
        return await self._change("RefuseProvider", _subject(number), rule, recorded, details)

    async def suspend(self, staff: Author, number: str, *, remark: str = "") -> Provider:
        """Suspend an approved registration, until it is approved again."""
        recorded = self._recorded(staff)
        rule = partial(suspend, recorded=recorded, remark=remark)
        return await self._change("SuspendProvider", _subject(number), rule, recorded, {"remark": remark})

    async def validate_waiting(self, staff: Author) -> int:
        """Ask the directory again about all who wait for validation; how many registrations have changed."""
        changed = 0
        for provider in await self._waiting():
            registration = provider.registration
            if registration is None or Wait.VALIDATION not in registration.waits_for:
                continue
            finding = await self._finding(provider.subject, provider.profession)
            recorded = self._recorded(staff)
            if validate(provider, finding, recorded) == provider:
                continue

            def rule(
                before: Provider | None, finding: DirectoryFinding = finding, recorded: Recorded = recorded
            ) -> Provider | None:
                return before and validate(before, finding, recorded)

            await self._change("ValidateProvider", provider.subject, rule, recorded, {"directory": finding.value})
            changed += 1
        return changed

    async def pending(self, page: PageRequest) -> PendingPage:
        """A page of the queue, longest waiting first."""
        return await self._registry.pending(page)

    def everybody(self) -> AsyncIterator[Provider]:
        """All care providers the hub knows, in no order."""
        return self._registry.everybody()

    async def waiting_for_guarantors(self) -> Mapping[str, list[Provider]]:
        """Who waits for which guarantor, by its key; longest waiting first."""
        waiting: dict[str, list[Provider]] = {}
        for provider in await self._waiting():
            registration = provider.registration
            if registration is not None and Wait.GUARANTOR in registration.waits_for:
                waiting.setdefault(registration.guarantor, []).append(provider)
        return waiting

    async def _waiting(self) -> list[Provider]:
        """The whole queue."""
        queue: list[Provider] = []
        for first in count(1, _PAGE):
            page = await self._registry.pending(PageRequest(first, _PAGE))
            queue += page.providers
            if first + _PAGE > page.total:
                break
        return queue

    async def _organisation(self, number: str) -> Provider:
        subject = _subject(number)
        found = await self._registry.get([subject])
        return found.get(subject, Provider(subject=subject))

    async def _finding(self, subject: Subject, profession: str) -> DirectoryFinding:
        if self._directory is None:
            return DirectoryFinding.NOT_ASKED
        try:
            entry = await self._directory.find(subject.value)
        except HubError as error:
            if error.kind not in _FAILURES:
                raise
            return DirectoryFinding.UNAVAILABLE
        if entry is None:
            return DirectoryFinding.NOT_FOUND
        if entry.profession != profession:
            return DirectoryFinding.OTHER_PROFESSION
        return DirectoryFinding.VALID if entry.is_valid else DirectoryFinding.LICENCE_ENDED

    def _recorded(self, staff: Author) -> Recorded:
        return Recorded(self._clock.now(), staff)

    async def _change(
        self, operation: str, subject: Subject, rule: ProviderRule, recorded: Recorded, details: Mapping[str, str]
    ) -> Provider:
        context = RequestContext(
            requester=Requester(recorded.by),
            origin=Origin(operation=operation, request_id=self._ids.new_id()),
            deadline=inf,
        )
        about = Matter(
            subject=named_party((_nihii(subject.value),)),
            details={name: value for name, value in details.items() if value},
        )
        async with self._attempts.attempt(context, about) as attempt:
            provider = await self._registry.change(subject, rule, attempt.granted())
            if provider is None:
                raise HubError(Reason.PARTY_UNKNOWN, where="provider")
            return provider


def _subject(number: str) -> Subject:
    """Raises HubError (party-number)."""
    return subject_named((_nihii(number),), where="provider")


def _nihii(number: str) -> Id:
    return Id("ID-HCPARTY", "1.0", number)
