"""Declare, put and revoke: how documents become known, and how they are withdrawn."""

from hub.domain.context import RequestContext
from hub.domain.declarations import Declaration
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import LocalId, Ssin
from hub.domain.parties import Id, Patient, Requester, licence
from hub.domain.references import (
    Change,
    PatientReferences,
    Relevance,
    TransactionReference,
    declare,
    put,
    put_set,
    revoke,
)
from hub.domain.submissions import Submission
from hub.ports.documents import DocumentVault
from hub.ports.reference_index import ReferenceIndex, Rule, Witness
from hub.ports.runtime import Clock
from hub.services.lookup import TransactionLookup
from hub.services.publication_guard import PublicationGuard
from hub.services.routing import Routing


class Publication:
    """Changes of the index that publishers ask for. Every change is durable and visible when its method returns."""

    def __init__(
        self,
        *,
        index: ReferenceIndex,
        vault: DocumentVault,
        lookup: TransactionLookup,
        routing: Routing,
        guard: PublicationGuard,
        clock: Clock,
        registers_patients: bool,
        one_current: frozenset[str],
    ) -> None:
        self._index, self._vault = index, vault
        self._lookup, self._routing, self._guard, self._clock = lookup, routing, guard, clock
        self._registers_patients, self._one_current = registers_patients, one_current

    async def declare(self, context: RequestContext, patient: Patient, declaration: Declaration) -> LocalId:
        """Register a reference to a document that stays at its source; `patient` is what the declaration says of him.

        Raises HubError: source-unknown, not-custodian, consent-missing, patient-unknown, and what
        `domain.references.declare` raises.
        """
        async with self._guard.publishing(context, patient.ssin) as witness:
            source = self._routing.source_for_custodian(context.requester)
            _require_custodian_among_authors(declaration, context.requester)

            def rule(before: PatientReferences) -> Change:
                return declare(before, declaration, source.name)

            reference = await self._change(patient, rule, Relevance.of(declaration), witness)
        (local_id,) = self._lookup.ids_of(patient.ssin, [reference])
        return local_id

    async def put(self, context: RequestContext, submission: Submission) -> LocalId:
        """Keep a document in the vault and register it: both or neither.

        Raises HubError: consent-missing, patient-unknown, vault-unavailable, and what `domain.references.put` raises.
        """
        declaration, document = self._recorded(submission.declaration), await self._key_of(submission)

        serials = self._lookup.serials_of(submission.patient.ssin, submission.new_version_of)

        def rule(before: PatientReferences) -> Change:
            return put(
                before,
                declaration,
                document,
                by=context.requester.parties,
                new_version_of=submission.new_version_of,
                new_version_of_serials=serials,
                one_current=self._one_current,
            )

        relevance = Relevance.of(declaration, whole_type=declaration.transaction_type in self._one_current)
        relevance = relevance.and_those_named(submission.new_version_of, serials)
        reference = await self._put(context, submission, rule, relevance)
        (local_id,) = self._lookup.ids_of(submission.patient.ssin, [reference])
        return local_id

    async def put_set(self, context: RequestContext, submission: Submission) -> tuple[LocalId, ...]:
        """Keep a set of transactions in the vault in place of the former one; one id per transaction, in order.

        Raises HubError: consent-missing, patient-unknown, vault-unavailable, outdated-version.
        """
        declaration, document = self._recorded(submission.declaration), await self._key_of(submission)

        def rule(before: PatientReferences) -> Change:
            return put_set(
                before, declaration, document, members=submission.members, based_on=submission.stated_version
            )

        reference = await self._put(context, submission, rule, Relevance.of(declaration, whole_type=True))
        return self._lookup.member_ids(submission.patient.ssin, reference.serial, reference.members)

    async def revoke(self, context: RequestContext, patient: Ssin, name: Id) -> None:
        """Withdraw a document by an id of the hub or of its publisher; a set as a whole, by the id of its head.

        Raises HubError: transaction-unknown, already-revoked, not-custodian, not-author, content (a part of a set).
        """
        async with self._guard.changing(context, patient) as witness:
            reference = await self._lookup.reference(patient, name)
            if self._lookup.member(name):
                raise HubError(Reason.CONTENT, where="select/transaction/id", limit="the id of the whole set")
            custodian_of = self._routing.custodian_of(context.requester)

            def rule(before: PatientReferences) -> Change:
                return revoke(before, reference.serial, custodian_of=custodian_of, by=context.requester.parties)

            relevance = Relevance.of(reference.declaration, whole_type=reference.version > 0)
            relevance = relevance.and_those_named(frozenset(), frozenset((reference.serial,)))
            await self._index.change(patient, rule, relevance, witness=witness)

    async def _put(
        self, context: RequestContext, submission: Submission, rule: Rule, relevance: Relevance
    ) -> TransactionReference:
        """The document is stored before it is referred to; what is stored without a reference is reached by nobody."""
        patient = submission.patient
        async with self._guard.publishing(context, patient.ssin) as witness:
            await self._index.preview(patient.ssin, rule, relevance, register=self._registration(patient))
            await self._vault.put(patient.ssin, submission.message)
            return await self._change(patient, rule, relevance, witness)

    async def _change(
        self, patient: Patient, rule: Rule, relevance: Relevance, witness: Witness
    ) -> TransactionReference:
        register = self._registration(patient)
        change = await self._index.change(patient.ssin, rule, relevance, register=register, witness=witness)
        await self._guard.repeated(change, witness)
        return change.reference

    def _registration(self, patient: Patient) -> Patient | None:
        return patient if self._registers_patients else None

    async def _key_of(self, submission: Submission) -> bytes:
        return await self._vault.key_of(submission.patient.ssin, submission.message)

    def _recorded(self, declaration: Declaration) -> Declaration:
        """A document that does not say when it was recorded is recorded now."""
        if declaration.recorddatetime:
            return declaration
        return declaration._replace(recorddatetime=f"{self._clock.now():%Y-%m-%dT%H:%M:%S}")


def _require_custodian_among_authors(declaration: Declaration, requester: Requester) -> None:
    """When the author chain names institutions, the one that declares must be among them."""
    institutions = {licence(party.number) for party in declaration.author if party.is_organisation and party.number}
    if institutions and requester.organisation_number not in institutions:
        raise HubError(Reason.NOT_CUSTODIAN, where="transaction/author")
