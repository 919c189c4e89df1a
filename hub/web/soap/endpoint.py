"""One route for all operations of a service: bytes in, one handler, bytes out.

The order is fixed: size, XML, envelope, caller, operation, SOAPAction, schema, author, seal, rules, handler. Everything
that goes wrong leaves through `faults.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from aiohttp import web
from lxml import etree

from hub.domain.context import Origin, RequestContext
from hub.domain.errors import HubError, Reason
from hub.domain.findings import Finding
from hub.domain.identifiers import has_nihii_check_digits
from hub.domain.parties import software_of
from hub.domain.texts import Language
from hub.ports.runtime import Clock
from hub.web.authentication import Authenticator, Caller
from hub.web.client_certificates import ClientCertificates
from hub.web.deadlines import until
from hub.web.languages import accepted_language
from hub.web.middleware import REPORT, RequestReport
from hub.web.soap.calls import Call, DocumentHandler, Handler
from hub.web.soap.faults import Refusals, is_fault
from hub.web.soap.request_body import read_body
from hub.web.soap.sealed_puts import FolderOpening
from hub.web.streaming import Interrupted, send_document
from hub.wire.hubservices.operations import Operation, check_action, operation_named
from hub.wire.hubservices.requests import RequestPart, read_request_part
from hub.wire.hubservices.responses import (
    ErrorEntry,
    HubIdentity,
    write_acknowledge,
    write_latest_updates,
    write_response_part,
)
from hub.wire.kmehr.validation_workers import MessageValidation
from hub.wire.namespaces import PROTOCOL
from hub.wire.security.refusal import SecurityRefusal
from hub.wire.soap import Envelope, answer_end, answer_start, read_envelope

_CONTENT_TYPE = {"Content-Type": "text/xml; charset=utf-8"}
_LARGE = 128 * 1024
"""Larger messages are parsed and checked in a thread: libxml2 lets the event loop go on meanwhile."""

_MANDATORY_RESULTS = {"GetLatestUpdate": write_latest_updates(())}
"""What an answer must have even when it is a refusal."""


@dataclass(frozen=True, slots=True)
class SoapLimits:
    """The most bytes of a message, and the seconds it may take to arrive."""

    body_bytes: int
    body_seconds: float


@dataclass(frozen=True, slots=True)
class Operations:
    """The handlers by operation: those that answer with a result, and those that hand out documents."""

    answering: Mapping[str, Handler]
    handing_out: Mapping[str, DocumentHandler]


class SoapEndpoint:
    """Handles POST for one service. An operation without a handler is answered with a refusal, not supported."""

    def __init__(
        self,
        *,
        operations: Operations,
        authenticator: Authenticator,
        client_certificates: ClientCertificates,
        validation: MessageValidation,
        folders: FolderOpening,
        refusals: Refusals,
        hub: HubIdentity,
        clock: Clock,
        language: Language,
        action_prefix: str,
        limits: SoapLimits,
    ) -> None:
        self._operations = operations
        self._authenticator, self._validation, self._refusals = authenticator, validation, refusals
        self._client_certificates, self._folders = client_certificates, folders
        self._hub, self._clock, self._language = hub, clock, language
        self._action_prefix, self._limits = action_prefix, limits

    async def post(self, request: web.Request) -> web.StreamResponse:
        """Answer one message."""
        report = request[REPORT]
        language = accepted_language(request, self._language)
        try:
            async with until(report.deadline):
                received = await self._receive(request, report)
        except HubError as error:
            return self._fault(error, language, report)
        conversation = _Conversation(self._hub, received.operation, received.part, report.request_id, self._clock)
        try:
            call = await self._accept(received, language, report)
            return await self._answer(request, conversation, call, language, report)
        except HubError as error:
            if is_fault(error):
                return self._fault(error, language, report)
            report.outcome = error.reason.value
            error.details.setdefault("source", report.source)
            entries = self._refusals.entries(error, language, report.request_id)
            result = _MANDATORY_RESULTS.get(received.operation.name, b"")
            return _response(conversation.write(result, entries, page=None), report)

    async def _receive(self, request: web.Request, report: RequestReport) -> _Received:
        """A message of ours, from somebody we know, that the schema accepts."""
        body, encoding = await read_body(request, self._limits.body_bytes, self._limits.body_seconds)
        report.bytes_in = len(body)
        is_large = len(body) > _LARGE
        read = partial(read_envelope, body, encoding=encoding)
        envelope = await asyncio.to_thread(read) if is_large else read()
        caller = await self._authenticator.authenticate(
            envelope,
            is_large=is_large,
            client_certificate=self._client_certificates.client_certificate(request),
        )
        operation = _operation_of(envelope)
        report.operation = operation.name
        check_action(request.headers.get("SOAPAction"), self._action_prefix, operation)
        findings = await self._validation.check(envelope.message, is_large=is_large, now=self._clock.now())
        if any(finding.is_of_schema for finding in findings):
            raise HubError(Reason.SCHEMA, findings=findings)
        return _Received(caller, operation, envelope.message, read_request_part(envelope.message), findings)

    async def _accept(self, received: _Received, language: Language, report: RequestReport) -> Call:
        """The call of a requester who speaks for its author, with content that follows the rules."""
        requester = received.caller.speaking_for(received.part.author)
        # Only a number that is one: what callers write in its place may be a person's.
        if has_nihii_check_digits(requester.organisation_number):
            report.organisation = requester.organisation_number
        async with until(report.deadline):
            findings = await self._folders.open(received.message, received.findings, requester.identity)
        if any(finding.refuses for finding in findings):
            raise HubError(Reason.CONTENT, findings=findings)
        context = RequestContext(
            requester=requester,
            origin=Origin(
                operation=received.operation.name,
                request_id=report.request_id,
                message_id=received.part.id.value.strip(),
                address=report.address,
                software=software_of(received.part.author),
            ),
            deadline=report.deadline,
            break_the_glass=received.part.break_the_glass,
        )
        return Call(context, received.part, received.message, language)

    async def _answer(
        self,
        request: web.Request,
        conversation: _Conversation,
        call: Call,
        language: Language,
        report: RequestReport,
    ) -> web.StreamResponse:
        name = conversation.operation.name
        if name in self._operations.handing_out:
            return await self._hand_out(request, conversation, call, report)
        if name not in self._operations.answering:
            raise HubError(Reason.OPERATION_NOT_SUPPORTED, where=name)
        async with until(call.context.deadline):
            answer = await self._operations.answering[name](call)
        entries = tuple(
            entry for gap in answer.gaps for entry in self._refusals.entries(gap, language, report.request_id)
        )
        report.outcome = answer.gaps[0].reason.value if answer.gaps else "ok"
        return _response(conversation.write(answer.result, entries, page=answer.page), report)

    async def _hand_out(
        self, request: web.Request, conversation: _Conversation, call: Call, report: RequestReport
    ) -> web.StreamResponse:
        try:
            async with self._operations.handing_out[conversation.operation.name](call) as document:
                report.source = document.source
                sent = await send_document(
                    request,
                    before=conversation.before(),
                    chunks=document.document.chunks,
                    stream=document.stream,
                    after=conversation.after(),
                    headers=_CONTENT_TYPE,
                    deadline=call.context.deadline,
                )
        except Interrupted as interruption:
            report.outcome, sent = "interrupted", interruption.sent
        report.bytes_out = sent.size
        return sent.response

    def internal_fault(self, request: web.Request) -> web.Response:
        """The answer when the hub itself failed: a request id to quote, and nothing else."""
        return self._fault(HubError(Reason.INTERNAL), accepted_language(request, self._language), request[REPORT])

    def _fault(self, error: HubError, language: Language, report: RequestReport) -> web.Response:
        report.outcome = error.reason.value
        if isinstance(error, SecurityRefusal):
            report.cause, report.place = error.cause.label, error.where
        fault, status = self._refusals.fault(error, language, report.request_id)
        response = _response(fault.to_bytes(), report, status=status)
        if error.reason is Reason.MESSAGE_TOO_LARGE:
            response.force_close()
        return response


@dataclass(frozen=True, slots=True)
class _Received:
    """Who sent a message that the schema accepts, and what the rules beyond it find."""

    caller: Caller
    operation: Operation
    message: etree._Element
    part: RequestPart
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Conversation:
    """What every answer to one request repeats."""

    hub: HubIdentity
    operation: Operation
    request: RequestPart
    request_id: str
    clock: Clock

    def write(self, result: bytes, errors: tuple[ErrorEntry, ...], *, page: tuple[int, int] | None) -> bytes:
        """A whole answer."""
        return self._start(page) + write_acknowledge(errors) + result + answer_end(self.operation.response_element)

    def before(self) -> bytes:
        """What stands before a document."""
        return self._start(None) + write_acknowledge()

    def after(self) -> bytes:
        """What stands behind it."""
        return answer_end(self.operation.response_element)

    def _start(self, page: tuple[int, int] | None) -> bytes:
        response_part = write_response_part(self.hub, self.request_id, self.clock.now(), self.request, page=page)
        return answer_start(self.operation.response_element) + response_part


def _operation_of(envelope: Envelope) -> Operation:
    name = etree.QName(envelope.message)
    if name.namespace != PROTOCOL or not name.localname.endswith("Request"):
        raise HubError(Reason.OPERATION_UNKNOWN, where="Envelope/Body")
    return operation_named(envelope.operation)


def _response(body: bytes, report: RequestReport, *, status: int = 200) -> web.Response:
    report.bytes_out = len(body)
    return web.Response(body=body, status=status, headers=_CONTENT_TYPE)
