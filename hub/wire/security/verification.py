"""Who signed this message: the holder-of-key profile and the X.509 profile, step by step (security facts, part 1.4).

`MessageVerification.verify` is the whole of it, top to bottom. A step either returns what it found or raises
SecurityRefusal. Keys come from the configuration or from what a configured key has signed; parts are compared as
objects of one tree, which is the tree that the operations read; nothing that was not verified is handed on.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree

from hub.wire.namespaces import ASSERTION, EXCLUSIVE_C14N, SECURITY, SECURITY_UTILITY, SIGNATURE
from hub.wire.security.accepted import AcceptedAssertions
from hub.wire.security.algorithms import ENVELOPED, PublicKey
from hub.wire.security.assertions import (
    WHERE,
    Assertion,
    AssertionPolicy,
    check_validity,
    read_assertion,
    read_assertion_signature,
)
from hub.wire.security.holders import Holder, KnownCertificates, decoded, holder_of, unbroken
from hub.wire.security.moments import read_moment
from hub.wire.security.refusal import Cause, SecurityRefusal
from hub.wire.security.signatures import (
    Reference,
    Signature,
    canonical,
    canonical_without,
    check_digest,
    check_value,
    read_signature,
)
from hub.wire.security.trust import TokenSigner, Trust
from hub.wire.soap import Envelope, require_few_namespaces
from hub.wire.xml import text

SAML_ID: Final = "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.0#SAMLAssertionID"
X509_VALUE_TYPE: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3"
MOST_ELEMENTS: Final = 2_000
"""In a security header; a real one has about sixty."""
MOST_CERTIFICATES: Final = 10_000
"""That are remembered, a few KB each."""

_HEADER = "Envelope/Header/Security"
_TOKEN_PLACE = f"{_HEADER}/BinarySecurityToken"
_ID = f"{{{SECURITY_UTILITY}}}Id"
_STR = f"{{{SECURITY}}}SecurityTokenReference"
_TOKEN = f"{{{SECURITY}}}BinarySecurityToken"
_TIMESTAMP = f"{{{SECURITY_UTILITY}}}Timestamp"
_MOMENTS = {f"{{{SECURITY_UTILITY}}}{name}" for name in ("Created", "Expires")}
_SIGNATURE = f"{{{SIGNATURE}}}Signature"
_ASSERTION = f"{{{ASSERTION}}}Assertion"
_NAMES = {"wsu": SECURITY_UTILITY, "saml": ASSERTION}


@dataclass(frozen=True, slots=True)
class MessagePolicy:
    """How old and how long-lived a message may be, how far clocks may differ, and what is asked of assertions.

    `sha1_allowed` says of a caller's token whether its messages may still use SHA-1; assertions never may.
    """

    assertions: AssertionPolicy
    longest: timedelta
    skew: timedelta
    sha1_allowed: Callable[["Token"], bool] = lambda _: False


@dataclass(frozen=True, slots=True)
class Token:
    """What speaks for the caller: an assertion of the token service, or, without one, a certificate alone."""

    holder: Holder
    assertion: Assertion | None


@dataclass(frozen=True, slots=True)
class Verified:
    """A message of which every check holds.

    `signed` is the same for the same message of the same holder, however its signature is written; it is to be
    remembered until `forget_at`, since when the message is refused for its age.
    """

    token: Token
    signed: bytes
    forget_at: datetime


class MessageVerification:
    """Verifies messages by a policy, and by the trust of the moment. Safe to use from several threads."""

    def __init__(self, *, policy: MessagePolicy, trust: Callable[[], Trust], accepted: AcceptedAssertions) -> None:
        self._policy, self._trust, self._accepted = policy, trust, accepted
        self._certificates = KnownCertificates(most=MOST_CERTIFICATES)

    def verify(self, envelope: Envelope, now: datetime) -> Verified:
        """Who signed a message, and that it was signed for this moment. Raises SecurityRefusal."""
        trust = self._trust()
        header = _only_header(envelope)
        _require_unique_ids(envelope)
        timestamp = _only_timestamp(header)
        forget_at = _check_time(timestamp, self._policy, now)
        credential = _only_credential(envelope, header)
        token = self._token(credential, trust, now)
        signature = _only_signature(header)
        _require_reference_to(credential, signature)
        allow_sha1 = self._policy.sha1_allowed(token)
        signed = _check_signer(signature, token.holder, allow_sha1=allow_sha1)
        _check_parts(signature, envelope, timestamp, credential, allow_sha1=allow_sha1)
        return Verified(token, hashlib.sha256(signed + token.holder.key_digest).digest(), forget_at)

    def _token(self, credential: etree._Element, trust: Trust, now: datetime) -> Token:
        """Steps 5 to 8 and 11: what speaks for the caller, and that it still does."""
        if credential.tag == _ASSERTION:
            assertion, where = self._assertion(credential, trust, now), f"{WHERE}//SubjectConfirmation/KeyInfo"
            token = Token(assertion.holder, assertion)
        else:
            where = _TOKEN_PLACE
            token = Token(_read_binary_token(credential), None)
            if token.holder.certificate is not None:
                trust.check_certificate(token.holder.certificate, now, where)
        if token.holder.certificate is not None:
            trust.check_not_withdrawn(token.holder.certificate, now, where)
        return token

    def _assertion(self, element: etree._Element, trust: Trust, now: datetime) -> Assertion:
        """Steps 5 to 8: the assertion; one that was accepted before, byte by byte the same, still is until it ends."""
        policy = self._policy.assertions
        require_few_namespaces(element, WHERE)
        # As written, with every namespace that is declared around it: any of them may count for its digest.
        digest = hashlib.sha256(etree.tostring(element, encoding="UTF-8", with_tail=False)).digest()
        known = self._accepted.get(digest, trust, now)
        if known is not None:
            return known
        signature = read_assertion_signature(element, policy)
        signer = _check_token_signer(signature, trust, now)
        (reference,) = signature.references
        check_digest(reference, canonical_without(element, signature.element, reference.prefixes, reference.where))
        assertion = read_assertion(element, self._certificates)
        check_validity(assertion, policy, now)
        until = min(assertion.not_on_or_after + policy.skew, signer.not_after)
        certificate = assertion.holder.certificate
        if certificate is not None and trust.anchors:
            trust.check_certificate(certificate, now, f"{WHERE}//SubjectConfirmation/KeyInfo")
            until = min(until, certificate.not_valid_after_utc)
        self._accepted.add(digest, assertion, until, trust)
        return assertion


def _only_header(envelope: Envelope) -> etree._Element:
    """Step 2: the one security header that is for us, not too large to be looked at, and without comments in values."""
    if not envelope.security:
        raise SecurityRefusal(Cause.NO_SECURITY_HEADER, where=_HEADER, expected="one wsse:Security", arrived="none")
    if len(envelope.security) > 1:
        arrived = str(len(envelope.security))
        raise SecurityRefusal(Cause.SEVERAL_SECURITY_HEADERS, where=_HEADER, expected="one", arrived=arrived)
    header = envelope.security[0]
    if _TOO_LARGE(header):
        expected = f"at most {MOST_ELEMENTS} elements, of at most 64 attributes"
        raise SecurityRefusal(Cause.HEADER_TOO_LARGE, where=_HEADER, expected=expected, arrived="more")
    if envelope.is_commented:
        expected = "no comment or processing instruction in its parts"
        raise SecurityRefusal(Cause.HEADER_COMMENTED, where=_HEADER, expected=expected, arrived="one")
    return header


def _require_unique_ids(envelope: Envelope) -> None:
    """Step 3: no two attributes that may serve as an id have the same value, wherever they are."""
    ids = [str(id_) for path in _IDS for id_ in path(envelope.root)]  # type: ignore[union-attr]  # attributes only
    if len(set(ids)) < len(ids):
        times = Counter(ids) if len(ids) <= MOST_ELEMENTS else {}
        repeated = sorted(id_ for id_, found in times.items() if found > 1)
        raise SecurityRefusal(
            Cause.DUPLICATE_ID, where="Envelope", expected="every id once", arrived=", ".join(repeated)
        )


def _only_timestamp(header: etree._Element) -> etree._Element:
    """Step 4: the one Timestamp of the header, with the two moments and nothing else."""
    timestamps = list(header.iterchildren(_TIMESTAMP))
    if not timestamps:
        raise SecurityRefusal(Cause.NO_TIMESTAMP, where=_HEADER, expected="one wsu:Timestamp", arrived="none")
    if len(timestamps) > 1:
        arrived = str(len(timestamps))
        raise SecurityRefusal(Cause.SEVERAL_TIMESTAMPS, where=_HEADER, expected="one wsu:Timestamp", arrived=arrived)
    (timestamp,) = timestamps
    tags = [part.tag for part in timestamp]
    if len(tags) != len(_MOMENTS) or set(tags) != _MOMENTS:
        raise SecurityRefusal(
            Cause.TIMESTAMP_MALFORMED, where=f"{_HEADER}/Timestamp", expected="one Created and one Expires"
        )
    return timestamp


def _moment(timestamp: etree._Element, name: str) -> datetime:
    written = text(next(timestamp.iterchildren(f"{{{SECURITY_UTILITY}}}{name}")))
    moment = read_moment(written)
    if moment is None:
        where = f"{_HEADER}/Timestamp/{name}"
        raise SecurityRefusal(
            Cause.TIMESTAMP_MALFORMED, where=where, expected="a dateTime with a zone", arrived=written
        )
    return moment


def _check_time(timestamp: etree._Element, policy: MessagePolicy, now: datetime) -> datetime:
    """Step 4: the message was made now, for a short time; the moment from when on it is too old."""
    created, expires = _moment(timestamp, "Created"), _moment(timestamp, "Expires")
    where = f"{_HEADER}/Timestamp"
    if created > now + policy.skew:
        expected = f"Created until {now + policy.skew}"
        raise SecurityRefusal(Cause.TIMESTAMP_IN_THE_FUTURE, where=where, expected=expected, arrived=f"{created}")
    if expires <= now - policy.skew:  # not the sum, which may lie beyond the last of all years
        expected = f"Expires beyond {now - policy.skew}"
        raise SecurityRefusal(Cause.TIMESTAMP_EXPIRED, where=where, expected=expected, arrived=f"{expires}")
    if not timedelta(0) < expires - created <= policy.longest:
        expected = f"Expires after Created, by {policy.longest} at most"
        raise SecurityRefusal(Cause.TIMESTAMP_TOO_LONG, where=where, expected=expected, arrived=f"{expires - created}")
    return expires + policy.skew


def _only_credential(envelope: Envelope, header: etree._Element) -> etree._Element:
    """Step 5: the one assertion of the whole message, a child of the header; or else the one certificate there."""
    assertions, certificates = list(header.iterchildren(_ASSERTION)), list(header.iterchildren(_TOKEN))
    if len(assertions) > 1:
        arrived = str(len(assertions))
        raise SecurityRefusal(Cause.SEVERAL_ASSERTIONS, where=_HEADER, expected="one Assertion", arrived=arrived)
    if _ASSERTIONS(envelope.root) != float(len(assertions)):
        expected = "no Assertion but that of the header"
        raise SecurityRefusal(Cause.ASSERTION_ELSEWHERE, where="Envelope", expected=expected, arrived="another")
    if not assertions and len(certificates) != 1:
        expected, arrived = "an Assertion or one BinarySecurityToken", f"{len(certificates)} BinarySecurityToken"
        raise SecurityRefusal(Cause.NO_CREDENTIAL, where=_HEADER, expected=expected, arrived=arrived)
    return (assertions or certificates)[0]


def _check_token_signer(signature: Signature, trust: Trust, now: datetime) -> TokenSigner:
    """Step 6: the configured certificate that signed an assertion. The one in the message only says which it is."""
    named = _named_signers(signature)
    refusal = None
    for signer in trust.token_signers:
        if (named and signer.written not in named) or not signer.not_before <= now <= signer.not_after:
            continue
        try:
            check_value(signature, signer.key, differs=Cause.VALUE_DIFFERS)
        except SecurityRefusal as error:
            refusal = error
        else:
            return signer
    raise refusal or SecurityRefusal(
        Cause.ASSERTION_SIGNER_UNKNOWN,
        where=f"{signature.where}/KeyInfo",
        expected="a certificate that is configured and within its time",
        arrived=", ".join(sorted(named)),
    )


def _named_signers(signature: Signature) -> set[str]:
    """The certificates that a signature says it was made with, in base64."""
    if signature.key_info is None:
        return set()
    try:
        return {unbroken(part) for part in signature.key_info.iter(f"{{{SIGNATURE}}}X509Certificate")}
    except ValueError as error:
        where = f"{signature.where}/KeyInfo"
        raise SecurityRefusal(Cause.ASSERTION_SIGNER_UNKNOWN, where=where, expected="base64") from error


def _read_binary_token(element: etree._Element) -> Holder:
    """The certificate of an organisation, as it is sent beside its signature."""
    if element.get("ValueType") != X509_VALUE_TYPE:
        raise SecurityRefusal(
            Cause.CERTIFICATE_MALFORMED,
            where=f"{_TOKEN_PLACE}/@ValueType",
            expected=X509_VALUE_TYPE,
            arrived=element.get("ValueType", ""),
        )
    try:
        certificate = decoded(element)
    except ValueError as error:
        raise SecurityRefusal(Cause.CERTIFICATE_MALFORMED, where=_TOKEN_PLACE, expected="base64") from error
    return holder_of(certificate, _TOKEN_PLACE)


def _only_signature(header: etree._Element) -> Signature:
    """Step 9: the one signature of the header."""
    signatures = list(header.iterchildren(_SIGNATURE))
    if len(signatures) != 1:
        cause = Cause.SEVERAL_SIGNATURES if signatures else Cause.NO_SIGNATURE
        raise SecurityRefusal(cause, where=_HEADER, expected="one ds:Signature", arrived=str(len(signatures)))
    return read_signature(signatures[0], f"{_HEADER}/Signature")


def _require_reference_to(credential: etree._Element, signature: Signature) -> None:
    """Step 9: the signature says that it was made by the holder of this very credential."""
    where = f"{signature.where}/KeyInfo"
    key_info = signature.key_info
    if key_info is None or len(key_info) != 1 or key_info[0].tag != _STR or len(key_info[0]) != 1:
        raise SecurityRefusal(Cause.NO_KEY_REFERENCE, where=where, expected="one SecurityTokenReference")
    reference = key_info[0][0]
    assertion_id, token_id = credential.get("AssertionID"), credential.get(_ID)
    if reference.tag == f"{{{SECURITY}}}KeyIdentifier" and assertion_id is not None:
        is_named = reference.get("ValueType") == SAML_ID and text(reference) == assertion_id
    else:
        named = {f"#{id_}" for id_ in (assertion_id, token_id) if id_}
        is_named = reference.tag == f"{{{SECURITY}}}Reference" and reference.get("URI") in named
    if not is_named:
        raise SecurityRefusal(
            Cause.KEY_REFERENCE_ELSEWHERE,
            where=f"{where}/SecurityTokenReference",
            expected=f"the id of the token: {assertion_id or token_id}",
            arrived=text(reference) or reference.get("URI", ""),
        )


def _check_signer(signature: Signature, holder: Holder, *, allow_sha1: bool) -> bytes:
    """Step 9: the holder's key made the signature; what it signed.

    A value that no key of this kind can have made is a bad signature; any other may be somebody else's.
    """
    if len(signature.value) not in _lengths(holder.key):
        raise SecurityRefusal(
            Cause.VALUE_DIFFERS,
            where=f"{signature.where}/SignatureValue",
            expected=f"{' or '.join(map(str, _lengths(holder.key)))} bytes",
            arrived=f"{len(signature.value)} bytes",
        )
    return check_value(signature, holder.key, differs=Cause.NOT_THE_HOLDER, allow_sha1=allow_sha1)


def _lengths(key: PublicKey) -> Sequence[int]:
    length = (key.key_size + 7) // 8
    return (length,) if isinstance(key, rsa.RSAPublicKey) else (2 * length,)


def _check_parts(
    signature: Signature,
    envelope: Envelope,
    timestamp: etree._Element,
    credential: etree._Element,
    *,
    allow_sha1: bool,
) -> None:
    """Step 10: what was signed is as it was, and this very body and this very timestamp are among it."""
    known = {timestamp.get(_ID): timestamp, credential.get("AssertionID") or credential.get(_ID): credential}
    known[envelope.body.get(_ID)] = envelope.body
    signed = []
    for reference in signature.references:
        part = known[reference.target] if reference.target in known else _part(envelope, reference)
        # Some stacks name this transform for parts that do not hold the signature, where it leaves everything.
        if reference.is_enveloped and any(one is part for one in signature.element.iterancestors()):
            raise SecurityRefusal(
                Cause.ALGORITHM_NOT_ALLOWED, where=reference.where, expected=EXCLUSIVE_C14N, arrived=ENVELOPED
            )
        check_digest(reference, canonical(part, reference.prefixes, reference.where), allow_sha1=allow_sha1)
        signed.append(part)
    for part, cause, name in (
        (envelope.body, Cause.BODY_NOT_SIGNED, "Body"),
        (timestamp, Cause.TIMESTAMP_NOT_SIGNED, "Timestamp"),
    ):
        if not any(one is part for one in signed):
            raise SecurityRefusal(
                cause,
                where=f"{signature.where}/SignedInfo",
                expected=f"a Reference to #{part.get(_ID, '(no wsu:Id)')}, the {name}",
                arrived=", ".join(f"#{reference.target}" for reference in signature.references),
            )


def _part(envelope: Envelope, reference: Reference) -> etree._Element:
    """Another part that is signed besides, such as an addressing header."""
    parts = _BY_ID(envelope.root, id=reference.target)
    if not isinstance(parts, list) or len(parts) != 1:
        raise SecurityRefusal(
            Cause.REFERENCE_UNRESOLVED,
            where=reference.where,
            expected="the id of one element",
            arrived=reference.target,
        )
    part: etree._Element = parts[0]  # type: ignore[assignment]  # the path finds elements only
    return part


_TOO_LARGE = etree.XPath(f"boolean(descendant::*[{MOST_ELEMENTS + 1}]) or boolean(descendant::*/@*[65])")
_ASSERTIONS = etree.XPath("count(//saml:Assertion)", namespaces=_NAMES)
_IDS = [
    etree.XPath(f"/descendant::*/@{name}", namespaces=_NAMES, smart_strings=False)
    for name in ("wsu:Id", "Id", "ID", "id", "xml:id", "AssertionID")
]
"""One by one: libxml2 takes the square of their number to put two sets of nodes together."""
_BY_ID = etree.XPath("//*[@wsu:Id = $id or @Id = $id]", namespaces=_NAMES)
