"""GetTransaction and GetTransactionSet."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from hub.domain.errors import HubError, Reason
from hub.domain.references import VAULT
from hub.domain.texts import Language
from hub.ports.documents import Shape
from hub.ports.runtime import Clock
from hub.services.retrieval import OpenTransaction, Retrieval
from hub.web.access_texts import PART_NOTICE
from hub.web.soap.calls import Call, DocumentAnswer
from hub.wire.hubservices.requests import read_transaction_select
from hub.wire.hubservices.responses import HubIdentity
from hub.wire.kmehr.relay.additions import Additions
from hub.wire.kmehr.relay.document import DocumentRelay
from hub.wire.kmehr.relay.part import Part
from hub.wire.kmehr.relay.pdf import PdfMessage
from hub.wire.kmehr.relay.stream import MessageStream


class RetrievalHandlers:
    """The operations that hand out documents."""

    def __init__(self, *, retrieval: Retrieval, hub: HubIdentity, clock: Clock) -> None:
        self._retrieval, self._hub, self._clock = retrieval, hub, clock

    def get_transaction(self, call: Call) -> AbstractAsyncContextManager[DocumentAnswer]:
        """One document; of a set the member that the id names, or the whole set by the id of its head."""
        return self._open(call, only_sets=False)

    def get_transaction_set(self, call: Call) -> AbstractAsyncContextManager[DocumentAnswer]:
        """A set of transactions, such as the medication scheme, by the id of its head."""
        return self._open(call, only_sets=True)

    @asynccontextmanager
    async def _open(self, call: Call, *, only_sets: bool) -> AsyncIterator[DocumentAnswer]:
        select = read_transaction_select(call.message)
        async with self._retrieval.open(call.context, select.patient, select.id) as opened:
            if only_sets and (opened.member or not opened.is_set):
                raise HubError(Reason.CONTENT, where="select/transaction/id", limit="the id of a set of transactions")
            yield DocumentAnswer(opened.document, self._stream(call, opened), opened.reference.source)

    def _stream(self, call: Call, opened: OpenTransaction) -> MessageStream:
        """What makes the answer's KMEHR message of the source's bytes.

        Only to documents of its own the hub adds anything, unless a part leaves: then each transaction says so.
        Raises HubError (access-denied) when a part of a PDF is all that the requester may see.
        """
        declaration, recipient = opened.reference.declaration, call.context.requester.parties
        ids = tuple(self._hub.id_of(local_id) for local_id in opened.ids)
        if opened.document.shape is Shape.PDF:
            if opened.only_items is not None:
                raise HubError(Reason.ACCESS_DENIED, where="select/transaction/id")
            return PdfMessage(
                hub=self._hub.party,
                recipient=recipient,
                patient=opened.patient,
                declaration=declaration,
                ids=ids,
                message_id=f"{self._hub.number}.{call.context.request_id}",
                now=self._clock.now(),
            )
        additions = None
        if opened.reference.source == VAULT:
            additions = Additions.of(self._hub.party, recipient, ids, version=opened.reference.version)
        return DocumentRelay(
            shape=opened.document.shape,
            patient=opened.patient.ssin,
            names=frozenset() if opened.reference.source == VAULT else declaration.names(),
            additions=additions,
            only_transaction=opened.member or None,
            part=None if opened.only_items is None else _part(opened.only_items, call.language),
        )


def _part(items: frozenset[str], language: Language) -> Part:
    kinds = ", ".join(sorted(items)) or "-"
    return Part.of(items, PART_NOTICE.language(language).format(items=kinds), language)
