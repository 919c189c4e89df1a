"""Give me this document."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from hub.domain.context import RequestContext
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import LocalId, Ssin
from hub.domain.parties import Id, Patient
from hub.domain.references import TransactionReference
from hub.ports.documents import DocumentRequest, OpenDocument
from hub.ports.registries import PatientRegistry
from hub.services.access_guard import AccessGuard
from hub.services.auditing import audited
from hub.services.lookup import TransactionLookup
from hub.services.routing import Routing


@dataclass(frozen=True, slots=True)
class OpenTransaction:
    """A document that is being read, with its reference.

    `ids` are the hub's ids of its transactions in order. `member` is the position of the one transaction of a set that
    was asked for, 0 for the whole document. `patient` is as registered. `only_items` are the kinds of item (CD-ITEM)
    that the requester may see, None for everything.
    """

    patient: Patient
    reference: TransactionReference
    ids: tuple[LocalId, ...]
    member: int
    document: OpenDocument
    only_items: frozenset[str] | None = None

    @property
    def is_set(self) -> bool:
        """Whether the document is a set of transactions."""
        return self.reference.version > 0


class Retrieval:
    """Opens documents where they are."""

    def __init__(
        self, *, lookup: TransactionLookup, patients: PatientRegistry, routing: Routing, guard: AccessGuard
    ) -> None:
        self._lookup, self._patients, self._routing, self._guard = lookup, patients, routing, guard

    @asynccontextmanager
    async def open(self, context: RequestContext, patient: Ssin, name: Id) -> AsyncIterator[OpenTransaction]:
        """The document that an id names; leaving the context closes the connection to its source.

        Unknown, revoked and another patient's document, and one that the requester may not see, are the same HubError
        (transaction-unknown). A superseded one opens by its own id. Other errors are those of `DocumentSource.open`,
        and why the requester may see nothing.
        """
        async with self._guard.look(context, patient) as look:
            registered = await self._patients.get(patient)
            if registered is None:
                raise HubError(Reason.PATIENT_UNKNOWN, where="select/patient")
            view = await look.view(registered)
            reference = await self._lookup.reference(patient, name)
            access = look.access(view, reference)
            ids = self._lookup.member_ids(patient, reference.serial, reference.members)
            source = self._routing.source_of(reference)
            async with source.open(DocumentRequest(patient, reference, context)) as document:
                await look.grant(transaction=audited(reference, ids[0]), rule=access.rule)
                yield OpenTransaction(
                    patient=registered,
                    reference=reference,
                    ids=ids,
                    member=self._lookup.member(name),
                    document=document,
                    only_items=access.items,
                )
