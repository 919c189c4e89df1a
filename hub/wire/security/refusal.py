"""Everything that can be wrong with the security of a message, and the fault each of it is answered with.

The fault is for the caller and says little; the cause is for the log. What was expected and what arrived are told in a
sandbox only (security facts, part 1.5).
"""

from enum import Enum

from hub.domain.errors import HubError, Reason


class Cause(Enum):
    """What was wrong, precisely. The first part of a value is the name for logs, the second the answer."""

    # The header and its parts
    NO_SECURITY_HEADER = ("no-security-header", Reason.SECURITY_INVALID)
    SEVERAL_SECURITY_HEADERS = ("several-security-headers", Reason.SECURITY_INVALID)
    HEADER_TOO_LARGE = ("header-too-large", Reason.SECURITY_INVALID)
    HEADER_COMMENTED = ("header-commented", Reason.CREDENTIAL_INVALID)
    DUPLICATE_ID = ("duplicate-id", Reason.SECURITY_CHECK_FAILED)
    NO_TIMESTAMP = ("no-timestamp", Reason.SECURITY_INVALID)
    SEVERAL_TIMESTAMPS = ("several-timestamps", Reason.SECURITY_INVALID)
    TIMESTAMP_MALFORMED = ("timestamp-malformed", Reason.SECURITY_INVALID)
    TIMESTAMP_IN_THE_FUTURE = ("timestamp-in-the-future", Reason.MESSAGE_EXPIRED)
    TIMESTAMP_EXPIRED = ("timestamp-expired", Reason.MESSAGE_EXPIRED)
    TIMESTAMP_TOO_LONG = ("timestamp-too-long", Reason.MESSAGE_EXPIRED)
    REPLAYED = ("replayed", Reason.MESSAGE_EXPIRED)
    # The assertion
    SEVERAL_ASSERTIONS = ("several-assertions", Reason.CREDENTIAL_INVALID)
    ASSERTION_ELSEWHERE = ("assertion-elsewhere", Reason.CREDENTIAL_INVALID)
    ASSERTION_MALFORMED = ("assertion-malformed", Reason.CREDENTIAL_INVALID)
    ASSERTION_ISSUER = ("assertion-issuer", Reason.CREDENTIAL_INVALID)
    ASSERTION_SIGNER_UNKNOWN = ("assertion-signer-unknown", Reason.CREDENTIAL_INVALID)
    ASSERTION_NOT_YET_VALID = ("assertion-not-yet-valid", Reason.CREDENTIAL_INVALID)
    ASSERTION_EXPIRED = ("assertion-expired", Reason.CREDENTIAL_INVALID)
    ASSERTION_TOO_LONG = ("assertion-too-long", Reason.CREDENTIAL_INVALID)
    ASSERTION_AUDIENCE = ("assertion-audience", Reason.CREDENTIAL_INVALID)
    NOT_HOLDER_OF_KEY = ("not-holder-of-key", Reason.CREDENTIAL_UNSUPPORTED)
    # The certificate of the holder
    CERTIFICATE_MALFORMED = ("certificate-malformed", Reason.CREDENTIAL_INVALID)
    CERTIFICATE_OUTSIDE_VALIDITY = ("certificate-outside-validity", Reason.CREDENTIAL_INVALID)
    CERTIFICATE_UNTRUSTED = ("certificate-untrusted", Reason.CREDENTIAL_INVALID)
    CERTIFICATE_REVOKED = ("certificate-revoked", Reason.CREDENTIAL_INVALID)
    REVOCATION_UNKNOWN = ("revocation-unknown", Reason.CREDENTIAL_INVALID)
    NO_CREDENTIAL = ("no-credential", Reason.SECURITY_INVALID)
    # A signature
    NO_SIGNATURE = ("no-signature", Reason.SECURITY_INVALID)
    SEVERAL_SIGNATURES = ("several-signatures", Reason.SECURITY_INVALID)
    SIGNATURE_MALFORMED = ("signature-malformed", Reason.SECURITY_INVALID)
    TOO_MANY_REFERENCES = ("too-many-references", Reason.SECURITY_INVALID)
    ALGORITHM_NOT_ALLOWED = ("algorithm-not-allowed", Reason.SECURITY_ALGORITHM)
    REFERENCE_NOT_LOCAL = ("reference-not-local", Reason.SECURITY_ALGORITHM)
    KEY_TOO_WEAK = ("key-too-weak", Reason.SECURITY_ALGORITHM)
    REFERENCE_UNRESOLVED = ("reference-unresolved", Reason.SECURITY_CHECK_FAILED)
    ASSERTION_REFERENCE = ("assertion-reference", Reason.SECURITY_CHECK_FAILED)
    NOT_CANONICAL = ("not-canonical", Reason.SECURITY_CHECK_FAILED)
    DIGEST_DIFFERS = ("digest-differs", Reason.SECURITY_CHECK_FAILED)
    VALUE_DIFFERS = ("signature-value-differs", Reason.SECURITY_CHECK_FAILED)
    BODY_NOT_SIGNED = ("body-not-signed", Reason.SECURITY_CHECK_FAILED)
    TIMESTAMP_NOT_SIGNED = ("timestamp-not-signed", Reason.SECURITY_CHECK_FAILED)
    NO_KEY_REFERENCE = ("no-key-reference", Reason.CREDENTIAL_UNAVAILABLE)
    KEY_REFERENCE_ELSEWHERE = ("key-reference-elsewhere", Reason.CREDENTIAL_UNAVAILABLE)
    NOT_THE_HOLDER = ("not-the-holder", Reason.CALLER_NOT_PROVEN)
    # The caller
    ATTRIBUTE_MISSING = ("attribute-missing", Reason.CALLER_NOT_RECOGNISED)
    ATTRIBUTE_CONTRADICTS = ("attribute-contradicts", Reason.CALLER_NOT_RECOGNISED)
    QUALITY_UNKNOWN = ("quality-unknown", Reason.CALLER_NOT_RECOGNISED)
    PEER_UNKNOWN = ("peer-unknown", Reason.CALLER_NOT_RECOGNISED)
    CLIENT_CERTIFICATE = ("client-certificate", Reason.CALLER_NOT_PROVEN)
    AUTHOR_DIFFERS = ("author-differs", Reason.AUTHOR_NOT_CALLER)

    def __init__(self, label: str, reason: Reason) -> None:
        self.label = label
        self.reason = reason


class SecurityRefusal(HubError):
    """The security of a message will not do.

    `where` is written by us and holds nothing of the message, so it may be logged with the cause. `expected` and
    `arrived` may hold anything that was sent: they are for the sender, and for nobody else.
    """

    def __init__(self, cause: Cause, *, where: str, expected: str = "", arrived: str = "") -> None:
        super().__init__(cause.reason, where=where)
        self.cause = cause
        self.expected = expected
        self.arrived = arrived
