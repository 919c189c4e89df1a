"""DeclareTransaction, PutTransaction, PutTransactionSet, RevokeTransaction, RequestPublication."""

import asyncio

from hub.domain.errors import HubError, Reason
from hub.domain.submissions import Submission
from hub.services.publication import Publication
from hub.services.publication_requests import PublicationRequests
from hub.web.soap.calls import Answer, Call
from hub.wire.hubservices.requests import (
    kmehr_message_of,
    read_declaration,
    read_publication_wish,
    read_transaction_select,
)
from hub.wire.hubservices.responses import HubIdentity, write_transaction_ids
from hub.wire.kmehr.persons import unnamed_patient
from hub.wire.kmehr.submissions import read_submission


class PublicationHandlers:
    """The operations that change what is published."""

    def __init__(self, *, publication: Publication, requests: PublicationRequests, hub: HubIdentity) -> None:
        self._publication, self._requests, self._hub = publication, requests, hub

    async def declare_transaction(self, call: Call) -> Answer:
        """Register a reference; the document stays at its source."""
        patient, declaration = read_declaration(call.message)
        local_id = await self._publication.declare(call.context, unnamed_patient(patient), declaration)
        return Answer(write_transaction_ids(self._hub, (local_id,)))

    async def put_transaction(self, call: Call) -> Answer:
        """Keep a document in the vault."""
        submission = await _submission(call)
        local_id = await self._publication.put(call.context, submission)
        return Answer(write_transaction_ids(self._hub, (local_id,)))

    async def put_transaction_set(self, call: Call) -> Answer:
        """Replace a set of transactions, such as the medication scheme, as a whole."""
        submission = await _submission(call)
        local_ids = await self._publication.put_set(call.context, submission)
        return Answer(b"".join(write_transaction_ids(self._hub, (local_id,)) for local_id in local_ids))

    async def revoke_transaction(self, call: Call) -> Answer:
        """Withdraw a document or a reference."""
        select = read_transaction_select(call.message)
        await self._publication.revoke(call.context, select.patient, select.id)
        return Answer()

    async def request_publication(self, call: Call) -> Answer:
        """Ask the sources to publish. Those that did not accept are named in the answer."""
        answers = await self._requests.ask(call.context, read_publication_wish(call.message))
        if not answers:
            raise HubError(Reason.SOURCE_CANNOT_BE_ASKED)
        return Answer(gaps=tuple(HubError(a.refusal, source=a.source) for a in answers if a.refusal))


async def _submission(call: Call) -> Submission:
    """In a thread: writing out a message of 40 MiB takes a tenth of a second."""
    return await asyncio.to_thread(read_submission, kmehr_message_of(call.message))
