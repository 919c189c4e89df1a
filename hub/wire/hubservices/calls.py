"""The hub as a caller: requests to a source's own hub services server, and what it says back (protocol facts, part 3).

Who asks is the hub, followed by the chain of the party for whom it asks, so that the source can audit both.
"""

from dataclasses import dataclass
from datetime import datetime

from hub.domain.context import RequestContext
from hub.domain.declarations import Declaration
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.parties import Code, HcParty, Id
from hub.domain.search import Criteria, PublicationWish
from hub.wire.hubservices.operations import OPERATIONS, Operation
from hub.wire.kmehr.parties import write_author, write_code, write_id
from hub.wire.namespaces import CORE, PROTOCOL
from hub.wire.soap import answer_end, answer_start, open_envelope
from hub.wire.xml import escape, parse, text


@dataclass(frozen=True, slots=True)
class Call:
    """A message to send, and the operation that its SOAPAction names."""

    operation: Operation
    envelope: bytes


def get_transaction(
    hub: HcParty, now: datetime, context: RequestContext, patient: Ssin, document: Id, *, is_set: bool
) -> Call:
    """A GetTransaction, or a GetTransactionSet, for one document of a patient."""
    transaction = f"<transaction>{write_id(document, '')}</transaction>"
    name = "GetTransactionSet" if is_set else "GetTransaction"
    return _call(OPERATIONS[name], hub, now, context, f"{_patient(patient)}{transaction}")


def request_publication(hub: HcParty, now: datetime, context: RequestContext, wish: PublicationWish) -> Call:
    """A RequestPublication."""
    comment = f"<comment>{escape(wish.comment)}</comment>" if wish.comment else ""
    select = f"{_patient(wish.patient)}<transaction>{_criteria(wish.criteria)}</transaction>{comment}"
    return _call(OPERATIONS["RequestPublication"], hub, now, context, select)


def publishers_id(declaration: Declaration) -> Id:
    """The identifier under which a publisher knows its document: a LOCAL one when there is one, else the first."""
    return next((id_ for id_ in declaration.ids if id_.scheme == "LOCAL"), declaration.ids[0])


def read_publication_answer(body: bytes) -> None:
    """What a source says to a RequestPublication. Raises HubError (source-answer) unless it accepts."""
    try:
        message = open_envelope(parse(body)).message
    except HubError as error:
        raise HubError(Reason.SOURCE_ANSWER, problem="not a SOAP answer") from error
    if message.tag != f"{{{PROTOCOL}}}RequestPublicationResponse":
        raise HubError(Reason.SOURCE_ANSWER, problem="an answer to something else")
    if text(message.find(f"{{{CORE}}}acknowledge/{{{CORE}}}iscomplete")) not in ("true", "1"):
        raise HubError(Reason.SOURCE_ANSWER, problem="the source refused")


def _call(operation: Operation, hub: HcParty, now: datetime, context: RequestContext, select: str) -> Call:
    break_the_glass = context.break_the_glass
    request = (
        f'<request><id S="ID-KMEHR" SV="1.0">{hub.number}.{escape(context.request_id)}</id>'
        f"<author>{write_author((hub, *context.requester.parties))}</author>"
        f"<date>{now:%Y-%m-%d}</date><time>{now:%H:%M:%S}</time>"
        + (f"<breaktheglass>{escape(break_the_glass)}</breaktheglass>" if break_the_glass else "")
        + "</request>"
    )
    message = f"{request}<select>{select}</select>".encode()
    element = operation.request_element
    return Call(operation, answer_start(element) + message + answer_end(element))


def _patient(patient: Ssin) -> str:
    return f"<patient>{write_id(Id('INSS', '1.0', patient.digits), '')}</patient>"


def _criteria(criteria: Criteria) -> str:
    cds = "".join(write_code(Code("CD-TRANSACTION", "1.14", type_), "") for type_ in sorted(criteria.types))
    author = f"<author>{write_author(criteria.author)}</author>" if criteria.author else ""
    begin = f"<begindate>{criteria.begin}</begindate>" if criteria.begin else ""
    end = f"<enddate>{criteria.end}</enddate>" if criteria.end else ""
    return f"{cds}{author}{begin}{end}"
