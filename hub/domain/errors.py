"""The one error of the hub, its closed set of reasons and the kinds they belong to.

Every edge (SOAP, later FHIR and the portal) maps kinds and reasons in one table of its own; a test runs over all of
them.
"""

from enum import Enum, auto

from hub.domain.findings import Finding


class Kind(Enum):
    """What sort of failure it is; an edge chooses its status by this."""

    INVALID = auto()
    NOT_AUTHENTICATED = auto()
    REFUSED = auto()
    NOT_FOUND = auto()
    CONFLICT = auto()
    NOT_SUPPORTED = auto()
    UNAVAILABLE = auto()
    TOO_LATE = auto()
    INTERNAL = auto()


class Reason(Enum):
    """Why the hub says no. The value is the stable name used in logs, metrics and the code table."""

    # The message
    MESSAGE_MALFORMED = "message-malformed"
    MESSAGE_TOO_LARGE = "message-too-large"
    MESSAGE_NOT_SOAP = "message-not-soap"
    SOAP_VERSION = "soap-version"
    SOAP_BODY = "soap-body"
    SOAP_ACTION = "soap-action"
    SOAP_HEADER_NOT_UNDERSTOOD = "soap-header-not-understood"
    OPERATION_UNKNOWN = "operation-unknown"
    OPERATION_NOT_SUPPORTED = "operation-not-supported"
    SCHEMA = "schema"
    CONTENT = "content"
    # The request to the REST API
    REQUEST_INVALID = "request-invalid"
    RESOURCE_UNKNOWN = "resource-unknown"
    METHOD_NOT_ALLOWED = "method-not-allowed"
    NOT_ACCEPTABLE = "not-acceptable"
    MEDIA_TYPE = "media-type"
    # The caller
    TOKEN_INVALID = "token-invalid"  # noqa: S105 - a name, no secret
    NOT_AUTHENTICATED = "not-authenticated"
    SECURITY_INVALID = "security-invalid"
    MESSAGE_EXPIRED = "message-expired"
    SECURITY_CHECK_FAILED = "security-check-failed"
    SECURITY_ALGORITHM = "security-algorithm"
    CREDENTIAL_INVALID = "credential-invalid"
    CREDENTIAL_UNSUPPORTED = "credential-unsupported"
    CREDENTIAL_UNAVAILABLE = "credential-unavailable"
    CALLER_NOT_PROVEN = "caller-not-proven"
    CALLER_NOT_RECOGNISED = "caller-not-recognised"
    AUTHOR_NOT_CALLER = "author-not-caller"
    NOT_CUSTODIAN = "not-custodian"
    NOT_AUTHOR = "not-author"
    SOURCE_UNKNOWN = "source-unknown"
    # Who may see what
    PROFESSION_UNKNOWN = "profession-unknown"
    AUTHENTICATION_WEAK = "authentication-weak"
    PROVIDER_NOT_REGISTERED = "provider-not-registered"
    PROVIDER_CONSENT_MISSING = "provider-consent-missing"
    PATIENT_DECEASED = "patient-deceased"
    CONSENT_MISSING = "consent-missing"
    EXCLUDED = "excluded"
    LINK_MISSING = "link-missing"
    MANDATE_MISSING = "mandate-missing"
    ACCESS_DENIED = "access-denied"
    BREAK_THE_GLASS_REASON = "break-the-glass-reason"
    NOT_YOURS = "not-yours"
    NATIONAL_SERVICE_UNAVAILABLE = "national-service-unavailable"
    AUDIT_UNAVAILABLE = "audit-unavailable"
    # What is said about access
    PARTY_NUMBER = "party-number"
    LINK_PERIOD = "link-period"
    LINK_PROOF = "link-proof"
    CARD_NUMBER = "card-number"
    CARD_OF_ANOTHER = "card-of-another"
    # Care providers
    GUARANTOR = "guarantor"
    REGISTRATION_STATE = "registration-state"
    # The patient and the document
    PATIENT_NUMBER = "patient-number"
    PATIENT_UNKNOWN = "patient-unknown"
    PARTY_UNKNOWN = "party-unknown"
    TRANSACTION_UNKNOWN = "transaction-unknown"
    ALREADY_REVOKED = "already-revoked"
    NEWER_VERSION_EXISTS = "newer-version-exists"
    OUTDATED_VERSION = "outdated-version"
    SEVERAL_PATIENTS = "several-patients"
    BUSY = "busy"
    # Sealed folders
    SEALED_CONTENT = "sealed-content"
    CLEAR_CONTENT = "clear-content"
    SEAL_MALFORMED = "seal-malformed"
    SEAL_TOO_LARGE = "seal-too-large"
    SEAL_ALGORITHM = "seal-algorithm"
    SEAL_RECIPIENT = "seal-recipient"
    SEAL_ALTERED = "seal-altered"
    SEAL_SIGNER = "seal-signer"
    SEAL_EXPIRED = "seal-expired"
    ENCRYPTION_ACTOR_UNKNOWN = "encryption-actor-unknown"
    SEALING_UNAVAILABLE = "sealing-unavailable"
    # Federation
    FEDERATION_NOT_CONFIGURED = "federation-not-configured"
    # Sources and our own parts
    SOURCE_UNAVAILABLE = "source-unavailable"
    SOURCE_TOO_LATE = "source-too-late"
    SOURCE_ANSWER = "source-answer"
    SOURCE_TOO_LARGE = "source-too-large"
    SOURCE_LACKS_DOCUMENT = "source-lacks-document"
    SOURCE_CANNOT_BE_ASKED = "source-cannot-be-asked"
    INDEX_UNAVAILABLE = "index-unavailable"
    VAULT_UNAVAILABLE = "vault-unavailable"
    TOO_LATE = "too-late"
    INTERNAL = "internal"

    @property
    def kind(self) -> Kind:
        """The kind this reason belongs to."""
        return _KINDS[self]


_KINDS = {
    Reason.MESSAGE_MALFORMED: Kind.INVALID,
    Reason.MESSAGE_TOO_LARGE: Kind.INVALID,
    Reason.MESSAGE_NOT_SOAP: Kind.INVALID,
    Reason.SOAP_VERSION: Kind.INVALID,
    Reason.SOAP_BODY: Kind.INVALID,
    Reason.SOAP_ACTION: Kind.INVALID,
    Reason.SOAP_HEADER_NOT_UNDERSTOOD: Kind.INVALID,
    Reason.OPERATION_UNKNOWN: Kind.INVALID,
    Reason.OPERATION_NOT_SUPPORTED: Kind.NOT_SUPPORTED,
    Reason.SCHEMA: Kind.INVALID,
    Reason.CONTENT: Kind.INVALID,
    Reason.REQUEST_INVALID: Kind.INVALID,
    Reason.RESOURCE_UNKNOWN: Kind.NOT_FOUND,
    Reason.METHOD_NOT_ALLOWED: Kind.NOT_SUPPORTED,
    Reason.NOT_ACCEPTABLE: Kind.NOT_SUPPORTED,
    Reason.MEDIA_TYPE: Kind.NOT_SUPPORTED,
    Reason.TOKEN_INVALID: Kind.NOT_AUTHENTICATED,
    Reason.NOT_AUTHENTICATED: Kind.NOT_AUTHENTICATED,
    Reason.SECURITY_INVALID: Kind.NOT_AUTHENTICATED,
    Reason.MESSAGE_EXPIRED: Kind.NOT_AUTHENTICATED,
    Reason.SECURITY_CHECK_FAILED: Kind.NOT_AUTHENTICATED,
    Reason.SECURITY_ALGORITHM: Kind.NOT_AUTHENTICATED,
    Reason.CREDENTIAL_INVALID: Kind.NOT_AUTHENTICATED,
    Reason.CREDENTIAL_UNSUPPORTED: Kind.NOT_AUTHENTICATED,
    Reason.CREDENTIAL_UNAVAILABLE: Kind.NOT_AUTHENTICATED,
    Reason.CALLER_NOT_PROVEN: Kind.NOT_AUTHENTICATED,
    Reason.CALLER_NOT_RECOGNISED: Kind.NOT_AUTHENTICATED,
    Reason.AUTHOR_NOT_CALLER: Kind.NOT_AUTHENTICATED,
    Reason.NOT_CUSTODIAN: Kind.REFUSED,
    Reason.NOT_AUTHOR: Kind.REFUSED,
    Reason.SOURCE_UNKNOWN: Kind.REFUSED,
    Reason.PROFESSION_UNKNOWN: Kind.REFUSED,
    Reason.AUTHENTICATION_WEAK: Kind.REFUSED,
    Reason.PROVIDER_NOT_REGISTERED: Kind.REFUSED,
    Reason.PROVIDER_CONSENT_MISSING: Kind.REFUSED,
    Reason.PATIENT_DECEASED: Kind.REFUSED,
    Reason.CONSENT_MISSING: Kind.REFUSED,
    Reason.EXCLUDED: Kind.REFUSED,
    Reason.LINK_MISSING: Kind.REFUSED,
    Reason.MANDATE_MISSING: Kind.REFUSED,
    Reason.ACCESS_DENIED: Kind.REFUSED,
    Reason.BREAK_THE_GLASS_REASON: Kind.INVALID,
    Reason.NOT_YOURS: Kind.REFUSED,
    Reason.NATIONAL_SERVICE_UNAVAILABLE: Kind.UNAVAILABLE,
    Reason.AUDIT_UNAVAILABLE: Kind.UNAVAILABLE,
    Reason.PARTY_NUMBER: Kind.INVALID,
    Reason.LINK_PERIOD: Kind.INVALID,
    Reason.LINK_PROOF: Kind.REFUSED,
    Reason.CARD_NUMBER: Kind.INVALID,
    Reason.CARD_OF_ANOTHER: Kind.REFUSED,
    Reason.GUARANTOR: Kind.REFUSED,
    Reason.REGISTRATION_STATE: Kind.CONFLICT,
    Reason.PATIENT_NUMBER: Kind.INVALID,
    Reason.PATIENT_UNKNOWN: Kind.NOT_FOUND,
    Reason.PARTY_UNKNOWN: Kind.NOT_FOUND,
    Reason.TRANSACTION_UNKNOWN: Kind.NOT_FOUND,
    Reason.ALREADY_REVOKED: Kind.CONFLICT,
    Reason.NEWER_VERSION_EXISTS: Kind.CONFLICT,
    Reason.OUTDATED_VERSION: Kind.CONFLICT,
    Reason.SEVERAL_PATIENTS: Kind.INVALID,
    Reason.BUSY: Kind.UNAVAILABLE,
    Reason.SEALED_CONTENT: Kind.NOT_SUPPORTED,
    Reason.CLEAR_CONTENT: Kind.REFUSED,
    Reason.SEAL_MALFORMED: Kind.INVALID,
    Reason.SEAL_TOO_LARGE: Kind.INVALID,
    Reason.SEAL_ALGORITHM: Kind.INVALID,
    Reason.SEAL_RECIPIENT: Kind.INVALID,
    Reason.SEAL_ALTERED: Kind.INVALID,
    Reason.SEAL_SIGNER: Kind.REFUSED,
    Reason.SEAL_EXPIRED: Kind.REFUSED,
    Reason.ENCRYPTION_ACTOR_UNKNOWN: Kind.NOT_FOUND,
    Reason.SEALING_UNAVAILABLE: Kind.UNAVAILABLE,
    Reason.FEDERATION_NOT_CONFIGURED: Kind.NOT_SUPPORTED,
    Reason.SOURCE_UNAVAILABLE: Kind.UNAVAILABLE,
    Reason.SOURCE_TOO_LATE: Kind.TOO_LATE,
    Reason.SOURCE_ANSWER: Kind.UNAVAILABLE,
    Reason.SOURCE_TOO_LARGE: Kind.UNAVAILABLE,
    Reason.SOURCE_LACKS_DOCUMENT: Kind.UNAVAILABLE,
    Reason.SOURCE_CANNOT_BE_ASKED: Kind.NOT_SUPPORTED,
    Reason.INDEX_UNAVAILABLE: Kind.UNAVAILABLE,
    Reason.VAULT_UNAVAILABLE: Kind.UNAVAILABLE,
    Reason.TOO_LATE: Kind.TOO_LATE,
    Reason.INTERNAL: Kind.INTERNAL,
}


class HubError(Exception):
    """The hub's answer is no, and this says why.

    `where` names the element or part it is about; `details` are named values for the sentence that the edge shows
    (never a patient identifier); `findings` lists everything a validator saw. The exception text holds the reason
    and `where` only, so that it may be logged.
    """

    def __init__(
        self,
        reason: Reason,
        *,
        where: str = "",
        findings: tuple[Finding, ...] = (),
        **details: str,
    ) -> None:
        super().__init__(f"{reason.value} at {where}" if where else reason.value)
        self.reason = reason
        self.where = where
        self.findings = findings
        self.details = details

    @property
    def kind(self) -> Kind:
        """The kind of its reason."""
        return self.reason.kind
