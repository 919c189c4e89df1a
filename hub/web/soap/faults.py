"""The one table from reasons to SOAP: which are faults and which are business answers, and their codes.

A fault says that the message could not be understood, authenticated or processed; an acknowledge says that it was, and
that the answer is no (protocol facts, part 6; security facts, parts 1.5 and 6).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from hub.domain.errors import HubError, Kind, Reason
from hub.domain.findings import Finding
from hub.domain.parties import Code
from hub.domain.texts import Language
from hub.web.texts import sentence
from hub.wire.hubservices.responses import ErrorEntry
from hub.wire.security.refusal import SecurityRefusal
from hub.wire.soap import Fault

_MOST_DETAILS = 100
_PASSING = (Kind.UNAVAILABLE, Kind.TOO_LATE)


@dataclass(frozen=True, slots=True)
class FaultCodes:
    """The SOAP 1.1 fault code, the eHealth code, whose fault it is, and the HTTP status."""

    code: str
    soa_code: str
    origin: str
    status: int = 500


_MALFORMED = FaultCodes("Client", "SOA-03001", "Consumer")
_SERVER = FaultCodes("Server", "SOA-00001", "Server")
_NOT_AUTHENTICATED = "SOA-01001"
_NOT_AUTHORISED = "SOA-01002"
_TEMPORARY = FaultCodes("Server", "SOA-02002", "Provider")

FAULTS: dict[Reason, FaultCodes] = {
    Reason.MESSAGE_MALFORMED: _MALFORMED,
    Reason.MESSAGE_TOO_LARGE: FaultCodes("Client", "SOA-03001", "Consumer", status=413),
    Reason.MESSAGE_NOT_SOAP: FaultCodes("Client", "SOA-03002", "Consumer"),
    Reason.SOAP_VERSION: FaultCodes("VersionMismatch", "SOA-03002", "Consumer"),
    Reason.SOAP_BODY: FaultCodes("Client", "SOA-03003", "Consumer"),
    Reason.SOAP_ACTION: FaultCodes("Client", "SOA-03005", "Consumer"),
    Reason.SOAP_HEADER_NOT_UNDERSTOOD: FaultCodes("MustUnderstand", "SOA-03001", "Consumer"),
    Reason.OPERATION_UNKNOWN: FaultCodes("Client", "SOA-03005", "Consumer"),
    Reason.SCHEMA: FaultCodes("Client", "SOA-03006", "Consumer"),
    Reason.NOT_AUTHENTICATED: FaultCodes("Client", _NOT_AUTHENTICATED, "Consumer"),
    Reason.SECURITY_INVALID: FaultCodes("wsse:InvalidSecurity", _NOT_AUTHENTICATED, "Consumer"),
    Reason.MESSAGE_EXPIRED: FaultCodes("wsu:MessageExpired", _NOT_AUTHENTICATED, "Consumer"),
    Reason.SECURITY_CHECK_FAILED: FaultCodes("wsse:FailedCheck", _NOT_AUTHENTICATED, "Consumer"),
    Reason.SECURITY_ALGORITHM: FaultCodes("wsse:UnsupportedAlgorithm", _NOT_AUTHENTICATED, "Consumer"),
    Reason.CREDENTIAL_INVALID: FaultCodes("wsse:InvalidSecurityToken", _NOT_AUTHENTICATED, "Consumer"),
    Reason.CREDENTIAL_UNSUPPORTED: FaultCodes("wsse:UnsupportedSecurityToken", _NOT_AUTHENTICATED, "Consumer"),
    Reason.CREDENTIAL_UNAVAILABLE: FaultCodes("wsse:SecurityTokenUnavailable", _NOT_AUTHENTICATED, "Consumer"),
    Reason.CALLER_NOT_PROVEN: FaultCodes("wsse:FailedAuthentication", _NOT_AUTHENTICATED, "Consumer"),
    Reason.CALLER_NOT_RECOGNISED: FaultCodes("wsse:FailedAuthentication", _NOT_AUTHORISED, "Consumer"),
    Reason.AUTHOR_NOT_CALLER: FaultCodes("Client", _NOT_AUTHORISED, "Consumer"),
    Reason.INTERNAL: _SERVER,
}
"""The reasons that are faults; every other reason is written into the acknowledge."""

DEFAULT_CODES: dict[Reason, str] = {
    Reason.LINK_MISSING: "360",
    Reason.CONSENT_MISSING: "365",
    Reason.PATIENT_UNKNOWN: "400",
    Reason.TRANSACTION_UNKNOWN: "406",
    Reason.ALREADY_REVOKED: "464",
}
"""CD-ERROR values known in the field; what has none uses the name of its reason. All of them can be configured."""


class Refusals:
    """Writes errors for SOAP callers, with the configured CD-ERROR codes.

    With `diagnoses`, in a sandbox, callers are told what exactly is wrong with the security of their messages.
    """

    def __init__(self, *, codes: Mapping[Reason, str], diagnoses: bool = False) -> None:
        self._codes, self._diagnoses = DEFAULT_CODES | dict(codes), diagnoses

    def fault(self, error: HubError, language: Language, request_id: str) -> tuple[Fault, int]:
        """A fault and its HTTP status. Reasons that are no faults become one when there is no request to answer."""
        codes = FAULTS.get(error.reason, _TEMPORARY if error.kind in _PASSING else _SERVER)
        fault = Fault(
            code=codes.code,
            text=sentence(error, language, request_id),
            soa_code=codes.soa_code,
            origin=codes.origin,
            request_id=request_id,
            language=language,
            details=self._details(error, language),
        )
        return fault, codes.status

    def _details(self, error: HubError, language: Language) -> tuple[str, ...]:
        if self._diagnoses and isinstance(error, SecurityRefusal):
            told = (f"{error.cause.label} at {error.where}", f"expected: {error.expected}", f"arrived: {error.arrived}")
            return tuple(line for line in told if not line.endswith(": "))
        return tuple(_describe(finding, language) for finding in error.findings[:_MOST_DETAILS])

    def entries(self, error: HubError, language: Language, request_id: str) -> tuple[ErrorEntry, ...]:
        """The errors of an acknowledge: one per finding that refuses, or the sentence of the reason."""
        findings = [finding for finding in error.findings if finding.refuses][:_MOST_DETAILS]
        if findings:
            return tuple(
                ErrorEntry(_cd_error(finding.rule), _describe(finding, language), language, finding.where)
                for finding in findings
            )
        code = _cd_error(self._codes.get(error.reason, error.reason.value))
        return (ErrorEntry(code, sentence(error, language, request_id), language, _url(error)),)


def is_fault(error: HubError) -> bool:
    """Whether an error is a fault rather than a business answer."""
    return error.reason in FAULTS


def is_refusal(error: HubError) -> bool:
    """Whether the caller, rather than the hub or a source, has to do something about it."""
    return error.kind not in (*_PASSING, Kind.INTERNAL)


def _cd_error(value: str) -> Code:
    return Code("CD-ERROR", "1.0", value)


def _url(error: HubError) -> str:
    return error.where if is_refusal(error) else ""


def _describe(finding: Finding, language: Language) -> str:
    seen = f" [{finding.seen}]" if finding.seen else ""
    return f"{finding.where}{seen}: {finding.wanted.language(language)}"
