"""What was really signed, by whom: the judge of what the verification accepts, which does not ask it.

Outsiders have seen the corpus and can sign nothing: what they get accepted must be, part by part, what somebody of the
world signed. The insider signs what he likes with a key and a token service of his own: there xmlsec must agree.
"""

import copy
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from urllib.parse import urlsplit

import xmlsec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree

from hub.domain.errors import HubError
from hub.domain.identity import HUB, Identity
from hub.domain.parties import Author
from hub.wire.namespaces import ASSERTION, EXCLUSIVE_C14N, SECURITY, SECURITY_UTILITY, SIGNATURE, SOAP
from hub.wire.security.algorithms import PublicKey
from hub.wire.security.assertions import Assertion
from hub.wire.security.refusal import Cause
from hub.wire.security.signatures import Reference, check_value, read_signature
from hub.wire.security.verification import Verified
from hub.wire.soap import Envelope, read_envelope
from hub.wire.xml import local_name
from tests.fuzz.fixed_world import CALLERS, INSIDER, NOW, SKEW, FixedWorld
from tests.signatures import verified_references

_SECURITY = f"{{{SOAP}}}Header/{{{SECURITY}}}Security"
_TIMESTAMP = f"{{{SECURITY_UTILITY}}}Timestamp"
_DS = f"{{{SIGNATURE}}}"
_SIGNATURE = f"{_DS}Signature"
_ASSERTION = f"{{{ASSERTION}}}Assertion"
_HASHES = {
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}


class Genuine:
    """What the people of a world have signed, as far as a corpus shows it."""

    def __init__(self, world: FixedWorld, corpus: Iterable[bytes]) -> None:
        self._insider = world.credential_of(INSIDER).key.public_key()
        self._odd = world.odd_token_service.key.public_key()
        self._keys = [world.credential_of(key).key.public_key() for key in CALLERS]
        self._signed: dict[bytes, list[Sequence[Reference]]] = defaultdict(list)
        self._issued: dict[bytes, Assertion] = {}
        self._identities: set[Identity] = set()
        for message in corpus:
            self._learn_signature(message)

    def learn(self, message: bytes, verified: Verified, identity: Identity) -> None:
        """Take a message that is known to be genuine: its assertion was issued, and its sender is who it says."""
        self._identities.add(identity)
        assertion = read_envelope(message).root.find(f"{_SECURITY}/{_ASSERTION}")
        if assertion is not None and verified.token.assertion is not None:
            self._issued[_issued_form(assertion)] = verified.token.assertion

    def complaint(self, envelope: Envelope, verified: Verified, identity: Identity, author: Author) -> str:
        """Why a message should not have been accepted; empty when it is right."""
        return next(self._complaints(envelope, verified, identity, author), "")

    def _complaints(self, envelope: Envelope, verified: Verified, identity: Identity, author: Author) -> Iterator[str]:
        (security,) = envelope.security
        (timestamp,) = security.findall(_TIMESTAMP)
        (body,) = envelope.root.findall(f"{{{SOAP}}}Body")
        assertion, key = security.find(_ASSERTION), verified.token.holder.key
        if not _is_of_now(timestamp):
            yield "it is not of this time"
        if strangers := _strangers(author, identity):
            yield f"its author is {strangers}"
        if weak := _weak_algorithms(security):
            yield f"it is signed by {weak}"
        if key == self._insider:
            (signature,) = security.findall(_SIGNATURE)
            yield from _missing(signature, self._insider, (timestamp, body))
        elif not any(_covers(references, (timestamp, body)) for references in self._signed[_written(key)]):
            yield "its holder never signed this body and this timestamp"
        if assertion is not None:
            yield from self._complaints_of(assertion, verified, identity)
        elif verified.token.assertion is not None or identity not in self._identities:
            yield "its certificate is nobody's"

    def _complaints_of(self, assertion: etree._Element, verified: Verified, identity: Identity) -> Iterator[str]:
        issued = self._issued.get(_issued_form(assertion))
        if issued is None:
            # Then only the odd token service can have issued it.
            (signature,) = assertion.findall(_SIGNATURE)
            yield from _missing(signature, self._odd, (assertion,))
        elif issued != verified.token.assertion:
            yield "something else was read of its assertion than the token service says"
        elif identity not in self._identities:
            yield "its sender is somebody else"

    def _learn_signature(self, message: bytes) -> None:
        """Nothing is learned of what cannot be read, or was signed with a key of nobody."""
        try:
            elements = read_envelope(message).root.findall(f"{_SECURITY}/{_SIGNATURE}")
            signatures = [read_signature(element, "") for element in elements]
        except HubError:
            return
        for signature in signatures:
            for key in self._keys:
                with suppress(HubError):
                    check_value(signature, key, differs=Cause.VALUE_DIFFERS)
                    self._signed[_written(key)].append(signature.references)


def _written(key: PublicKey) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _canonical(element: etree._Element, prefixes: Sequence[str] = ()) -> bytes:
    return etree.tostring(
        element, method="c14n", exclusive=True, with_comments=False, inclusive_ns_prefixes=list(prefixes) or None
    )


def _covers(references: Sequence[Reference], parts: Iterable[etree._Element]) -> bool:
    """Whether what was signed is each of these parts, whatever they are called."""
    return all(
        any(
            reference.algorithm in _HASHES
            and hashlib.new(_HASHES[reference.algorithm], _canonical(part, reference.prefixes)).digest()
            == reference.digest
            for reference in references
        )
        for part in parts
    )


def _missing(signature: etree._Element, key: PublicKey, parts: Iterable[etree._Element]) -> Iterator[str]:
    """What somebody else's software finds wrong with a signature over these parts."""
    if _is_read_otherwise(signature):
        return
    try:
        found = verified_references(signature, key)
    except xmlsec.Error as error:
        yield f"xmlsec finds {error}"
        return
    names = ("AssertionID", f"{{{SECURITY_UTILITY}}}Id", "Id")
    for part in parts:
        if not any(f"#{part.get(name)}" in found for name in names):
            yield f"xmlsec finds no reference to {local_name(part)}"


def _is_read_otherwise(signature: etree._Element) -> bool:
    """Whether xmlsec has an opinion of its own.

    It asks for a list of prefixes, which its schema does not, and for absolute namespaces also where nothing is signed.
    """
    if any(named.get("PrefixList") is None for named in signature.iter(f"{{{EXCLUSIVE_C14N}}}InclusiveNamespaces")):
        return True
    declared = {uri for element in signature.getroottree().iter("*") for uri in element.nsmap.values()}
    return not all(urlsplit(uri).scheme for uri in declared if uri)


def _issued_form(assertion: etree._Element) -> bytes:
    """An assertion without its signature, in canonical form."""
    alone = copy.deepcopy(assertion)
    alone.tail = None
    for signature in alone.findall(_SIGNATURE):
        stand_in = etree.Comment("")
        stand_in.tail = signature.tail
        alone.replace(signature, stand_in)
    return hashlib.sha256(_canonical(alone)).digest()


def _weak_algorithms(security: etree._Element) -> set[str]:
    """What a signature of a header, or of the assertion in it, is made with and must not be."""
    signatures = (*security.findall(_SIGNATURE), *security.findall(f"{_ASSERTION}/{_SIGNATURE}"))
    methods = [method for one in signatures for method in one[0].iter(f"{_DS}SignatureMethod", f"{_DS}DigestMethod")]
    used = {method.get("Algorithm", "") for method in methods}
    return {algorithm for algorithm in used if "sha" not in algorithm or "sha1" in algorithm or "hmac" in algorithm}


def _strangers(author: Author, identity: Identity) -> set[str]:
    """The numbers of an author that are not those of the sender, who may speak for others as far as he is certified."""
    own = {identity.number[:8], identity.ssin.digits if identity.ssin else ""} - {""}
    parties = () if identity.quality == HUB else author
    if identity.is_organisation:
        parties = tuple(party for party in parties if party.profession.startswith("org"))
    named = {id_.value.strip() for party in parties for id_ in party.ids if id_.scheme in ("ID-HCPARTY", "INSS")}
    return {number for number in named if number not in own and number[:8] not in own}


def _is_of_now(timestamp: etree._Element) -> bool:
    created, expires = (datetime.fromisoformat((moment.text or "").strip()) for moment in _moments(timestamp))
    return created - SKEW <= NOW < expires + SKEW


def _moments(timestamp: etree._Element) -> Iterable[etree._Element]:
    return [timestamp.findall(f"{{{SECURITY_UTILITY}}}{name}")[0] for name in ("Created", "Expires")]
